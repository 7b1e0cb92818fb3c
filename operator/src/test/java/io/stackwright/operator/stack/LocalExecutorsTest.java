package io.stackwright.operator.stack;

import static org.assertj.core.api.Assertions.assertThat;

import io.stackwright.api.v1alpha1.ExecutorStatus;
import io.stackwright.operator.engine.processes.LinuxProcesses;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LocalExecutorsTest {

    private static final long OWN = ProcessHandle.current().pid();
    private static final long NO_PROCESS = Integer.MAX_VALUE;

    private final LocalExecutors executors = new LocalExecutors(
            new ExecutorStatus("a-1", "a", OWN, "data-1"),
            uid -> Optional.ofNullable(uid.equals("living") ? "process 7 of it still works" : null),
            uid -> Optional.ofNullable(uid.equals("left") ? "process 8 that it has left still works" : null));

    @Test
    void whoHeldTheDataDirectoryThatWeHoldNowIsDeadWhereverItRan() {
        assertThat(executors.doubt("gone", new ExecutorStatus("b-1", "b", 7L, "data-1")))
                .isEmpty();
    }

    @Test
    void whatRanElsewhereWithOtherDataIsInDoubt() {
        assertThat(executors.doubt("gone", new ExecutorStatus("b-1", "b", 7L, "data-2")))
                .hasValueSatisfying(doubt -> {
                    assertThat(doubt.why()).contains("b-1");
                    assertThat(doubt.unseen()).isTrue();
                });
    }

    @Test
    void aProcessOfThisHostThatIsGoneIsDead() {
        assertThat(executors.doubt("gone", new ExecutorStatus("a-0", "a", NO_PROCESS, "data-2")))
                .isEmpty();
    }

    @Test
    void oneThatCannotBeLookedAtIsNotDead(@TempDir Path proc) throws IOException {
        // given
        Files.createSymbolicLink(proc.resolve("self"), Path.of("/proc/self"));
        Files.createDirectories(proc.resolve(NO_PROCESS + "/stat"));
        LocalExecutors blind = new LocalExecutors(
                new ExecutorStatus("a-1", "a", OWN, "data-1"),
                uid -> Optional.empty(),
                uid -> Optional.empty(),
                new LinuxProcesses(proc));

        // when, then
        assertThat(blind.doubt("gone", new ExecutorStatus("a-0", "a", NO_PROCESS, "data-2")))
                .hasValueSatisfying(doubt -> {
                    assertThat(doubt.why()).contains("cannot be looked at");
                    assertThat(doubt.unseen()).isFalse();
                });
    }

    @Test
    void whoHadOurOwnPidIsDead() {
        assertThat(executors.doubt("gone", new ExecutorStatus("a-0", "a", OWN, "data-2")))
                .isEmpty();
    }

    @Test
    void aPidThatIsCountedElsewhereProvesNothing() {
        // given a pod that uses the network, and so the name, of the same host
        ExecutorStatus neighbour = new ExecutorStatus("a-0", "a", OWN, "data-2", "boot pid:[2]");

        // when, then
        assertThat(executors.doubt("gone", neighbour))
                .hasValueSatisfying(doubt -> assertThat(doubt.unseen()).isTrue());
    }

    @Test
    void aDeadOperatorsCommandsAreWaitedForWhateverAPersonSays() {
        assertThat(executors.doubt("living", new ExecutorStatus("b-1", "b", 7L, "data-1")))
                .hasValueSatisfying(doubt -> {
                    assertThat(doubt.why()).contains("b-1 is gone", "process 7");
                    assertThat(doubt.unseen()).isFalse();
                });
    }

    @Test
    void whatADeadOperatorOfThisHostHasLeftIsWaitedForToo() {
        assertThat(executors.doubt("left", new ExecutorStatus("a-0", "a", NO_PROCESS, "data-2")))
                .hasValueSatisfying(doubt -> assertThat(doubt.why()).contains("a-0 is gone", "process 8"));
    }

    @Test
    void aLivingOperatorOfThisHostIsNotDead() {
        // given a Java process that is not this one: Maven's own, which started this JVM
        long parent = ProcessHandle.current().parent().orElseThrow().pid();
        boolean java = ProcessHandle.of(parent)
                .flatMap(process -> process.info().command())
                .filter(command -> command.endsWith("java"))
                .isPresent();

        // when, then
        assertThat(executors
                        .doubt("gone", new ExecutorStatus("a-0", "a", parent, "data-2"))
                        .isPresent())
                .isEqualTo(java);
    }
}
