package io.stackwright.operator.tenants;

import static io.stackwright.operator.stack.Stacks.patiently;
import static io.stackwright.operator.tenants.TwoTenants.A;
import static io.stackwright.operator.tenants.TwoTenants.B;
import static io.stackwright.operator.tenants.TwoTenants.createStack;
import static io.stackwright.operator.tenants.TwoTenants.refused;
import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import io.fabric8.kubernetes.client.utils.Serialization;
import io.stackwright.api.v1alpha1.Condition;
import io.stackwright.api.v1alpha1.Phase;
import io.stackwright.api.v1alpha1.Reason;
import io.stackwright.api.v1alpha1.StackStatus.CurrentStatus;
import io.stackwright.api.v1alpha1.Update;
import io.stackwright.operator.execution.job.RunObjects;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Map;
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
 * The program of a run writes the run's report itself. Whatever it says, it counts for its own Stack, within bounds, and
 * the operator goes on.
 */
class ForgedReportsIT {

    private static final int STATUS_LIMIT = 64 << 10;

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

    @Test
    void aReportThatNamesAnotherStackCountsForItsOwn() {
        // when
        String uid = cluster.b.get("shop").getMetadata().getUid();
        run("names", """
            {"version": 1, "namespace": "team-b", "stack": "shop", "stackUid": "%1$s", "update": "shop-1",
             "run": {"stack": {"namespace": "team-b", "name": "shop"}, "stackUid": "%1$s", "update": "shop-1"},
             "outcome": {"result": "Succeeded", "adopted": false, "resources": 2, "tags": {},
               "outputsSecret": "cloud", "namespace": "team-b", "stack": {"name": "shop"},
               "outputs": {"mine": {"value": "x", "secret": false}}}}
            """.formatted(uid));

        // then
        cluster.seenA.awaitReady("names");
        assertThat(cluster.seenA.secret("names-outputs")).containsExactly(Map.entry("mine", "x"));
        assertThat(cluster.seenA.status("names").stack().backend()).contains("team-a");
    }

    /** Each line: the name of an output, which becomes the key of a Secret. */
    @ParameterizedTest
    @ValueSource(strings = {"../../team-b/secrets/cloud", "..", "a/b", "", "\\u0000", "a\\nb"})
    void outputsThatAreNamedLikePathsAreNotPublished(String output) {
        // when
        String stack = "paths-" + Math.abs(output.hashCode() % 10_000);
        run(stack, Results.succeeded("{\"" + output + "\": {\"value\": 1, \"secret\": true}}"));

        // then
        cluster.seenA.awaitStalled(stack, Reason.OutputsInvalid);
        assertThat(cluster.seenA.secret(stack + "-outputs")).isNull();
    }

    /** It asks whether Stacks of team B exist: by whether it may have the Pulumi stack next time. */
    @Test
    void aReportThatNamesAnOwnerOfAnotherNamespaceLearnsNothingOfIt() {
        // when
        run("asks-present", foreignOwner(B, cluster.b.get("shop").getMetadata().getUid()));
        run("asks-absent", foreignOwner(B, "00000000-0000-0000-0000-000000000000"));

        // then
        Condition present = cluster.seenA.awaitStalled("asks-present", Reason.IdentityClaimed);
        assertThat(present.message()).doesNotContain("shop", B);
        patiently()
                .untilAsserted(() -> assertThat(
                                cluster.seenA.status("asks-absent").failures().reason())
                        .isIn(Reason.UpdateFailed.name(), Reason.IdentityClaimed.name()));
        assertThat(cluster.seenA.status("asks-absent").failures().message()).doesNotContain("shop", B);
    }

    /** What is kept of an owner for the next run would fill the memory of everybody's operator. */
    @Test
    void anOwnerOfHalfAMillionLettersIsNone() {
        // when
        run("asks-at-length", foreignOwner(A, "x".repeat(500_000)));

        // then there is no such Stack, and yet nothing is released
        cluster.seenA.awaitStalled("asks-at-length", Reason.IdentityClaimed);
    }

    private static String foreignOwner(String namespace, String uid) {
        return "{\"version\": 1, \"outcome\": {\"result\": \"Failed\", \"failure\": {\"kind\": \"INVALID\", \"reason\":"
                + " \"IdentityClaimed\", \"message\": \"taken\"}}, \"foreignOwner\": {\"namespace\": \"" + namespace
                + "\", \"stackUid\": \"" + uid + "\"}}";
    }

    /** Each line: what is left in place of a report. Its Stack comes to an end of some kind, and is small. */
    @ParameterizedTest(name = "{0}")
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "nothing| ",
                "no-json| {\"outcome\":",
                "a-list| []",
                "unknown-result| {\"outcome\": {\"result\": \"Conquered\"}}",
                "unknown-reason| {\"outcome\": {\"result\": \"Failed\", \"failure\": {\"kind\": \"EVIL\", \"reason\":"
                        + " \"Pwned\", \"message\": \"m\"}}}",
                "wrong-types| {\"outcome\": {\"result\": \"Succeeded\", \"outputs\": [1], \"resources\": \"many\"}}",
                "wrong-version| {\"version\": 2147483648, \"outcome\": {\"result\": \"Succeeded\"}}",
                "many-resources| {\"outcome\": {\"result\": \"Succeeded\", \"adopted\": false, \"resources\":"
                        + " 1e999999999, \"outputs\": {}}}",
                "big-number| {\"outcome\": {\"result\": \"Succeeded\", \"adopted\": false, \"outputs\": {\"n\":"
                        + " {\"value\": 1e999999999, \"secret\": false}}}}",
                "small-number| {\"outcome\": {\"result\": \"Succeeded\", \"adopted\": false, \"outputs\": {\"n\":"
                        + " {\"value\": 1e-999999999, \"secret\": true}}}}",
                "no-value| {\"outcome\": {\"result\": \"Succeeded\", \"adopted\": false, \"outputs\": {\"n\": null,"
                        + " \"m\": {}}}}",
                "long-message| {\"outcome\": {\"result\": \"Failed\", \"failure\": {\"message\": \"LONG\"}}}",
                "long-output| {\"outcome\": {\"result\": \"Succeeded\", \"adopted\": false, \"outputs\": {\"n\":"
                        + " {\"value\": \"LONG\", \"secret\": false}}}}",
                "long-name| {\"outcome\": {\"result\": \"Succeeded\", \"adopted\": false, \"outputs\": {\"LONG\":"
                        + " {\"value\": 1, \"secret\": true}}}}",
                "many-outputs| {\"outcome\": {\"result\": \"Succeeded\", \"adopted\": false, \"outputs\": {MANY}}}",
                "deep| {\"outcome\": {\"result\": \"Succeeded\", \"adopted\": false, \"outputs\": {\"n\": {\"value\":"
                        + " DEEP, \"secret\": false}}}}",
                "long-tags| {\"outcome\": {\"result\": \"Succeeded\", \"adopted\": false, \"outputs\": {}, \"tags\":"
                        + " {\"t\": \"LONG\"}}}"
            })
    void whatIsNoReportDoesNoHarm(String name, String report) {
        // given
        StringBuilder many = new StringBuilder();
        for (int i = 0; i < 20_000; i++) {
            many.append(i == 0 ? "" : ",").append("\"o").append(i).append("\":{\"value\":1,\"secret\":true}");
        }
        String document = report == null
                ? ""
                : report.replace("LONG", "x".repeat(500_000))
                        .replace("MANY", many)
                        .replace("DEEP", "[".repeat(900) + "]".repeat(900));

        // when
        run(name, document);

        // then
        Update ended = patiently()
                .until(
                        () -> cluster.seenA.update(name + "-1"),
                        update -> update.getStatus().phase() != null
                                && update.getStatus().phase().isFinal());
        assertThat(ended.getStatus().phase()).isIn(Phase.Succeeded, Phase.Failed, Phase.Interrupted);
        patiently().untilAsserted(() -> {
            CurrentStatus current = cluster.seenA.status(name).current();
            assertThat(current == null ? null : current.update()).isNotEqualTo(name + "-1");
        });
        assertThat(Serialization.asYaml(cluster.seenA.status(name))).hasSizeLessThan(STATUS_LIMIT);
    }

    /** The salt of another encryption would make the state unreadable; what is none is not kept. */
    @ParameterizedTest
    @ValueSource(strings = {"v1:x", "v1:c2FsdHNhbHQ=:v1:bm9u\\nY2U=:x", "{}", "v1:../../x:v1:a:b"})
    void aSaltThatIsNoneIsNotKept(String salt) {
        // given
        String stack = "salt-" + Math.abs(salt.hashCode() % 10_000);
        createStack(cluster.editor, A, stack, project(stack));
        Pod pod = cluster.kubeletA.run(cluster.kubeletA.pod(cluster.kubeletA.awaitJob(stack + "-1")));
        try (KubernetesClient token = cluster.kubeletA.asRun(stack + "-1")) {
            cluster.kubeletA.claim(token, stack + "-1", pod);
            cluster.kubeletA.put(
                    token, stack + "-1", RunObjects.ENCRYPTION_SALT, salt.getBytes(StandardCharsets.UTF_8));

            // when
            TwoTenants.report(cluster.kubeletA, token, stack + "-1", Results.succeeded("{}"));
        }
        cluster.kubeletA.succeed(pod);

        // then
        cluster.seenA.awaitReady(stack);
        assertThat(cluster.seenA.secret(stack + "-passphrase")).doesNotContainKey("encryptionsalt");
    }

    /** Each line: what the run writes into the status of its Update, while its pod goes on. */
    @ParameterizedTest(name = "{0}")
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "ended| {\"phase\": \"Succeeded\", \"finishedAt\": \"2020-01-01T00:00:00Z\"}",
                "executor-of-b| {\"run\": {\"executor\": {\"instance\": \"POD-OF-B\", \"host\": \"shop-1-x2x4z\"}}}",
                "process| {\"run\": {\"executor\": {\"instance\": \"x\", \"host\": \"HOST\", \"pid\": 1}}}",
                "result-alone| {\"run\": {\"result\": \"Succeeded\"}}",
                "conditions| {\"conditions\": [{\"type\": \"Ready\", \"status\": \"True\", \"reason\": \"Pwned\","
                        + " \"message\": \"m\", \"lastTransitionTime\": \"2020-01-01T00:00:00Z\"}]}"
            })
    void aForgedStatusOfItsUpdateIsNoEndOfTheRun(String name, String status) {
        // given
        createStack(cluster.editor, A, name, project(name));
        Pod pod = cluster.kubeletA.run(cluster.kubeletA.pod(cluster.kubeletA.awaitJob(name + "-1")));
        KubernetesClient token = cluster.kubeletA.asRun(name + "-1");
        cluster.kubeletA.claim(token, name + "-1", pod);
        String podOfB = cluster.admin
                .pods()
                .inNamespace(B)
                .list()
                .getItems()
                .getFirst()
                .getMetadata()
                .getUid();

        // when
        token.resources(Update.class)
                .inNamespace(A)
                .withName(name + "-1")
                .subresource("status")
                .patch(
                        PatchContext.of(PatchType.JSON_MERGE),
                        "{\"status\": "
                                + status.replace("POD-OF-B", podOfB)
                                        .replace("HOST", System.getenv().getOrDefault("HOSTNAME", "localhost"))
                                + "}");

        // then one run at a time: no other Job is made for this Stack while its pod runs
        cluster.a.annotate(name, "stackwright.io/reconcile", "now");
        io.stackwright.operator.stack.Stacks.throughout()
                .untilAsserted(() -> assertThat(cluster.jobsOf(name)).hasSize(1));

        // when
        TwoTenants.report(cluster.kubeletA, token, name + "-1", Results.succeeded("{}"));
        cluster.kubeletA.succeed(pod);
        token.close();

        // then
        patiently()
                .untilAsserted(() -> assertThat(
                                cluster.seenA.update(name + "-1").getStatus().phase())
                        .isEqualTo(Phase.Succeeded));
        patiently().until(() -> cluster.seenA.status(name).applied() != null);
    }

    /** Each line: what the schema of an Update's status has no room for. */
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "{\"phase\": \"Conquered\"}",
                "{\"run\": {\"result\": \"Conquered\"}}",
                "{\"run\": {\"executor\": {\"host\": 1}}}",
                "{\"run\": {\"changes\": {\"create\": \"many\"}}}"
            })
    void aStatusThatIsNoneIsRefusedByTheSchema(String status) {
        // given
        if (cluster.seenA.get("schema") == null) {
            createStack(cluster.editor, A, "schema", project("schema"));
        }
        cluster.kubeletA.awaitJob("schema-1");
        try (KubernetesClient token = cluster.kubeletA.asRun("schema-1")) {
            assertThat(refused(() -> token.resources(Update.class)
                            .inNamespace(A)
                            .withName("schema-1")
                            .subresource("status")
                            .patch(PatchContext.of(PatchType.JSON_MERGE), "{\"status\": " + status + "}")))
                    .isEqualTo(422);
        }
    }

    /** A whole run with that report. */
    private static void run(String stack, String report) {
        createStack(cluster.editor, A, stack, project(stack));
        Pod pod = cluster.kubeletA.run(cluster.kubeletA.pod(cluster.kubeletA.awaitJob(stack + "-1")));
        try (KubernetesClient token = cluster.kubeletA.asRun(stack + "-1")) {
            cluster.kubeletA.claim(token, stack + "-1", pod);
            TwoTenants.report(cluster.kubeletA, token, stack + "-1", report);
        }
        cluster.kubeletA.succeed(pod);
    }

    private static String project(String name) {
        return "project: {inline: {name: " + name + ", runtime: yaml}}\nupdates: {retry: {initial: 1h, max: 1h}}\n";
    }
}
