package io.stackwright.operator.stack;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.stackwright.api.v1alpha1.Condition;
import io.stackwright.api.v1alpha1.Phase;
import io.stackwright.api.v1alpha1.Reason;
import io.stackwright.operator.RecordedPulumi;
import io.stackwright.operator.RunningOperator;
import io.stackwright.operator.Scenario;
import io.stackwright.operator.engine.PythonPulumi;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * The CLI is killed in the middle of a create on a backend where locks are no files: {@code pulumi cancel}, which removes
 * all of them, may be called only when each one is proven to be a dead run's of ours.
 */
@Timeout(300)
@Tag("both-modes-long")
class BucketRecoveryIT {

    private static final String SINCE = "2026-05-01T12:00:00Z";

    @TempDir
    private Path folder;

    private final Bucket bucket = Bucket.start();
    private RecordedPulumi pulumi;
    private RunningOperator operator;
    private Scenario scenario;
    private Stacks stacks;

    @BeforeEach
    void startOperator() throws Exception {
        pulumi = RecordedPulumi.in(folder);
        operator = RunningOperator.start(
                folder.resolve("data"),
                RunningOperator.pulumi(pulumi.command()),
                PythonPulumi.on(RunningOperator.environment()));
        scenario = new Scenario(operator);
        stacks = new Stacks(operator);
    }

    @AfterEach
    void stopOperator() {
        operator.close();
        bucket.close();
    }

    @Tag("both-modes")
    @Test
    void anOwnLockGoesWithTheProofAndAForeignOneKeepsAll() {
        // given
        apply("4", "Stall");
        killInCreate();

        // then what the run has left is counted, and the next one sees by one export what was being created, before it
        // meets any lock
        assertThat(stacks.awaitStalled("slow", Reason.PendingCreates).message()).contains("::a", "clearPendingCreates");
        assertThat(pulumi.commands("slow"))
                .endsWith("up", "stack export", "stack export")
                .doesNotContain("cancel");
        assertThat(creates()).containsExactly("a");
        assertThat(locks()).hasSize(1);

        // when somebody else's lock is beside it
        String foreign = lockOfSomebody();
        stacks.createUpdate("forget-1", "{stack: slow, operation: Refresh, clearPendingCreates: true}");

        // then none is touched, and the holder is named
        assertThat(stacks.awaitPhase("forget-1", Phase.Failed).getStatus().failure())
                .returns(Reason.Locked.name(), failure -> failure.reason())
                .satisfies(failure -> assertThat(failure.message()).contains("ann@laptop (pid 7) since " + SINCE));
        assertThat(locks()).hasSize(2);
        assertThat(pulumi.commands("slow")).doesNotContain("cancel");

        // when it is gone
        bucket.objects().remove(foreign);
        stacks.createUpdate("forget-2", "{stack: slow, operation: Refresh, clearPendingCreates: true}");

        // then
        stacks.awaitPhase("forget-2", Phase.Succeeded);
        stacks.awaitReady("slow");
        assertThat(locks()).isEmpty();
        assertThat(pulumi.commands("slow")).containsOnlyOnce("cancel").endsWith("stack export", "up", "stack output");
        assertThat(creates()).containsExactlyInAnyOrder("a", "a");
    }

    @Test
    void clearForgetsAndGoesOn() {
        // given
        apply("4", "Clear");

        // when
        killInCreate();

        // then
        stacks.awaitReady("slow");
        assertThat(locks()).isEmpty();
        assertThat(creates()).containsExactly("a", "a");
        assertThat(pulumi.commands("slow")).containsOnlyOnce("cancel");
        assertThat(stacks.updates("slow").getLast().getStatus().run().diagnostics())
                .anySatisfy(said -> assertThat(said.message()).contains("Clear", "::a"))
                .anySatisfy(said -> assertThat(said.message()).contains("released the lock", "is dead"));
    }

    @Test
    void aResourceThatAPersonHasFoundIsTakenIntoTheState() {
        // given
        apply("4", "Stall");
        killInCreate();
        Matcher urn = Pattern.compile("urn:pulumi:\\S+::a\\b")
                .matcher(stacks.awaitStalled("slow", Reason.PendingCreates).message());
        assertThat(urn.find()).isTrue();

        // when
        stacks.createUpdate(
                "found",
                "{stack: slow, operation: Refresh, importPendingCreates: [{urn: \"" + urn.group() + "\", id: a}]}");

        // then
        stacks.awaitPhase("found", Phase.Succeeded);
        stacks.awaitReady("slow");
        assertThat(locks()).isEmpty();
        assertThat(creates()).containsExactly("a");
        assertThat(pulumi.commands("slow")).containsOnlyOnce("cancel");
    }

    @Test
    void aForeignLockIsReportedAndNeverTouchedUntilAPersonNamesIt() {
        // given
        apply("0", "Stall");
        stacks.awaitReady("slow");

        // when
        String foreign = lockOfSomebody();
        stacks.patch("slow", "{\"spec\": {\"config\": {\"items\": \"a=2\"}}}");

        // then
        Condition locked = stacks.awaitInProgress("slow", Reason.Locked);
        String id = foreign.replaceFirst(".*/", "").replace(".json", "");
        assertThat(locked.message()).contains("ann@laptop (pid 7) since " + SINCE, "stackwright.io/unlock=" + id);
        assertThat(locks()).containsExactly(foreign);
        assertThat(pulumi.commands("slow")).doesNotContain("cancel");

        // when
        stacks.annotate("slow", Requests.UNLOCK, id);

        // then
        stacks.awaitReady("slow");
        assertThat(locks()).isEmpty();
    }

    private void apply(String seconds, String policy) {
        Map<String, String> program = Scenario.program("python-ledger");
        program.remove("lib/titles.py");
        program.put(
                "__main__.py", program.get("__main__.py").replace("from lib.titles import title", "title = str.upper"));
        scenario.configMap("slow", program);
        scenario.apply("slow", """
            project: {configMap: {name: slow}, install: Never}
            backend: {url: "%s"}
            config: {ledger: "%s", seconds: "%s", items: "a=1"}
            env:
              - {name: AWS_ACCESS_KEY_ID, value: any}
              - {name: AWS_SECRET_ACCESS_KEY, value: any}
            updates: {onPendingCreate: %s, retry: {initial: 1s, max: 1s}}
            """.formatted(bucket.url(), folder.resolve("ledger"), seconds, policy));
    }

    private void killInCreate() {
        await().atMost(Scenario.PATIENCE).until(() -> !creates().isEmpty());
        List<ProcessHandle> killed = ProcessHandle.allProcesses()
                .filter(process -> process.info()
                        .arguments()
                        .filter(arguments -> List.of(arguments).contains("up")
                                && String.join(" ", arguments)
                                        .contains(operator.runs().toString()))
                        .isPresent())
                .filter(ProcessHandle::destroyForcibly)
                .toList();
        assertThat(killed).hasSize(1);
        await().atMost(Duration.ofSeconds(10)).until(() -> !killed.getFirst().isAlive());
    }

    private List<String> creates() {
        return Scenario.ledger(folder.resolve("ledger")).stream()
                .filter(line -> line.startsWith("create") && line.endsWith("start"))
                .map(line -> line.split(" ")[1])
                .toList();
    }

    private List<String> locks() {
        return bucket.objects().keySet().stream()
                .filter(key -> key.contains("/locks/") && key.endsWith(".json"))
                .toList();
    }

    private String lockOfSomebody() {
        String key = ".pulumi/locks/organization/python-ledger/slow/" + UUID.randomUUID() + ".json";
        bucket.objects()
                .put(
                        key,
                        ("{\"pid\":7,\"username\":\"ann\",\"hostname\":\"laptop\",\"timestamp\":\"" + SINCE + "\"}")
                                .getBytes(StandardCharsets.UTF_8));
        return key;
    }
}
