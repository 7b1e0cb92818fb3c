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
        locks = new StackLocks(evidence, processes, this::heldByDeadRun);
        request = request(null);
        RunEvidence run = evidence.begin(request);
        List<String> line = new ArrayList<>(List.of("setsid"));
        line.addAll(new ProcessRecord(run.processes()).recorded(List.of("cat")));
        command = new ProcessBuilder(line).start();
        command.getOutputStream().write('\n');
        command.getOutputStream().flush();
        command.getInputStream().read();
    }

    /** A pod that is proven to have ended. */
    private Optional<String> heldByDeadRun(String host, Instant since) {
        return host.equals("pod-1") ? Optional.of("s-6") : Optional.empty();
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
    void noWordReleasesTheLockOfAProcessThatIsSeenAlive() throws Exception {
        // given somebody else's command on this host, and a person who takes it for dead
        Process other = new ProcessBuilder("cat").start();
        try {
            Path file = lock(processes.hostName(), other.pid(), Instant.now());
            request = request(file.getFileName().toString().replace(".json", ""));

            // when, then
            assertThatThrownBy(() -> locks.clear(files(), request, notes::add)).hasMessageContaining("is alive");
            assertThat(file).exists();
            String told = told(
                    processes.hostName(),
                    other.pid(),
                    request.leftovers().unlock().orElseThrow());
            assertThat(mayAllGo(request, told)).isFalse();

            // when it has ended
            other.destroyForcibly().waitFor();
            locks.clear(files(), request, notes::add);

            // then
            assertThat(file).doesNotExist();
        } finally {
            other.destroyForcibly();
        }
    }

    @Test
    void whoeverCannotBeLookedAtKeepsItsLock() throws Exception {
        // given a list of processes that cannot be had, as for want of file descriptors
        Path proc = Files.createDirectory(folder.resolve("proc"));
        for (String link : List.of("self", "sys")) {
            Files.createSymbolicLink(proc.resolve(link), Path.of("/proc", link));
        }
        Files.createDirectories(proc.resolve("1/stat"));
        locks = new StackLocks(evidence, new LinuxProcesses(proc), DeadHolders.NONE);

        // when, then
        assertStays(lock(processes.hostName(), command.pid(), Instant.now()));
    }

    @Test
    void theSamePidOnAnotherHostIsNotOurs() throws Exception {
        command.destroyForcibly().waitFor();
        assertStays(lock("elsewhere", command.pid(), Instant.now()));
    }

    @Test
    void aLockOfARunThatDiedElsewhereGoes() throws Exception {
        // given
        Path file = lock("pod-1", command.pid() + 1, Instant.now());

        // when
        locks.clear(files(), request, notes::add);

        // then
        assertThat(file).doesNotExist();
        assertThat(notes).singleElement().asString().contains("pod-1", "its run s-6 is dead");
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
    void aLockFromAfterTheRunIsNotOursEither() throws Exception {
        // given a run that an operator has found dead when it took over
        command.destroyForcibly().waitFor();
        new Strays(evidence, processes, stack -> {}, uid -> {}, Clock.systemUTC()).takeOver();

        // when, then
        assertStays(lock(processes.hostName(), command.pid(), Instant.now().plus(Duration.ofMinutes(1))));
    }

    @Test
    void whatTheRunLockedIsStillOursOnceItHasEnded() throws Exception {
        // given
        Path file = lock(processes.hostName(), command.pid(), Instant.now());
        command.destroyForcibly().waitFor();
        new Strays(evidence, processes, stack -> {}, uid -> {}, Clock.systemUTC()).takeOver();
        new Strays(evidence, processes, stack -> {}, uid -> {}, Clock.systemUTC()).takeOver();

        // when
        locks.clear(files(), request, notes::add);

        // then
        assertThat(file).doesNotExist();
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
    void norInAContainerThatHasStartedAnewAndKeptItsName() throws Exception {
        // given
        Path note = folder.resolve("evidence/open/run/run.json");
        Files.writeString(note, Files.readString(note).replace(processes.scope(), "before"));

        // when, then
        assertStays(lock(processes.hostName(), command.pid(), Instant.now()));

        // when
        command.destroyForcibly().waitFor();
        Path file = lock(processes.hostName(), command.pid(), Instant.now());
        locks.clear(files(), request, notes::add);

        // then
        assertThat(file).doesNotExist();
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
