package io.stackwright.operator.engine.automation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import io.stackwright.api.v1alpha1.Reason;
import io.stackwright.api.v1alpha1.RunStatus.Progress;
import io.stackwright.operator.JavaProcess;
import io.stackwright.operator.engine.CancelToken;
import io.stackwright.operator.engine.EngineException;
import io.stackwright.operator.engine.Failure;
import io.stackwright.operator.engine.Failure.Kind;
import io.stackwright.operator.engine.OperationOptions;
import io.stackwright.operator.engine.OperationResult;
import io.stackwright.operator.engine.ProgressListener;
import io.stackwright.operator.engine.PulumiEngine;
import io.stackwright.operator.engine.PythonPulumi;
import io.stackwright.operator.engine.RealPulumi;
import io.stackwright.operator.engine.RecordingCli;
import io.stackwright.operator.engine.Workspace;
import io.stackwright.operator.engine.processes.MemoryKills;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.Stream;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What stopping a run does to real resources, locks and processes. */
@Timeout(180)
class StoppingIT {

    @TempDir
    Path root;

    private final CancelToken cancel = new CancelToken();
    private final List<Progress> heard = new CopyOnWriteArrayList<>();
    private final ProgressListener listener = (progress, changes) -> heard.add(progress);
    private RealPulumi pulumi;
    private RecordingCli cli;
    private PulumiEngine engine;
    private Map<String, String> environment;

    @BeforeEach
    void start() throws Exception {
        pulumi = RealPulumi.in(root);
        cli = RecordingCli.of(RealPulumi.cli(), root);
        engine = new AutomationEngine(cli.command(), RealPulumi.searchPath());
        environment = PythonPulumi.on(pulumi.environment());
        environment.put("LEDGER", Files.createDirectory(root.resolve("ledger")).toString());
        environment.put("FILES", "a=1");
    }

    @Test
    void aCancelLetsTheRunningCreateFinish() throws Exception {
        // given a create that takes its time
        environment.put("SECONDS", "4");
        Workspace workspace = created();
        CompletableFuture<OperationResult> up = up(workspace, Duration.ofMinutes(2), Duration.ofMinutes(2));
        await().atMost(Duration.ofSeconds(60)).until(() -> Files.exists(ledger("a.started")));
        await().untilAsserted(() -> assertThat(heard)
                .extracting(Progress::current)
                .contains("pulumi-python:dynamic:Resource a (creating)"));

        // when
        cancel.cancel();

        // then it is in the ledger, in the state, and nothing is pending or locked
        OperationResult result = up.get();
        assertThat(result.failure().get())
                .returns(Kind.CANCELLED, Failure::kind)
                .returns(Reason.Cancelled, Failure::reason);
        assertThat(result.failure().get().message()).contains("good order");
        assertThat(result.outputs()).isEmpty();
        assertThat(ledger("a")).exists();
        JsonNode deployment = engine.export(workspace).path("deployment");
        assertThat(deployment.path("pending_operations")).isEmpty();
        assertThat(deployment.path("resources").findValuesAsText("urn")).anyMatch(urn -> urn.endsWith("::a"));
        assertThat(locks()).isEmpty();

        // and the next run goes on from there
        environment.remove("SECONDS");
        OperationResult next =
                engine.up(pulumi.workspace("p", "dev", environment), options(), listener, new CancelToken());
        assertThat(next.failure()).isEmpty();
        assertThat(next.changes().create()).isZero();
    }

    @Test
    void aCancelEndsAHangingProgram() throws Exception {
        // given
        environment.put("HANG", "1");
        Workspace workspace = created();
        CompletableFuture<OperationResult> up = up(workspace, Duration.ofMinutes(2), Duration.ofMinutes(1));
        await().atMost(Duration.ofSeconds(60)).until(() -> Files.exists(ledger("hanging")));

        // when
        long asked = System.nanoTime();
        cancel.cancel();
        OperationResult result = up.get();

        // then
        assertThat(Duration.ofNanos(System.nanoTime() - asked)).isLessThan(Duration.ofSeconds(30));
        assertThat(result.failure().get().kind()).isEqualTo(Kind.CANCELLED);
        assertThat(result.failure().get().message()).contains("good order");
        assertThat(alive("hanging")).isFalse();
        assertThat(locks()).isEmpty();
        assertThat(pulumi.scratch()).isEmptyDirectory();
    }

    @Test
    void aRunThatTakesTooLongIsStopped() throws Exception {
        // given
        environment.put("HANG", "1");

        // when
        OperationResult result =
                up(created(), Duration.ofSeconds(4), Duration.ofMinutes(1)).get();

        // then
        assertThat(result.failure().get())
                .returns(Kind.TIMED_OUT, Failure::kind)
                .returns(Reason.TimedOut, Failure::reason);
        assertThat(locks()).isEmpty();
    }

    /** As a bucket behind a firewall that drops packets, or a proxy whose server hangs. */
    @Test
    void aBackendThatNeverAnswersIsUnavailable() throws Exception {
        // given one that takes connections, and says nothing
        try (ServerSocket silent = new ServerSocket(0, 50, InetAddress.getLoopbackAddress())) {
            environment.put(
                    "PULUMI_BACKEND_URL",
                    "s3://state?endpoint=http://127.0.0.1:" + silent.getLocalPort()
                            + "&s3ForcePathStyle=true&region=us-east-1");
            environment.putAll(Map.of("AWS_ACCESS_KEY_ID", "any", "AWS_SECRET_ACCESS_KEY", "any"));
            Workspace workspace = PythonPulumi.program(pulumi, "p", "dev", environment);
            PulumiEngine impatient = impatient(RealPulumi.cli());

            // then
            assertUnanswered("`pulumi stack init`", () -> impatient.createStack(workspace));
            assertUnanswered("`pulumi stack export`", () -> impatient.export(workspace));
            assertUnanswered("`pulumi stack tag`", () -> impatient.setTag(workspace, "a", "b"));
        }
    }

    @Test
    void aBackendThatFallsSilentAfterTheUpdateIsUnavailable() throws Exception {
        // given
        Path silent = RecordingCli.script(
                root.resolve("pulumi-without-outputs"),
                "#!/bin/sh\n[ \"$2\" = output ] && exec sleep 100\nexec '" + RealPulumi.cli() + "' \"$@\"\n");

        // when
        OperationResult result = impatient(silent).up(created(), options(), listener, cancel);

        // then
        assertThat(result.failure().get())
                .returns(Kind.TRANSIENT, Failure::kind)
                .returns(Reason.BackendUnavailable, Failure::reason);
        assertThat(result.failure().get().message()).contains("`pulumi stack output`");
        assertThat(result.changes().create()).isPositive();
    }

    private static PulumiEngine impatient(Path cli) {
        return new AutomationEngine(
                cli.toString(),
                RealPulumi.searchPath(),
                command -> {},
                Optional.empty(),
                new MemoryKills(),
                Duration.ofSeconds(2));
    }

    private static void assertUnanswered(String command, ThrowingCallable query) {
        assertThatExceptionOfType(EngineException.class)
                .isThrownBy(query)
                .extracting(EngineException::failure)
                .returns(Kind.TRANSIENT, Failure::kind)
                .returns(Reason.BackendUnavailable, Failure::reason)
                .extracting(Failure::message)
                .asString()
                .contains(command);
    }

    @Test
    void afterTheGraceTheProviderIsKilledTooAndTheStateSaysWhatIsPending() throws Exception {
        // given a create that outlasts the patience
        environment.put("SECONDS", "90");
        Workspace workspace = created();
        CompletableFuture<OperationResult> up = up(workspace, Duration.ofMinutes(2), Duration.ofSeconds(1));
        await().atMost(Duration.ofSeconds(60)).until(() -> Files.exists(ledger("a.started")));

        // when
        cancel.cancel();
        OperationResult result = up.get();

        // then
        assertThat(result.failure().get().kind()).isEqualTo(Kind.CANCELLED);
        assertThat(result.failure().get().message()).contains("killed", "pending operations");
        await().until(() -> !alive("a.started"));
        assertThat(ledger("a")).as("what a stray provider would write").doesNotExist();
        JsonNode pending = engine.export(workspace).path("deployment").path("pending_operations");
        assertThat(pending).hasSize(1);
        assertThat(pending.get(0).path("type").asText()).isEqualTo("creating");
        assertThat(locks()).hasSize(1);
        assertThat(pulumi.scratch()).isEmptyDirectory();
    }

    @Test
    void aCancelBeforeTheStartStartsNothing() throws Exception {
        // given
        Workspace workspace = created();
        cli.forget();
        cancel.cancel();

        // when
        OperationResult result =
                up(workspace, Duration.ofMinutes(1), Duration.ofMinutes(1)).get();

        // then
        assertThat(result.failure().get().kind()).isEqualTo(Kind.CANCELLED);
        assertThat(cli.calls()).isEmpty();
    }

    @Test
    void aStopAfterTheEndOfTheUpdateDoesNotSpoilIt() throws Exception {
        // given a CLI that is slow to tell the secret outputs
        Path slow = RecordingCli.script(
                root.resolve("pulumi-with-slow-outputs"),
                "#!/bin/sh\n[ \"$2\" = output ] && touch '" + ledger("reading") + "' && sleep 1\nexec '"
                        + RealPulumi.cli() + "' \"$@\"\n");
        PulumiEngine slowEngine = new AutomationEngine(slow.toString(), RealPulumi.searchPath());
        Workspace workspace = created();
        CompletableFuture<OperationResult> up = new CompletableFuture<>();
        CompletableFuture<Boolean> interrupted = new CompletableFuture<>();
        Thread caller = Thread.ofPlatform().start(() -> {
            up.complete(slowEngine.up(workspace, options(), listener, cancel));
            interrupted.complete(Thread.currentThread().isInterrupted());
        });
        await().atMost(Duration.ofSeconds(60)).until(() -> Files.exists(ledger("reading")));

        // when
        cancel.cancel();
        caller.interrupt();

        // then
        assertThat(up.get().failure()).isEmpty();
        assertThat(up.get().outputs().get().get("nested").secret()).isTrue();
        assertThat(up.get().outputs().get().get("nested").value())
                .hasToString("{\"deep\":[1,{\"token\":\"hunter2\"}]}");
        assertThat(interrupted.get()).as("the interrupt is kept").isTrue();
    }

    @Test
    void anUpdateComesToItsEndWhenTheOperatorIsKilled() throws Exception {
        // given an operator of its own, in the middle of a create
        environment.put("SECONDS", "4");
        Workspace workspace = created();
        ProcessBuilder operator = JavaProcess.builder(
                EngineInAnotherJvm.class,
                RealPulumi.cli().toString(),
                workspace.directory().toString(),
                workspace.scratch().toString());
        operator.environment().clear();
        operator.environment().putAll(environment);
        Process process = operator.redirectErrorStream(true)
                .redirectOutput(root.resolve("operator.log").toFile())
                .start();
        await().atMost(Duration.ofSeconds(60)).until(() -> Files.exists(ledger("a.started")));

        // when
        process.destroyForcibly().waitFor();

        // then the CLI finishes, records and unlocks
        await().atMost(Duration.ofSeconds(60)).until(() -> Files.exists(ledger("a")) && locks().isEmpty());
        JsonNode deployment = engine.export(workspace).path("deployment");
        assertThat(deployment.path("pending_operations")).isEmpty();
        assertThat(deployment.path("resources").findValuesAsText("urn")).anyMatch(urn -> urn.endsWith("::a"));
    }

    @Test
    void aRefreshTellsDrift() throws Exception {
        // given
        environment.put("FILES", "a=1,b=2,c=3");
        Workspace workspace = created();
        assertThat(engine.up(workspace, options(), listener, cancel).failure()).isEmpty();
        Files.delete(ledger("a"));
        Files.writeString(ledger("b"), "edited");

        // when
        OperationOptions refreshing = new OperationOptions(
                OptionalInt.empty(), true, false, false, List.of(), Duration.ofMinutes(1), Duration.ofSeconds(10));
        OperationResult plain = engine.preview(workspace, options(), listener, cancel);
        OperationResult preview = engine.preview(workspace, refreshing, listener, cancel);
        OperationResult refresh = engine.refresh(workspace, options(), listener, cancel);

        // then
        assertThat(plain.changes()).extracting("create", "update", "same").containsExactly(0, 0, 3);
        assertThat(preview.changes()).extracting("create", "update", "same").containsExactly(1, 1, 1);
        assertThat(refresh.changes()).extracting("delete", "update", "same").containsExactly(1, 1, 1);
        assertThat(refresh.resources()).isEqualTo(OptionalInt.of(2));
        assertThat(refresh.outputs()).isPresent();
    }

    private Workspace created() throws IOException {
        Workspace workspace = PythonPulumi.program(pulumi, "p", "dev", environment);
        engine.createStack(workspace);
        return workspace;
    }

    private CompletableFuture<OperationResult> up(Workspace workspace, Duration timeout, Duration grace) {
        OperationOptions options =
                new OperationOptions(OptionalInt.empty(), false, false, false, List.of(), timeout, grace);
        return CompletableFuture.supplyAsync(() -> engine.up(workspace, options, listener, cancel));
    }

    private static OperationOptions options() {
        return OperationOptions.defaults();
    }

    private Path ledger(String name) {
        return root.resolve("ledger").resolve(name);
    }

    private List<Path> locks() throws IOException {
        Path folder = pulumi.state().resolve(".pulumi/locks/organization/p/dev");
        if (!Files.isDirectory(folder)) {
            return List.of();
        }
        try (Stream<Path> files = Files.list(folder)) {
            return files.filter(file -> file.toString().endsWith(".json")).toList();
        }
    }

    /** Whether the process that wrote its id there still runs. */
    private boolean alive(String file) throws IOException {
        long pid = Long.parseLong(Files.readString(ledger(file)).strip());
        try {
            String stat = Files.readString(Path.of("/proc", String.valueOf(pid), "stat"));
            return !stat.substring(stat.lastIndexOf(')') + 2).startsWith("Z");
        } catch (IOException e) {
            return false;
        }
    }
}
