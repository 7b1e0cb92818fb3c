package io.stackwright.operator.stack;

import static io.stackwright.operator.stack.Stacks.patiently;
import static io.stackwright.operator.stack.Stacks.throughout;
import static org.assertj.core.api.Assertions.assertThat;

import io.stackwright.api.v1alpha1.Phase;
import io.stackwright.operator.RecordedPulumi;
import io.stackwright.operator.RunningOperator;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Which processes of the CLI an operation takes, all of them: each costs a third of a second and some memory, and one
 * that a run does not need would show nowhere else.
 */
class StackProcessesIT {

    private static final String HELLO = """
        project:
          inline:
            name: processes
            runtime: yaml
            config: {greeting: {type: string, default: hi}}
            resources:
              one: {type: "pulumi:index:Stash", properties: {input: "${greeting}"}}
            outputs: {out: "${one.input}"}
        """;

    private static final String WITH_A_SECRET =
            HELLO.replace("outputs: {", "outputs: {hidden: {\"fn::secret\": \"${greeting}\"}, ");

    @TempDir
    private static Path folder;

    private static RecordedPulumi pulumi;
    private static RunningOperator operator;
    private static Stacks stacks;

    private int before;

    @BeforeAll
    static void startOperator() {
        pulumi = RecordedPulumi.in(folder);
        operator = RunningOperator.start(folder.resolve("data"), RunningOperator.pulumi(pulumi.command()));
        stacks = new Stacks(operator);
    }

    @AfterAll
    static void stopOperator() {
        operator.close();
    }

    @BeforeEach
    void count() {
        before = pulumi.calls().size();
    }

    @Test
    void theFirstUpCreatesTheStackAndMarksItAsOurs() {
        // when
        stacks.create("first", HELLO);
        stacks.awaitReady("first");

        // then
        assertProcesses("stack init", "stack tag set", "up");
    }

    @Test
    void secretOutputsAreReadWithOneMore() {
        // when
        stacks.create("secret", WITH_A_SECRET);
        stacks.awaitReady("secret");

        // then
        assertProcesses("stack init", "stack tag set", "up", "stack output");

        // when
        greet("secret");

        // then
        assertProcesses("up", "stack output");
    }

    @Test
    void aChangeTakesOneAndAChangeThatMeansNothingToPulumiNone() {
        // given
        ready("changes", HELLO);

        // when
        greet("changes");

        // then
        assertProcesses("up");

        // when
        stacks.patch("changes", "{\"spec\": {\"historyLimit\": 7}}");
        stacks.awaitReady("changes");

        // then
        assertProcesses();
    }

    @Test
    void aPreviewAndARefreshTakeOneEach() {
        // given
        ready("adhoc", HELLO);

        // when
        run("processes-preview", "{stack: adhoc, operation: Preview}");

        // then
        assertProcesses("preview");

        // when
        run("processes-refresh", "{stack: adhoc, operation: Refresh}");

        // then
        assertProcesses("refresh");
    }

    @Test
    void aTagTakesOneWhenItIsAnother() {
        // given
        ready("tagged", HELLO + "tags: {team: shop, tier: gold}");

        // when
        stacks.patch("tagged", "{\"spec\": {\"tags\": {\"team\": \"till\"}}}");
        stacks.awaitReady("tagged");

        // then
        assertProcesses("stack tag set", "up");
        assertThat(pulumi.calls().get(before - 2).arguments()).contains("team", "till");
    }

    @Test
    void aDestroyTakesOneAndRemovesTheStackWithIt() {
        // given
        ready("destroyed", HELLO);

        // when
        stacks.delete("destroyed");
        stacks.awaitGone("destroyed");

        // then
        assertProcesses("destroy");
    }

    private void ready(String name, String spec) {
        stacks.create(name, spec);
        stacks.awaitReady(name);
        before = pulumi.calls().size();
    }

    private void run(String update, String spec) {
        stacks.createUpdate(update, spec);
        stacks.awaitPhase(update, Phase.Succeeded);
        String stack = stacks.update(update).getSpec().stack();
        patiently().until(() -> stacks.status(stack).current() == null);
    }

    private static void greet(String name) {
        stacks.patch(name, "{\"spec\": {\"config\": {\"greeting\": \"hello\"}}}");
        stacks.awaitReady(name);
    }

    /** All that were started, about whatever stack, since this was asked for the last time; and no more come. */
    private void assertProcesses(String... commands) {
        throughout().untilAsserted(() -> assertThat(since()).containsExactly(commands));
        before += commands.length;
    }

    private List<String> since() {
        List<RecordedPulumi.Call> calls = pulumi.calls();
        return calls.subList(before, calls.size()).stream()
                .map(RecordedPulumi.Call::command)
                .toList();
    }
}
