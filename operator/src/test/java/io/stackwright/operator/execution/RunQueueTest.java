package io.stackwright.operator.execution;

import static org.assertj.core.api.Assertions.assertThat;

import io.stackwright.api.v1alpha1.Cause;
import io.stackwright.api.v1alpha1.Operation;
import io.stackwright.api.v1alpha1.StackStatus.StackIdentity;
import io.stackwright.operator.engine.OperationOptions;
import io.stackwright.operator.execution.RunRequest.RunKey;
import io.stackwright.operator.execution.RunRequest.Tags;
import io.stackwright.operator.inputs.ResolvedInputs;
import io.stackwright.operator.source.StackKey;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.function.Predicate;
import org.junit.jupiter.api.Test;

class RunQueueTest {

    private static final Predicate<RunRequest> ANY = request -> true;

    private final RunQueue<String> queue = new RunQueue<>();

    @Test
    void theFirstOfANamespaceGoesFirst() {
        // when
        add("a", Cause.FirstRun, "a1", "a2", "a3");

        // then
        assertThat(all()).containsExactly("a1", "a2", "a3");
    }

    @Test
    void namespacesTakeTurnsHoweverManyOneHasWaiting() {
        // given
        for (int i = 0; i < 1000; i++) {
            add("crowd", Cause.FirstRun, "crowd" + i);
        }
        queue.poll(ANY);

        // when
        add("b", Cause.FirstRun, "b1", "b2");
        add("c", Cause.FirstRun, "c1");

        // then
        assertThat(all()).startsWith("crowd1", "b1", "c1", "crowd2", "b2", "crowd3", "crowd4");
    }

    @Test
    void aTurnIsWithinARank() {
        // given
        add("a", Cause.FirstRun, "a1", "a2");
        add("b", Cause.Retry, "retried");
        add("a", Cause.Requested, "asked1", "asked2");

        // then
        assertThat(all()).containsExactly("asked1", "asked2", "a1", "a2", "retried");
    }

    @Test
    void whoMayNotStartKeepsThePlaceAndTakesNoTurn() {
        // given
        add("a", Cause.FirstRun, "a1", "a2");
        add("b", Cause.FirstRun, "b1", "b2");

        // when
        Optional<String> other = queue.poll(request -> request.run().update().equals("b2"));

        // then
        assertThat(other).contains("b2");
        assertThat(queue.poll(request -> false)).isEmpty();
        assertThat(all()).containsExactly("a1", "b1", "a2");
    }

    @Test
    void whatIsTakenOutIsNotInAnyMore() {
        // given
        add("a", Cause.FirstRun, "a1", "a2");
        add("b", Cause.Retry, "b1");

        // when, then
        assertThat(queue.remove("a1")).isTrue();
        assertThat(queue.remove("b1")).isTrue();
        assertThat(queue.remove("b1")).isFalse();
        assertThat(queue.size()).isEqualTo(1);
        assertThat(all()).containsExactly("a2");
        add("a", Cause.FirstRun, "a3");
        queue.clear();
        assertThat(queue.size()).isZero();
        assertThat(all()).isEmpty();
    }

    private void add(String namespace, Cause cause, String... updates) {
        for (String update : updates) {
            queue.add(request(namespace, cause, update), update);
        }
    }

    private List<String> all() {
        List<String> all = new ArrayList<>();
        for (Optional<String> next = queue.poll(ANY); next.isPresent(); next = queue.poll(ANY)) {
            all.add(next.get());
        }
        return all;
    }

    private static RunRequest request(String namespace, Cause cause, String update) {
        return new RunRequest(
                new RunKey(new StackKey(namespace, update), "uid", update, update),
                Operation.Up,
                cause,
                new StackIdentity("organization", "p", update, "file:///d", null),
                "file:///d",
                Optional.empty(),
                new ResolvedInputs(List.of(), Map.of(), Set.of(), Optional.empty()),
                OperationOptions.defaults(),
                new Tags(Map.of(), Map.of()),
                OptionalInt.empty());
    }
}
