package io.stackwright.operator.campaign;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import io.stackwright.api.v1alpha1.Condition;
import io.stackwright.api.v1alpha1.Reason;
import io.stackwright.api.v1alpha1.Stack;
import io.stackwright.api.v1alpha1.StackStatus;
import io.stackwright.operator.RecordedPulumi;
import io.stackwright.operator.RunningOperator;
import io.stackwright.operator.Scenario;
import io.stackwright.testkit.GitServer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Consumer;

/** The operator, its API server and its backend, as the chains see them. */
final class Site {

    private static final Duration PATIENCE = Duration.ofSeconds(90);

    private final RunningOperator operator;
    private final RecordedPulumi pulumi;
    private final Scenario scenario;
    private final GitServer git;
    private final Echo echo;
    private final Path elsewhere;

    Site(RunningOperator operator, RecordedPulumi pulumi, Scenario scenario, GitServer git, Echo echo, Path elsewhere) {
        this.operator = operator;
        this.pulumi = pulumi;
        this.scenario = scenario;
        this.git = git;
        this.echo = echo;
        this.elsewhere = elsewhere;
    }

    /** A patch with its variables filled in. */
    String filled(String patch, String name, Random random) {
        return patch.replace("$NAME", name)
                .replace("$STATE", operator.state().toString())
                .replace("$OTHER", elsewhere.toString())
                .replace("$GIT", "https://" + git.hostAndPort())
                .replace("$COMMIT", echo.commit())
                .replace("$RANDOM", "r" + Long.toString(random.nextLong() >>> 1, 36));
    }

    Model model(JsonNode spec, String name) {
        return new Model(spec, name, echo);
    }

    void create(String name, JsonNode spec) {
        GenericKubernetesResource stack = new GenericKubernetesResource();
        stack.setApiVersion("stackwright.io/v1alpha1");
        stack.setKind("Stack");
        stack.setMetadata(new ObjectMetaBuilder()
                .withName(name)
                .withNamespace(operator.namespace())
                .build());
        stack.setAdditionalProperty("spec", spec);
        client().resource(stack).create();
    }

    void replace(String name, JsonNode spec) {
        client().resources(Stack.class)
                .inNamespace(operator.namespace())
                .withName(name)
                .patch(
                        PatchContext.of(PatchType.JSON),
                        "[{\"op\": \"replace\", \"path\": \"/spec\", \"value\": " + spec + "}]");
    }

    void askForRun(String name) {
        String when = Long.toString(System.nanoTime());
        scenario.annotate(name, "stackwright.io/reconcile", when);
        await(name, "asked for a run", status -> {
            assertThat(status.handled()).containsEntry("stackwright.io/reconcile", when);
            assertThat(status.current()).isNull();
        });
    }

    Stack awaitApplied(String name, String step) {
        Stack stack = await(name, step, Condition.READY, Condition.TRUE, Reason.Applied);
        assertThat(stack.getStatus().condition(Condition.STALLED)).isEmpty();
        return stack;
    }

    Stack await(String name, String step, String type, String is, Reason reason) {
        return await(
                name,
                step,
                status -> assertThat(status.condition(type)).hasValueSatisfying(condition -> {
                    assertThat(condition.status()).as(condition.message()).isEqualTo(is);
                    assertThat(condition.reason()).as(condition.message()).isEqualTo(reason.name());
                }));
    }

    private Stack await(String name, String step, Consumer<StackStatus> check) {
        org.awaitility.Awaitility.await(name + ": " + step)
                .atMost(PATIENCE)
                .pollInterval(Duration.ofMillis(100))
                .untilAsserted(() -> {
                    Stack stack = scenario.get(name);
                    assertThat(stack.getStatus().observedGeneration())
                            .as("%s: %s", name, step)
                            .isEqualTo(stack.getMetadata().getGeneration());
                    check.accept(stack.getStatus());
                });
        return scenario.get(name);
    }

    void awaitWorld(String name, String step, World expected) {
        org.awaitility.Awaitility.await(name + ": " + step)
                .atMost(Duration.ofSeconds(20))
                .pollInterval(Duration.ofMillis(100))
                .untilAsserted(() -> assertThat(world(name, expected.secretName()))
                        .as("%s: %s", name, step)
                        .isEqualTo(expected));
    }

    /** What is to be seen; published outputs from the Secret of that name, and from no other of this Stack. */
    World world(String name, String secretName) {
        StackStatus status = scenario.get(name).getStatus();
        Map<String, String> outputs = new TreeMap<>();
        if (status.outputs() != null) {
            status.outputs().forEach((output, value) -> outputs.put(output, World.canonical(value)));
        }
        RecordedPulumi.Call up = ups(name, pulumi).getLast();
        Path state = operator.state().resolve(".pulumi/stacks/" + Echo.PROJECT);
        return new World(
                outputs,
                new TreeSet<>(status.secretOutputs() == null ? List.of() : status.secretOutputs()),
                String.join(",", publishedBy(name)),
                published(secretName),
                World.tags(state.resolve(name + ".pulumi-tags")),
                World.declared(up.environment()),
                World.inputs(state.resolve(name + ".json")),
                World.flags(up.arguments()));
    }

    private List<String> publishedBy(String name) {
        String uid = scenario.get(name).getMetadata().getUid();
        return client().secrets().inNamespace(operator.namespace()).list().getItems().stream()
                .filter(secret -> secret.getMetadata().getLabels() != null
                        && secret.getMetadata().getLabels().containsValue(uid)
                        && !secret.getMetadata().getName().endsWith("-encryptionsalt"))
                .map(secret -> secret.getMetadata().getName())
                .toList();
    }

    private Map<String, String> published(String secretName) {
        Map<String, String> published = new TreeMap<>();
        Secret secret = secret(secretName);
        if (secret != null && secret.getData() != null) {
            secret.getData().forEach((key, encoded) -> {
                String text = new String(Base64.getDecoder().decode(encoded), StandardCharsets.UTF_8);
                published.put(key, canonical(text));
            });
        }
        return published;
    }

    private static String canonical(String text) {
        if (!text.startsWith("{") && !text.startsWith("[")) {
            return text;
        }
        try {
            return World.canonical(new ObjectMapper().readTree(text));
        } catch (com.fasterxml.jackson.core.JsonProcessingException e) {
            return text;
        }
    }

    private Secret secret(String name) {
        return client().secrets()
                .inNamespace(operator.namespace())
                .withName(name)
                .get();
    }

    long ups(String name) {
        return ups(name, pulumi).size();
    }

    private static List<RecordedPulumi.Call> ups(String name, RecordedPulumi pulumi) {
        return pulumi.calls().stream()
                .filter(call -> call.command().equals("up"))
                .filter(call -> call.arguments().contains("organization/" + Echo.PROJECT + "/" + name))
                .toList();
    }

    /** At most that many finished Updates, and the ones that the status still speaks of. */
    void awaitHistory(String name, int limit) {
        org.awaitility.Awaitility.await()
                .atMost(PATIENCE)
                .untilAsserted(() -> assertThat(scenario.updates(name)).hasSizeLessThanOrEqualTo(limit + 2));
    }

    /** Deletes a Stack and looks at what stays. */
    void delete(String name, String secretName, boolean retainsStack, boolean retainsSecret) {
        scenario.delete(name);
        scenario.awaitGone(name);
        assertThat(scenario.inBackend(Echo.PROJECT, name))
                .as("%s in the backend", name)
                .isEqualTo(retainsStack);
        assertThat(secret(secretName) != null).as("Secret %s", secretName).isEqualTo(retainsSecret);
    }

    /** Field and message of each complaint of the API server. */
    static List<String> complaints(KubernetesClientException refusal) {
        List<String> complaints = new ArrayList<>(List.of(String.valueOf(refusal.getMessage())));
        if (refusal.getStatus() != null && refusal.getStatus().getDetails() != null) {
            refusal.getStatus()
                    .getDetails()
                    .getCauses()
                    .forEach(c -> complaints.add(c.getField() + ": " + c.getMessage()));
        }
        return complaints;
    }

    private KubernetesClient client() {
        return operator.client();
    }
}
