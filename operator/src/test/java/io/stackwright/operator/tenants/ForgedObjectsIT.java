package io.stackwright.operator.tenants;

import static io.stackwright.operator.stack.Stacks.patiently;
import static io.stackwright.operator.stack.Stacks.throughout;
import static io.stackwright.operator.tenants.TwoTenants.A;
import static io.stackwright.operator.tenants.TwoTenants.create;
import static io.stackwright.operator.tenants.TwoTenants.createStack;
import static io.stackwright.operator.tenants.TwoTenants.refused;
import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.SecretBuilder;
import io.fabric8.kubernetes.api.model.batch.v1.Job;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.stackwright.api.v1alpha1.Phase;
import io.stackwright.api.v1alpha1.Reason;
import io.stackwright.api.v1alpha1.Update;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Objects of team A that look like the operator's: pre-made under the name of what a run will have, labelled as parts of
 * another tenant's run, with owners that are not theirs, or with a status that nobody may write.
 */
class ForgedObjectsIT {

    private static final String PROJECT = "project: {inline: {name: %s, runtime: yaml}}\n";

    @TempDir
    private static Path folder;

    private static TwoTenants cluster;

    @BeforeAll
    static void start() {
        cluster = TwoTenants.start(folder);
    }

    @AfterAll
    static void stop() {
        cluster.close();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "Secret| {apiVersion: v1, kind: Secret, metadata: {name: NAME-1-run-input}, stringData: {mine: x}}",
                "Secret| {apiVersion: v1, kind: Secret, metadata: {name: NAME-1-run-result}, stringData: {outcome: x}}",
                "ServiceAccount| {apiVersion: v1, kind: ServiceAccount, metadata: {name: NAME-1-run}}",
                "Role| {apiVersion: rbac.authorization.k8s.io/v1, kind: Role, metadata: {name: NAME-1-run}, rules: []}",
                "Job| {apiVersion: batch/v1, kind: Job, metadata: {name: NAME-1}, spec: {suspend: true, template:"
                        + " {spec: {restartPolicy: Never, containers: [{name: c, image: i}]}}}}"
            })
    void whatIsThereUnderTheNameOfAPartOfARunIsLeftAloneAndNotUsed(String kind, String yaml) {
        // given
        String stack = "pre-" + Math.abs(yaml.hashCode() % 10_000);
        GenericKubernetesResource theirs = create(cluster.owner, A, yaml.replace("NAME", stack));
        cluster.remember();

        // when
        createStack(cluster.editor, A, stack, PROJECT.formatted(stack));

        // then
        assertThat(cluster.seenA.awaitInProgress(stack, Reason.ApiRefused).message())
                .contains(kind + " " + theirs.getMetadata().getName(), "is not of this run");
        GenericKubernetesResource after = cluster.admin.resource(theirs).get();
        assertThat(after.getMetadata().getResourceVersion())
                .isEqualTo(theirs.getMetadata().getResourceVersion());
        assertThat(cluster.jobsOf(stack)).isEmpty();
        cluster.assertNothingTouchedOrRead();

        // when it is out of the way
        cluster.a.delete(stack);
        cluster.admin.resource(theirs).delete();
        cluster.a.awaitGone(stack);
    }

    /** A Job and its pod in team A, and a result beside it, that carry the uid of a run that goes on in team B. */
    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void aJobOfOneTenantIsNoRunOfAnother(boolean afterARestart) {
        // given
        String stack = "running-" + afterARestart;
        String update = stack + "-1";
        cluster.b.create(stack, PROJECT.formatted(stack));
        Job real = cluster.kubeletB.awaitJob(update);
        Pod pod = cluster.kubeletB.run(cluster.kubeletB.pod(real));
        KubernetesClient run = cluster.kubeletB.asRun(update);
        cluster.kubeletB.claim(run, update, pod);
        cluster.b.awaitPhase(update, Phase.Running);

        // when
        Runnable forge = () -> {
            for (int i = 0; i < 8; i++) {
                forgeRun("forged-" + afterARestart + "-" + i, real);
            }
            forgeRun(update, real);
        };
        if (afterARestart) {
            cluster.restart(forge);
        } else {
            forge.run();
        }

        // then
        throughout()
                .untilAsserted(() ->
                        assertThat(cluster.b.update(update).getStatus().phase()).isEqualTo(Phase.Running));
        assertThat(cluster.b.secret(stack + "-outputs")).isNull();

        // when
        TwoTenants.report(cluster.kubeletB, run, update, Results.succeeded("out", "of b"));
        cluster.kubeletB.succeed(pod);
        run.close();

        // then
        cluster.b.awaitReady(stack);
        assertThat(cluster.b.secret(stack + "-outputs")).containsExactly(Map.entry("out", "of b"));
        assertThat(cluster.b.updates(stack)).hasSize(1);
        // The next test looks whether anything of team B changes.
        TwoTenants.awaitCleared(cluster.kubeletB, cluster.b, update);
    }

    /** As a tenant makes it, and as the kubelet then runs it: to its end. */
    private static void forgeRun(String name, Job real) {
        Map<String, String> labels = Map.of(
                "app.kubernetes.io/managed-by", "stackwright",
                "stackwright.io/stack", real.getMetadata().getLabels().get("stackwright.io/stack"),
                "stackwright.io/stack-uid", real.getMetadata().getLabels().get("stackwright.io/stack-uid"),
                "stackwright.io/update", name,
                "stackwright.io/update-uid", real.getMetadata().getLabels().get("stackwright.io/update-uid"),
                "stackwright.io/identity", real.getMetadata().getLabels().get("stackwright.io/identity"));
        cluster.owner
                .resource(new SecretBuilder()
                        .withNewMetadata()
                        .withName(name + "-run-result")
                        .withNamespace(A)
                        .withLabels(labels)
                        .endMetadata()
                        .addToStringData("outcome", Results.succeeded("out", "forged"))
                        .build())
                .create();
        GenericKubernetesResource job = create(
                cluster.owner,
                A,
                "{apiVersion: batch/v1, kind: Job, metadata: {name: " + name + "}, spec: {template: {spec:"
                        + " {restartPolicy: Never, containers: [{name: pulumi, image: i}]}}}}");
        Job labelled = cluster.owner
                .batch()
                .v1()
                .jobs()
                .inNamespace(A)
                .withName(job.getMetadata().getName())
                .edit(current -> {
                    current.getMetadata().setLabels(labels);
                    return current;
                });
        labelled.getSpec().getTemplate().getMetadata().setLabels(labels);
        cluster.kubeletA.succeed(cluster.kubeletA.pod(labelled));
    }

    /** Events have no limit of length, and whoever may edit in a namespace may write them, of anything. */
    @Test
    void aFloodOfEventsDoesNotHideWhatHoldsARunUp() {
        // given
        createStack(cluster.editor, A, "noisy", PROJECT.formatted("noisy"));
        Job job = cluster.kubeletA.awaitJob("noisy-1");
        for (int i = 0; i < 40; i++) {
            cluster.kubeletA.warn(job, "Nonsense", "x".repeat(400_000));
        }

        // when
        cluster.kubeletA.warn(job, "FailedCreate", "Error creating: pods \"x\" is forbidden: exceeded quota: small");

        // then
        cluster.seenA.awaitInProgress("noisy", Reason.QuotaExceeded);
        cluster.assertListedInPages("events");
        cluster.assertListedInPages("serviceaccounts");
    }

    /** It says that it works on the Pulumi stack that a Stack of team B wants to work on; so does that of a real run. */
    @Test
    void aJobOfOneTenantHoldsUpNoOther() {
        // given
        Job model = cluster.kubeletB.job("shop-1");
        createStack(cluster.editor, A, "long", PROJECT.formatted("long"));
        Pod real = cluster.kubeletA.run(cluster.kubeletA.pod(cluster.kubeletA.awaitJob("long-1")));
        try (KubernetesClient run = cluster.kubeletA.asRun("long-1")) {
            cluster.kubeletA.claim(run, "long-1", real);
        }
        cluster.restart(() -> {
            cluster.owner.batch().v1().jobs().inNamespace(A).withName("long-1").edit(current -> {
                current.getMetadata()
                        .getLabels()
                        .put(
                                "stackwright.io/identity",
                                model.getMetadata().getLabels().get("stackwright.io/identity"));
                // As a policy may do; it does not mean that the run's end is recorded.
                current.getSpec().setTtlSecondsAfterFinished(3600);
                return current;
            });
            Map<String, String> labels = Map.of(
                    "app.kubernetes.io/managed-by", "stackwright",
                    "stackwright.io/stack", "holds",
                    "stackwright.io/stack-uid", "0",
                    "stackwright.io/update", "holds-1",
                    "stackwright.io/update-uid", "00000000-0000-0000-0000-000000000000",
                    "stackwright.io/identity", model.getMetadata().getLabels().get("stackwright.io/identity"));
            GenericKubernetesResource job = create(
                    cluster.owner,
                    A,
                    "{apiVersion: batch/v1, kind: Job, metadata: {name: holds-1}, spec: {suspend: true, template:"
                            + " {spec: {restartPolicy: Never, containers: [{name: pulumi, image: i}]}}}}");
            cluster.owner
                    .batch()
                    .v1()
                    .jobs()
                    .inNamespace(A)
                    .withName(job.getMetadata().getName())
                    .edit(current -> {
                        current.getMetadata().setLabels(labels);
                        return current;
                    });
        });

        // when
        cluster.b.annotate("shop", "stackwright.io/reconcile", "again");

        // then
        TwoTenants.runToSuccess(
                cluster.kubeletB, cluster.b, "shop-2", Results.succeeded("password", TwoTenants.CANARY));
        cluster.b.awaitReady("shop");
        try (KubernetesClient run = cluster.kubeletA.asRun("long-1")) {
            TwoTenants.report(cluster.kubeletA, run, "long-1", Results.succeeded("out", "1"));
        }
        cluster.kubeletA.succeed(real);
        TwoTenants.awaitCleared(cluster.kubeletA, cluster.seenA, "long-1");
        cluster.seenA.awaitReady("long");
        assertThat(cluster.seenA.updates("long")).hasSize(1);
    }

    /** Both kinds have a status of their own, which is not taken with what a tenant creates or replaces. */
    @Test
    void aStatusThatATenantSendsAlongIsThrownAway() {
        // given
        cluster.remember();

        // when
        create(cluster.editor, A, """
            apiVersion: stackwright.io/v1alpha1
            kind: Stack
            metadata: {name: pinned}
            spec: {suspend: true, project: {inline: {name: pinned, runtime: yaml}}}
            status:
              stack: {organization: organization, project: shop, name: shop, backend: "s3://state/team-b"}
              outputsSecret: cloud
              current: {update: shop-1, operation: Up}
            """);
        create(cluster.editor, A, """
            apiVersion: stackwright.io/v1alpha1
            kind: Update
            metadata: {name: pinned-look}
            spec: {stack: pinned, operation: Preview}
            status: {phase: Succeeded, run: {result: Succeeded, executor: {instance: x, host: y, pid: 1}}}
            """);

        // then
        patiently()
                .untilAsserted(() -> assertThat(cluster.seenA.status("pinned").condition("Ready"))
                        .isPresent());
        assertThat(cluster.seenA.status("pinned").stack()).isNull();
        assertThat(cluster.seenA.status("pinned").outputsSecret()).isNull();
        assertThat(cluster.seenA.status("pinned").current()).isNull();
        assertThat(cluster.seenA.update("pinned-look").getStatus().run()).isNull();
        cluster.assertNothingTouchedOrRead();
    }

    /** Each line: whose uid the Update of a tenant bears as its owner's. */
    @ParameterizedTest
    @ValueSource(strings = {"own", "shop"})
    void anUpdateWithAForgedOwnerDestroysNothing(String owner) {
        // given
        String stack = "owned-by-" + owner;
        createStack(cluster.editor, A, stack, PROJECT.formatted(stack));
        TwoTenants.runToSuccess(cluster.kubeletA, cluster.seenA, stack + "-1", Results.succeeded("{}"));
        cluster.seenA.awaitReady(stack);
        var victim = owner.equals("own") ? cluster.seenA.get(stack) : cluster.b.get(owner);
        cluster.remember();

        // when
        create(cluster.editor, A, """
            apiVersion: stackwright.io/v1alpha1
            kind: Update
            metadata:
              name: %1$s-forged
              finalizers: [stackwright.io/run]
              ownerReferences:
                - {apiVersion: stackwright.io/v1alpha1, kind: Stack, name: %2$s, uid: %3$s, controller: true}
            spec: {stack: %1$s, operation: Destroy, cause: Deletion, fingerprint: x}
            """.formatted(
                stack, victim.getMetadata().getName(), victim.getMetadata().getUid()));

        // then
        throughout().untilAsserted(() -> {
            assertThat(cluster.kubeletA.job(stack + "-forged")).isNull();
            Update forged = cluster.seenA.update(stack + "-forged");
            assertThat(forged.getStatus().run()).isNull();
        });
        cluster.seenA.awaitReady(stack);
        assertThat(cluster.b.update(stack + "-forged")).isNull();
        cluster.assertNothingTouchedOrRead();
    }

    /** Each line: a Secret of team A that an outputs Secret would be named like, and what it is labelled with. */
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "of-a-person| {}",
                "of-another-stack| {app.kubernetes.io/managed-by: stackwright, stackwright.io/stack: neighbour,"
                        + " stackwright.io/stack-uid: someone}",
                "with-half-a-mark| {stackwright.io/stack: NAME}",
                "of-b| {app.kubernetes.io/managed-by: stackwright, stackwright.io/stack: shop,"
                        + " stackwright.io/stack-uid: UID-OF-B}"
            })
    void outputsAreNotWrittenOverAForeignSecret(String secret, String labels) {
        // given
        String stack = "outputs-" + secret;
        create(
                cluster.owner,
                A,
                "{apiVersion: v1, kind: Secret, metadata: {name: " + secret + ", labels: "
                        + labels.replace("NAME", stack)
                                .replace(
                                        "UID-OF-B",
                                        cluster.b.get("shop").getMetadata().getUid())
                        + "}, stringData: {theirs: theirs}}");
        cluster.remember();

        // when
        createStack(cluster.editor, A, stack, PROJECT.formatted(stack) + "outputs: {secret: {name: " + secret + "}}");
        TwoTenants.runToSuccess(cluster.kubeletA, cluster.seenA, stack + "-1", Results.succeeded("mine", "mine"));

        // then
        cluster.seenA.awaitStalled(stack, Reason.OutputsConflict);
        assertThat(cluster.seenA.secret(secret)).containsExactly(Map.entry("theirs", "theirs"));

        // when
        cluster.a.annotate(
                stack,
                "stackwright.io/abandon",
                cluster.a.get(stack).getMetadata().getUid());
        cluster.a.delete(stack);
        cluster.a.awaitGone(stack);

        // then
        assertThat(cluster.seenA.secret(secret)).containsExactly(Map.entry("theirs", "theirs"));
        cluster.assertNothingTouchedOrRead();
    }

    /** What the operator keeps for the very same Stack is no place for its outputs either. */
    @ParameterizedTest
    @ValueSource(strings = {"passphrase", "1-run-result", "1-run-input"})
    void outputsAreNotWrittenOverWhatTheStackNeeds(String suffix) {
        // given
        String stack = "needs-" + suffix.replace("1-run-", "");
        String secret = stack + "-" + suffix;
        cluster.remember();

        // when
        createStack(cluster.editor, A, stack, PROJECT.formatted(stack) + "outputs: {secret: {name: " + secret + "}}");
        Map<String, String> before = suffix.equals("passphrase")
                ? patiently().until(() -> cluster.seenA.secret(secret), data -> data != null)
                : Map.of();
        TwoTenants.runToSuccess(cluster.kubeletA, cluster.seenA, stack + "-1", Results.succeeded("mine", "mine"));

        // then
        cluster.seenA.awaitStalled(stack, Reason.OutputsConflict);
        if (suffix.equals("passphrase")) {
            assertThat(cluster.seenA.secret(secret)).isEqualTo(before).containsKey("passphrase");
        } else {
            assertThat(cluster.seenA.secret(secret)).isNull();
        }
        cluster.assertNothingTouchedOrRead();
    }

    /** A generated passphrase is that of its Stack; one that somebody has put there under its name is not used. */
    @Test
    void aPassphraseThatWasPutThereIsNotUsed() {
        // given
        create(
                cluster.owner,
                A,
                "{apiVersion: v1, kind: Secret, metadata: {name: known-passphrase}, stringData: {passphrase: known}}");
        cluster.remember();

        // when
        createStack(cluster.editor, A, "known", PROJECT.formatted("known"));

        // then
        assertThat(cluster.seenA.awaitStalled("known", Reason.InputsInvalid).message())
                .contains("known-passphrase", "was not made by Stackwright");
        assertThat(cluster.jobsOf("known")).isEmpty();
        cluster.assertNothingTouchedOrRead();
    }

    /** What a run of the same namespace was given cannot be had through a Stack's inputs. */
    @Test
    void theInputsOfARunAreNoInputsOfAnotherStack() {
        // given
        createStack(cluster.editor, A, "giver", PROJECT.formatted("giver"));
        cluster.kubeletA.awaitJob("giver-1");
        cluster.remember();

        // when
        createStack(
                cluster.editor,
                A,
                "taker",
                PROJECT.formatted("taker")
                        + "env: [{name: T, valueFrom: {secretKeyRef: {name: giver-1-run-input, key: token}}}]");

        // then
        cluster.seenA.awaitInProgress("taker", Reason.InputsNotReady);
        assertThat(cluster.jobsOf("taker")).isEmpty();
        cluster.assertNothingTouchedOrRead();
    }

    @Test
    void anUpdateThatIsCalledLikeAnAccountGetsNoTokenOfIt() {
        // given
        create(cluster.owner, A, "{apiVersion: v1, kind: ServiceAccount, metadata: {name: powerful-run}}");
        createStack(cluster.editor, A, "asks", PROJECT.formatted("asks") + "suspend: true");
        cluster.remember();

        // when
        cluster.a.createUpdate("powerful", "{stack: asks, operation: Preview}");
        cluster.a.patch("asks", "{\"spec\": {\"suspend\": false}}");
        TwoTenants.runToSuccess(cluster.kubeletA, cluster.seenA, "asks-1", Results.succeeded("{}"));

        // then
        Update refused = cluster.seenA.awaitPhase("powerful", Phase.Failed);
        assertThat(refused.getStatus().failure().message())
                .contains("ServiceAccount powerful-run", "is not of this run");
        assertThat(cluster.seenA.secret("powerful-run-input")).isNull();
        cluster.assertNothingTouchedOrRead();
    }

    /** The API server itself keeps a tenant from giving what it does not have. */
    @Test
    void aTenantMakesNoRoleOfMoreRightsThanItHas() {
        assertThat(refused(() -> create(
                        cluster.owner,
                        A,
                        "{apiVersion: rbac.authorization.k8s.io/v1, kind: Role, metadata: {name: status}, rules:"
                                + " [{apiGroups: [stackwright.io], resources: [updates/status], verbs: [patch]}]}")))
                .isEqualTo(403);
    }
}
