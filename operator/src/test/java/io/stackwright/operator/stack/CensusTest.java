package io.stackwright.operator.stack;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.client.utils.Serialization;
import io.stackwright.api.v1alpha1.Stack;
import io.stackwright.operator.telemetry.StackCensus;
import io.stackwright.operator.telemetry.StackCensus.State;
import java.time.Duration;
import java.time.Instant;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class CensusTest {

    private static final Instant NOW = Instant.parse("2026-05-06T12:00:00Z");
    private static final String AT = ", message: m, lastTransitionTime: '2026-05-06T10:00:00Z'}";
    private static final String READY = "{type: Ready, status: 'True', reason: Applied" + AT;
    private static final String UNREADY = "{type: Ready, status: 'False', reason: UpdateFailed" + AT;
    private static final String RECONCILING = "{type: Reconciling, status: 'True', reason: Progressing" + AT;
    private static final String STALLED = "{type: Stalled, status: 'True', reason: InvalidSpec" + AT;
    private static final String NEXT = ", nextAttemptAt: '2026-05-06T11:49:00Z'";

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "Ready       |       |       | " + READY,
                "Reconciling |       |       | " + UNREADY + ", " + RECONCILING,
                "Reconciling |       |       | " + READY + ", " + RECONCILING,
                "Reconciling |       |       | ''",
                "Suspended   |       | true  | " + READY,
                "Suspended   |       | true  | " + UNREADY,
                "Deleting    | true  |       | " + UNREADY + ", " + RECONCILING,
                "Stalled     |       |       | " + UNREADY + ", " + STALLED,
                "Stalled     | true  |       | " + UNREADY + ", " + STALLED
            },
            quoteCharacter = '~')
    void aStackCountsOnceForWhatMattersMost(State state, String deleted, String suspended, String conditions) {
        // given
        Stack stack = stack(
                deleted == null ? "" : ", deletionTimestamp: '2026-05-06T11:00:00Z'",
                suspended == null ? "{}" : "{suspend: true}",
                "conditions: [" + (conditions.equals("''") ? "" : conditions) + "]");

        // when
        StackCensus census = Census.of(Stream.of(stack), NOW);

        // then
        for (State other : State.values()) {
            assertThat(census.in(other)).as("%s", other).isEqualTo(other == state ? 1 : 0);
        }
    }

    @Test
    void thoseThatWaitForAnotherAttemptAreCountedAndTheOldestTold() {
        // when
        StackCensus census = Census.of(
                Stream.of(
                        failed("UpdateFailed", "2026-05-06T11:59:00Z", "2026-05-06T12:01:00Z"),
                        failed("Locked", "2026-05-06T11:00:00Z", "2026-05-06T12:01:00Z"),
                        failed("Cancelled", "2026-05-06T09:00:00Z", null),
                        failed("UpdateFailed", "long ago", "2026-05-06T12:01:00Z"),
                        stack("", "{}", "{}")),
                NOW);

        // then
        // A time that is none is not read at all.
        assertThat(census.backingOff()).isEqualTo(2);
        assertThat(census.locked()).isEqualTo(1);
        assertThat(census.oldestFailure()).isEqualTo(Duration.ofHours(1));
        assertThat(census.oldestUpdate()).isZero();
    }

    /** It is retried every few seconds: alerts would never see it fail for long. */
    @Test
    void aStackThatIsTriedAgainDoesNotWaitButIsNotMendedEither() {
        // when
        StackCensus census = Census.of(Stream.of(triedAgain("2026-05-06T11:50:00Z", NEXT), stack("", "{}", "{}")), NOW);

        // then
        assertThat(census.backingOff()).isZero();
        assertThat(census.locked()).isEqualTo(1);
        assertThat(census.oldestFailure()).isEqualTo(Duration.ofMinutes(170));
        assertThat(census.oldestUpdate()).isEqualTo(Duration.ofMinutes(10));
    }

    /** A lock is found at the beginning of a run; and its failures do not grow older for its being a long one. */
    @Test
    void anAttemptThatGoesOnForLongHasMostLikelyGotTheLock() {
        // when
        StackCensus census = Census.of(Stream.of(triedAgain("2026-05-06T11:45:00Z", NEXT)), NOW);

        // then
        assertThat(census.locked()).isZero();
        assertThat(census.oldestFailure()).isEqualTo(Duration.ofMinutes(165));
        assertThat(census.oldestUpdate()).isEqualTo(Duration.ofMinutes(15));
    }

    @Test
    void whatAPersonHasStartedAgainIsNoRetry() {
        // when
        StackCensus census = Census.of(Stream.of(triedAgain("2026-05-06T11:50:00Z", "")), NOW);

        // then
        assertThat(census.locked()).isZero();
        assertThat(census.oldestFailure()).isZero();
    }

    private static Stack triedAgain(String startedAt, String next) {
        String failures = "failures: {count: 1, reason: Locked, since: '2026-05-06T09:00:00Z'" + next + "}";
        return stack("", "{}", "current: {update: a-2, startedAt: '" + startedAt + "'}, " + failures);
    }

    private static Stack failed(String reason, String since, String next) {
        return stack(
                "",
                "{}",
                "failures: {count: 1, reason: %s, since: '%s'%s}"
                        .formatted(reason, since, next == null ? "" : ", nextAttemptAt: '" + next + "'"));
    }

    private static Stack stack(String metadata, String spec, String status) {
        String body = status.equals("{}") ? "{}" : "{" + status + "}";
        return Serialization.unmarshal(
                "apiVersion: stackwright.io/v1alpha1\nkind: Stack\nmetadata: {name: a%s}\nspec: %s\nstatus: %s"
                        .formatted(metadata, spec, body),
                Stack.class);
    }
}
