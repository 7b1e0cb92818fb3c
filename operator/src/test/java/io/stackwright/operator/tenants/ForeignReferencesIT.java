package io.stackwright.operator.tenants;

import static io.stackwright.operator.tenants.TwoTenants.A;
import static io.stackwright.operator.tenants.TwoTenants.B;
import static io.stackwright.operator.tenants.TwoTenants.OPERATORS;
import static io.stackwright.operator.tenants.TwoTenants.createStack;
import static io.stackwright.operator.tenants.TwoTenants.refused;
import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import io.stackwright.api.v1alpha1.Condition;
import io.stackwright.api.v1alpha1.Reason;
import io.stackwright.api.v1alpha1.Stack;
import io.stackwright.api.v1alpha1.Update;
import io.stackwright.operator.stack.Stacks;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Whoever may edit Stacks in one namespace names objects of another one, or reaches for its Stacks: a reference is looked
 * up at home and nowhere else, and the API server keeps the rest.
 */
class ForeignReferencesIT {

    private static final String PROJECT = "project: {inline: {name: thief, runtime: yaml}}\n";

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

    @BeforeEach
    void remember() {
        cluster.remember();
    }

    @AfterEach
    void nothingTouchedOrRead() {
        cluster.assertNothingTouchedOrRead();
    }

    /** The objects exist in team B's namespace and under no such name in team A's. */
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "secret-key-ref| env: [{name: T, valueFrom: {secretKeyRef: {name: cloud, namespace: team-b, key:"
                        + " token}}}]| InputsNotReady",
                "config-map-key-ref| env: [{name: T, valueFrom: {configMapKeyRef: {name: program, namespace: team-b,"
                        + " key: Pulumi.yaml}}}]| InputsNotReady",
                "env-from-secret| envFrom: [{secretRef: {name: cloud, namespace: team-b}}]| InputsNotReady",
                "env-from-config-map| envFrom: [{configMapRef: {name: program, namespace: team-b}}]| InputsNotReady",
                "config-from-secret| configFrom: [{key: t, secretKeyRef: {name: cloud, namespace: team-b, key:"
                        + " token}}]| InputsNotReady",
                "config-from-config-map| configFrom: [{key: t, configMapKeyRef: {name: program, namespace: team-b, key:"
                        + " Pulumi.yaml}}]| InputsNotReady",
                "passphrase-of-b| secretsProvider: {passphrase: {secretKeyRef: {name: shop-passphrase, namespace:"
                        + " team-b, key: passphrase}}}| InputsNotReady",
                "outputs-of-b| envFrom: [{secretRef: {name: shop-outputs, namespace: team-b}}]| InputsNotReady",
                "installation| envFrom: [{secretRef: {name: stackwright-installation, namespace: operators}}]|"
                        + " InputsNotReady"
            })
    void anObjectOfAnotherNamespaceDoesNotExist(String name, String reference, Reason reason) {
        // when
        createStack(cluster.editor, A, name, PROJECT + reference);

        // then
        assertThat(cluster.seenA.awaitInProgress(name, reason).message()).contains("does not exist");
        assertThat(cluster.jobsOf(name)).isEmpty();
    }

    @Test
    void aProgramInAConfigMapOfAnotherNamespaceDoesNotExist() {
        // when
        createStack(cluster.editor, A, "program-of-b", "project: {configMap: {name: program, namespace: team-b}}");

        // then
        cluster.seenA.awaitInProgress("program-of-b", Reason.SourceNotReady);
        assertThat(cluster.jobsOf("program-of-b")).isEmpty();
    }

    @Test
    void gitCredentialsOfAnotherNamespaceDoNotExist() {
        // when
        createStack(
                cluster.editor,
                A,
                "git-of-b",
                "project: {git: {url: \"https://localhost:1/b.git\", secretRef: {name: git, namespace: team-b}}}");

        // then
        Condition condition = cluster.seenA.awaitInProgress("git-of-b", Reason.SourceNotReady);
        assertThat(condition.message()).contains("git");
        assertThat(cluster.jobsOf("git-of-b")).isEmpty();
    }

    /** What a client that puts names together to paths would be led astray by. */
    @ParameterizedTest
    @ValueSource(strings = {"../../team-b/secrets/cloud", "team-b/cloud", "..", "%2e%2e", "cloud?x=y", "cloud\\u0000"})
    void aNameThatIsAPathIsRefusedByTheSchema(String name) {
        for (String field : new String[] {
            "envFrom: [{secretRef: {name: \"%s\"}}]",
            "envFrom: [{configMapRef: {name: \"%s\"}}]",
            "env: [{name: T, valueFrom: {secretKeyRef: {name: \"%s\", key: token}}}]",
            "configFrom: [{key: t, secretKeyRef: {name: \"%s\", key: token}}]",
            "secretsProvider: {passphrase: {secretKeyRef: {name: \"%s\", key: token}}}",
            "outputs: {secret: {name: \"%s\"}}",
            "execution: {serviceAccountName: \"%s\"}"
        }) {
            assertThat(refused(() -> createStack(cluster.editor, A, "path", PROJECT + field.formatted(name))))
                    .as(field)
                    .isEqualTo(422);
        }
    }

    /** Each line: a request that a person's word is asked for with, on team B's Stack or on its Update. */
    @ParameterizedTest
    @CsvSource({
        "stackwright.io/unlock, 2d8b943b-5013-496b-9f9f-0932ecb2699b",
        "stackwright.io/abandon, shop",
        "stackwright.io/reconcile, now",
        "reconcile.fluxcd.io/requestedAt, now",
        "stackwright.io/recreate, shop-1",
        "stackwright.io/cancel, 'true'"
    })
    void nobodySpeaksForAForeignStack(String annotation, String value) {
        // given
        String patch = "{\"metadata\": {\"annotations\": {\"" + annotation + "\": \"" + value + "\"}}}";

        // then
        for (KubernetesClient tenant : new KubernetesClient[] {cluster.editor, cluster.owner}) {
            assertThat(refused(() -> tenant.resources(Stack.class)
                            .inNamespace(B)
                            .withName("shop")
                            .patch(PatchContext.of(PatchType.JSON_MERGE), patch)))
                    .isEqualTo(403);
            assertThat(refused(() -> tenant.resources(Update.class)
                            .inNamespace(B)
                            .withName("shop-1")
                            .patch(PatchContext.of(PatchType.JSON_MERGE), patch)))
                    .isEqualTo(403);
        }
    }

    @Test
    void foreignStacksAndUpdatesAreNeitherReadNorWritten() {
        for (String namespace : new String[] {B, OPERATORS}) {
            assertThat(refused(() -> createStack(cluster.owner, namespace, "implant", PROJECT)))
                    .isEqualTo(403);
            assertThat(refused(() -> new Stacks(cluster.owner, namespace)
                            .createUpdate("implant", "{stack: shop, operation: Preview}")))
                    .isEqualTo(403);
            assertThat(refused(() -> new Stacks(cluster.owner, namespace).get("shop")))
                    .isEqualTo(403);
            assertThat(refused(() -> new Stacks(cluster.owner, namespace).delete("shop")))
                    .isEqualTo(403);
            assertThat(refused(() -> new Stacks(cluster.owner, namespace).secret("shop-outputs")))
                    .isEqualTo(403);
            assertThat(refused(() -> cluster.owner
                            .resources(Update.class)
                            .inNamespace(namespace)
                            .list()))
                    .isEqualTo(403);
        }
    }

    /** The chart's edit role is for Stacks and Updates: what they did is the operator's to say. */
    @Test
    void anEditorWritesNoStatusAndReadsNoSecretOfItsOwnNamespaceEither() {
        // given
        createStack(cluster.editor, A, "status", PROJECT + "suspend: true");
        cluster.a.createUpdate("status-look", "{stack: status, operation: Preview}");

        // then
        assertThat(refused(() -> cluster.editor
                        .resources(Stack.class)
                        .inNamespace(A)
                        .withName("status")
                        .subresource("status")
                        .patch(PatchContext.of(PatchType.JSON_MERGE), "{\"status\": {\"outputsSecret\": \"x\"}}")))
                .isEqualTo(403);
        assertThat(refused(() -> cluster.editor
                        .resources(Update.class)
                        .inNamespace(A)
                        .withName("status-look")
                        .subresource("status")
                        .patch(PatchContext.of(PatchType.JSON_MERGE), "{\"status\": {\"phase\": \"Succeeded\"}}")))
                .isEqualTo(403);
        assertThat(refused(() -> cluster.editor.secrets().inNamespace(A).list()))
                .isEqualTo(403);
        assertThat(refused(() -> cluster.editor.pods().inNamespace(A).list())).isEqualTo(403);
    }

    @Test
    void anUpdateNamesAStackOfItsOwnNamespace() {
        // when
        cluster.a.createUpdate("reach", "{stack: shop, operation: Preview}");

        // then
        Stacks.patiently()
                .untilAsserted(
                        () -> assertThat(cluster.a.update("reach").getStatus().conditions())
                                .extracting(Condition::reason)
                                .contains(Reason.StackNotFound.name()));
        assertThat(refused(() -> cluster.a.createUpdate("reach-path", "{stack: team-b/shop, operation: Preview}")))
                .isEqualTo(422);
    }
}
