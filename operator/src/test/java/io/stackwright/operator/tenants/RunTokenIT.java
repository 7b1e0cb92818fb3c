package io.stackwright.operator.tenants;

import static io.stackwright.operator.tenants.TwoTenants.A;
import static io.stackwright.operator.tenants.TwoTenants.B;
import static io.stackwright.operator.tenants.TwoTenants.OPERATORS;
import static io.stackwright.operator.tenants.TwoTenants.createStack;
import static io.stackwright.operator.tenants.TwoTenants.refused;
import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.ConfigMapBuilder;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.api.model.SecretBuilder;
import io.fabric8.kubernetes.api.model.authentication.TokenRequestBuilder;
import io.fabric8.kubernetes.api.model.authorization.v1.ResourceRule;
import io.fabric8.kubernetes.api.model.authorization.v1.SelfSubjectRulesReviewBuilder;
import io.fabric8.kubernetes.api.model.batch.v1.JobBuilder;
import io.fabric8.kubernetes.api.model.rbac.RoleBindingBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import io.stackwright.api.v1alpha1.Phase;
import io.stackwright.api.v1alpha1.Stack;
import io.stackwright.api.v1alpha1.Update;
import io.stackwright.operator.stack.Stacks;
import java.net.HttpURLConnection;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The program of a run has got hold of the run's own token: it is good for the report of that one run, as long as it
 * goes on. Tried on a real API server with the token, the Role and the binding that the operator has made.
 */
class RunTokenIT {

    private static final String PROJECT = "project: {inline: {name: token, runtime: yaml}}\n";

    /** Kubernetes lets everybody ask what they may do. */
    private static final List<String> FOR_EVERYBODY = List.of("authorization.k8s.io", "authentication.k8s.io");

    @TempDir
    private static Path folder;

    private static TwoTenants cluster;
    private static KubernetesClient run;

    @BeforeAll
    static void start() {
        cluster = TwoTenants.start(folder);
        cluster.b.create("busy", PROJECT);
        cluster.kubeletB.run(cluster.kubeletB.pod(cluster.kubeletB.awaitJob("busy-1")));
        // When a pod is seen for the first time it is looked at who has claimed the run.
        cluster.awaitRequest("get updates team-b/busy-1");
        for (String stack : new String[] {"own", "other"}) {
            createStack(cluster.editor, A, stack, PROJECT);
            cluster.kubeletA.awaitJob(stack + "-1");
        }
        run = cluster.kubeletA.asRun("own-1");
    }

    @AfterAll
    static void stop() {
        run.close();
        cluster.close();
    }

    @BeforeEach
    void remember() {
        cluster.remember();
    }

    @AfterEach
    void nothingTouchedOrRead() {
        cluster.assertNothingTouchedOrRead();
    }

    /** As the API server itself puts it. */
    @Test
    void itIsGoodForOneUpdateAndOneSecret() {
        assertThat(rights(run, A))
                .containsExactlyInAnyOrder(
                        "get updates own-1",
                        "patch updates/status own-1",
                        "get secrets own-1-run-result",
                        "patch secrets own-1-run-result");
        for (String namespace : new String[] {B, OPERATORS, "default", "kube-system"}) {
            assertThat(rights(run, namespace)).isEmpty();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"default", "deployer"})
    void theAccountOfThePodGetsNoRightsFromUs(String account) {
        try (KubernetesClient pod = as(account)) {
            for (String namespace : new String[] {A, B, OPERATORS}) {
                assertThat(rights(pod, namespace)).isEmpty();
            }
        }
    }

    @Test
    void itReportsOnNoOtherUpdate() {
        for (String[] other : new String[][] {{A, "other-1"}, {B, "busy-1"}, {B, "shop-1"}}) {
            assertThat(refused(() -> run.resources(Update.class)
                            .inNamespace(other[0])
                            .withName(other[1])
                            .subresource("status")
                            .patch(
                                    PatchContext.of(PatchType.JSON_MERGE),
                                    "{\"status\": {\"run\": {\"result\": \"Succeeded\"}}}")))
                    .isEqualTo(403);
            assertThat(refused(() -> run.resources(Update.class)
                            .inNamespace(other[0])
                            .withName(other[1])
                            .get()))
                    .isEqualTo(403);
        }
    }

    @Test
    void itReadsAndWritesNoOtherSecret() {
        for (String[] other : new String[][] {
            {A, "other-1-run-result"},
            {A, "other-1-run-input"},
            {A, "own-1-run-input"},
            {A, "own-passphrase"},
            {B, "busy-1-run-result"},
            {B, "cloud"},
            {OPERATORS, "stackwright-installation"}
        }) {
            var secret = run.secrets().inNamespace(other[0]).withName(other[1]);
            assertThat(refused(secret::get)).as(other[1]).isEqualTo(403);
            assertThat(refused(
                            () -> secret.patch(PatchContext.of(PatchType.JSON_MERGE), "{\"data\": {\"a\": \"YQ==\"}}")))
                    .as(other[1])
                    .isEqualTo(403);
        }
        assertThat(refused(() -> run.secrets().inNamespace(A).list())).isEqualTo(403);
        assertThat(refused(() -> run.secrets().inAnyNamespace().list())).isEqualTo(403);
        assertThat(refused(() -> run.secrets()
                        .inNamespace(A)
                        .withName("own-1-run-result")
                        .delete()))
                .isEqualTo(403);
    }

    static Stream<HasMetadata> creations() {
        return Stream.of(
                new PodBuilder()
                        .withNewMetadata()
                        .withName("made")
                        .endMetadata()
                        .withNewSpec()
                        .addNewContainer()
                        .withName("c")
                        .withImage("i")
                        .endContainer()
                        .endSpec()
                        .build(),
                new JobBuilder()
                        .withNewMetadata()
                        .withName("made")
                        .endMetadata()
                        .build(),
                new SecretBuilder()
                        .withNewMetadata()
                        .withName("made")
                        .endMetadata()
                        .build(),
                new ConfigMapBuilder()
                        .withNewMetadata()
                        .withName("made")
                        .endMetadata()
                        .build(),
                new RoleBindingBuilder()
                        .withNewMetadata()
                        .withName("made")
                        .endMetadata()
                        .withNewRoleRef("rbac.authorization.k8s.io", "ClusterRole", "cluster-admin")
                        .build());
    }

    @ParameterizedTest
    @MethodSource("creations")
    void itCreatesNothing(HasMetadata object) {
        for (String namespace : new String[] {A, B, OPERATORS}) {
            object.getMetadata().setNamespace(namespace);
            assertThat(refused(() -> run.resource(object).create())).isEqualTo(403);
        }
    }

    @Test
    void itMakesNeitherStacksNorUpdates() {
        for (String namespace : new String[] {A, B, OPERATORS}) {
            assertThat(refused(() -> createStack(run, namespace, "made", PROJECT)))
                    .isEqualTo(403);
            assertThat(refused(
                            () -> new Stacks(run, namespace).createUpdate("made", "{stack: own, operation: Refresh}")))
                    .isEqualTo(403);
            assertThat(refused(() ->
                            run.resources(Stack.class).inNamespace(namespace).list()))
                    .isEqualTo(403);
        }
    }

    @Test
    void itGetsNoOtherTokenAndNoLongerOne() {
        for (String[] account :
                new String[][] {{A, "own-1-run"}, {A, "default"}, {B, "default"}, {OPERATORS, "stackwright"}}) {
            assertThat(refused(() -> run.serviceAccounts()
                            .inNamespace(account[0])
                            .withName(account[1])
                            .tokenRequest(new TokenRequestBuilder()
                                    .withNewSpec()
                                    .endSpec()
                                    .build())))
                    .isEqualTo(403);
        }
    }

    /** With the right to patch a status one changes a status: whose the Update is and what it is to do stays. */
    @Test
    void itChangesNothingButTheStatusOfItsUpdate() {
        // given
        Update before = cluster.seenA.update("own-1");
        String forged = """
            {"metadata": {"labels": {"stackwright.io/stack": "shop"}, "finalizers": [], "ownerReferences":
              [{"apiVersion": "stackwright.io/v1alpha1", "kind": "Stack", "name": "shop", "uid": "%s"}]},
             "spec": {"stack": "other", "operation": "Destroy"}, "status": {"run": {"log": "x"}}}
            """.formatted(cluster.b.get("shop").getMetadata().getUid());

        // when
        run.resources(Update.class)
                .inNamespace(A)
                .withName("own-1")
                .subresource("status")
                .patch(PatchContext.of(PatchType.JSON_MERGE), forged);

        // then
        Update after = cluster.seenA.update("own-1");
        assertThat(after.getSpec()).isEqualTo(before.getSpec());
        assertThat(after.getMetadata().getLabels())
                .isEqualTo(before.getMetadata().getLabels());
        assertThat(after.getMetadata().getFinalizers())
                .isEqualTo(before.getMetadata().getFinalizers());
        assertThat(after.getMetadata().getOwnerReferences())
                .isEqualTo(before.getMetadata().getOwnerReferences());
        assertThat(refused(() -> run.resources(Update.class)
                        .inNamespace(A)
                        .withName("own-1")
                        .patch(PatchContext.of(PatchType.JSON_MERGE), forged)))
                .isEqualTo(403);
        assertThat(refused(() -> run.resources(Update.class)
                        .inNamespace(A)
                        .withName("own-1")
                        .delete()))
                .isEqualTo(403);
    }

    @Test
    void itIsWorthlessAfterTheRun() {
        // given
        createStack(cluster.editor, A, "ended", PROJECT);
        Pod pod = cluster.kubeletA.run(cluster.kubeletA.pod(cluster.kubeletA.awaitJob("ended-1")));
        try (KubernetesClient token = cluster.kubeletA.asRun("ended-1")) {
            cluster.kubeletA.claim(token, "ended-1", pod);

            // when
            TwoTenants.report(cluster.kubeletA, token, "ended-1", Results.succeeded("{}"));
            TwoTenants.awaitCleared(cluster.kubeletA, cluster.seenA, "ended-1");

            // then although its pod still runs
            assertDead(token, "ended-1");
        }
    }

    @Test
    void itIsWorthlessAfterARunThatWasTakenAway() {
        // given
        createStack(cluster.editor, A, "killed", PROJECT);
        Pod pod = cluster.kubeletA.run(cluster.kubeletA.pod(cluster.kubeletA.awaitJob("killed-1")));
        try (KubernetesClient token = cluster.kubeletA.asRun("killed-1")) {
            cluster.kubeletA.claim(token, "killed-1", pod);

            // when
            cluster.kubeletA.end(pod, "exitCode: 137, reason: OOMKilled");
            cluster.seenA.awaitPhase("killed-1", Phase.Interrupted);
            TwoTenants.awaitCleared(cluster.kubeletA, cluster.seenA, "killed-1");

            // then
            assertRefused(token, "killed-1");
        }
    }

    private static void assertDead(KubernetesClient token, String update) {
        assertRefused(token, update);
        Stacks.patiently()
                .ignoreException(AssertionError.class)
                .until(() -> refused(() -> rights(token, A)) == HttpURLConnection.HTTP_UNAUTHORIZED);
    }

    private static void assertRefused(KubernetesClient token, String update) {
        // What authenticated a moment ago is remembered by the API server for some seconds, with no rights left.
        assertThat(refused(() -> cluster.kubeletA.patchStatus(token, update, "{\"result\": \"Failed\"}")))
                .isIn(HttpURLConnection.HTTP_UNAUTHORIZED, HttpURLConnection.HTTP_FORBIDDEN);
    }

    private static List<String> rights(KubernetesClient client, String namespace) {
        List<ResourceRule> rules = client.authorization()
                .v1()
                .selfSubjectRulesReview()
                .create(new SelfSubjectRulesReviewBuilder()
                        .withNewSpec()
                        .withNamespace(namespace)
                        .endSpec()
                        .build())
                .getStatus()
                .getResourceRules();
        return rules.stream()
                .filter(rule -> rule.getApiGroups().stream().noneMatch(FOR_EVERYBODY::contains))
                .flatMap(rule -> rule.getVerbs().stream()
                        .flatMap(verb -> rule.getResources().stream()
                                .flatMap(resource -> names(rule).map(name -> verb + " " + resource + " " + name))))
                .toList();
    }

    private static Stream<String> names(ResourceRule rule) {
        return rule.getResourceNames().isEmpty() ? Stream.of("*") : rule.getResourceNames().stream();
    }

    private static KubernetesClient as(String account) {
        String token = cluster.admin
                .serviceAccounts()
                .inNamespace(A)
                .withName(account)
                .tokenRequest(new TokenRequestBuilder().withNewSpec().endSpec().build())
                .getStatus()
                .getToken();
        var config = new io.fabric8.kubernetes.client.ConfigBuilder(cluster.admin.getConfiguration())
                .withOauthToken(token)
                .build();
        return new KubernetesClientBuilder().withConfig(config).build();
    }
}
