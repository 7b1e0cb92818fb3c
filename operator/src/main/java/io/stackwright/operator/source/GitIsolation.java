package io.stackwright.operator.source;

import java.util.concurrent.TimeUnit;
import org.eclipse.jgit.lib.Config;
import org.eclipse.jgit.storage.file.FileBasedConfig;
import org.eclipse.jgit.storage.file.WindowCacheConfig;
import org.eclipse.jgit.util.FS;
import org.eclipse.jgit.util.SystemReader;

/**
 * Keeps JGit from reading the Git configuration of the machine and of the user, and from asking an installed Git for
 * it: what is fetched, and how, must depend on the Stack alone. And keeps it from opening files in memory.
 */
final class GitIsolation extends SystemReader {

    private final SystemReader machine;

    private GitIsolation(SystemReader machine) {
        this.machine = machine;
        setPlatformChecker();
    }

    /** JGit keeps its view of the machine in a static; it is replaced once for the whole process. */
    static synchronized void install() {
        if (!(SystemReader.getInstance() instanceof GitIsolation)) {
            SystemReader.setInstance(new GitIsolation(SystemReader.getInstance()));
            WindowCacheConfig memory = new WindowCacheConfig();
            // What is opened whole is in memory as a whole below this, which is 50 MiB unless told otherwise.
            memory.setStreamFileThreshold(PackLimits.STRUCTURE + 1);
            memory.setExposeStatsViaJmx(false);
            memory.install();
        }
    }

    @Override
    public String getHostname() {
        return machine.getHostname();
    }

    @Override
    public String getenv(String variable) {
        return variable.startsWith("GIT_") || variable.startsWith("SSH_") || variable.startsWith("XDG_")
                ? null
                : machine.getenv(variable);
    }

    @Override
    public String getProperty(String key) {
        return machine.getProperty(key);
    }

    @Override
    public FileBasedConfig openUserConfig(Config parent, FS fs) {
        return new Nothing(parent, fs);
    }

    @Override
    public FileBasedConfig openSystemConfig(Config parent, FS fs) {
        return new Nothing(parent, fs);
    }

    @Override
    public FileBasedConfig openJGitConfig(Config parent, FS fs) {
        return new Nothing(parent, fs);
    }

    @Override
    public long getCurrentTime() {
        return machine.getCurrentTime();
    }

    @Override
    @Deprecated
    public int getTimezone(long when) {
        return machine.getTimezone(when);
    }

    /** A configuration that is empty, whatever is on the disk, and stays in memory. */
    private static final class Nothing extends FileBasedConfig {

        Nothing(Config parent, FS fs) {
            super(parent, null, fs);
        }

        @Override
        public void load() {
            // Nothing to read.
        }

        @Override
        public void save() {
            // Nothing is kept.
        }

        /**
         * A resolution that every file system has: without one JGit measures it for seconds, with files it makes in
         * the directory it works in.
         */
        @Override
        public long getTimeUnit(String section, String subsection, String name, long defaultValue, TimeUnit unit) {
            return section.equals("filesystem")
                    ? unit.convert(1, TimeUnit.SECONDS)
                    : super.getTimeUnit(section, subsection, name, defaultValue, unit);
        }

        @Override
        public boolean isOutdated() {
            return false;
        }
    }
}
