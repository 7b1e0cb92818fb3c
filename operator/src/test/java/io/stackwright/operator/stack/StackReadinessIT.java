package io.stackwright.operator.stack;

import static io.stackwright.operator.stack.Stacks.patiently;
import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.client.Watch;
import io.fabric8.kubernetes.client.Watcher;
import io.fabric8.kubernetes.client.WatcherException;
import io.stackwright.api.v1alpha1.Condition;
import io.stackwright.api.v1alpha1.Stack;
import io.stackwright.api.v1alpha1.Update;
import io.stackwright.operator.RecordedPulumi;
import io.stackwright.operator.RunningOperator;
import io.stackwright.operator.stack.Stacks.Kstatus;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Tools that wait for a Stack never go on too early: not in one of the states between creation and the first end. */
@Tag("both-modes-long")
class StackReadinessIT {

    @TempDir
    private static Path folder;

    private static RecordedPulumi pulumi;
    private static RunningOperator operator;
    private static Stacks stacks;

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

    @Test
    void aStackIsNeverReadyBeforeWhatItSaysIsApplied() {
        // given
        History<Stack> states = new History<>();
        History<Update> runs = new History<>();
        try (Watch stackWatch = operator.client()
                        .resources(Stack.class)
                        .inNamespace(operator.namespace())
                        .watch(states);
                Watch updateWatch = operator.client()
                        .resources(Update.class)
                        .inNamespace(operator.namespace())
                        .watch(runs)) {
            // when
            stacks.create("waited", """
                project:
                  inline:
                    name: readiness
                    runtime: yaml
                    config: {greeting: {type: string, default: hi}}
                    outputs: {out: "${greeting}"}
                """);
            String said =
                    Kubectl.run(operator.namespace(), "wait", "--for=condition=Ready", "stack/waited", "--timeout=90s");

            // then
            assertThat(said).contains("stack.stackwright.io/waited condition met");
            assertThat(stacks.status("waited").applied().update()).isEqualTo("waited-1");

            // when
            stacks.patch("waited", "{\"spec\": {\"config\": {\"greeting\": \"hello\"}}}");
            patiently().until(() -> stacks.get("waited").getStatus().applied().generation() == 2);
            stacks.awaitReady("waited");
            stacks.delete("waited");
            stacks.awaitGone("waited");
            patiently().until(() -> states.seen.getLast().getMetadata().getDeletionTimestamp() != null);
        }

        // then, in every state that anybody could have seen
        assertThat(states.seen).hasSizeGreaterThan(8).allSatisfy(StackReadinessIT::tellsTheTruth);
        assertThat(runs.seen).isNotEmpty().allSatisfy(update -> {
            boolean ended = update.getStatus() != null
                    && update.getStatus().phase() != null
                    && update.getStatus().phase().isFinal();
            if (Kstatus.of(update) == Kstatus.CURRENT) {
                assertThat(ended).as("%s", update).isTrue();
            }
        });
    }

    private static void tellsTheTruth(Stack stack) {
        var status = stack.getStatus();
        assertThat(status)
                .as("a brand-new Stack has the status of the schema's default")
                .isNotNull();
        boolean applied = status.applied() != null
                && status.applied().generation() != null
                && status.applied().generation().equals(stack.getMetadata().getGeneration());
        if (Kstatus.of(stack) == Kstatus.CURRENT) {
            assertThat(applied).as("%s", status).isTrue();
            assertThat(status.current()).as("%s", status).isNull();
        }
        status.condition(Condition.READY)
                .filter(ready -> ready.status().equals(Condition.TRUE))
                .ifPresent(ready -> assertThat(status.applied().generation())
                        .as("%s", status)
                        .isEqualTo(ready.observedGeneration()));
        assertThat(status.condition(Condition.STALLED)).as("%s", status).isEmpty();
        List<Condition> conditions = status.conditions() == null ? List.of() : status.conditions();
        assertThat(conditions)
                .filteredOn(condition -> condition.type().equals(Condition.RECONCILING))
                .allMatch(condition -> condition.status().equals(Condition.TRUE));
    }

    /** Every state of every object, in order. */
    private static final class History<T> implements Watcher<T> {
        private final List<T> seen = new CopyOnWriteArrayList<>();

        @Override
        public void eventReceived(Action action, T object) {
            seen.add(object);
        }

        @Override
        public void onClose(WatcherException cause) {}
    }
}
