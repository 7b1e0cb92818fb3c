package io.stackwright.operator.stack;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.ObjectMeta;
import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.stackwright.api.v1alpha1.Cause;
import io.stackwright.api.v1alpha1.Operation;
import io.stackwright.api.v1alpha1.Stack;
import io.stackwright.api.v1alpha1.Update;
import io.stackwright.api.v1alpha1.UpdateSpec;
import io.stackwright.operator.execution.RunState;
import io.stackwright.operator.update.Updates;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class RunsTest {

    private static Update update(Operation operation, Cause cause, String revision, String fingerprint) {
        Update update = new Update();
        update.setMetadata(new ObjectMetaBuilder().withName("look").build());
        update.setSpec(new UpdateSpec("shop", operation, cause, revision, fingerprint, null));
        return update;
    }

    @ParameterizedTest
    @EnumSource(value = Operation.class, mode = EnumSource.Mode.EXCLUDE, names = "Destroy")
    void whatPeopleMaySayRuns(Operation operation) {
        assertThat(Runs.refusal(update(operation, null, null, null))).isEmpty();
        assertThat(Runs.refusal(update(operation, Cause.Requested, null, null))).isEmpty();
    }

    @ParameterizedTest
    @EnumSource(value = Cause.class, mode = EnumSource.Mode.EXCLUDE, names = "Requested")
    void causesOfTheOperatorAreRefused(Cause cause) {
        assertThat(Runs.refusal(update(Operation.Preview, cause, null, null)).orElseThrow())
                .startsWith("spec.cause is " + cause);
    }

    @Test
    void whatTheOperatorDecidesIsRefused() {
        assertThat(Runs.refusal(update(Operation.Up, null, "main@sha1:1", null)).orElseThrow())
                .startsWith("spec.revision is set");
        assertThat(Runs.refusal(update(Operation.Up, null, null, "hmac-sha256:1"))
                        .orElseThrow())
                .startsWith("spec.fingerprint is set");
        assertThat(Runs.refusal(update(Operation.Destroy, null, null, null)).orElseThrow())
                .contains("delete the Stack instead");
        assertThat(Runs.refusal(update(null, null, null, null)).orElseThrow()).contains("cannot read");
    }

    /** As a backup brings it back: what it asked for was meant for a moment that has passed. */
    @Test
    void aCopyOfOneThatWasRunIsRefused() {
        // given
        Update update = update(Operation.Refresh, null, null, null);
        update.getMetadata().setUid("now");
        update.getMetadata().setAnnotations(Map.of("stackwright.io/taken", "before"));

        // then
        assertThat(Runs.refusal(update).orElseThrow()).startsWith("it is a copy of an Update that was run before");

        // when it is the one that was taken up
        update.getMetadata().setAnnotations(Map.of("stackwright.io/taken", "now"));

        // then
        assertThat(Runs.refusal(update)).isEmpty();
    }

    @Test
    void whatAFormerStackOfTheNameRanIsApart() {
        // given
        Stack stack = new Stack();
        stack.setMetadata(
                new ObjectMetaBuilder().withName("shop").withUid("now").build());
        List<Update> updates = List.of(taken("own", "now"), taken("former", "before"), taken("persons", null));
        Runs runs = new Runs(new Answers(new RunState.Running()), null, null);

        // when
        List<Runs.Taken> taken = runs.taken(stack, updates);
        List<Runs.Taken> former = runs.former(stack, updates);

        // then
        assertThat(names(taken)).containsExactly("own", "persons");
        assertThat(names(former)).containsExactly("former");
    }

    /** The cause of a destroy is the deletion, whoever has asked for another attempt. */
    @Test
    void whatWasAskedForAndNeverBegunIsAskedForStill() {
        Stack stack = new Stack();
        stack.setMetadata(new ObjectMeta());
        assertThat(Runs.requestedBefore(stack, List.of(unstarted(Operation.Up, Cause.Requested))))
                .isTrue();
        assertThat(Runs.requestedBefore(stack, List.of(unstarted(Operation.Up, Cause.Retry))))
                .isFalse();
        // of a Stack that stays, a tenant has made it up
        assertThat(Runs.requestedBefore(stack, List.of(unstarted(Operation.Destroy, Cause.Deletion))))
                .isFalse();

        stack.getMetadata().setDeletionTimestamp("2026-01-01T00:00:00Z");
        assertThat(Runs.requestedBefore(stack, List.of(unstarted(Operation.Destroy, Cause.Deletion))))
                .isTrue();
        assertThat(Runs.requestedBefore(
                        stack,
                        List.of(new Runs.Taken(
                                RunUpdates.claimed(null, Operation.Destroy), new Runs.Standing.Interrupted()))))
                .isFalse();
    }

    private static Runs.Taken unstarted(Operation operation, Cause cause) {
        Update update = RunUpdates.claimed(null, operation);
        update.setSpec(new UpdateSpec("shop", operation, cause, "r", "f", null));
        update.setStatus(null);
        return new Runs.Taken(update, new Runs.Standing.Unstarted());
    }

    private static Update taken(String name, String owner) {
        Update update = update(Operation.Up, null, null, null);
        ObjectMetaBuilder metadata = new ObjectMetaBuilder()
                .withName(name)
                .withUid(name)
                .withCreationTimestamp("2026-01-01T00:00:00Z")
                .withFinalizers(Updates.FINALIZER);
        update.setMetadata((owner == null
                        ? metadata
                        : metadata.addNewOwnerReference()
                                .withApiVersion(HasMetadata.getApiVersion(Stack.class))
                                .withKind(HasMetadata.getKind(Stack.class))
                                .withName("shop")
                                .withUid(owner)
                                .endOwnerReference())
                .build());
        return update;
    }

    private static List<String> names(List<Runs.Taken> runs) {
        return runs.stream().map(run -> run.update().getMetadata().getName()).toList();
    }
}
