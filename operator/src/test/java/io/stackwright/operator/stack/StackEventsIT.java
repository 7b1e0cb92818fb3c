package io.stackwright.operator.stack;

import static io.stackwright.operator.stack.Stacks.patiently;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import io.fabric8.kubernetes.api.model.events.v1.Event;
import io.stackwright.api.v1alpha1.Phase;
import io.stackwright.operator.RecordedPulumi;
import io.stackwright.operator.RunningOperator;
import java.nio.file.Path;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Each way in which a run may end is told in an Event about its Stack; Ups that fail are in StackFailuresIT. */
@Tag("both-modes-long")
class StackEventsIT {

    private static final String HELLO = """
        project:
          inline:
            name: events
            runtime: yaml
            config: {greeting: {type: string, default: hi}}
            outputs: {out: "${greeting}"}
        """;

    @TempDir
    private static Path folder;

    private static RecordedPulumi pulumi;
    private static RunningOperator operator;
    private static Stacks stacks;

    /** What is done to a Stack that is Ready, and the Event that tells of it. */
    enum Way {
        PREVIEW(name -> run(name, "Preview"), "Normal", "Succeeded", "Preview"),
        REFRESH(name -> run(name, "Refresh"), "Normal", "Succeeded", "Refresh"),
        DESTROY(Way::destroy, "Normal", "Succeeded", "Destroy"),
        CANCELLED(Way::cancel, "Warning", "Cancelled", "Up"),
        INTERRUPTED(Way::interrupt, "Warning", "Interrupted", "Up");

        private final Consumer<String> way;
        private final String type;
        private final String reason;
        private final String action;

        Way(Consumer<String> way, String type, String reason, String action) {
            this.way = way;
            this.type = type;
            this.reason = reason;
            this.action = action;
        }

        private static void run(String name, String operation) {
            stacks.createUpdate("of-" + name, "{stack: " + name + ", operation: " + operation + "}");
        }

        private static void destroy(String name) {
            stacks.delete(name);
            stacks.awaitGone(name);
        }

        private static void cancel(String name) {
            begin(name);
            stacks.cancel(name + "-2");
        }

        /** A pod outlives the operator: there somebody deletes it. */
        private static void interrupt(String name) {
            begin(name);
            operator.client()
                    .pods()
                    .inNamespace(operator.namespace())
                    .withLabel("stackwright.io/update", name + "-2")
                    .delete();
            operator.stop();
            pulumi.release();
            operator.start();
        }

        private static void begin(String name) {
            int calls = pulumi.commands(name).size();
            pulumi.hold();
            stacks.patch(name, "{\"spec\": {\"config\": {\"greeting\": \"hello\"}}}");
            stacks.awaitPhase(name + "-2", Phase.Running);
            // One that ends before it has begun is not interrupted.
            patiently().until(() -> pulumi.commands(name).size() > calls);
        }
    }

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

    @AfterEach
    void letGo() {
        pulumi.release();
    }

    @ParameterizedTest
    @EnumSource
    void anEndIsToldOnce(Way way) {
        // given
        String name = way.name().toLowerCase();
        stacks.create(name, HELLO);
        stacks.awaitReady(name);

        // when
        way.way.accept(name);

        // then
        patiently()
                .untilAsserted(() -> assertThat(stacks.events(
                                name,
                                event -> event.getReason().equals(way.reason)
                                        && event.getAction().equals(way.action)))
                        .extracting(
                                Event::getType, event -> event.getRegarding().getKind(), Event::getSeries)
                        .containsExactly(tuple(way.type, "Stack", null)));
    }
}
