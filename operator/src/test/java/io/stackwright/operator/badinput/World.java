package io.stackwright.operator.badinput;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.fabric8.kubernetes.api.model.ConfigMapBuilder;
import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.api.model.SecretBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.dsl.FieldValidateable.Validation;
import io.fabric8.kubernetes.client.utils.Serialization;
import io.stackwright.api.v1alpha1.Condition;
import io.stackwright.api.v1alpha1.Reason;
import io.stackwright.operator.LiveFiles;
import io.stackwright.operator.RecordedPulumi;
import io.stackwright.operator.RunningOperator;
import io.stackwright.operator.Scenario;
import io.stackwright.operator.badinput.Row.Expectation;
import io.stackwright.testkit.GitServer;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** The operator that gets all the bad inputs at once, and what can be seen of it. */
final class World {

    static final Duration PATIENCE = Duration.ofSeconds(120);

    private final RunningOperator operator;
    private final RecordedPulumi pulumi;
    private final GitServer git;
    private final Path folder;
    private final Scenario scenario;
    private final List<Late> late = new ArrayList<>();

    private record Late(String name, String spec) {}

    World(RunningOperator operator, RecordedPulumi pulumi, GitServer git, Path folder) {
        this.operator = operator;
        this.pulumi = pulumi;
        this.git = git;
        this.folder = folder;
        this.scenario = new Scenario(
                operator.client(), operator.namespace(), operator.state().resolve(operator.namespace()));
    }

    RunningOperator operator() {
        return operator;
    }

    KubernetesClient client() {
        return operator.client();
    }

    String namespace() {
        return operator.namespace();
    }

    RecordedPulumi pulumi() {
        return pulumi;
    }

    GitServer git() {
        return git;
    }

    Scenario scenario() {
        return scenario;
    }

    /** A folder of the tests' own, outside of the operator's. */
    Path folder() {
        return folder;
    }

    /** Files of these names among all that the operator keeps; it goes on meanwhile. */
    List<Path> keptFiles(String... names) throws IOException {
        return LiveFiles.below(folder.resolve("data")).stream()
                .filter(file -> List.of(names).contains(file.getFileName().toString()))
                .toList();
    }

    /** What no input may make appear. */
    Path marker(String name) {
        return folder.resolve("PWNED-" + name);
    }

    /** Creates a Stack that the API server admits. */
    void apply(String name, String spec) {
        scenario.apply(name, spec);
    }

    /**
     * A Stack that the API server refuses, naming the field; and that stalls with a reason when a schema of another
     * version admits it.
     */
    Expectation refused(String name, String spec, String field, Reason admitted) {
        Expectation refused = refused(name, spec, field);
        late.add(new Late(name, spec));
        return () -> {
            refused.check();
            stalled(name, admitted).check();
        };
    }

    /** A Stack that the API server refuses, naming the field. */
    Expectation refused(String name, String spec, String field) {
        KubernetesClientException refusal = refusal(name, spec);
        return () -> {
            assertThat(refusal).as("refusal").isNotNull();
            assertThat(refusal.getCode()).isIn(400, 422);
            assertThat(refusal.getMessage()).contains(field);
        };
    }

    /** A Stack that only another schema admits. */
    void late(String name, String spec) {
        late.add(new Late(name, spec));
    }

    /** A Stack that only another schema admits and that this operator cannot read: it stalls, and can be deleted. */
    Expectation unreadable(String name, String spec) {
        late(name, spec);
        return () -> {
            assertThat(awaitStalled(name, Reason.InvalidSpec).message()).contains("spec cannot be read");
            assertThat(pulumi.commands(name)).isEmpty();
            scenario.delete(name);
            scenario.awaitGone(name);
        };
    }

    private KubernetesClientException refusal(String name, String spec) {
        GenericKubernetesResource stack = Serialization.unmarshal(
                "apiVersion: stackwright.io/v1alpha1\nkind: Stack\nmetadata: {name: " + name + "}\nspec:\n"
                        + spec.indent(2),
                GenericKubernetesResource.class);
        stack.getMetadata().setNamespace(namespace());
        try {
            client().resource(stack).fieldValidation(Validation.STRICT).create();
            return null;
        } catch (KubernetesClientException e) {
            return e;
        }
    }

    /** Creates, past the schema, what it has refused; with our finalizer, as if another version had looked after it. */
    void admitTheRefused() {
        try (OpenSchema open = new OpenSchema(client(), namespace())) {
            for (Late stack : late) {
                GenericKubernetesResource object = open.object("Stack", stack.name(), stack.spec(), null);
                object.getMetadata().setFinalizers(List.of("stackwright.io/stack"));
                open.create(object);
            }
        }
    }

    /** The Stack waits for a person, for this reason; Pulumi was never run for it. */
    Expectation stalled(String name, Reason reason, String... words) {
        return () -> {
            Condition stalled = awaitStalled(name, reason);
            assertThat(words).allSatisfy(word -> assertThat(stalled.message()).contains(word));
            assertThat(pulumi.commands(name)).as("runs of the CLI").isEmpty();
        };
    }

    Condition awaitStalled(String name, Reason reason) {
        await().atMost(PATIENCE).pollInterval(Duration.ofMillis(200)).untilAsserted(() -> {
            assertThat(scenario.get(name)).isNotNull();
            String status = Serialization.asYaml(scenario.get(name).getStatus());
            Condition stalled = scenario.condition(name, Condition.STALLED);
            assertThat(stalled.status()).as(status).isEqualTo(Condition.TRUE);
            assertThat(stalled.reason()).as(status).isEqualTo(reason.name());
            assertThat(scenario.condition(name, Condition.READY).status()).isEqualTo(Condition.FALSE);
        });
        return scenario.condition(name, Condition.STALLED);
    }

    /** The Stack is not Ready for this reason and goes on by itself. */
    Expectation waits(String name, Reason reason, String... words) {
        return () -> {
            Condition ready = scenario.awaitNotReady(name, reason.name());
            assertThat(words).allSatisfy(word -> assertThat(ready.message()).contains(word));
            assertThat(scenario.condition(name, Condition.STALLED).status()).isNotEqualTo(Condition.TRUE);
        };
    }

    Expectation ready(String name) {
        return () -> scenario.awaitReady(name);
    }

    void configMap(String name, Map<String, String> data) {
        scenario.configMap(name, data);
    }

    /** A ConfigMap source with one file that need not be text. */
    void program(String name, byte[] pulumiYaml) {
        client().resource(new ConfigMapBuilder()
                        .withNewMetadata()
                        .withName(name)
                        .withNamespace(namespace())
                        .endMetadata()
                        .addToBinaryData("Pulumi.yaml", Base64.getEncoder().encodeToString(pulumiYaml))
                        .build())
                .create();
    }

    void program(String name, String pulumiYaml) {
        program(name, pulumiYaml.getBytes(StandardCharsets.UTF_8));
    }

    void secret(String name, Map<String, byte[]> data) {
        Map<String, String> encoded = new HashMap<>();
        data.forEach((key, value) -> encoded.put(key, Base64.getEncoder().encodeToString(value)));
        client().resource(new SecretBuilder()
                        .withNewMetadata()
                        .withName(name)
                        .withNamespace(namespace())
                        .endMetadata()
                        .withData(encoded)
                        .build())
                .createOr(existing -> existing.update());
    }
}
