package io.stackwright.operator.execution.recovery;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.stackwright.api.v1alpha1.OnPendingCreate;
import io.stackwright.operator.engine.processes.LinuxProcesses;
import io.stackwright.operator.engine.processes.ProcessRecord;
import io.stackwright.operator.source.StackKey;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What becomes of the processes of dead operators, on shell scripts that lead sessions of their own. */
class StraysTest {

    private static final Duration PATIENCE = Duration.ofSeconds(60);

    @TempDir
    Path folder;

    private final LinuxProcesses processes = new LinuxProcesses();
    private final List<StackKey> woken = new CopyOnWriteArrayList<>();
    private final List<String> ended = new CopyOnWriteArrayList<>();
    private final List<Process> started = new ArrayList<>();

    @AfterEach
    void stop() {
        started.forEach(process -> {
            processes
                    .session(process.pid())
                    .forEach(member -> ProcessHandle.of(member.pid()).ifPresent(ProcessHandle::destroyForcibly));
            process.destroyForcibly();
        });
    }

    @Test
    void aLivingCommandIsAskedOnceAndWaitedForByAllOperatorsThatFollow() throws Exception {
        // given one that ends in its own time after it was asked
        Process command = command(
                "run",
                "trap 'echo TERM >> terms' TERM; touch ready; while [ ! -f end ]; do sleep 0.05; done",
                Duration.ofMinutes(10));

        // when two operators come one after the other
        Strays first = strays();
        assertThat(first.takeOver()).containsExactly("run");
        await().atMost(PATIENCE).until(() -> Files.exists(folder.resolve("terms")));
        Strays second = strays();
        assertThat(second.takeOver()).containsExactly("run");

        // then
        assertThat(first.waitingFor("run"))
                .hasValueSatisfying(what ->
                        assertThat(what).contains("process " + command.pid()).contains("asked to stop"));

        // when
        Files.createFile(folder.resolve("end"));

        // then
        await().atMost(PATIENCE).until(() -> second.waitingFor("run").isEmpty());
        assertThat(Files.readAllLines(folder.resolve("terms"))).containsExactly("TERM");
        assertThat(ended).contains("run");
        assertThat(woken).contains(new StackKey("team", "s"));
    }

    @Test
    void oneThatWasAskedBeforeIsNotAskedAgain() throws Exception {
        // given
        Process command = command(
                "run",
                "trap 'echo TERM >> terms' TERM; touch ready; while [ ! -f end ]; do sleep 0.05; done",
                Duration.ofMinutes(10));
        new ProcessRecord(folder.resolve("evidence/open/run/processes")).ask(command.pid(), Instant.now());

        // when
        Strays strays = strays();
        strays.takeOver();
        await().atMost(PATIENCE).until(() -> strays.waitingFor("run").orElse("").contains("asked to stop"));
        Files.createFile(folder.resolve("end"));

        // then
        await().atMost(PATIENCE).until(() -> strays.waitingFor("run").isEmpty());
        assertThat(folder.resolve("terms")).doesNotExist();
    }

    @Test
    void afterTheGraceTheWholeSessionIsKilled() throws Exception {
        // given
        Process command = command(
                "run", "trap '' TERM; sleep 600 & echo $! > child; touch ready; wait; sleep 600", Duration.ofMillis(1));
        long child = Long.parseLong(Files.readString(folder.resolve("child")).strip());

        // when
        Strays strays = strays();
        strays.takeOver();

        // then
        await().atMost(PATIENCE).until(() -> strays.waitingFor("run").isEmpty());
        assertThat(processes.find(command.pid())).isEmpty();
        assertThat(processes.find(child)).isEmpty();
    }

    @Test
    void whatADeadCommandLeftIsKilledAtOnce() throws Exception {
        // given
        Process command = command(
                "run", "(trap '' TERM; sleep 600 & wait) & echo $! > child; touch ready; wait", Duration.ofDays(1));
        long child = Long.parseLong(Files.readString(folder.resolve("child")).strip());
        command.destroyForcibly().waitFor();
        assertThat(processes.find(child)).isPresent();

        // when
        Strays strays = strays();
        assertThat(strays.takeOver()).containsExactly("run");

        // then
        await().atMost(PATIENCE).until(() -> strays.waitingFor("run").isEmpty());
        assertThat(processes.session(command.pid())).isEmpty();
    }

    @Test
    void aProcessThatWasOnlyGivenTheSamePidIsLeftAlone() throws Exception {
        // given
        Process other = command("run", "touch ready; while :; do sleep 0.05; done", Duration.ofMillis(1));
        Path record = folder.resolve("evidence/open/run/processes");
        String stat = Files.readString(record);
        long ticks = processes.find(other.pid()).orElseThrow().startTicks();
        Files.writeString(record, stat.replace(" " + ticks + " ", " " + (ticks - 1) + " "));

        // when
        Strays strays = strays();

        // then
        assertThat(strays.takeOver()).isEmpty();
        assertThat(other.isAlive()).isTrue();
    }

    @Test
    void whatHasNotEvenBegunIsNotKept() throws Exception {
        // given evidence that was cut short, as on a full disk
        Path torn = Files.createDirectories(folder.resolve("evidence/open/torn"));
        Files.writeString(torn.resolve("run.json"), "{\"namespace\":\"te");
        Path empty = Files.createDirectories(folder.resolve("evidence/open/empty"));

        // when
        strays().takeOver();

        // then
        assertThat(torn).doesNotExist();
        assertThat(empty).doesNotExist();
    }

    @Test
    void whereThereIsNoRoomToCloseARunItsFolderGoesFirst() throws Exception {
        // given two runs of one Pulumi stack, one of which has a process, and no room for the folder of closed ones
        Process command = command("living", "touch ready; while :; do sleep 0.05; done", Duration.ofMillis(1));
        RunEvidence dead = store().begin(Requests.up("dead", "file:///b", OnPendingCreate.Stall, null));
        Path full = folderOfClosed();
        Files.createSymbolicLink(full, folder.resolve("nowhere"));

        // when what the dead one has used up is given back
        Strays strays = strays(uid -> {
            ended.add(uid);
            if (uid.equals("dead")) {
                assertThat(dead.folder()).exists();
                delete(full);
            }
        });
        Set<String> living = strays.takeOver();

        // then only the folder of the one that lives is kept, and both are closed in the end
        assertThat(living).containsExactly("living");
        await().atMost(PATIENCE)
                .untilAsserted(() -> assertThat(full.toFile().list()).containsExactlyInAnyOrder("living", "dead"));
        await().atMost(PATIENCE).until(() -> strays.waitingFor("living").isEmpty());
        await().atMost(PATIENCE).until(() -> strays.waitingFor("dead").isEmpty());
        assertThat(processes.find(command.pid())).isEmpty();
        assertThat(ended).contains("living", "dead");
    }

    /** Where the evidence of closed runs of these tests' Pulumi stack is; it is not there any more. */
    private Path folderOfClosed() throws IOException {
        store().close(store().begin(Requests.up("other", "file:///b", OnPendingCreate.Stall, null)));
        try (Stream<Path> stacks = Files.list(folder.resolve("evidence/closed"))) {
            Path stack = stacks.findFirst().orElseThrow();
            try (Stream<Path> files = Files.walk(stack)) {
                files.sorted(Comparator.reverseOrder()).forEach(StraysTest::delete);
            }
            return stack;
        }
    }

    private static void delete(Path file) {
        try {
            Files.deleteIfExists(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Test
    void whatCannotBeLookedAtIsNotDead() throws Exception {
        // given
        Process command = command("run", "touch ready; while :; do sleep 0.05; done", Duration.ofMinutes(10));
        Path proc = Files.createDirectory(folder.resolve("proc"));
        for (String link : List.of("self", "sys")) {
            Files.createSymbolicLink(proc.resolve(link), Path.of("/proc", link));
        }
        Path unreadable = Files.createDirectories(proc.resolve(command.pid() + "/stat"));

        // when
        Strays strays = new Strays(
                new EvidenceStore(folder, processes, Clock.systemUTC()),
                new LinuxProcesses(proc),
                woken::add,
                ended::add,
                Clock.systemUTC());

        // then
        assertThat(strays.takeOver()).containsExactly("run");
        assertThat(strays.waitingFor("run")).isPresent();
        assertThat(strays.abandoned("run"))
                .hasValueSatisfying(why -> assertThat(why).contains("cannot be looked at"));

        // when it can be seen that it is gone
        Files.delete(unreadable);
        Files.delete(unreadable.getParent());

        // then
        await().atMost(PATIENCE).until(() -> strays.waitingFor("run").isEmpty());
        assertThat(ended).containsExactly("run");
    }

    @Test
    void processesOfAnEarlierBootOrContainerAreGone() throws Exception {
        // given
        Process other = command("run", "touch ready; while :; do sleep 0.05; done", Duration.ofMillis(1));
        Path note = folder.resolve("evidence/open/run/run.json");
        Files.writeString(note, Files.readString(note).replace(processes.scope(), "another boot"));

        // when, then
        assertThat(strays().takeOver()).isEmpty();
        assertThat(other.isAlive()).isTrue();
    }

    @Test
    void aCommandThatIsAboutToStartDoesNotStartAnyMore() throws Exception {
        // given evidence without a process
        store().begin(Requests.up("run", "file:///b", OnPendingCreate.Stall, null));

        // when
        assertThat(strays().takeOver()).isEmpty();
        Process late = new ProcessBuilder(new ProcessRecord(folder.resolve("evidence/open/run/processes"))
                        .recorded(List.of("touch", folder.resolve("ran").toString())))
                .start();

        // then
        assertThat(late.waitFor()).isEqualTo(125);
        assertThat(folder.resolve("ran")).doesNotExist();
    }

    private EvidenceStore store() {
        return new EvidenceStore(folder, processes, Clock.systemUTC());
    }

    private Strays strays() {
        return strays(ended::add);
    }

    private Strays strays(Consumer<String> ended) {
        return new Strays(store(), processes, woken::add, ended, Clock.systemUTC());
    }

    private Process command(String uid, String script, Duration grace) throws IOException {
        RunEvidence evidence = store().begin(Requests.up(uid, "file:///b", OnPendingCreate.Stall, null, grace));
        List<String> command = new ArrayList<>(List.of("setsid"));
        command.addAll(new ProcessRecord(evidence.processes()).recorded(List.of("sh", "-c", script)));
        ProcessBuilder builder = new ProcessBuilder(command).directory(folder.toFile());
        builder.environment().put("PULUMI_HOME", folder + "/work/" + uid + "/pulumi");
        Process process = builder.redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .start();
        started.add(process);
        await().atMost(PATIENCE).until(() -> Files.exists(folder.resolve("ready")));
        return process;
    }
}
