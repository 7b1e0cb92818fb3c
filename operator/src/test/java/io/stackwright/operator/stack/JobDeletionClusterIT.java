package io.stackwright.operator.stack;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.DeletionPropagation;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaim;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import io.stackwright.api.v1alpha1.Annotations;
import io.stackwright.api.v1alpha1.Condition;
import io.stackwright.api.v1alpha1.Operation;
import io.stackwright.api.v1alpha1.Reason;
import io.stackwright.api.v1alpha1.Stack;
import io.stackwright.testkit.Toolchain;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Stacks are deleted where everything else is deleted with them: by garbage collection, with their namespace. */
@Tag("cluster")
class JobDeletionClusterIT {

    private static final String KEPT = "{\"metadata\": {\"finalizers\": %s}}";

    @TempDir
    private Path folder;

    @Test
    void everyDeletionDestroysFirst() {
        // given
        JobNode node = new JobNode(folder);
        JobLedger ledger = new JobLedger(node);
        Stacks stacks = node.stacks();
        node.startOperator();
        try {
            new SideBySide()
                    .and("foreground", () -> ledger.createAndHold("foreground"))
                    .and("settled", () -> {
                        stacks.create("settled", JobLedger.spec());
                        ledger.awaitWhole("settled");
                    })
                    .and("running", () -> ledger.createAndHold("running"))
                    .happen();

            // when a tool deletes in the foreground, in the middle of a run
            Pod pod = node.pods("foreground-1").getFirst();
            node.client()
                    .resource(stacks.get("foreground"))
                    .withPropagationPolicy(DeletionPropagation.FOREGROUND)
                    .delete();
            node.awaitAsked(pod);
            ledger.release("foreground");

            // then
            ledger.awaitGone("foreground");

            // when Stacks are deleted while there is no operator, and it comes back
            node.stopOperator();
            node.client()
                    .resource(stacks.get("settled"))
                    .withPropagationPolicy(DeletionPropagation.FOREGROUND)
                    .delete();
            stacks.delete("running");
            ledger.release("running");
            node.startOperator();

            // then
            ledger.awaitGone("settled");
            ledger.awaitGone("running");
        } finally {
            node.stopOperator();
        }
    }

    @Test
    void aNamespaceThatIsDeletedWaitsForAPerson() throws Exception {
        // given
        JobNode node = new JobNode(folder);
        JobLedger ledger = new JobLedger(node);
        Stacks stacks = node.stacks();
        node.startOperator();
        try {
            new SideBySide()
                    .and("settled", () -> {
                        stacks.create("settled", JobNode.SPEC);
                        stacks.awaitReady("settled");
                    })
                    .and("caught", () -> ledger.createAndHold("caught"))
                    .happen();
            // Else the state goes with the claim; and with it all that a person could do.
            keepClaim(node, "[\"stackwright.test/kept\"]");
            Pod pod = node.pods("caught-1").getFirst();

            // when
            node.client().namespaces().withName(node.namespace()).delete();
            node.awaitAsked(pod);
            ledger.release("caught");

            // then
            for (String name : new String[] {"settled", "caught"}) {
                Stacks.patiently()
                        .untilAsserted(() -> assertThat(stacks.status(name).condition(Condition.RECONCILING))
                                .hasValueSatisfying(condition -> {
                                    assertThat(condition.reason())
                                            .as(condition.message())
                                            .isEqualTo(Reason.ProgressingWithRetry.name());
                                    assertThat(condition.message())
                                            .contains(
                                                    "namespace is being deleted",
                                                    "destroy the Pulumi stack with the CLI")
                                            .contains(Annotations.ABANDON + "=" + uid(stacks, name));
                                }));
            }
            assertThat(ledger.recorded("caught"))
                    .containsExactlyElementsOf(ledger.existing("caught").keySet());

            // when a person does what the message says
            destroy(
                    node,
                    "hello",
                    "settled",
                    stacks.secret("settled-passphrase").get("passphrase"));
            for (String name : new String[] {"settled", "caught"}) {
                stacks.annotate(name, Annotations.ABANDON, uid(stacks, name));
                stacks.awaitGone(name);
            }
            keepClaim(node, "null");

            // then
            Stacks.patiently()
                    .untilAsserted(() -> assertThat(node.client()
                                    .namespaces()
                                    .withName(node.namespace())
                                    .get())
                            .isNull());
        } finally {
            node.stopOperator();
        }
    }

    private static String uid(Stacks stacks, String name) {
        Stack stack = stacks.get(name);
        return stack.getMetadata().getUid();
    }

    private static void keepClaim(JobNode node, String finalizers) {
        node.client()
                .resources(PersistentVolumeClaim.class)
                .inNamespace(node.namespace())
                .withName("state")
                .patch(PatchContext.of(PatchType.JSON_MERGE), KEPT.formatted(finalizers));
    }

    /** With the CLI, in an empty folder. */
    private void destroy(JobNode node, String project, String stack, String passphrase)
            throws IOException, InterruptedException {
        Path empty = Files.createDirectories(folder.resolve("empty"));
        ProcessBuilder builder = new ProcessBuilder(
                        Toolchain.pulumi().toString(),
                        Operation.Destroy.name().toLowerCase(java.util.Locale.ROOT),
                        "--yes",
                        "--remove",
                        "--stack",
                        "organization/" + project + "/" + stack)
                .directory(empty.toFile())
                .redirectErrorStream(true);
        builder.environment().put("PULUMI_BACKEND_URL", "file://" + node.state());
        builder.environment().put("PULUMI_CONFIG_PASSPHRASE", passphrase);
        builder.environment().put("PULUMI_HOME", folder.resolve("pulumi-home").toString());
        Process process = builder.start();
        process.getOutputStream().close();
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor()).as(said).isZero();
    }
}
