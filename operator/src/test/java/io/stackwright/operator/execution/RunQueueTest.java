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

    /** The one before is of an Update that is not ours any more; each may hold a program of a megabyte. */
    @Test
    void aStackHasOneWaitingInThePlaceOfTheFirst() {
        // given
        add("a", Cause.FirstRun, "a1", "a2", "a3");

        // when
        List<String> former = queue.add(request("a", Cause.SourceChanged, "a2", "a2-again"), "a2-again");

        // then
        assertThat(former).containsExactly("a2");
        assertThat(queue.size()).isEqualTo(3);

        // when it is of another rank
        former = queue.add(request("a", Cause.Requested, "a2", "a2-asked"), "a2-asked");

        // then
        assertThat(former).containsExactly("a2-again");
        assertThat(all()).containsExactly("a2-asked", "a1", "a3");
    }

    /** Else one whose inputs change more often than it is its turn would never have one. */
    @Test
    void thePlaceOfOneThatIsTakenBackIsHeldUntilItIsItsTurn() {
        // given
        add("a", Cause.FirstRun, "a1", "a2");
        assertThat(queue.hold("a1")).isTrue();
        assertThat(queue.hold("a1")).isFalse();
        assertThat(queue.remove("a1")).isFalse();
        assertThat(queue.size()).isEqualTo(1);

        // when
        assertThat(queue.add(request("a", Cause.SourceChanged, "a1", "a1-again"), "a1-again"))
                .isEmpty();

        // then
        assertThat(all()).containsExactly("a1-again", "a2");

        // when it is not back in time
        add("a", Cause.FirstRun, "a3", "a4");
        queue.hold("a3");
        assertThat(queue.poll(ANY)).contains("a4");

        // then
        assertThat(all()).isEmpty();
        add("a", Cause.FirstRun, "a5", "a3");
        assertThat(all()).containsExactly("a5", "a3");
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
        return request(namespace, cause, update, update);
    }

    private static RunRequest request(String namespace, Cause cause, String stack, String update) {
        return new RunRequest(
                new RunKey(new StackKey(namespace, stack), "uid", update, update),
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
