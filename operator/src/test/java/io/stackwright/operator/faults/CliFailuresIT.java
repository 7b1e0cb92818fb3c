package io.stackwright.operator.faults;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.stackwright.api.v1alpha1.Condition;
import io.stackwright.api.v1alpha1.Reason;
import io.stackwright.api.v1alpha1.Stack;
import io.stackwright.operator.Scenario;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What the CLI says when it fails, and what becomes of the Stack: one row for each class of failure. */
@Timeout(400)
class CliFailuresIT {

    /**
     * A failure of {@code up}.
     *
     * @param said in the words of Pulumi 3.250.0
     * @param stalls whether it waits for a person or a changed input, or is tried again by itself
     */
    private record Row(String name, int exitCode, String said, Reason reason, boolean stalls) {

        static Row retried(String name, Reason reason, String said) {
            return new Row(name, 1, said, reason, false);
        }

        static Row stalled(String name, Reason reason, String said) {
            return new Row(name, 1, said, reason, true);
        }
    }

    private static final List<Row> ROWS = List.of(
            Row.stalled(
                    "config",
                    Reason.ConfigInvalid,
                    "error: validating stack config: Stack 'dev' is missing configuration value 'need'"),
            Row.stalled(
                    "passphrase",
                    Reason.PassphraseIncorrect,
                    "error: getting stack configuration: get stack secrets manager: incorrect passphrase"),
            Row.stalled(
                    "state",
                    Reason.StateCorrupt,
                    "error: failed to load checkpoint: place 1: unexpected end of JSON input"),
            // The first run of a Stack may meet that too: it is tried once more, and then something is missing.
            new Row("gone", 6, "error: no stack named 'organization/canned/gone' found", Reason.StateMissing, true),
            Row.stalled(
                    "project",
                    Reason.SourceInvalid,
                    "error: could not validate 'Pulumi.yaml': project is missing a 'name' attribute"),
            Row.stalled(
                    "language",
                    Reason.RuntimeMissing,
                    "error: failed to load language plugin cobol: no language plugin 'pulumi-language-cobol' found in"
                            + " the workspace or on your $PATH"),
            Row.stalled("flag", Reason.UnsupportedPulumi, "error: unknown flag: --event-log"),
            new Row(
                    "token",
                    3,
                    "error: PULUMI_ACCESS_TOKEN must be set for login during non-interactive CLI sessions",
                    Reason.BackendAuthenticationFailed,
                    true),
            Row.stalled(
                    "access",
                    Reason.BackendAuthenticationFailed,
                    "error: operation error S3: GetObject, https response error StatusCode: 403, api error"
                            + " AccessDenied"),
            Row.retried(
                    "locked",
                    Reason.Locked,
                    "error: the stack is currently locked by 1 lock(s). Either wait for the other process(es) to end or"
                            + " delete the lock file with `pulumi cancel`.\n  s3://s/.pulumi/locks/o/p/s/1.json:"
                            + " created by root@vm (pid 4403) at 2026-11-23T14:03:55Z"),
            Row.retried("torn-lock", Reason.Locked, "error: invalid character 'a' in literal true (expecting 'r')"),
            Row.retried(
                    "refused",
                    Reason.BackendUnavailable,
                    "error: performing HTTP request: Get \"http://127.0.0.1:1/api/user\": dial tcp 127.0.0.1:1:"
                            + " connect: connection refused"),
            Row.retried("busy", Reason.BackendUnavailable, "error: [503] Service Unavailable"),
            Row.retried(
                    "disk",
                    Reason.DiskFull,
                    "error: saving update info: blob (key \".pulumi/history/p/s/s-1.history.json\")"
                            + " (code=Unknown): write /s/s-1.history.json.tmp: no space left on device"),
            Row.retried("unknown", Reason.UpdateFailed, "error: something nobody has seen before"),
            new Row("killed", 137, "", Reason.UpdateFailed, false));

    private final Oracle oracle = Oracle.of(CliFailuresIT.class);

    @TempDir
    private Path folder;

    private World world;
    private Scenario people;

    @BeforeEach
    void start() {
        world = World.in(oracle, folder.resolve("world"));
        people = world.people();
    }

    @AfterEach
    void stop() {
        world.close();
    }

    @Test
    void eachFailureHasItsBehaviour() {
        // given
        world.cli()
                .plan(call -> call.command().equals("up")
                        ? ROWS.stream()
                                .filter(row -> call.isAbout(row.name()))
                                .findFirst()
                                .map(row -> new CliSteps.Canned(row.exitCode(), row.said()))
                        : Optional.empty());

        // when
        ROWS.forEach(row -> people.apply(row.name(), """
            project: {inline: {name: canned, runtime: yaml, outputs: {out: fine}}}
            updates: {retry: {initial: 1s, max: 1s}}
            """));

        // then
        ROWS.forEach(this::awaitBehaviour);
        Map<String, Long> tried = ups();
        await().during(Duration.ofSeconds(3)).atMost(Duration.ofSeconds(20)).until(() -> {
            Map<String, Long> now = ups();
            return ROWS.stream()
                    .filter(Row::stalls)
                    .allMatch(row -> now.get(row.name()).equals(tried.get(row.name())));
        });
        await().atMost(Scenario.PATIENCE)
                .until(() -> ROWS.stream()
                        .filter(row -> !row.stalls() && row.reason() != Reason.Locked)
                        .allMatch(row -> ups(row.name()) > 1));
        // between two attempts: while one is under way, Ready tells of it
        await().atMost(Scenario.PATIENCE)
                .untilAsserted(() -> assertThat(
                                people.condition("locked", Condition.READY).message())
                        .contains("root@vm", "2026-11-23T14:03:55Z"));

        // when the cause is gone, and those that wait for a person are asked again
        world.cli().plan(call -> Optional.empty());
        ROWS.stream()
                .filter(row -> row.stalls() || row.reason() == Reason.Locked)
                .forEach(row -> people.annotate(row.name(), "stackwright.io/reconcile", "1"));

        // then
        ROWS.forEach(row -> people.awaitReady(row.name()));
        RequestRates rates = RequestRates.of(world);
        System.out.println("failing CLI, requests per second at most: " + rates);
        rates.assertNoHaste();
    }

    private void awaitBehaviour(Row row) {
        await(row.name()).atMost(Scenario.PATIENCE).untilAsserted(() -> {
            Stack stack = people.get(row.name());
            assertThat(stack.getStatus()).isNotNull();
            assertThat(stack.getStatus().failures())
                    .as("%s", stack.getStatus())
                    .isNotNull()
                    .satisfies(failure -> assertThat(failure.reason())
                            .as(failure.message())
                            .isEqualTo(row.reason().name()));
            boolean retried = stack.getStatus().failures().nextAttemptAt() != null
                    && stack.getStatus().condition(Condition.STALLED).isEmpty();
            assertThat(retried).as("%s", stack.getStatus()).isEqualTo(!row.stalls());
        });
    }

    private Map<String, Long> ups() {
        return ROWS.stream().map(Row::name).collect(Collectors.toMap(name -> name, this::ups));
    }

    private long ups(String name) {
        return world.cli().calls(name).stream()
                .filter(call -> call.command().equals("up"))
                .count();
    }
}
