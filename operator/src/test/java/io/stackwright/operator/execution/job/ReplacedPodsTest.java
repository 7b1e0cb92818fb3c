package io.stackwright.operator.execution.job;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.client.utils.Serialization;
import io.stackwright.api.v1alpha1.Update;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class ReplacedPodsTest {

    private final TrackedRun run = new TrackedRun(Runs.request(Runs.inputs()));
    private final AtomicInteger asked = new AtomicInteger();
    private Optional<Update> update = Optional.of(claimedBy("first"));

    private final ReplacedPods replaced = new ReplacedPods(null, key -> {
        asked.incrementAndGet();
        return update;
    });

    /** Between two looks there is time enough for a pod to start, to claim its run and to vanish. */
    @Test
    void thatWhichHasClaimedTheRunCameBeforeThatWhichIsSeen() {
        // when, then
        assertThat(replaced.hasHadOthers(run, List.of("second"))).isTrue();
    }

    @Test
    void theFirstOneIsAskedForOnce() {
        // when, then
        assertThat(replaced.hasHadOthers(run, List.of("first"))).isFalse();
        assertThat(replaced.hasHadOthers(run, List.of("first"))).isFalse();
        assertThat(asked).hasValue(1);
    }

    @Test
    void anotherOneIsKnownWhoeverHasClaimedTheRun() {
        // given
        update = Optional.empty();

        // when, then
        assertThat(replaced.hasHadOthers(run, List.of("first"))).isFalse();
        assertThat(replaced.hasHadOthers(run, List.of("second"))).isTrue();
    }

    private static Update claimedBy(String pod) {
        return Serialization.unmarshal("status: {run: {executor: {instance: " + pod + "}}}", Update.class);
    }
}
