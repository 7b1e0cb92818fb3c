package io.stackwright.operator.stack;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.OwnerReferenceBuilder;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import io.stackwright.api.v1alpha1.Cause;
import io.stackwright.api.v1alpha1.Operation;
import io.stackwright.api.v1alpha1.Phase;
import io.stackwright.api.v1alpha1.Update;
import io.stackwright.api.v1alpha1.UpdateSpec;
import io.stackwright.operator.RunningOperator;
import io.stackwright.operator.update.Updates;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Updates that the operator recorded for a Stack which was gone by then, as a look at it does that the cache still shows:
 * with the Stack gone nobody would ever take them up, and our finalizer would keep their namespace.
 */
class LeftRecordsIT {

    @TempDir
    private static Path data;

    private static RunningOperator operator;
    private static Stacks stacks;

    @BeforeAll
    static void start() {
        operator = RunningOperator.start(data);
        stacks = new Stacks(operator);
    }

    @AfterAll
    static void stop() {
        operator.close();
    }

    @Test
    void oneThatNeverBeganIsEndedAndGoes() {
        // when
        Update left = record("gone-3");

        // then
        Stacks.patiently()
                .untilAsserted(() ->
                        assertThat(stacks.update("gone-3").getStatus().phase()).isEqualTo(Phase.Superseded));
        Stacks.patiently()
                .untilAsserted(
                        () -> assertThat(stacks.update("gone-3").getMetadata().getFinalizers())
                                .isEmpty());

        // when
        operator.client().resource(left).delete();

        // then
        assertThat(stacks.update("gone-3")).isNull();
    }

    /** Whoever holds its operator's data directory knows that it is dead. */
    @Test
    void oneThatDiedWithItsOperatorIsLetGo() throws IOException {
        // given
        operator.stop();
        String id = Files.readString(data.resolve("operator.id")).strip();
        Update died = record("died-1");
        operator.client()
                .resource(died)
                .subresource("status")
                .patch(
                        PatchContext.of(PatchType.JSON_MERGE),
                        "{\"status\": {\"phase\": \"Running\", \"run\": {\"executor\": {\"instance\": \"other\","
                                + " \"host\": \"elsewhere\", \"pid\": 7, \"dataDirectory\": \"" + id
                                + "\"}}}}");

        // when
        operator.start();

        // then
        Stacks.patiently()
                .untilAsserted(
                        () -> assertThat(stacks.update("died-1").getMetadata().getFinalizers())
                                .isEmpty());
        assertThat(stacks.update("died-1").getStatus().phase()).isEqualTo(Phase.Interrupted);
    }

    /** Whether it has ended is not for the operator to guess. */
    @Test
    void oneThatARunHasClaimedStays() {
        // given
        operator.stop();
        Update claimed = record("lost-1");
        operator.client()
                .resource(claimed)
                .subresource("status")
                .patch(
                        PatchContext.of(PatchType.JSON_MERGE),
                        "{\"status\": {\"phase\": \"Running\", \"run\": {\"executor\": {\"instance\": \"other\","
                                + " \"host\": \"elsewhere\"}}}}");

        // when
        operator.start();
        record("gone-4");

        // then
        Stacks.patiently()
                .untilAsserted(
                        () -> assertThat(stacks.update("gone-4").getMetadata().getFinalizers())
                                .isEmpty());
        assertThat(stacks.update("lost-1").getMetadata().getFinalizers()).containsExactly(Updates.FINALIZER);
        assertThat(stacks.update("lost-1").getStatus().phase()).isEqualTo(Phase.Running);
    }

    /** As when a Stack was let go by force while it ran. */
    @Test
    void oneThatARunHasReportedTheEndOfIsLetGo() {
        // given
        operator.stop();
        Update reported = record("forced-1");
        operator.client()
                .resource(reported)
                .subresource("status")
                .patch(
                        PatchContext.of(PatchType.JSON_MERGE),
                        "{\"status\": {\"phase\": \"Running\", \"run\": {\"result\": \"Failed\", \"executor\":"
                                + " {\"instance\": \"other\", \"host\": \"elsewhere\"}}}}");

        // when
        operator.start();

        // then
        Stacks.patiently()
                .untilAsserted(
                        () -> assertThat(stacks.update("forced-1").getMetadata().getFinalizers())
                                .isEmpty());
        assertThat(stacks.update("forced-1").getStatus().phase()).isEqualTo(Phase.Failed);
    }

    /** As the operator writes it, for a Stack of that uid. */
    private static Update record(String name) {
        Update update = new Update();
        update.getMetadata().setName(name);
        update.getMetadata().setNamespace(operator.namespace());
        update.getMetadata().setFinalizers(List.of(Updates.FINALIZER));
        update.getMetadata()
                .setOwnerReferences(List.of(new OwnerReferenceBuilder()
                        .withApiVersion("stackwright.io/v1alpha1")
                        .withKind("Stack")
                        .withName(name.replaceAll("-[0-9]+$", ""))
                        .withUid(UUID.randomUUID().toString())
                        .withController(true)
                        .build()));
        update.setSpec(
                new UpdateSpec(name.replaceAll("-[0-9]+$", ""), Operation.Destroy, Cause.Deletion, "r", "f", null));
        return operator.client().resource(update).create();
    }
}
