package io.stackwright.operator.gitops;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import io.fabric8.kubernetes.client.dsl.base.ResourceDefinitionContext;
import io.fabric8.kubernetes.client.utils.Serialization;
import io.stackwright.operator.RecordedPulumi;
import io.stackwright.operator.RunningOperator;
import io.stackwright.operator.Scenario;
import io.stackwright.testkit.ControlPlane;
import io.stackwright.testkit.GitOpsTools;
import io.stackwright.testkit.GitServer;
import io.stackwright.testkit.Toolchain;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Predicate;
import org.awaitility.Awaitility;
import org.awaitility.core.ConditionTimeoutException;

/** Real Stacks and Updates in each {@link State}: a real API server, a real operator, the real Pulumi CLI. */
final class SampledRuns implements AutoCloseable {

    private static final String PROGRAM = """
        project:
          inline:
            name: shop
            runtime: yaml
            config: {greeting: {type: string, default: hi}}
            resources:
              window: {type: "pulumi:index:Stash", properties: {input: "${greeting}"}%s}
            outputs: {greeting: "${greeting}"}
        """;
    private static final String SHOP = PROGRAM.formatted("");
    private static final String BROKEN = """
        project:
          inline: {name: shop, runtime: yaml, outputs: {text: {"fn::readFile": ./missing.txt}}}
        """;
    private static final String SUSPEND = "{\"spec\": {\"suspend\": true}}";
    private static final String HELLO = "{\"spec\": {\"config\": {\"greeting\": \"hello\"}}}";
    private static final String GREETINGS = "{\"spec\": {\"config\": {\"greeting\": \"greetings\"}}}";

    private final Map<State, JsonNode> objects = new EnumMap<>(State.class);
    private final Map<State, Boolean> waits = new EnumMap<>(State.class);
    private final Path folder;
    private final RecordedPulumi pulumi;
    private final RunningOperator operator;
    private final Scenario people;
    private final HinderedJobs jobs;
    private boolean working = true;

    SampledRuns(Path folder) {
        this.folder = folder;
        this.pulumi = RecordedPulumi.in(folder);
        this.operator = RunningOperator.start(folder.resolve("data"), RunningOperator.pulumi(pulumi.command()));
        this.people = new Scenario(operator);
        this.jobs = new HinderedJobs(folder.resolve("jobs"));
    }

    String namespace() {
        return operator.namespace();
    }

    String jobsNamespace() {
        return jobs.namespace();
    }

    /** Every state, with the object as it was in it. */
    Map<State, JsonNode> objects() {
        return objects;
    }

    /** For every state, whether {@code kubectl wait} for Ready, or for Complete of an Update, was content in it. */
    Map<State, Boolean> waits() {
        return waits;
    }

    void drive() throws IOException {
        people.apply("calm", SHOP + "updates: {onSpecChangeWhileRunning: Cancel}");
        people.apply("changing", SHOP);
        people.apply("leaving", SHOP);
        people.apply("settled", SHOP);
        people.apply("renamed", SHOP);
        people.apply("cut-short", SHOP);
        people.apply("resting", SHOP);
        people.apply("guarded", PROGRAM.formatted(", options: {protect: true}"));
        unreadySources();
        failures();
        troubles();
        awayFromItsSource();
        hinderedJobs();
        heldRuns();
        withoutAnOperator();
    }

    private void unreadySources() {
        people.apply("unborn", "project: {configMap: {name: unborn}}");
        people.apply("waiting", SHOP + "configFrom: [{key: greeting, configMapKeyRef: {name: absent, key: a}}]");
        people.configMap("wrong", Map.of("README.md", "no Pulumi.yaml"));
        people.apply("wrong", "project: {configMap: {name: wrong}}");
        until(State.SOURCE_MISSING, "unborn", ready("SourceNotReady"));
        until(State.INPUTS_MISSING, "waiting", ready("InputsNotReady"));
        until(State.INVALID, "wrong", stalled());
    }

    private void failures() throws IOException {
        people.apply("broken", BROKEN + "updates: {retry: {initial: 1h}}");
        until(State.FAILED, "broken", ready("UpdateFailed"));
        until(State.UPDATE_FAILED, "broken-1", ended("Failed"));
        Path locks = Files.createDirectories(operator.state().resolve(".pulumi/locks/organization/shop/locked"));
        Files.writeString(locks.resolve(UUID.randomUUID() + ".json"), """
            {"pid": 1, "username": "anna", "hostname": "laptop", "timestamp": "2026-05-01T12:00:00.000000001Z"}
            """);
        people.apply("locked", SHOP + "updates: {retry: {initial: 1s, max: 1s}}");
        until(State.LOCKED, "locked", ready("Locked").and(failed(3)));
        people.patch("locked", SUSPEND);
        people.apply("hopeless", BROKEN + "updates: {retry: {initial: 1s, max: 1s}}");
        until(State.FAILED_REPEATEDLY, "hopeless", ready("UpdateFailed").and(failed(3)));
        until(State.RETRYING, "hopeless", ready("Progressing").and(failed(3)).and(running()));
        people.patch("hopeless", SUSPEND);
    }

    private void troubles() throws IOException {
        for (String stack :
                List.of("calm", "changing", "leaving", "settled", "renamed", "cut-short", "resting", "guarded")) {
            people.awaitReady(stack);
        }
        until(State.APPLIED, "calm", ready("Applied"));
        until(State.UPDATE_SUCCEEDED, "calm-1", ended("Succeeded"));
        people.patch("renamed", "{\"spec\": {\"stackName\": \"another\"}}");
        until(State.IDENTITY_CHANGED, "renamed", stalled());
        cutACreateShort("cut-short");
        people.patch("cut-short", HELLO);
        until(State.PENDING_CREATES, "cut-short", stalled());
        people.patch("resting", SUSPEND);
        until(State.SUSPENDED, "resting", ready("Applied").and(seen()));
        people.patch("resting", HELLO);
        until(State.SUSPENDED_UNAPPLIED, "resting", ready("Suspended"));
        people.delete("guarded");
        until(State.DELETING_STALLED, "guarded", stalled());
    }

    private void awayFromItsSource() {
        try (GitServer git = GitServer.start()) {
            people.trust(git, "git-ca");
            git.create("infra").commit(Map.of("shop/Pulumi.yaml", "name: shop\nruntime: yaml\noutputs: {out: 1}\n"));
            people.apply("tracking", """
                project:
                  git: {url: "%s", branch: main, path: shop, interval: 10s, secretRef: {name: git-ca}}
                """.formatted(git.url("infra")));
            people.awaitReady("tracking");
        }
        until(State.SOURCE_AWAY, "tracking", condition("Reconciling", "True", "ProgressingWithRetry"));
    }

    private void hinderedJobs() {
        jobs.bringAbout();
        hindered(State.UNSCHEDULABLE, State.UPDATE_UNSCHEDULABLE, HinderedJobs.UNSCHEDULABLE, "Unschedulable");
        hindered(State.IMAGE_MISSING, State.UPDATE_IMAGE_MISSING, HinderedJobs.UNPULLED, "ImagePullFailed");
        hindered(State.ACCOUNT_MISSING, State.UPDATE_ACCOUNT_MISSING, HinderedJobs.UNKNOWN, "ServiceAccountNotFound");
        hindered(State.QUOTA_EXCEEDED, State.UPDATE_QUOTA_EXCEEDED, HinderedJobs.CROWDED, "QuotaExceeded");
        until(State.INTERRUPTED, jobs.namespace(), HinderedJobs.VANISHED, ready("Interrupted"));
        until(State.UPDATE_INTERRUPTED, jobs.namespace(), HinderedJobs.KILLED + "-1", ended("Interrupted"));
    }

    private void hindered(State ofStack, State ofUpdate, String stack, String reason) {
        until(ofStack, jobs.namespace(), stack, ready(reason));
        until(ofUpdate, jobs.namespace(), stack + "-1", ready(reason));
    }

    /** Fills all workers with runs that wait, so that others queue. */
    private void heldRuns() {
        pulumi.hold();
        people.apply("first", SHOP);
        people.patch("changing", HELLO);
        people.delete("leaving");
        applyUpdate("look", "{stack: calm, operation: Preview}");
        until(State.UPDATE_RUNNING, "first-1", phase("Running"));
        for (String run : List.of("changing-2", "leaving-2", "look")) {
            await(State.Kind.UPDATE, namespace(), run, phase("Running"));
        }
        until(State.RUNNING, "first", running());
        until(State.UPDATING, "changing", running());
        until(State.DELETING, "leaving", running());
        until(State.PREVIEW_RUNNING, "calm", running());
        applyUpdate("later", "{stack: calm, operation: Refresh}");
        until(State.UPDATE_QUEUED, "later", phase("Queued"));
        queue();
        act("cancel", "changing-2", State.Kind.UPDATE);
        until(State.UPDATE_CANCELLED, "changing-2", ended("Cancelled"));
        until(State.CANCELLED, "changing", stalled());
        pulumi.release();
    }

    private void queue() {
        people.apply("patient", SHOP + "updates: {onSpecChangeWhileRunning: Cancel}");
        until(State.QUEUED, "patient", condition("Reconciling", "True", "Progressing"));
        people.patch("patient", GREETINGS);
        until(State.UPDATE_SUPERSEDED, "patient-1", ended("Superseded"));
    }

    /** What nobody has seen yet. */
    private void withoutAnOperator() {
        close();
        people.patch("settled", HELLO);
        until(State.CHANGED, "settled", seen().negate());
        people.apply("new", SHOP);
        applyUpdate("new-preview", "{stack: new, operation: Preview}");
        until(State.CREATED, "new", any -> true);
        until(State.UPDATE_CREATED, "new-preview", any -> true);
    }

    /** Does what Argo CD does when somebody clicks an action. */
    private void act(String action, String name, State.Kind kind) {
        JsonNode answer = GitOpsTools.judge(
                "act",
                kind.folder().resolve("actions/" + action + "/action.lua"),
                List.of(write(folder.resolve("acted-on.yaml"), get(kind, namespace(), name))));
        operator.client()
                .genericKubernetesResources(context(kind))
                .inNamespace(namespace())
                .withName(name)
                .patch(
                        PatchContext.of(PatchType.JSON_MERGE),
                        answer.get("patch").toString());
    }

    private static Path write(Path file, JsonNode object) {
        try {
            return Files.writeString(file, Samples.yaml(object));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Leaves in the state what a CLI leaves that dies in the middle of a create. */
    private void cutACreateShort(String stack) throws IOException {
        Path file = operator.state().resolve(".pulumi/stacks/shop/" + stack + ".json");
        ObjectMapper mapper = new ObjectMapper();
        JsonNode state = mapper.readTree(file.toFile());
        ObjectNode latest = (ObjectNode) state.path("checkpoint").path("latest");
        ObjectNode resource = latest.path("resources")
                .get(latest.path("resources").size() - 1)
                .deepCopy();
        resource.put("urn", resource.path("urn").asText().replaceAll("[^:]+$", "cellar"));
        resource.remove("id");
        ArrayNode operations = latest.putArray("pending_operations");
        operations.addObject().put("type", "creating").set("resource", resource);
        mapper.writeValue(file.toFile(), state);
    }

    private void applyUpdate(String name, String spec) {
        var update = Serialization.unmarshal(
                "apiVersion: stackwright.io/v1alpha1\nkind: Update\nmetadata: {name: " + name + "}\nspec: " + spec,
                GenericKubernetesResource.class);
        update.getMetadata().setNamespace(namespace());
        operator.client().resource(update).create();
    }

    /** Waits until the object is in the state, and keeps it. */
    private void until(State state, String name, Predicate<JsonNode> reached) {
        until(state, namespace(), name, reached);
    }

    private void until(State state, String namespace, String name, Predicate<JsonNode> reached) {
        objects.put(state, await(state.kind(), namespace, name, reached));
        String condition = state.kind() == State.Kind.STACK ? "Ready" : "Complete";
        waits.put(state, isMet(condition, namespace, state.kind().title() + "/" + name));
    }

    /** Whether {@code kubectl wait} is content at once. */
    private boolean isMet(String condition, String namespace, String object) {
        try {
            Process kubectl = new ProcessBuilder(
                            Toolchain.kubectl().toString(),
                            "--kubeconfig=" + ControlPlane.shared().kubeconfig(),
                            "--namespace=" + namespace,
                            "wait",
                            "--for=condition=" + condition,
                            "--timeout=0s",
                            object)
                    .redirectErrorStream(true)
                    .start();
            kubectl.getOutputStream().close();
            String said = new String(kubectl.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            boolean met = kubectl.waitFor() == 0;
            assertThat(said).contains(met ? "condition met" : "condition not met");
            return met;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    private JsonNode await(State.Kind kind, String namespace, String name, Predicate<JsonNode> reached) {
        AtomicReference<JsonNode> last = new AtomicReference<>();
        try {
            Awaitility.await()
                    .atMost(Duration.ofSeconds(120))
                    .pollInterval(Duration.ofMillis(50))
                    .until(() -> reached.test(last.updateAndGet(before -> get(kind, namespace, name))));
            return last.get();
        } catch (ConditionTimeoutException e) {
            throw new AssertionError(name + " does not get where it should:\n" + Samples.yaml(last.get()), e);
        }
    }

    private JsonNode get(State.Kind kind, String namespace, String name) {
        GenericKubernetesResource object = operator.client()
                .genericKubernetesResources(context(kind))
                .inNamespace(namespace)
                .withName(name)
                .get();
        return object == null
                ? new ObjectMapper().createObjectNode()
                : Serialization.jsonMapper().valueToTree(object);
    }

    private static ResourceDefinitionContext context(State.Kind kind) {
        return new ResourceDefinitionContext.Builder()
                .withGroup("stackwright.io")
                .withVersion("v1alpha1")
                .withKind(kind.title())
                .withPlural(kind.title().toLowerCase(java.util.Locale.ROOT) + "s")
                .withNamespaced(true)
                .build();
    }

    private static Predicate<JsonNode> condition(String type, String status, String reason) {
        return object -> {
            for (JsonNode condition : object.at("/status/conditions")) {
                if (condition.path("type").asText().equals(type)) {
                    return condition.path("status").asText().equals(status)
                            && (reason.isEmpty()
                                    || condition.path("reason").asText().equals(reason));
                }
            }
            return false;
        };
    }

    private static Predicate<JsonNode> ready(String reason) {
        return condition("Ready", reason.equals("Applied") ? "True" : "False", reason);
    }

    private static Predicate<JsonNode> stalled() {
        return condition("Stalled", "True", "");
    }

    private static Predicate<JsonNode> running() {
        return object -> object.at("/status/current/executor").isObject();
    }

    private static Predicate<JsonNode> phase(String phase) {
        return object -> object.at("/status/phase").asText().equals(phase);
    }

    /** Ended, and its finalizer gone. */
    private static Predicate<JsonNode> ended(String phase) {
        return phase(phase).and(object -> object.at("/metadata/finalizers").isEmpty());
    }

    private static Predicate<JsonNode> failed(int count) {
        return object -> object.at("/status/failures/count").asInt() >= count;
    }

    private static Predicate<JsonNode> seen() {
        return object -> object.at("/status/observedGeneration").asLong()
                == object.at("/metadata/generation").asLong();
    }

    @Override
    public void close() {
        pulumi.release();
        if (working) {
            working = false;
            operator.close();
            jobs.close();
        }
    }
}
