package io.stackwright.operator.execution.recovery;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.stackwright.api.v1alpha1.OnPendingCreate;
import io.stackwright.api.v1alpha1.Reason;
import io.stackwright.operator.engine.EngineException;
import io.stackwright.operator.engine.Failure;
import io.stackwright.operator.engine.processes.LinuxProcesses;
import io.stackwright.operator.execution.RunRequest;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * How long a run's evidence is kept by what the run came to, what a run without a stack does about locks, and which creates
 * count as cut short.
 */
class RecoveryTest {

    /** No process has it. */
    private static final long PID = 1L << 40;

    private static final String CREATING = "{\"resource\": {\"urn\": \"urn:a\"}, \"type\": \"creating\"}";

    @TempDir
    Path folder;

    private final LinuxProcesses processes = new LinuxProcesses();
    private final List<String> notes = new ArrayList<>();
    private EvidenceStore evidence;
    private Recovery recovery;
    private RunRequest request;
    private RunEvidence run;

    @BeforeEach
    void runWithOneCommand() throws IOException {
        evidence = new EvidenceStore(folder.resolve("data"), processes, Clock.systemUTC());
        recovery = new Recovery(null, evidence, processes);
        request = Requests.up("run", "file://" + folder + "/state", OnPendingCreate.Stall, null);
        run = recovery.begin(request);
        Files.writeString(
                run.processes(), PID + " (pulumi) S 1 " + PID + " 7 0 -1 4194304 1 0 0 0 0 0 0 0 20 0 1 0 4711 1 1\n");
    }

    @Test
    void aRunThatHeldTheLockLeavesNone() {
        // when
        recovery.end(run, request, Recovery.Left.NOTHING);

        // then its own is all that is kept, for a moment
        assertThat(evidence.of(request.identityKey())).hasSize(1);
        recovery.end(recovery.begin(request), request, Recovery.Left.NOTHING);
        assertThat(evidence.of(request.identityKey())).hasSize(1);
    }

    @Test
    void oneThatFoundNothingToDoMayLeaveALockOfOneBeforeIt() {
        // when
        recovery.end(run, request, Recovery.Left.UNKNOWN);
        recovery.end(recovery.begin(request), request, Recovery.Left.UNKNOWN);

        // then
        assertThat(evidence.of(request.identityKey())).hasSize(2);
    }

    @Test
    void whereThereIsNoStackOnlyOurOwnLocksAreReleased() throws IOException {
        // given
        Path ours = lock("ours", processes.hostName(), PID);
        Path foreign = lock("foreign", "laptop", 7);

        // when
        recovery.clearOwnLocks(request, notes::add);

        // then
        assertThat(ours).doesNotExist();
        assertThat(foreign).exists();
        assertThat(notes).singleElement().asString().contains("released the lock ours");
        assertThatThrownBy(() -> recovery.clearLocks(request, notes::add)).isInstanceOf(EngineException.class);
    }

    /** The dependencies of a program are installed after the run has looked at locks, which takes long. */
    @Test
    void aCreateThatSomebodyIsInTheMiddleOfIsWaitedFor() throws IOException {
        for (OnPendingCreate onPendingCreate : OnPendingCreate.values()) {
            // given
            RunRequest up = Requests.up("up", request.backendUrl(), onPendingCreate, null);
            state(CREATING);
            lock("foreign", "laptop", 7);

            // when, then
            assertThatThrownBy(() -> check(up))
                    .isInstanceOfSatisfying(
                            EngineException.class,
                            e -> assertThat(e.failure().kind()).isEqualTo(Failure.Kind.LOCKED));
        }
    }

    @Test
    void aCreateThatEndsWhileItsLockIsLookedAtIsNotPending() throws IOException {
        // given a holder that ends in good order at that moment
        state(CREATING);
        Path lock = lock("pod", "pod-1", 7);
        recovery = new Recovery(null, evidence, processes, (host, since) -> {
            state("");
            return Optional.of("s-6");
        });

        // when
        check(request);

        // then
        assertThat(lock).doesNotExist();
    }

    @Test
    void aCreateThatNobodyIsAtWorkOnStalls() throws IOException {
        // given
        state(CREATING);

        // when, then
        assertThatThrownBy(() -> check(request))
                .hasMessageContaining("urn:a")
                .isInstanceOfSatisfying(
                        EngineException.class,
                        e -> assertThat(e.failure().reason()).isEqualTo(Reason.PendingCreates));
    }

    private void check(RunRequest up) {
        recovery.checkPending(up, null, () -> null, notes::add);
    }

    private void state(String operations) {
        try {
            Path stacks = Files.createDirectories(folder.resolve("state/.pulumi/stacks/p"));
            Files.writeString(
                    stacks.resolve("s.json"),
                    "{\"checkpoint\": {\"latest\": {\"pending_operations\": [" + operations + "]}}}");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private Path lock(String id, String host, long pid) throws IOException {
        Path locks = Files.createDirectories(folder.resolve("state/.pulumi/locks/organization/p/s"));
        return Files.writeString(
                locks.resolve(id + ".json"),
                "{\"pid\":" + pid + ",\"username\":\"root\",\"hostname\":\"" + host + "\",\"timestamp\":\""
                        + Instant.now() + "\"}");
    }
}
