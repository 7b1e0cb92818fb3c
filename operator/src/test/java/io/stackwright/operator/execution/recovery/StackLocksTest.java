package io.stackwright.operator.execution.recovery;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.stackwright.api.v1alpha1.OnPendingCreate;
import io.stackwright.api.v1alpha1.Reason;
import io.stackwright.operator.engine.EngineException;
import io.stackwright.operator.engine.Failure;
import io.stackwright.operator.engine.processes.LinuxProcesses;
import io.stackwright.operator.engine.processes.ProcessRecord;
import io.stackwright.operator.execution.RunRequest;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Which locks go: those of our own recorded, dead processes, those that a person names, and no other. */
class StackLocksTest {

    @TempDir
    Path folder;

    private final LinuxProcesses processes = new LinuxProcesses();
    private final List<String> notes = new ArrayList<>();
    private EvidenceStore evidence;
    private StackLocks locks;
    private RunRequest request;
    private Process command;

    @BeforeEach
    void runWithOneCommand() throws IOException {
        evidence = new EvidenceStore(folder, processes, Clock.systemUTC());
        locks = new StackLocks(evidence, processes);
        request = request(null);
        RunEvidence run = evidence.begin(request);
        List<String> line = new ArrayList<>(List.of("setsid"));
        line.addAll(new ProcessRecord(run.processes()).recorded(List.of("cat")));
        command = new ProcessBuilder(line).start();
        command.getOutputStream().write('\n');
        command.getOutputStream().flush();
        command.getInputStream().read();
    }

    @AfterEach
    void stop() {
        command.destroyForcibly();
    }

    @Test
    void aLockOfOurOwnDeadCommandGoes() throws Exception {
        // given
        Path file = lock(processes.hostName(), command.pid(), Instant.now());
        Files.writeString(Path.of(file + ".attrs"), "{}");
        command.destroyForcibly().waitFor();

        // when
        locks.clear(files(), request, notes::add);

        // then
        assertThat(file).doesNotExist();
        assertThat(Path.of(file + ".attrs")).doesNotExist();
        assertThat(notes).singleElement().asString().contains("released the lock", "s-run is dead");
    }

    @Test
    void aLockOfOurOwnLivingCommandStays() throws IOException {
        assertStays(lock(processes.hostName(), command.pid(), Instant.now()));
    }

    @Test
    void theSamePidOnAnotherHostIsNotOurs() throws Exception {
        command.destroyForcibly().waitFor();
        assertStays(lock("elsewhere", command.pid(), Instant.now()));
    }

    @Test
    void anotherPidIsNotOurs() throws Exception {
        command.destroyForcibly().waitFor();
        assertStays(lock(processes.hostName(), command.pid() + 1, Instant.now()));
    }

    @Test
    void aLockFromBeforeTheRunIsNotOurs() throws Exception {
        command.destroyForcibly().waitFor();
        assertStays(lock(processes.hostName(), command.pid(), Instant.now().minus(Duration.ofHours(1))));
    }

    @Test
    void aLockOfAProcessThatWasGivenOurPidLaterIsNotOurs() throws Exception {
        // given evidence of an earlier process with the pid of one that lives
        Path record = folder.resolve("evidence/open/run/processes");
        long ticks = processes.find(command.pid()).orElseThrow().startTicks();
        Files.writeString(record, Files.readString(record).replace(" " + ticks + " ", " " + (ticks - 100_000) + " "));

        // when, then
        assertStays(lock(processes.hostName(), command.pid(), Instant.now()));
    }

    @Test
    void evidenceOfAnotherStackProvesNothing() throws Exception {
        // given
        command.destroyForcibly().waitFor();
        Path file = lock(processes.hostName(), command.pid(), Instant.now());
        RunRequest other = Requests.up("other", "file://" + folder + "/other", OnPendingCreate.Stall, null);

        // when, then
        assertThatThrownBy(() -> locks.clear(files(), other, notes::add)).isInstanceOf(EngineException.class);
        assertThat(file).exists();
    }

    @Test
    void aTornFileIsALockThatOnlyAPersonCanRelease() throws IOException {
        // given
        String id = UUID.randomUUID().toString();
        Path torn = Files.createDirectories(folder().resolve(id + ".json").getParent())
                .resolve(id + ".json");
        Files.writeString(torn, "{\"pid\":12,\"usern");
        Path foreign = lock("elsewhere", 7, Instant.now());

        // when, then
        assertThatThrownBy(() -> locks.clear(files(), request, notes::add))
                .hasMessageContaining(torn.toString())
                .hasMessageContaining("root@elsewhere (pid 7) since");

        // when a person names it, then the other one stays
        assertThatThrownBy(() -> locks.clear(files(), request(id), notes::add)).hasMessageContaining("elsewhere");
        assertThat(torn).doesNotExist();
        assertThat(foreign).exists();
    }

    @Test
    void elsewhereAllLocksMustBeOursAndDead() throws Exception {
        // given
        String ours =
                told(processes.hostName(), command.pid(), UUID.randomUUID().toString());
        String foreign = told("laptop", 7, UUID.randomUUID().toString());

        // when, then
        assertThat(mayAllGo(request, ours)).as("it lives").isFalse();
        command.destroyForcibly().waitFor();
        assertThat(mayAllGo(request, ours)).isTrue();
        assertThat(mayAllGo(request, ours, foreign)).isFalse();
        assertThat(mayAllGo(request, foreign)).isFalse();
        assertThat(locks.mayAllBeReleased(locked(2, ours), request, notes::add))
                .as("one of them was not told")
                .isFalse();
    }

    @Test
    void elsewhereAPersonsWordCountsForASingleLockOnly() {
        // given
        String id = UUID.randomUUID().toString();
        String named = told("laptop", 7, id);

        // when, then
        assertThat(mayAllGo(request(id), named)).isTrue();
        assertThat(mayAllGo(
                        request(id), named, told("desk", 8, UUID.randomUUID().toString())))
                .isFalse();
        assertThat(locks.explained(locked(1, named), request).message())
                .contains("locked by root@laptop (pid 7) since 2026-11-23T14:03:55Z")
                .contains("stack -n team s --overwrite stackwright.io/unlock=" + id)
                .doesNotContain("pulumi cancel");
    }

    private boolean mayAllGo(RunRequest run, String... holders) {
        return locks.mayAllBeReleased(locked(holders.length, String.join("\n  ", holders)), run, notes::add);
    }

    private static Failure locked(int count, String holders) {
        return new Failure(
                Failure.Kind.LOCKED,
                Reason.Locked,
                "the stack is currently locked by " + count
                        + " lock(s). Either wait for the other process(es) to end or"
                        + " delete the lock file with `pulumi cancel`.\n  " + holders);
    }

    private String told(String host, long pid, String id) {
        Instant since = host.equals("laptop") ? Instant.parse("2026-11-23T14:03:55.993095617Z") : Instant.now();
        return "s3://state/.pulumi/locks/organization/p/s/" + id + ".json: created by root@" + host + " (pid " + pid
                + ") at " + since;
    }

    private void assertStays(Path lock) {
        assertThatThrownBy(() -> locks.clear(files(), request, notes::add))
                .isInstanceOfSatisfying(
                        EngineException.class,
                        e -> assertThat(e.failure())
                                .returns(Failure.Kind.LOCKED, Failure::kind)
                                .returns(Reason.Locked, Failure::reason));
        assertThat(lock).exists();
        assertThat(notes).isEmpty();
    }

    private Path lock(String host, long pid, Instant since) throws IOException {
        Path file = folder().resolve(UUID.randomUUID() + ".json");
        Files.createDirectories(file.getParent());
        return Files.writeString(
                file,
                "{\"pid\":" + pid + ",\"username\":\"root\",\"hostname\":\"" + host + "\",\"timestamp\":\"" + since
                        + "\"}");
    }

    private Path folder() {
        return folder.resolve("state/.pulumi/locks/organization/p/s");
    }

    private BackendFiles files() {
        return BackendFiles.of("file://" + folder + "/state?metadata=skip").orElseThrow();
    }

    private RunRequest request(String unlock) {
        return Requests.up("run", "file://" + folder + "/state", OnPendingCreate.Stall, unlock);
    }

    @Test
    void onlyPathsThatWeReadAsTheCliDoesAreFiles() {
        assertThat(BackendFiles.of("file:///var/state?metadata=skip"))
                .contains(new BackendFiles(Path.of("/var/state")));
        for (String url : List.of("s3://state", "file://~/state", "file://./state", "file:///a%20b", "https://x")) {
            assertThat(BackendFiles.of(url)).as(url).isEqualTo(Optional.empty());
        }
    }
}
