package io.stackwright.images;

import com.google.cloud.tools.jib.api.buildplan.FileEntry;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Classes of the operator and of Java, parsed and verified already: an archive for class data sharing. With it the
 * operator starts with two thirds of the processor time, and a run's runner with even less.
 *
 * <p>It is good for one runtime, and for one class path of jars that have the size and time that they had: what stands in
 * the jar's manifest, under any folder. The same runtime, jars and list give the same bytes.
 */
final class ClassArchive {

    private static final String ARCHIVE = "classes.jsa";

    private final Path runtime;

    ClassArchive(Path runtime) {
        this.runtime = runtime;
    }

    /** Whether the runtime can be run here, which making an archive takes: one for another platform cannot. */
    boolean canBeMade() {
        try {
            return end(start(runtime, List.of("-version"))).isEmpty();
        } catch (IOException e) {
            return false;
        }
    }

    /**
     * Makes it.
     *
     * @param jars as the image will have them; the first one's manifest has the class path
     * @param list of classes, as Java writes it, without its numbers
     * @param scratch a folder for copies of the jars, and for the archive
     */
    Path make(List<FileEntry> jars, Path list, Path scratch) throws IOException {
        for (FileEntry jar : jars) {
            Path copy = scratch.resolve(relative(jar));
            Files.createDirectories(copy.getParent());
            Files.copy(jar.getSourceFile(), copy);
            Files.setLastModifiedTime(copy, FileTime.from(jar.getModificationTime()));
        }
        dump(scratch, relative(jars.getFirst()), list);
        return scratch.resolve(ARCHIVE);
    }

    private static String relative(FileEntry jar) {
        return jar.getExtractionPath().toString().substring(1);
    }

    /** Heap and collector are named, because the archive depends on them; it holds the jar's name as it is given. */
    private void dump(Path folder, String jar, Path list) throws IOException {
        Optional<String> failure = end(start(
                folder,
                List.of(
                        "-XX:+UseSerialGC",
                        "-Xms128m",
                        "-Xmx128m",
                        "-Xshare:dump",
                        "-Xlog:disable",
                        "-Xlog:all=error",
                        "-XX:SharedClassListFile=" + list.toAbsolutePath(),
                        "-XX:SharedArchiveFile=" + ARCHIVE,
                        "-cp",
                        jar)));
        if (failure.isPresent()) {
            throw new IOException("The linked runtime cannot archive classes: " + failure.get());
        }
    }

    private Process start(Path folder, List<String> arguments) throws IOException {
        List<String> command = new ArrayList<>();
        command.add(runtime.resolve("bin/java").toAbsolutePath().toString());
        command.addAll(arguments);
        return new ProcessBuilder(command)
                .directory(folder.toFile())
                .redirectErrorStream(true)
                .start();
    }

    /** What it said, if it failed. */
    private static Optional<String> end(Process process) throws IOException {
        process.getOutputStream().close();
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        try {
            return process.waitFor() == 0 ? Optional.empty() : Optional.of(said.strip());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("Interrupted while Java ran", e);
        }
    }
}
