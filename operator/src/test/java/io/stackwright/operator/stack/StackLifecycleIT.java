package io.stackwright.operator.stack;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.api.model.batch.v1.Job;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import io.fabric8.kubernetes.client.utils.Serialization;
import io.stackwright.api.v1alpha1.Condition;
import io.stackwright.api.v1alpha1.Operation;
import io.stackwright.api.v1alpha1.Phase;
import io.stackwright.api.v1alpha1.Stack;
import io.stackwright.api.v1alpha1.Update;
import io.stackwright.operator.Mode;
import io.stackwright.operator.RunningOperator;
import io.stackwright.testkit.Toolchain;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The main job, end to end: a Stack goes up, shows its outputs, changes and is destroyed. */
class StackLifecycleIT {

    private static final Duration PATIENCE = Duration.ofSeconds(40);

    @TempDir
    private static Path data;

    private static RunningOperator operator;

    @BeforeAll
    static void startOperator() {
        operator = RunningOperator.start(data);
    }

    @AfterAll
    static void stopOperator() {
        operator.close();
    }

    @Tag("both-modes")
    @Test
    void aStackGoesUpChangesAndIsDestroyed() {
        // given
        Stack stack = apply("""
            apiVersion: stackwright.io/v1alpha1
            kind: Stack
            metadata: {name: hello}
            spec:
              project:
                inline:
                  name: hello
                  runtime: yaml
                  config: {greeting: {type: string, default: hi}}
                  resources:
                    s: {type: "pulumi:index:Stash", properties: {input: "${greeting}"}}
                  outputs:
                    out: ${greeting}
                    obj: {a: 1, b: [x, z]}
                    sec: {"fn::secret": shh}
            """);

        // when, then: it goes up
        awaitReady(stack);
        Stack up = get(stack);
        assertThat(up.getStatus().outputs()).containsKeys("out", "obj").doesNotContainKey("sec");
        assertThat(up.getStatus().outputs().get("obj").toString()).isEqualTo("{\"a\":1,\"b\":[\"x\",\"z\"]}");
        assertThat(up.getStatus().secretOutputs()).containsExactly("sec");
        assertThat(up.getStatus().lastUpdate()).isEqualTo("hello-1");
        assertThat(up.getStatus().current()).isNull();
        assertThat(secret("hello-outputs", "sec")).isEqualTo("shh");
        assertThat(secret("hello-outputs", "out")).isEqualTo("hi");

        // when, then: it changes
        patch(stack, "{\"spec\": {\"config\": {\"greeting\": \"hello\"}}}");
        await().atMost(PATIENCE)
                .untilAsserted(() -> assertThat(
                                get(stack).getStatus().outputs().get("out").asText())
                        .isEqualTo("hello"));
        awaitReady(stack);
        await().atMost(PATIENCE)
                .untilAsserted(() -> assertThat(updates("hello")).hasSize(2).allSatisfy(update -> {
                    assertThat(update.getStatus().phase()).isEqualTo(Phase.Succeeded);
                    assertThat(update.getSpec().operation()).isEqualTo(Operation.Up);
                }));
        assertThat(updates("hello").get(1).getStatus().run().changes().update()).isEqualTo(1);

        // when, then: it goes
        operator.client().resource(get(stack)).delete();
        await().atMost(PATIENCE).untilAsserted(() -> assertThat(get(stack)).isNull());
        assertThat(operator.state().resolve(".pulumi/stacks/hello/hello.json"))
                .satisfies(file -> assertThat(Files.exists(file)).isFalse());
        // A folder of a claim is not the operator's to tidy.
        assertThat(Files.exists(operator.state().resolve(".pulumi/backups/hello/hello")))
                .isEqualTo(Mode.current() == Mode.JOBS);
        assertThat(operator.client()
                        .secrets()
                        .inNamespace(operator.namespace())
                        .withName("hello-outputs")
                        .get())
                .isNull();
        assertThat(jobs()).as("one for each run").hasSize(Mode.current() == Mode.JOBS ? 3 : 0);
    }

    @Test
    void everyDocumentedMetricAppearsOnceItsEventHasHappened() throws Exception {
        // given
        Stack stack = apply("""
            apiVersion: stackwright.io/v1alpha1
            kind: Stack
            metadata: {name: measured}
            spec:
              project: {inline: {name: measured, runtime: yaml, outputs: {out: hi}}}
            """);
        awaitReady(stack);

        // when
        List<String> documented = Pattern.compile("^\\| `(stackwright_\\w+)` \\|", Pattern.MULTILINE)
                .matcher(Files.readString(Toolchain.root().resolve("docs/reference/metrics.md")))
                .results()
                .map(found -> found.group(1))
                .toList();

        // then
        assertThat(documented).hasSizeGreaterThan(8);
        await().atMost(PATIENCE).untilAsserted(() -> {
            String scraped = scrape();
            assertThat(documented)
                    .allSatisfy(metric -> assertThat(scraped).containsPattern("(?m)^" + metric + "(_count)?[{ ]"));
            assertThat(scraped)
                    .containsPattern("stackwright_source_fetches_total\\{kind=\"Inline\",result=\"succeeded\"} [1-9]");
        });
        operator.client().resource(get(stack)).delete();
        await().atMost(PATIENCE).untilAsserted(() -> assertThat(get(stack)).isNull());
    }

    @Test
    void aStartedOperatorIsLiveAndReady() throws Exception {
        assertThat(get("/livez").statusCode()).isEqualTo(200);
        assertThat(get("/readyz").statusCode()).isEqualTo(200);
    }

    private static String scrape() throws Exception {
        return get("/metrics").body();
    }

    private static HttpResponse<String> get(String path) throws Exception {
        try (HttpClient http = HttpClient.newHttpClient()) {
            URI uri = URI.create("http://127.0.0.1:" + operator.httpPort() + path);
            return http.send(HttpRequest.newBuilder(uri).build(), HttpResponse.BodyHandlers.ofString());
        }
    }

    private static Stack apply(String yaml) {
        Stack stack = Serialization.unmarshal(yaml, Stack.class);
        stack.getMetadata().setNamespace(operator.namespace());
        return operator.client().resource(operator.fitted(stack)).create();
    }

    private static void patch(Stack stack, String mergePatch) {
        operator.client().resource(stack).patch(PatchContext.of(PatchType.JSON_MERGE), mergePatch);
    }

    private static Stack get(Stack stack) {
        return operator.client().resource(stack).get();
    }

    private static void awaitReady(Stack stack) {
        await().atMost(PATIENCE).pollInterval(Duration.ofMillis(50)).untilAsserted(() -> {
            Stack now = get(stack);
            assertThat(now.getStatus().observedGeneration())
                    .isEqualTo(now.getMetadata().getGeneration());
            assertThat(now.getStatus().condition(Condition.READY))
                    .hasValueSatisfying(ready -> assertThat(ready.status())
                            .as("%s: %s", ready.reason(), ready.message())
                            .isEqualTo(Condition.TRUE));
        });
    }

    private static List<Update> updates(String stack) {
        return operator.client().resources(Update.class).inNamespace(operator.namespace()).list().getItems().stream()
                .filter(update -> update.getSpec().stack().equals(stack))
                .toList();
    }

    private static List<Job> jobs() {
        return operator.client()
                .batch()
                .v1()
                .jobs()
                .inNamespace(operator.namespace())
                .list()
                .getItems();
    }

    private static String secret(String name, String key) {
        Secret secret = operator.client()
                .secrets()
                .inNamespace(operator.namespace())
                .withName(name)
                .get();
        return new String(Base64.getDecoder().decode(secret.getData().get(key)), StandardCharsets.UTF_8);
    }
}
