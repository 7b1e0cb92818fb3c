package io.stackwright.operator.execution.recovery;

import static org.assertj.core.api.Assertions.assertThat;

import io.stackwright.api.v1alpha1.OnPendingCreate;
import io.stackwright.operator.engine.processes.LinuxProcesses;
import io.stackwright.operator.engine.processes.ProcessRecord;
import io.stackwright.operator.execution.RunRequest;
import io.stackwright.operator.source.StackKey;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** How long evidence is kept of Pulumi stacks whose Stack is gone. */
class EvidenceStoreTest {

    private static final int KEPT = 3;

    @TempDir
    Path folder;

    private EvidenceStore evidence;
    private int seconds;

    @BeforeEach
    void start() {
        InstantSource ticking = () -> Instant.EPOCH.plusSeconds(seconds++);
        Clock clock = ticking.withZone(ZoneOffset.UTC);
        evidence = new EvidenceStore(folder.resolve("data"), new LinuxProcesses(), clock, KEPT);
    }

    @Test
    void whereNothingIsLockedItGoesWithTheStack() throws IOException {
        // given
        RunRequest request = ran("a", "file://" + folder);

        // when
        evidence.depart(request.identity());

        // then
        assertThat(evidence.closed()).isEmpty();
        assertThat(files()).isZero();
    }

    @Test
    void whatAStackTriedWithoutEverEstablishingItGoesWithIt() throws IOException {
        // given
        RunRequest request = ran("a", "file://" + folder);
        evidence.depart(new StackKey("team", "another"));
        assertThat(evidence.closed()).hasSize(1);

        // when
        evidence.depart(request.run().stack());

        // then
        assertThat(files()).isZero();
    }

    @Test
    void whatMayProveALockOursIsKept() throws IOException {
        // given
        RunRequest request = ran("a", "file://" + folder);
        Path locks = Files.createDirectories(folder.resolve(".pulumi/locks/organization/p/s"));
        Files.writeString(locks.resolve("0b5c.json"), "{}");

        // when
        evidence.depart(request.identity());

        // then
        assertThat(evidence.of(request.identityKey())).hasSize(1);
    }

    @Test
    void noNumberOfAttemptsPushesOutAProof() throws IOException {
        // given a run that may have left a lock
        RunRequest request = request("killed", "s3://a");
        RunEvidence killed = evidence.begin(request);
        Files.writeString(killed.processes(), "12 (pulumi) S\n");
        evidence.close(killed);

        // when others follow that have no process, or meet a lock of somebody else
        for (int attempt = 0; attempt < 60; attempt++) {
            ran("early-" + attempt, "s3://a");
            RunEvidence locked = evidence.begin(request("locked-" + attempt, "s3://a"));
            Files.writeString(locked.processes(), "13 (pulumi) S\n");
            evidence.ended(locked, Recovery.Left.OTHERS_LOCKS);
            evidence.close(locked);
        }

        // then
        assertThat(evidence.of(request.identityKey()))
                .extracting(run -> run.run().updateUid())
                .contains("killed", "early-59", "locked-59")
                .hasSize(51);
    }

    @Test
    void itIsKeptWhileAProcessOfTheRunLives() throws Exception {
        // given
        RunRequest request = request("a", "file://" + folder);
        RunEvidence run = evidence.begin(request);
        List<String> line = new ArrayList<>(List.of("setsid"));
        line.addAll(new ProcessRecord(run.processes()).recorded(List.of("cat")));
        Process command = new ProcessBuilder(line).start();
        try {
            command.getOutputStream().write('\n');
            command.getOutputStream().flush();
            command.getInputStream().read();
            evidence.close(run);

            // when
            evidence.depart(request.identity());

            // then
            assertThat(evidence.of(request.identityKey())).hasSize(1);
        } finally {
            command.destroyForcibly().waitFor();
        }
    }

    @Test
    void runsThatShareAUidAreKeptApart() {
        // given runs of a Stack that is deleted with its namespace have no Update, and its uid
        RunRequest request = ran("a", "file://" + folder);

        // when
        ran("a", "file://" + folder);
        ran("a", "file://" + folder);

        // then
        assertThat(evidence.open()).isEmpty();
        assertThat(evidence.of(request.identityKey())).hasSize(3);
    }

    @Test
    void itIsKeptWhileTheRunGoesOn() throws IOException {
        // given
        RunRequest request = request("a", "file://" + folder);
        RunEvidence run = evidence.begin(request);

        // when
        evidence.depart(request.identity());

        // then
        assertThat(run.folder()).exists();
    }

    @Test
    void whereLocksCannotBeSeenTheNewestAreKept() throws IOException {
        // given evidence of a Stack that lives, older than all
        RunRequest living = ran("living", "s3://living");

        // when
        List<RunRequest> gone = Stream.of("a", "b", "c", "d", "e")
                .map(uid -> ran(uid, "s3://" + uid))
                .toList();
        gone.forEach(request -> evidence.depart(request.identity()));

        // then
        assertThat(evidence.closed())
                .extracting(run -> run.run().updateUid())
                .containsExactlyInAnyOrder("living", "c", "d", "e");
        assertThat(evidence.of(living.identityKey())).hasSize(1);
    }

    @Test
    void aStackIsAskedAboutUntilItHasDeparted() {
        // given
        RunRequest gone = ran("gone", "s3://a");
        evidence.begin(request("runs", "s3://b"));
        assertThat(evidence.stacks()).containsExactly(gone.run().stack());

        // when
        evidence.depart(gone.run().stack());

        // then
        assertThat(evidence.stacks()).isEmpty();
        assertThat(evidence.of(gone.identityKey())).hasSize(1);
    }

    @Test
    void aStackThatComesBackIsNotAmongThoseThatAreGone() throws IOException {
        // given
        evidence.depart(ran("first", "s3://a").identity());

        // when
        RunRequest back = ran("second", "s3://a");
        Stream.of("b", "c", "d", "e")
                .forEach(uid -> evidence.depart(ran(uid, "s3://" + uid).identity()));

        // then
        assertThat(evidence.of(back.identityKey())).hasSize(2);
    }

    private RunRequest ran(String uid, String backend) {
        RunRequest request = request(uid, backend);
        evidence.close(evidence.begin(request));
        return request;
    }

    private static RunRequest request(String uid, String backend) {
        return Requests.up(uid, backend, OnPendingCreate.Stall, null, Duration.ofMinutes(1));
    }

    private long files() throws IOException {
        try (Stream<Path> files = Files.walk(folder.resolve("data"))) {
            return files.filter(Files::isRegularFile).count();
        }
    }
}
