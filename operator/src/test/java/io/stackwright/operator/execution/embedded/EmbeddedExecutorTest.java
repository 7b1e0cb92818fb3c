package io.stackwright.operator.execution.embedded;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.fabric8.kubernetes.client.KubernetesClientException;
import io.stackwright.api.v1alpha1.Cause;
import io.stackwright.api.v1alpha1.Operation;
import io.stackwright.api.v1alpha1.Reason;
import io.stackwright.api.v1alpha1.RunStatus;
import io.stackwright.api.v1alpha1.StackStatus.StackIdentity;
import io.stackwright.operator.engine.CancelToken;
import io.stackwright.operator.engine.Failure;
import io.stackwright.operator.engine.OperationOptions;
import io.stackwright.operator.execution.RunOutcome;
import io.stackwright.operator.execution.RunRequest;
import io.stackwright.operator.execution.RunRequest.RunKey;
import io.stackwright.operator.execution.RunRequest.Tags;
import io.stackwright.operator.execution.RunState;
import io.stackwright.operator.execution.runner.RunReporter;
import io.stackwright.operator.inputs.ResolvedInputs;
import io.stackwright.operator.source.StackKey;
import io.stackwright.operator.telemetry.Metrics;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.slf4j.MDC;

class EmbeddedExecutorTest {

    private final List<String> started = new CopyOnWriteArrayList<>();
    private final List<StackKey> woken = new CopyOnWriteArrayList<>();
    private final Map<String, Map<String, String>> contexts = new ConcurrentHashMap<>();
    private final Map<String, CountDownLatch> gates = new ConcurrentHashMap<>();
    private final EmbeddedExecutor executor = executor(2);

    private EmbeddedExecutor executor(int workers) {
        return new EmbeddedExecutor(this::work, run -> null, woken::add, new Metrics(), workers, Duration.ofSeconds(5));
    }

    /** A run that lasts until its gate is opened or it is asked to stop. */
    private RunOutcome work(RunRequest request, RunReporter reporter, CancelToken cancel) {
        String name = request.run().update();
        contexts.put(name, Optional.ofNullable(MDC.getCopyOfContextMap()).orElse(Map.of()));
        if (name.startsWith("lost")) {
            throw new RunReporter.ClaimLostException("changed", null);
        }
        if (name.startsWith("refused")) {
            throw new KubernetesClientException("a fault of the test", 500, null);
        }
        if (name.startsWith("broken")) {
            throw new AssertionError("a mistake");
        }
        CountDownLatch gate = gates.computeIfAbsent(name, n -> new CountDownLatch(1));
        if (!name.startsWith("stubborn")) {
            cancel.onCancel(gate::countDown);
        }
        started.add(name);
        try {
            gate.await();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
        RunStatus.Result result = !cancel.isCancelled()
                ? RunStatus.Result.Succeeded
                : cancel.isInterrupted() ? RunStatus.Result.Interrupted : RunStatus.Result.Cancelled;
        return new RunOutcome(
                result, Optional.empty(), Optional.empty(), Optional.empty(), OptionalInt.empty(), Map.of());
    }

    private void open(String update) {
        gates.computeIfAbsent(update, n -> new CountDownLatch(1)).countDown();
    }

    private static RunRequest request(String update, String stack, Cause cause) {
        return new RunRequest(
                new RunKey(new StackKey("ns", update), "uid", update, update),
                Operation.Up,
                cause,
                new StackIdentity("organization", "p", stack, "file:///d", null),
                "file:///d",
                Optional.empty(),
                new ResolvedInputs(List.of(), Map.of(), Set.of(), Optional.empty()),
                OperationOptions.defaults(),
                new Tags(Map.of(), Map.of()),
                OptionalInt.empty());
    }

    @AfterEach
    void stop() {
        executor.close();
    }

    private void awaitStarted(String... updates) {
        await().atMost(Duration.ofSeconds(10))
                .untilAsserted(() -> assertThat(started).containsExactly(updates));
    }

    private void awaitEnded(String update) {
        await().atMost(Duration.ofSeconds(10))
                .untilAsserted(
                        () -> assertThat(executor.state("ns", "u", update)).isInstanceOf(RunState.Ended.class));
    }

    @Test
    void whatWaitsForAWorkerIsTakenBackAndWhatRunsIsNot() {
        // given
        executor.submit(request("one", "a", Cause.FirstRun));
        executor.submit(request("two", "b", Cause.FirstRun));
        awaitStarted("one", "two");
        executor.submit(request("three", "c", Cause.FirstRun));

        // when, then
        assertThat(executor.withdraw("one")).isFalse();
        assertThat(executor.withdraw("three")).isTrue();
        assertThat(executor.withdraw("three")).isFalse();
        assertThat(executor.state("ns", "u", "one")).isInstanceOf(RunState.Running.class);
        assertThat(executor.state("ns", "u", "three")).isInstanceOf(RunState.Unknown.class);

        // when
        executor.submit(request("three", "c", Cause.FirstRun));
        open("one");

        // then
        awaitStarted("one", "two", "three");
    }

    /** Whoever takes our finalizer off Updates and deletes them must not fill the memory. */
    @Test
    void ofADeletedUpdateNothingIsKeptButWhatRuns() {
        // given
        executor.submit(request("one", "a", Cause.FirstRun));
        executor.submit(request("two", "b", Cause.FirstRun));
        awaitStarted("one", "two");
        executor.submit(request("three", "c", Cause.FirstRun));
        open("one");
        awaitStarted("one", "two", "three");
        executor.submit(request("four", "d", Cause.FirstRun));

        // when
        List.of("one", "two", "four").forEach(executor::gone);

        // then
        assertThat(executor.state("ns", "u", "one")).isInstanceOf(RunState.Unknown.class);
        assertThat(executor.state("ns", "u", "two")).isInstanceOf(RunState.Running.class);
        assertThat(executor.state("ns", "u", "four")).isInstanceOf(RunState.Unknown.class);
        open("three");
        awaitEnded("three");
        assertThat(started).doesNotContain("four");
    }

    @Test
    void aRunThatTakesItsTimeToStopWakesItsStackOnceItHas() {
        // given
        executor.submit(request("stubborn", "a", Cause.FirstRun));
        awaitStarted("stubborn");

        // when: each look at a Stack that is being deleted cancels again
        executor.cancel("stubborn");
        executor.cancel("stubborn");

        // then
        assertThat(woken).isEmpty();
        open("stubborn");
        awaitEnded("stubborn");
        await().atMost(Duration.ofSeconds(10))
                .untilAsserted(() -> assertThat(woken).containsExactly(new StackKey("ns", "stubborn")));
    }

    @Test
    void noMoreThanTheWorkersRunAtOnce() {
        // when
        executor.submit(request("a", "a", Cause.FirstRun));
        awaitStarted("a");
        executor.submit(request("b", "b", Cause.FirstRun));
        awaitStarted("a", "b");
        executor.submit(request("c", "c", Cause.FirstRun));

        // then
        assertThat(executor.state("ns", "u", "c")).isInstanceOf(RunState.Waiting.class);
        open("a");
        awaitStarted("a", "b", "c");
    }

    @Test
    void runsOnOnePulumiStackNeverOverlapAndHoldNobodyElseUp() {
        // when
        executor.submit(request("a", "same", Cause.FirstRun));
        executor.submit(request("b", "same", Cause.FirstRun));
        awaitStarted("a");
        executor.submit(request("c", "other", Cause.FirstRun));

        // then
        awaitStarted("a", "c");
        assertThat(executor.state("ns", "u", "b")).isInstanceOf(RunState.Waiting.class);
        open("a");
        awaitStarted("a", "c", "b");
    }

    @Test
    void whatSomebodyWaitsForGoesBeforeRetriesAndTheseBeforeVerifications() {
        // given
        EmbeddedExecutor single = executor(1);
        single.submit(request("busy", "x", Cause.FirstRun));
        awaitStarted("busy");

        // when
        single.submit(request("verify", "q", Cause.Verify));
        single.submit(request("retry", "r", Cause.Retry));
        single.submit(request("restored", "p", Cause.FirstRun));
        single.submit(request("committed", "o", Cause.SourceChanged));
        single.submit(request("changed", "s", Cause.SpecChanged));
        single.submit(request("requested", "t", Cause.Requested));
        List.of("busy", "changed", "requested", "restored", "committed", "retry", "verify")
                .forEach(this::open);

        // then
        awaitStarted("busy", "changed", "requested", "restored", "committed", "retry", "verify");
        single.close();
    }

    @Test
    void aSecondRequestForTheSameUpdateChangesNothing() {
        // when
        executor.submit(request("a", "a", Cause.FirstRun));
        executor.submit(request("a", "a", Cause.FirstRun));
        open("a");
        awaitEnded("a");
        executor.submit(request("a", "a", Cause.FirstRun));

        // then
        assertThat(started).containsExactly("a");
        executor.acknowledge("a");
        assertThat(executor.state("ns", "u", "a")).isInstanceOf(RunState.Unknown.class);
    }

    @Test
    void theEndIsKeptAndTheStackWoken() {
        // when
        executor.submit(request("a", "a", Cause.FirstRun));
        open("a");

        // then
        awaitEnded("a");
        await().atMost(Duration.ofSeconds(10))
                .untilAsserted(() -> assertThat(woken).containsExactly(new StackKey("ns", "a")));
    }

    /** As of an Update that somebody has taken our finalizer off. */
    @Test
    void anEndThatNobodyHasAskedForInTimeIsForgottenAndWhatRunsIsNot() {
        // given
        executor.submit(request("a", "a", Cause.FirstRun));
        executor.submit(request("b", "b", Cause.FirstRun));
        open("a");
        awaitEnded("a");

        // when
        executor.forgetUnwanted(Duration.ofMinutes(10));

        // then
        assertThat(executor.state("ns", "u", "a")).isInstanceOf(RunState.Ended.class);

        // when
        executor.forgetUnwanted(Duration.ZERO);

        // then
        assertThat(executor.state("ns", "u", "a")).isInstanceOf(RunState.Unknown.class);
        assertThat(executor.state("ns", "u", "b")).isInstanceOf(RunState.Running.class);
    }

    @Test
    void aWaitingRunThatIsCancelledEndsWithoutHavingStarted() {
        // given
        executor.submit(request("a", "same", Cause.FirstRun));
        executor.submit(request("b", "same", Cause.FirstRun));
        awaitStarted("a");

        // when
        executor.cancel("b");

        // then
        assertThat(executor.state("ns", "u", "b")).isInstanceOfSatisfying(RunState.Ended.class, ended -> {
            assertThat(ended.outcome().result()).isEqualTo(RunStatus.Result.Cancelled);
            assertThat(ended.outcome().failure().map(Failure::kind)).contains(Failure.Kind.CANCELLED);
        });
        open("a");
        awaitEnded("a");
        assertThat(started).containsExactly("a");
    }

    @Test
    void logLinesOfARunTellWhatTheyAreAbout() {
        // given
        executor.submit(request("a", "same", Cause.FirstRun));
        executor.submit(request("b", "same", Cause.FirstRun));

        // when
        open("a");
        open("b");
        awaitEnded("b");

        // then
        assertThat(contexts)
                .isEqualTo(Map.of(
                        "a", Map.of("namespace", "ns", "stack", "a", "update", "a"),
                        "b", Map.of("namespace", "ns", "stack", "b", "update", "b")));
    }

    @Test
    void aLostClaimIsForgottenAndFreesTheWorker() {
        // when
        executor.submit(request("lost", "same", Cause.FirstRun));
        executor.submit(request("a", "same", Cause.FirstRun));

        // then
        awaitStarted("a");
        assertThat(executor.state("ns", "u", "lost")).isInstanceOf(RunState.Unknown.class);
    }

    @Test
    void aMistakeOfTheOperatorEndsTheRunAndFreesTheWorker() {
        // when
        executor.submit(request("broken", "same", Cause.FirstRun));
        executor.submit(request("a", "same", Cause.FirstRun));

        // then
        awaitStarted("a");
        assertThat(executor.state("ns", "u", "broken"))
                .isInstanceOfSatisfying(
                        RunState.Ended.class,
                        ended -> assertThat(ended.outcome().failure())
                                .hasValueSatisfying(
                                        failure -> assertThat(failure.kind()).isEqualTo(Failure.Kind.TRANSIENT)));
    }

    @Test
    void aClaimThatTheApiServerDoesNotTakeIsNoMistakeOfTheOperator() {
        // when
        executor.submit(request("refused", "same", Cause.FirstRun));

        // then
        awaitEnded("refused");
        assertThat(executor.state("ns", "u", "refused"))
                .isInstanceOfSatisfying(
                        RunState.Ended.class,
                        ended -> assertThat(ended.outcome().failure())
                                .hasValueSatisfying(
                                        failure -> assertThat(failure.reason()).isEqualTo(Reason.ApiUnavailable)));
    }

    @Test
    void closingInterruptsWhatRunsAndStartsNothingMore() {
        // given
        executor.submit(request("a", "same", Cause.FirstRun));
        executor.submit(request("b", "same", Cause.FirstRun));
        awaitStarted("a");

        // when
        executor.close();

        // then
        assertThat(executor.state("ns", "u", "a"))
                .isInstanceOfSatisfying(
                        RunState.Ended.class,
                        ended -> assertThat(ended.outcome().result()).isEqualTo(RunStatus.Result.Interrupted));
        assertThat(started).containsExactly("a");
    }
}
