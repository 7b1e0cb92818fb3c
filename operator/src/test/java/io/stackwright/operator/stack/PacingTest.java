package io.stackwright.operator.stack;

import static org.assertj.core.api.Assertions.assertThat;

import io.stackwright.api.v1alpha1.Cause;
import io.stackwright.api.v1alpha1.Operation;
import io.stackwright.api.v1alpha1.StackStatus;
import io.stackwright.api.v1alpha1.StackStatus.FailureStatus;
import io.stackwright.api.v1alpha1.StackStatus.StackIdentity;
import io.stackwright.operator.source.StackKey;
import io.stackwright.operator.stack.decide.NextStep;
import io.stackwright.operator.stack.decide.Snapshot;
import io.stackwright.operator.stack.decide.SourceView;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class PacingTest {

    private static final Instant NOW = Instant.parse("2026-05-01T12:00:00Z");

    private long nanos;
    private final Pacing pacing = new Pacing(() -> nanos);

    @Test
    void aThousandFailingStacksOfOneHostAreRetriedBitByBit() {
        // when
        int atOnce = 0;
        NextStep last = null;
        for (int i = 0; i < 1000; i++) {
            last = admit(i, Cause.Retry, "s3://states/team");
            atOnce += last instanceof NextStep.Start ? 1 : 0;
        }

        // then five a second
        assertThat(atOnce).isEqualTo(20);
        assertThat(last)
                .isInstanceOfSatisfying(
                        NextStep.Backoff.class,
                        backoff -> assertThat(backoff.at()).isEqualTo(NOW.plusSeconds(196)));
        assertThat(admit(1, Cause.Retry, "s3://others/team")).isInstanceOf(NextStep.Start.class);
    }

    @Test
    void aChangeOrAPersonNeverWaits() {
        // given
        for (int i = 0; i < 50; i++) {
            admit(i, Cause.Retry, "s3://states");
        }

        // then
        assertThat(admit(1, Cause.SpecChanged, "s3://states")).isInstanceOf(NextStep.Start.class);
        assertThat(admit(1, Cause.Requested, "s3://states")).isInstanceOf(NextStep.Start.class);

        // nor a destroy, of which its cause does not tell who asked for it
        NextStep destroy = new NextStep.Start(Operation.Destroy, Cause.Deletion, Optional.empty());
        assertThat(pacing.admit(
                        new StackKey("team", "s1"),
                        destroy,
                        Optional.of(identity("s3://states")),
                        snapshot(Map.of(Cause.Requested.name(), ""))))
                .isEqualTo(destroy);
    }

    @Test
    void aThousandVerificationsStartOneASecond() {
        // when
        int atOnce = 0;
        NextStep last = null;
        for (int i = 0; i < 1000; i++) {
            last = admit(i, Cause.Verify, "file:///" + i);
            atOnce += last instanceof NextStep.Start ? 1 : 0;
        }

        // then
        assertThat(atOnce).isEqualTo(2);
        assertThat(last).isEqualTo(new NextStep.Deferred(NOW.plusSeconds(998)));
    }

    @ParameterizedTest
    @EnumSource(names = {"Retry", "Deletion", "Verify"})
    void namespacesTakeTurns(Cause cause) {
        // given
        for (int i = 0; i < 1000; i++) {
            admit("crowd", i, cause, "s3://states/crowd");
        }

        // when
        NextStep step = admit("other", 1, cause, "s3://states/other");

        // then: after one of the others
        assertThat(step).isNotInstanceOf(NextStep.Start.class);
        nanos += Duration.ofSeconds(2).toNanos();
        assertThat(admit("other", 1, cause, "s3://states/other")).isInstanceOf(NextStep.Start.class);
    }

    @Test
    void theHostOfABackendHasNeitherPathNorCredentials() {
        assertThat(Pacing.host(identity("s3://states/team?region=x"))).isEqualTo("s3://states");
        assertThat(Pacing.host(identity("https://pulumi.example:8443/x"))).isEqualTo("https://pulumi.example:8443");
        assertThat(Pacing.host(identity("file:///a"))).isEqualTo(Pacing.host(identity("file:///b")));
        assertThat(Pacing.host(identity("no url at all"))).isNotEmpty();
    }

    private NextStep admit(int stack, Cause cause, String backend) {
        return admit("team", stack, cause, backend);
    }

    private NextStep admit(String namespace, int stack, Cause cause, String backend) {
        Operation operation = cause == Cause.Verify ? Operation.Preview : Operation.Up;
        return pacing.admit(
                new StackKey(namespace, "s" + stack),
                new NextStep.Start(operation, cause, Optional.empty()),
                Optional.of(identity(backend)),
                snapshot(Map.of()));
    }

    private static StackIdentity identity(String backend) {
        return new StackIdentity("organization", "p", "s", backend, false);
    }

    private static Snapshot snapshot(Map<String, String> requests) {
        FailureStatus failure =
                new FailureStatus(1, "UpdateFailed", "it broke", "f", 1L, "s-1", null, null, NOW.toString());
        StackStatus status = new StackStatus(
                1L, null, null, null, null, null, null, null, null, null, null, null, failure, null, null, null);
        return new Snapshot(
                NOW,
                1,
                Optional.empty(),
                false,
                false,
                status,
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                SourceView.pending(),
                Optional.empty(),
                Optional.empty(),
                requests,
                Optional.empty(),
                false);
    }
}
