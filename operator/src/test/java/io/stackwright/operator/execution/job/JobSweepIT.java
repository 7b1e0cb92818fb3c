package io.stackwright.operator.execution.job;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.ServiceAccount;
import io.fabric8.kubernetes.api.model.admissionregistration.v1.ValidatingWebhookConfiguration;
import io.fabric8.kubernetes.api.model.batch.v1.Job;
import io.fabric8.kubernetes.api.model.rbac.ClusterRoleBindingBuilder;
import io.fabric8.kubernetes.api.model.rbac.ClusterRoleBuilder;
import io.fabric8.kubernetes.api.model.rbac.RoleBindingBuilder;
import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import io.fabric8.kubernetes.client.dsl.Resource;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import io.fabric8.kubernetes.client.utils.Serialization;
import io.stackwright.api.v1alpha1.Update;
import io.stackwright.operator.execution.RunFinalizer;
import io.stackwright.operator.execution.RunRequest.RunKey;
import io.stackwright.operator.settings.OperatorSettings;
import io.stackwright.operator.source.StackKey;
import io.stackwright.operator.stack.KubeletDouble;
import io.stackwright.testkit.ControlPlane;
import io.stackwright.testkit.Toolchain;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.time.Clock;
import java.time.Duration;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** What an operator that comes anew removes of runs that nobody looks after, and what it leaves. */
class JobSweepIT {

    /** More than what a sweep takes for hanging. */
    private static final int WEBHOOK_SECONDS = 6;

    private static final ControlPlane PLANE = ControlPlane.shared();
    private static final OperatorSettings.Jobs SETTINGS =
            new OperatorSettings.Jobs("stackwright:1", "pulumi:1", Duration.ofHours(1));

    @BeforeAll
    static void applyCrds() {
        PLANE.applyCrds(Toolchain.root().resolve("crds/manifests"));
    }

    /** The run's token may write its Update's phase; policies of a cluster may give Jobs a time that they are kept for. */
    @Test
    void aRunWhosePodGoesOnHasNotEndedWhateverItsUpdateSays() {
        // given
        String namespace = PLANE.createNamespace("sweep");
        KubeletDouble kubelet = new KubeletDouble(PLANE.client(), namespace);
        RunKey run = halfMade(namespace, "shop-1", "Succeeded");
        Job job = job(run);
        job.getSpec().setTtlSecondsAfterFinished(60);
        job = PLANE.client().resource(job).create();
        Pod pod = kubelet.run(kubelet.pod(job));

        // when
        sweep(PLANE.client(), Set.of(namespace), pod);

        // then
        assertThat(isArmed(run)).isTrue();
        assertThat(kubelet.job("shop-1").getSpec().getTtlSecondsAfterFinished()).isEqualTo(60);

        // when
        sweep(PLANE.client(), Set.of(namespace), kubelet.succeed(pod));

        // then
        assertThat(isArmed(run)).isFalse();
        assertThat(kubelet.job("shop-1").getSpec().getTtlSecondsAfterFinished()).isEqualTo(3600);
    }

    @Test
    void aNamespaceThatRefusesKeepsNothingInTheOthers() {
        // given
        String refusing = PLANE.createNamespace("sweep");
        String other = PLANE.createNamespace("sweep");
        RunKey first = halfMade(refusing, "shop-1", "Failed");
        RunKey second = halfMade(other, "shop-1", "Failed");

        // when
        try (KubernetesClient client = actsOnlyIn(other, "*")) {
            sweep(client, new LinkedHashSet<>(List.of(refusing, other)), null);
        }

        // then
        assertThat(isArmed(first)).isTrue();
        assertThat(isArmed(second)).isFalse();
    }

    /** Its administrators can take the operator's rights there away. */
    @Test
    void aNamespaceThatShowsNothingKeepsNothingInTheOthers() {
        // given
        String refusing = PLANE.createNamespace("sweep");
        String other = PLANE.createNamespace("sweep");
        RunKey run = halfMade(other, "shop-1", "Failed");

        // when
        try (KubernetesClient client = actsOnlyIn(other, "jobs", "pods")) {
            sweep(client, new LinkedHashSet<>(List.of(refusing, other)), null);
        }

        // then
        assertThat(isArmed(run)).isFalse();
    }

    @Test
    void whatIsLeftIsFoundBehindManyThatLookLikeIt() {
        // given
        String namespace = PLANE.createNamespace("sweep");
        for (int i = 0; i < 110; i++) {
            PLANE.client()
                    .resource(JobObjects.account(
                            new RunKey(new StackKey(namespace, "shop"), "stack-uid", "a-" + i, "update-uid-" + i)))
                    .create();
        }
        RunKey last = halfMade(namespace, "zoo-1", "Failed");

        // when
        sweep(PLANE.client(), Set.of(namespace), null);

        // then
        assertThat(isArmed(last)).isFalse();
    }

    /** Nobody takes its end, and its phase stays what it was. */
    @Test
    void whatARunHasLeftGoesWhoseUpdateIsNotOursAnyMore() {
        // given
        String namespace = PLANE.createNamespace("sweep");
        RunKey ours = halfMade(namespace, "ours-1", "Running");
        setFinalizers(ours, "[\"" + RunFinalizer.NAME + "\"]");
        RunKey other = halfMade(namespace, "other-1", "Running");
        setFinalizers(other, "[\"example.com/keep\"]");

        // when
        sweep(PLANE.client(), Set.of(namespace), null);

        // then
        assertThat(isArmed(ours)).isTrue();
        assertThat(isArmed(other)).isFalse();
    }

    private static void setFinalizers(RunKey run, String finalizers) {
        PLANE.client()
                .resources(Update.class)
                .inNamespace(run.stack().namespace())
                .withName(run.update())
                .patch(PatchContext.of(PatchType.JSON_MERGE), "{\"metadata\": {\"finalizers\": " + finalizers + "}}");
    }

    /** Each request may take as long as the client waits, and one tenant may have left hundreds of objects. */
    @Test
    void aNamespaceWhoseAdmissionHangsIsTriedOnceAndTheOthersAreSwept() throws IOException {
        // given
        String hanging = PLANE.createNamespace("sweep");
        String other = PLANE.createNamespace("sweep");
        List<RunKey> held = List.of(halfMade(hanging, "held-1", "Failed"), halfMade(hanging, "held-2", "Failed"));
        RunKey free = halfMade(other, "free-1", "Failed");
        try (ServerSocket silence = new ServerSocket(0, 50, InetAddress.getLoopbackAddress())) {
            ValidatingWebhookConfiguration webhook = PLANE.client()
                    .resource(hanging(hanging, silence.getLocalPort()))
                    .create();
            try {
                await().atMost(Duration.ofMinutes(2))
                        .until(() ->
                                seconds(() -> account(held.getFirst()).dryRun().delete()) >= WEBHOOK_SECONDS);

                // when
                sweep(PLANE.client(), Set.of(hanging, other), null);

                // then
                assertThat(held.stream().filter(JobSweepIT::isArmed)).hasSize(1);
                assertThat(isArmed(free)).isFalse();
            } finally {
                PLANE.client().resource(webhook).delete();
            }
        }
    }

    private static long seconds(Runnable act) {
        long begun = System.nanoTime();
        act.run();
        return Duration.ofNanos(System.nanoTime() - begun).toSeconds();
    }

    /** Nobody answers there, and nothing is refused for that. */
    private static ValidatingWebhookConfiguration hanging(String namespace, int port) {
        return Serialization.unmarshal(
                """
                apiVersion: admissionregistration.k8s.io/v1
                kind: ValidatingWebhookConfiguration
                metadata: {name: %1$s-hanging}
                webhooks:
                  - name: accounts.example.com
                    admissionReviewVersions: [v1]
                    sideEffects: None
                    failurePolicy: Ignore
                    timeoutSeconds: %3$d
                    clientConfig: {url: "https://127.0.0.1:%2$d/accounts"}
                    namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: %1$s}}
                    rules: [{apiGroups: [''], apiVersions: [v1], operations: [DELETE], resources: [serviceaccounts]}]
                """.formatted(namespace, port, WEBHOOK_SECONDS), ValidatingWebhookConfiguration.class);
    }

    /** Anybody may make accounts that look like a run's; that of a run belongs to its Update, whose end takes it along. */
    @Test
    void accountsThatBelongToNoUpdateOrAreAboutToGoCostNothing() {
        // given
        String namespace = PLANE.createNamespace("sweep");
        RunKey forged = halfMade(namespace, "forged-1", "Failed");
        account(forged).patch(PatchContext.of(PatchType.JSON_MERGE), "{\"metadata\": {\"ownerReferences\": null}}");
        RunKey held = halfMade(namespace, "held-1", "Failed");
        PLANE.client().resource(JobObjects.result(held)).create();
        account(held).patch(PatchContext.of(PatchType.JSON_MERGE), "{\"metadata\": {\"finalizers\": [\"a.b/c\"]}}");
        account(held).delete();

        // when
        sweep(PLANE.client(), Set.of(namespace), null);

        // then
        assertThat(isArmed(forged)).isTrue();
        assertThat(PLANE.client().resource(JobObjects.result(held)).get()).isNotNull();
    }

    /** @param pod what is seen of a pod before the sweep */
    private static void sweep(KubernetesClient client, Set<String> namespaces, Pod pod) {
        try (JobWatch watch = new JobWatch(client, namespaces)) {
            watch.start(changed -> {});
            if (pod != null) {
                await().atMost(Duration.ofMinutes(1))
                        .until(() -> watch.isThere(pod.getMetadata().getUid()));
            }
            new JobSweep(client, watch, new JobMaker(client, null, null, SETTINGS), namespaces, Clock.systemUTC())
                    .run(any -> false);
        }
    }

    private static boolean isArmed(RunKey run) {
        return account(run).get() != null;
    }

    private static Resource<ServiceAccount> account(RunKey run) {
        return PLANE.client()
                .serviceAccounts()
                .inNamespace(run.stack().namespace())
                .withName(RunObjects.account(run.update()));
    }

    /** A run whose operator was killed before it made the Job. */
    private static RunKey halfMade(String namespace, String name, String phase) {
        Update update = Serialization.unmarshal("""
            apiVersion: stackwright.io/v1alpha1
            kind: Update
            metadata: {name: %s, namespace: %s}
            spec: {stack: shop, operation: Up}
            """.formatted(name, namespace), Update.class);
        String uid = PLANE.client().resource(update).create().getMetadata().getUid();
        PLANE.client()
                .resource(update)
                .subresource("status")
                .patch(PatchContext.of(PatchType.JSON_MERGE), "{\"status\": {\"phase\": \"" + phase + "\"}}");
        RunKey run = new RunKey(new StackKey(namespace, "shop"), "stack-uid", name, uid);
        PLANE.client().resource(JobObjects.account(run)).create();
        return run;
    }

    private static Job job(RunKey run) {
        return JobObjects.job(Runs.request(run, Optional.empty()), SETTINGS);
    }

    /**
     * Somebody who may do anything in one namespace alone.
     *
     * @param shown resources that are to be read in all
     */
    private static KubernetesClient actsOnlyIn(String namespace, String... shown) {
        String user = "sweeper-of-" + namespace;
        PLANE.client()
                .resource(new ClusterRoleBuilder()
                        .withNewMetadata()
                        .withName(user)
                        .endMetadata()
                        .addNewRule()
                        .withApiGroups("*")
                        .withResources(shown)
                        .withVerbs("get", "list", "watch")
                        .endRule()
                        .build())
                .create();
        PLANE.client()
                .resource(new ClusterRoleBindingBuilder()
                        .withNewMetadata()
                        .withName(user)
                        .endMetadata()
                        .withNewRoleRef("rbac.authorization.k8s.io", "ClusterRole", user)
                        .addNewSubject("rbac.authorization.k8s.io", "User", user, null)
                        .build())
                .create();
        PLANE.client()
                .resource(new RoleBindingBuilder()
                        .withNewMetadata()
                        .withName(user)
                        .withNamespace(namespace)
                        .endMetadata()
                        .withNewRoleRef("rbac.authorization.k8s.io", "ClusterRole", "cluster-admin")
                        .addNewSubject("rbac.authorization.k8s.io", "User", user, null)
                        .build())
                .create();
        Config config = PLANE.config();
        config.setImpersonateUsername(user);
        return new KubernetesClientBuilder().withConfig(config).build();
    }
}
