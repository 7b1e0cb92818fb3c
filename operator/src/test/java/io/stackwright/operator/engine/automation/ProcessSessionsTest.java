package io.stackwright.operator.engine.automation;

import static org.assertj.core.api.Assertions.assertThat;

import io.stackwright.operator.engine.processes.LinuxProcesses;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Whom a session belongs to once its leader is dead. */
class ProcessSessionsTest {

    @TempDir
    private Path proc;

    private final long member = ProcessHandle.current().pid();
    private Process dead;
    private ProcessSessions sessions;

    @BeforeEach
    void start() throws IOException, InterruptedException {
        dead = new ProcessBuilder("true").start();
        dead.waitFor();
        sessions = new ProcessSessions(Optional.of(Path.of("setsid")), new LinuxProcesses(proc));
    }

    @Test
    void whatOutlivesItsLeaderIsOfItsSession() throws IOException {
        // given
        process(member, dead.pid());

        // then
        assertThat(sessions.members(dead)).extracting(ProcessHandle::pid).isEqualTo(List.of(member));
    }

    @Test
    void aSessionOfAnotherProcessThatHasItsPidNowIsNotItsOwn() throws IOException {
        // given
        process(dead.pid(), dead.pid());
        process(member, dead.pid());

        // then
        assertThat(sessions.members(dead)).isEmpty();
    }

    @Test
    void processesOfOtherSessionsAreNotOfIt() throws IOException {
        // given
        process(member, 1);

        // then
        assertThat(sessions.members(dead)).isEmpty();
    }

    /** As the kernel writes it: pid, name, state, parent, group, session, and 15 more up to the start. */
    private void process(long pid, long session) throws IOException {
        Path stat = Files.createDirectory(proc.resolve(Long.toString(pid))).resolve("stat");
        Files.writeString(stat, pid + " (plugin) S 1 1 " + session + " 0".repeat(15) + " 42 0");
    }
}
