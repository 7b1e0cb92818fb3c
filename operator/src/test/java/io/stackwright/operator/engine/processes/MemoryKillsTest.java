package io.stackwright.operator.engine.processes;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class MemoryKillsTest {

    @TempDir
    private Path cgroups;

    @Test
    void readsTheCountOfTheSecondVersion() throws Exception {
        // given
        write("memory.events", "low 0\nhigh 0\nmax 71\noom 3\noom_kill 2\noom_group_kill 1\n");

        // then
        assertThat(new MemoryKills(cgroups).count()).isEqualTo(2);
    }

    @Test
    void readsTheCountOfTheFirstVersion() throws Exception {
        // given
        write("memory/memory.oom_control", "oom_kill_disable 0\nunder_oom 0\noom_kill 5\n");

        // then
        assertThat(new MemoryKills(cgroups).count()).isEqualTo(5);
    }

    @Test
    void knowsOfNoneWhereNobodyCounts() throws Exception {
        // given
        assertThat(new MemoryKills(cgroups).count()).isZero();
        write("memory.events", "low 0\n");

        // then
        assertThat(new MemoryKills(cgroups).count()).isZero();
    }

    private void write(String file, String text) throws IOException {
        Path path = cgroups.resolve(file);
        Files.createDirectories(path.getParent());
        Files.writeString(path, text);
    }
}
