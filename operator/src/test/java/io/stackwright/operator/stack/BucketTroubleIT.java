package io.stackwright.operator.stack;

import static io.stackwright.operator.stack.Stacks.patiently;
import static org.assertj.core.api.Assertions.assertThat;

import io.stackwright.api.v1alpha1.Reason;
import io.stackwright.operator.RecordedPulumi;
import io.stackwright.operator.RunningOperator;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A state in a bucket, where nothing can be read as a file. */
@Tag("both-modes-long")
class BucketTroubleIT {

    @TempDir
    private Path folder;

    private final Bucket bucket = Bucket.start();
    private RecordedPulumi pulumi;
    private RunningOperator operator;
    private Stacks stacks;

    @BeforeEach
    void startOperator() {
        pulumi = RecordedPulumi.in(folder);
        operator = RunningOperator.start(folder.resolve("data"), RunningOperator.pulumi(pulumi.command()));
        stacks = new Stacks(operator);
        stacks.create("bucket", """
            project:
              inline:
                name: trouble
                runtime: yaml
                config: {greeting: {type: string, default: hi}}
                resources:
                  one: {type: "pulumi:index:Stash", properties: {input: "1"}}
                outputs: {out: "${greeting}"}
            backend: {url: "%s"}
            env:
              - {name: AWS_ACCESS_KEY_ID, value: any}
              - {name: AWS_SECRET_ACCESS_KEY, value: any}
            updates: {retry: {initial: 1s, max: 1s}}
            """.formatted(bucket.url()));
        stacks.awaitReady("bucket");
    }

    @AfterEach
    void stopOperator() {
        operator.close();
        bucket.close();
    }

    @Test
    void aBucketThatIsGoneIsWaitedForAndAnEmptyOneIsNotFilledAgain() {
        // given
        Map<String, byte[]> backup = new HashMap<>(bucket.objects());

        // when it is gone
        bucket.gone(true);
        greet("hello");

        // then it is tried again until it is back
        stacks.awaitInProgress("bucket", Reason.BackendUnavailable);
        bucket.gone(false);
        awaitGreeting("hello");

        // when it is there and empty
        backup.putAll(bucket.objects());
        bucket.objects().clear();
        greet("again");

        // then
        assertThat(stacks.awaitStalled("bucket", Reason.StateMissing).message()).contains("is gone");
        assertThat(bucket.objects().keySet()).noneMatch(key -> key.contains("/stacks/trouble/bucket.json"));

        // when it has the stack, and nothing in it
        bucket.objects().putAll(backup);
        String state = bucket.objects().keySet().stream()
                .filter(key -> key.endsWith("/stacks/trouble/bucket.json"))
                .findFirst()
                .orElseThrow();
        byte[] good = bucket.objects().put(state, "{}".getBytes(java.nio.charset.StandardCharsets.US_ASCII));
        stacks.annotate("bucket", Requests.RECONCILE, "1");

        // then
        patiently()
                .untilAsserted(() -> assertThat(stacks.awaitStalled("bucket", Reason.StateMissing)
                                .message())
                        .contains("is empty"));

        // when it is as it was
        bucket.objects().put(state, good);
        stacks.annotate("bucket", Requests.RECONCILE, "2");

        // then
        awaitGreeting("again");
        assertThat(stacks.updates("bucket")
                        .getLast()
                        .getStatus()
                        .run()
                        .changes()
                        .create())
                .isZero();
    }

    @Test
    void theStateIsAskedForOncePerUp() {
        // given
        List<String> before = pulumi.commands("bucket");

        // when
        greet("hello");
        awaitGreeting("hello");

        // then
        List<String> all = pulumi.commands("bucket");
        assertThat(all.subList(before.size(), all.size())).containsExactly("stack export", "up");
    }

    @Tag("both-modes")
    @Test
    void theMarkIsLookedAtOnceItIsSetAndBeforeADestroy() {
        // given
        List<String> first = pulumi.commands("bucket");

        // when
        stacks.delete("bucket");
        stacks.awaitGone("bucket");

        // then
        List<String> all = pulumi.commands("bucket");
        assertThat(first).startsWith("stack init", "stack tag set", "stack tag ls");
        assertThat(all.subList(first.size(), all.size()))
                .startsWith("stack tag ls")
                .endsWith("destroy");
    }

    private void greet(String greeting) {
        stacks.patch("bucket", "{\"spec\": {\"config\": {\"greeting\": \"" + greeting + "\"}}}");
    }

    private void awaitGreeting(String greeting) {
        patiently()
                .untilAsserted(() -> assertThat(
                                stacks.status("bucket").outputs().get("out").asText())
                        .isEqualTo(greeting));
        stacks.awaitReady("bucket");
    }
}
