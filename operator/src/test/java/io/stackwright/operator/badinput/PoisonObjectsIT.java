package io.stackwright.operator.badinput;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import io.fabric8.kubernetes.client.utils.Serialization;
import io.stackwright.api.v1alpha1.Phase;
import io.stackwright.api.v1alpha1.Update;
import io.stackwright.operator.RecordedPulumi;
import io.stackwright.operator.RunningOperator;
import io.stackwright.operator.Scenario;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.io.TempDir;

/**
 * Objects that cannot be read, made under another schema: in specs and in statuses, there before the operator starts
 * and made while it runs. None of them stops it or keeps it busy; the Stacks beside them become Ready and go on.
 */
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class PoisonObjectsIT {

    private static final String GOOD = """
        project:
          inline:
            name: %s
            runtime: yaml
            config: {greeting: {type: string, default: hi}}
            outputs: {out: "${greeting}"}
        """;

    private static final Map<String, String> SPECS = Map.of(
            "enum", GOOD.formatted("poison") + "deletionPolicy: FromTheFuture",
            "overflow", GOOD.formatted("poison") + "historyLimit: 9223372036854775807",
            "text", GOOD.formatted("poison") + "updates: {parallel: many}",
            "list", "[not, an, object]",
            "object", GOOD.formatted("poison") + "env: {name: A}",
            "nulls", GOOD.formatted("poison") + "env: [null]\nconfigFrom: [null]",
            "sources", "project: {git: {url: 7}, configMap: [a]}");

    private static final Map<String, String> STATUSES = Map.of(
            "text", "observedGeneration: many",
            "operation", "current: {update: nobody, operation: Transmogrify, generation: 1}",
            "conditions", "conditions: [null, {type: Ready}, 7]",
            "failures", "failures: {count: lots, reason: X, nextAttemptAt: soon}",
            "instant", "failures: {count: 1, reason: X, generation: 1, fingerprint: \"\", nextAttemptAt: soon}",
            "applied", "applied: {revision: [a], generation: 1}",
            "identity", "stack: {organization: 1, project: []}",
            "scalar", "nothing");

    @TempDir
    private static Path folder;

    private static RecordedPulumi pulumi;
    private static RunningOperator operator;
    private static Scenario scenario;

    @BeforeAll
    static void startOperator() throws Exception {
        pulumi = RecordedPulumi.in(Files.createDirectories(folder.resolve("cli")));
        operator = RunningOperator.start(folder.resolve("data"), RunningOperator.pulumi(pulumi.command()));
        scenario = new Scenario(operator);
    }

    @AfterAll
    static void stopOperator() {
        operator.close();
        // What the committed schema does not fit can only be removed without it.
        try (OpenSchema open = new OpenSchema(operator.client(), operator.namespace())) {
            for (String kind : List.of("Stack", "Update")) {
                for (GenericKubernetesResource left : objects(kind)) {
                    operator.client()
                            .resource(left)
                            .patch(PatchContext.of(PatchType.JSON_MERGE), "{\"metadata\": {\"finalizers\": null}}");
                    operator.client().resource(left).delete();
                }
            }
        }
    }

    private static List<GenericKubernetesResource> objects(String kind) {
        return operator.client()
                .genericKubernetesResources("stackwright.io/v1alpha1", kind)
                .inNamespace(operator.namespace())
                .list()
                .getItems();
    }

    @Test
    @Order(1)
    void whileItRuns() {
        // given
        goods("before").forEach(PoisonObjectsIT::create);

        // when
        poison("running");
        goods("after").forEach(PoisonObjectsIT::create);

        // then
        goods("before").forEach(scenario::awaitReady);
        goods("after").forEach(scenario::awaitReady);
        theyTakeChanges(goods("before"));
        assertThat(isLive()).isTrue();
        theUnreadableOnesSaySo("running");
    }

    @Test
    @Order(2)
    void beforeItStarts() {
        // given
        operator.stop();
        poison("started");
        goods("between").forEach(PoisonObjectsIT::create);

        // when
        operator.start();

        // then
        goods("between").forEach(scenario::awaitReady);
        theyTakeChanges(goods("after"));
        assertThat(isLive()).isTrue();
        theUnreadableOnesSaySo("started");
    }

    @Test
    @Order(3)
    void noUpdateOfAnUnknownPhaseIsRunAgain() {
        // given: the phases were written by another version, whatever they mean
        create("phases");
        scenario.awaitReady("phases");
        int calls = pulumi.calls().size();

        // when
        try (OpenSchema open = new OpenSchema(operator.client(), operator.namespace())) {
            open.create("Update", "phases-waits", "{stack: phases, operation: Preview}", "phase: AwaitingSomething");
            open.create("Update", "phases-spec", "{stack: phases, operation: Transmogrify}", null);
            open.create("Update", "phases-known", "{stack: phases, operation: Preview}", null);
        }

        // then
        awaitPhase("phases-known", Phase.Succeeded);
        awaitPhase("phases-spec", Phase.Failed);
        assertThat(update("phases-spec").getStatus().failure().message()).contains("cannot read");
        assertThat(objects("Update"))
                .filteredOn(update -> update.getMetadata().getName().equals("phases-waits"))
                .singleElement()
                .satisfies(update -> assertThat(Serialization.asJson(update)).contains("AwaitingSomething"));
        assertThat(pulumi.calls().size()).isEqualTo(calls + 1);
        scenario.awaitReady("phases");
    }

    @Test
    @Order(4)
    void theyKeepNobodyBusy() {
        try (Looks looks = new Looks()) {
            // when: a while in which nothing is asked of the operator
            await().during(Duration.ofSeconds(10))
                    .atMost(Duration.ofSeconds(30))
                    .until(PoisonObjectsIT::isLive);

            // then: none is looked at but in growing intervals, whether that succeeds or fails
            assertThat(looks.byObject())
                    .allSatisfy((object, times) -> assertThat(times).as(object).isLessThanOrEqualTo(5));

            // when, to see that looks are seen: an annotation of ours that asks for nothing
            scenario.annotate("phases", "stackwright.io/look", "now");

            // then
            await().atMost(Scenario.PATIENCE)
                    .untilAsserted(() -> assertThat(looks.byObject()).containsKey("phases"));
        }
    }

    private static List<String> goods(String when) {
        return IntStream.rangeClosed(1, 5)
                .mapToObj(i -> "good-" + when + "-" + i)
                .toList();
    }

    private static void create(String name) {
        scenario.apply(name, GOOD.formatted(name));
    }

    private static void poison(String when) {
        try (OpenSchema open = new OpenSchema(operator.client(), operator.namespace())) {
            // With our finalizer: Stacks that another version has looked after.
            SPECS.forEach(
                    (what, spec) -> open.create(managed(open.object("Stack", when + "-spec-" + what, spec, null))));
            STATUSES.forEach((what, status) -> open.create(
                    managed(open.object("Stack", when + "-status-" + what, GOOD.formatted(when + what), status))));
            open.create("Update", when + "-list", "[not, an, object]", null);
            open.create("Update", when + "-stack", "{stack: {a: b}, operation: 7}", null);
            open.create("Update", when + "-phase", "{stack: good-before-1, operation: Up}", "phase: [x]");
            open.create(
                    "Update",
                    when + "-run",
                    "{stack: good-before-1, operation: Up}",
                    "phase: Done\nrun: {executor: 5, result: {a: b}, diagnostics: x}");
            // As large as etcd takes it: nothing can be written to it any more.
            open.create(
                    "Stack",
                    when + "-large",
                    GOOD.formatted("x") + "config: {a: \"" + "x".repeat(1_570_000) + "\"}",
                    null);
            hostileAnnotations(open, when);
        }
    }

    private static GenericKubernetesResource managed(GenericKubernetesResource stack) {
        stack.getMetadata().setFinalizers(List.of("stackwright.io/stack"));
        return stack;
    }

    private static void hostileAnnotations(OpenSchema open, String when) {
        GenericKubernetesResource stack = open.object("Stack", when + "-annotated", GOOD.formatted(when + "a"), null);
        stack.getMetadata()
                .setAnnotations(Map.of(
                        "stackwright.io/reconcile",
                        "",
                        "reconcile.fluxcd.io/requestedAt",
                        "\u0000\u001b[2J\n{\"level\":\"ERROR\"}" + "x".repeat(255 << 10),
                        "stackwright.io/unlock",
                        "../../x",
                        "stackwright.io/unknown",
                        ""));
        open.create(stack);
    }

    private static void theyTakeChanges(List<String> names) {
        for (String name : names) {
            scenario.patch(name, "{\"spec\": {\"config\": {\"greeting\": \"hello\"}}}");
        }
        for (String name : names) {
            await().atMost(Scenario.PATIENCE)
                    .untilAsserted(() -> assertThat(scenario.awaitReady(name)
                                    .getStatus()
                                    .outputs()
                                    .get("out")
                                    .asText())
                            .isEqualTo("hello"));
        }
    }

    private static void theUnreadableOnesSaySo(String when) {
        for (String what : List.of("enum", "overflow", "text", "object")) {
            scenario.awaitNotReady(when + "-spec-" + what, "InvalidSpec");
        }
        for (String what : List.of("operation", "conditions", "failures", "instant", "applied", "text")) {
            scenario.awaitReady(when + "-status-" + what);
        }
        scenario.awaitReady(when + "-annotated");
    }

    private static Update update(String name) {
        return operator.client()
                .resources(Update.class)
                .inNamespace(operator.namespace())
                .withName(name)
                .get();
    }

    private static void awaitPhase(String name, Phase phase) {
        await().atMost(Scenario.PATIENCE).untilAsserted(() -> {
            assertThat(update(name).getStatus()).isNotNull();
            assertThat(update(name).getStatus().phase()).isEqualTo(phase);
        });
    }

    private static boolean isLive() {
        return get("/livez").statusCode() == 200 && get("/readyz").statusCode() == 200;
    }

    private static HttpResponse<String> get(String path) {
        try (HttpClient http = HttpClient.newHttpClient()) {
            return http.send(
                    HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + operator.httpPort() + path))
                            .build(),
                    HttpResponse.BodyHandlers.ofString());
        } catch (java.io.IOException e) {
            throw new java.io.UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }
}
