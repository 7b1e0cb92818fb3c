package io.stackwright.operator.kube;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.fabric8.kubernetes.client.extended.leaderelection.LeaderCallbacks;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class LeadershipTest {

    private static final long SECOND = Duration.ofSeconds(1).toNanos();

    // Close to the end of its range: only differences of such a clock mean anything.
    private final AtomicLong now = new AtomicLong(Long.MAX_VALUE - 5 * SECOND);
    private final Leadership leadership = Leadership.elected(
            new Leadership.Terms(
                    "ns", "lease", "me", Duration.ofSeconds(15), Duration.ofSeconds(10), Duration.ofSeconds(2)),
            now::get);
    private final LeaderCallbacks framework =
            leadership.election().orElseThrow().getLeaderCallbacks().orElseThrow();

    @Test
    void aSingleOperatorAlwaysMay() {
        assertThat(Leadership.alone().mayAct()).isTrue();
        assertThat(Leadership.alone().election()).isEmpty();
        assertThat(Leadership.alone().role()).isEmpty();
    }

    @Test
    void aStandbyMayNotThoughItIsAvailable() {
        // given
        framework.onNewLeader("other");

        // then
        assertThatThrownBy(leadership::require).isInstanceOf(NotLeadingException.class);
        assertThat(leadership.unavailability()).isEmpty();
        assertThat(leadership.role()).hasValue("standing by, other leads");
    }

    @Test
    void theHolderMayUntilTheDeadlineOfItsLastRenewal() {
        // given
        lead();

        // then
        pass(9);
        assertThatCode(leadership::require).doesNotThrowAnyException();
        pass(1);
        assertThatThrownBy(leadership::require).isInstanceOf(NotLeadingException.class);
    }

    @Test
    void aRenewalCountsFromWhenItBegan() {
        // given a renewal that took eight seconds
        lead();
        long began = now.get();
        pass(8);
        leadership.renewed(began);

        // then
        pass(1);
        assertThat(leadership.mayAct()).isTrue();
        pass(1);
        assertThat(leadership.mayAct()).isFalse();
    }

    @Test
    void anAnswerThatComesLateDoesNotTakeBackANewerRenewal() {
        // given
        lead();
        long first = now.get();
        pass(8);
        leadership.renewed(now.get());

        // when
        leadership.renewed(first);

        // then
        pass(5);
        assertThat(leadership.mayAct()).isTrue();
    }

    @Test
    void aLostLeaseIsToldOnceAndNeverComesBack() {
        // given
        AtomicInteger told = new AtomicInteger();
        leadership.watch(told::incrementAndGet);
        lead();

        // when
        pass(10);

        // then
        await().untilAtomic(told, org.hamcrest.Matchers.equalTo(1));
        leadership.renewed(now.get());
        framework.onStartLeading();
        assertThat(leadership.mayAct()).isFalse();
        assertThat(leadership.unavailability()).isPresent();
    }

    @Test
    void theEndOfTheElectionIsALoss() {
        // given
        AtomicInteger told = new AtomicInteger();
        leadership.watch(told::incrementAndGet);
        lead();

        // when
        framework.onStopLeading();

        // then
        assertThat(leadership.mayAct()).isFalse();
        await().untilAtomic(told, org.hamcrest.Matchers.equalTo(1));
    }

    @Test
    void whoLeavesMayFinishAndIsNotToldOfALoss() {
        // given
        AtomicInteger told = new AtomicInteger();
        leadership.watch(told::incrementAndGet);
        lead();

        // when
        leadership.leave();
        framework.onStopLeading();

        // then
        assertThat(leadership.mayAct()).isTrue();
        assertThat(leadership.unavailability()).hasValue("shutting down");
        pass(10);
        assertThat(leadership.mayAct()).isFalse();
        assertThat(told).hasValue(0);
    }

    private void lead() {
        leadership.renewed(now.get());
        framework.onStartLeading();
    }

    private void pass(int seconds) {
        now.addAndGet(seconds * SECOND);
    }
}
