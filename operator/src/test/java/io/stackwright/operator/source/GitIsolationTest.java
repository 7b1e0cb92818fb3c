package io.stackwright.operator.source;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import org.eclipse.jgit.lib.Config;
import org.eclipse.jgit.util.FS;
import org.eclipse.jgit.util.SystemReader;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class GitIsolationTest {

    @TempDir
    Path home;

    @Test
    void ignoresTheConfigurationOfTheMachine() throws Exception {
        // given
        Files.writeString(
                home.resolve(".gitconfig"),
                "[http]\n\tsslVerify = false\n[url \"https://evil/\"]\n\tinsteadOf = https://\n");
        FS fs = FS.detect().setUserHome(home.toFile());

        // when
        GitIsolation.install();

        // then
        SystemReader reader = SystemReader.getInstance();
        for (Config config : new Config[] {
            reader.openUserConfig(null, fs),
            reader.openSystemConfig(null, fs),
            reader.openJGitConfig(null, fs),
            reader.getUserConfig()
        }) {
            if (config instanceof org.eclipse.jgit.storage.file.FileBasedConfig file) {
                file.load();
            }
            assertThat(config.getBoolean("http", "sslVerify", true)).isTrue();
            assertThat(config.getSubsections("url")).isEmpty();
        }
        assertThat(reader.getenv("GIT_CONFIG_NOSYSTEM")).isNull();
    }
}
