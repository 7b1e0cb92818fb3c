package io.stackwright.operator.stack;

import static io.stackwright.operator.stack.Stacks.patiently;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.fabric8.kubernetes.api.model.Namespace;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.stackwright.api.v1alpha1.Condition;
import io.stackwright.api.v1alpha1.Operation;
import io.stackwright.api.v1alpha1.Phase;
import io.stackwright.api.v1alpha1.Reason;
import io.stackwright.api.v1alpha1.StackStatus;
import io.stackwright.api.v1alpha1.Update;
import io.stackwright.operator.RecordedPulumi;
import io.stackwright.operator.RunningOperator;
import io.stackwright.operator.update.Updates;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The namespace goes, and with it everything in it: no Update, no Event and no Secret can be created any more. */
class TerminatingNamespaceIT {

    private static final String TWO = """
        project:
          inline:
            name: terminating
            runtime: yaml
            resources:
              one: {type: "pulumi:index:Stash", properties: {input: "1"}}
              two: {type: "pulumi:index:Stash", properties: {input: "2"}}
            outputs: {out: "1", sec: {"fn::secret": shh}}
        updates: {retry: {initial: 1s, max: 1s}}
        """;

    @TempDir
    private Path folder;

    private RecordedPulumi pulumi;
    private RunningOperator operator;
    private Stacks stacks;

    @BeforeEach
    void startOperator() {
        pulumi = RecordedPulumi.in(folder);
        operator = RunningOperator.start(folder.resolve("data"), RunningOperator.pulumi(pulumi.command()));
        stacks = new Stacks(operator);
    }

    @AfterEach
    void stopOperator() {
        pulumi.release();
        operator.close();
    }

    @Test
    void theStackIsDestroyedAndItsStatusAloneTellsOfIt() {
        // given
        stacks.create("leaving", TWO);
        stacks.awaitReady("leaving");
        pulumi.hold();

        // when
        terminate();
        deleteContent();

        // then
        patiently()
                .until(() -> stacks.status("leaving").current() != null
                        && pulumi.commands("leaving").contains("destroy"));
        StackStatus.CurrentStatus current = stacks.status("leaving").current();
        assertThat(current.operation()).isEqualTo(Operation.Destroy);
        assertThat(current.update()).isNull();
        assertThat(current.executor()).isNotNull();
        assertThat(stacks.secret("leaving-passphrase")).containsKey("passphrase");
        assertThat(stacks.status("leaving")
                        .condition(Condition.READY)
                        .orElseThrow()
                        .message())
                .contains("destroying");

        // when
        pulumi.release();

        // then
        stacks.awaitGone("leaving");
        assertThat(state("leaving")).doesNotExist();
        assertEmptied();
    }

    @Test
    void anOperatorThatStopsMeanwhileIsFollowedByOneThatGoesOn() {
        // given
        stacks.create("handed-over", TWO);
        stacks.awaitReady("handed-over");
        pulumi.hold();
        terminate();
        deleteContent();
        patiently().until(() -> pulumi.commands("handed-over").contains("destroy"));

        // when
        operator.stop();
        pulumi.release();
        operator.start();

        // then
        stacks.awaitGone("handed-over");
        assertThat(state("handed-over")).doesNotExist();
        assertEmptied();
    }

    @Test
    void aFailingDestroyIsToldAndTriedAgainUntilAPersonGivesUp() {
        // given
        stacks.create("guarded", TWO.replace("input: \"2\"}", "input: \"2\"}, options: {protect: true}"));
        stacks.awaitReady("guarded");

        // when
        terminate();
        deleteContent();

        // then
        patiently()
                .untilAsserted(() -> assertThat(stacks.status("guarded").condition(Condition.STALLED))
                        .hasValueSatisfying(
                                stalled -> assertThat(stalled.reason()).isEqualTo(Reason.ProtectedResources.name())));
        assertThat(stacks.status("guarded").current()).isNull();
        assertThat(stacks.status("guarded").failures().update()).isNull();

        // when
        stacks.annotate(
                "guarded",
                "stackwright.io/abandon",
                stacks.get("guarded").getMetadata().getUid());

        // then
        stacks.awaitGone("guarded");
        assertThat(state("guarded")).exists();
    }

    @Test
    void anUpInProgressIsCancelledFirst() {
        // given
        stacks.create("busy", TWO);
        stacks.awaitReady("busy");
        pulumi.hold();
        stacks.annotate("busy", Requests.RECONCILE, "1");
        stacks.awaitPhase("busy-2", Phase.Running);

        // when
        terminate();
        deleteContent();
        patiently().until(() -> pulumi.commands("busy").contains("destroy"));
        pulumi.release();

        // then
        stacks.awaitGone("busy");
        assertThat(state("busy")).doesNotExist();
        assertEmptied();
    }

    private void terminate() {
        Namespace namespace =
                operator.client().namespaces().withName(operator.namespace()).get();
        operator.client().resource(namespace).delete();
        KubernetesClientException refused = catchThrowableOfType(
                KubernetesClientException.class, () -> stacks.putConfigMap("any", Map.of("any", "thing")));
        assertThat(Updates.isTerminating(refused)).isTrue();
    }

    /** As the namespace controller does, which this control plane has not. */
    private void deleteContent() {
        var client = operator.client();
        client.resources(io.stackwright.api.v1alpha1.Stack.class)
                .inNamespace(operator.namespace())
                .delete();
        client.resources(Update.class).inNamespace(operator.namespace()).delete();
        client.secrets().inNamespace(operator.namespace()).list().getItems().stream()
                // The operator's own lives elsewhere as a rule.
                .filter(secret -> !secret.getMetadata().getName().equals("stackwright-installation"))
                .forEach(secret -> client.resource(secret).delete());
    }

    /** Nothing of ours keeps the namespace from going. */
    private void assertEmptied() {
        patiently().untilAsserted(() -> {
            assertThat(operator.client()
                            .secrets()
                            .inNamespace(operator.namespace())
                            .list()
                            .getItems())
                    .allSatisfy(secret ->
                            assertThat(secret.getMetadata().getFinalizers()).isEmpty());
            assertThat(operator.client()
                            .resources(Update.class)
                            .inNamespace(operator.namespace())
                            .list()
                            .getItems())
                    .isEmpty();
        });
    }

    private Path state(String name) {
        return operator.state().resolve(".pulumi/stacks/terminating/" + name + ".json");
    }
}
