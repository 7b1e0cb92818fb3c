package io.stackwright.operator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.fabric8.kubernetes.api.model.ConfigMapBuilder;
import io.fabric8.kubernetes.api.model.SecretBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import io.fabric8.kubernetes.client.utils.Serialization;
import io.stackwright.api.v1alpha1.Condition;
import io.stackwright.api.v1alpha1.Stack;
import io.stackwright.api.v1alpha1.Update;
import io.stackwright.testkit.GitServer;
import io.stackwright.testkit.LiveFiles;
import io.stackwright.testkit.Toolchain;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;

/** What people do to Stacks, and what they then see, through the API server alone. */
public final class Scenario {

    public static final Duration PATIENCE = Duration.ofSeconds(120);

    private final KubernetesClient client;
    private final String namespace;
    private final Path backend;
    private final UnaryOperator<Stack> fitted;

    /** @see RunningOperator#fitted */
    public Scenario(RunningOperator operator) {
        this(operator.client(), operator.namespace(), operator.state(), operator::fitted);
    }

    /** @param backend folder of the default backend */
    public Scenario(KubernetesClient client, String namespace, Path backend) {
        this(client, namespace, backend, UnaryOperator.identity());
    }

    Scenario(KubernetesClient client, String namespace, Path backend, UnaryOperator<Stack> fitted) {
        this.client = client;
        this.namespace = namespace;
        this.backend = backend;
        this.fitted = fitted;
    }

    /** Creates a Stack; the text is what stands below {@code spec:}. */
    public Stack apply(String name, String spec) {
        String yaml = "apiVersion: stackwright.io/v1alpha1\nkind: Stack\nmetadata: {name: " + name + "}\nspec:\n"
                + spec.indent(2);
        Stack stack = Serialization.unmarshal(yaml, Stack.class);
        stack.getMetadata().setNamespace(namespace);
        return client.resource(fitted.apply(stack)).create();
    }

    public void patch(String name, String mergePatch) {
        client.resources(Stack.class)
                .inNamespace(namespace)
                .withName(name)
                .patch(PatchContext.of(PatchType.JSON_MERGE), mergePatch);
    }

    public void annotate(String name, String annotation, String value) {
        patch(name, "{\"metadata\": {\"annotations\": {\"%s\": \"%s\"}}}".formatted(annotation, value));
    }

    public Stack get(String name) {
        return client.resources(Stack.class)
                .inNamespace(namespace)
                .withName(name)
                .get();
    }

    public void delete(String name) {
        client.resources(Stack.class).inNamespace(namespace).withName(name).delete();
    }

    public void awaitGone(String name) {
        await().atMost(PATIENCE)
                .untilAsserted(
                        () -> assertThat(get(name)).as("%s", explain(name)).isNull());
    }

    /** Waits until the Stack's present generation is applied. */
    public Stack awaitReady(String name) {
        var patience = await().atMost(PATIENCE).pollInterval(Duration.ofMillis(100));
        patience.failFast(() -> condition(name, Condition.READY).reason().equals("InternalError"))
                .untilAsserted(() -> {
                    Stack now = get(name);
                    assertThat(now.getStatus().observedGeneration())
                            .isEqualTo(now.getMetadata().getGeneration());
                    assertThat(condition(name, Condition.READY).status())
                            .as("%s", explain(name))
                            .isEqualTo(Condition.TRUE);
                });
        return get(name);
    }

    /** Waits until Ready is False for this reason. */
    public Condition awaitNotReady(String name, String reason) {
        await().atMost(PATIENCE).pollInterval(Duration.ofMillis(100)).untilAsserted(() -> {
            Condition ready = condition(name, Condition.READY);
            assertThat(ready.status()).as("%s", explain(name)).isEqualTo(Condition.FALSE);
            assertThat(ready.reason()).as("%s", explain(name)).isEqualTo(reason);
        });
        return condition(name, Condition.READY);
    }

    /** The condition; one without status when it is not there. */
    public Condition condition(String name, String type) {
        Stack stack = get(name);
        return stack.getStatus() == null
                ? new Condition(type, "", 0L, null, "", "")
                : stack.getStatus().condition(type).orElse(new Condition(type, "", 0L, null, "", ""));
    }

    public JsonNode output(String name, String output) {
        return get(name).getStatus().outputs().get(output);
    }

    /** The Stack's Updates, oldest first. */
    public List<Update> updates(String stack) {
        return client.resources(Update.class).inNamespace(namespace).list().getItems().stream()
                .filter(update -> update.getSpec().stack().equals(stack))
                .sorted(Comparator.comparingInt(update ->
                        Integer.parseInt(update.getMetadata().getName().substring(stack.length() + 1))))
                .toList();
    }

    private String explain(String name) {
        Stack stack = get(name);
        return stack == null ? name + " is gone" : Serialization.asYaml(stack.getStatus());
    }

    public void configMap(String name, Map<String, String> data) {
        client.resource(new ConfigMapBuilder()
                        .withNewMetadata()
                        .withName(name)
                        .withNamespace(namespace)
                        .endMetadata()
                        .withData(data)
                        .build())
                .createOr(existing -> existing.update());
    }

    public void deleteConfigMap(String name) {
        client.configMaps().inNamespace(namespace).withName(name).delete();
    }

    /** A Secret that lets the server be trusted. */
    public void trust(GitServer server, String secret) {
        client.resource(new SecretBuilder()
                        .withNewMetadata()
                        .withName(secret)
                        .withNamespace(namespace)
                        .endMetadata()
                        .addToStringData("ca.crt", server.certificate())
                        .build())
                .create();
    }

    /** Whether the Pulumi stack is in the default backend. */
    public boolean inBackend(String project, String stack) {
        return Files.exists(backend.resolve(".pulumi/stacks/" + project + "/" + stack + ".json"));
    }

    /** What the Pulumi stack's state says. */
    public JsonNode state(String project, String stack) {
        try {
            Path file = backend.resolve(".pulumi/stacks/" + project + "/" + stack + ".json");
            return new ObjectMapper().readTree(file.toFile()).path("checkpoint").path("latest");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Lock files in the default backend. */
    public List<Path> locks() {
        return LiveFiles.under(backend.resolve(".pulumi")).stream()
                .filter(file -> file.toString().contains("/locks/"))
                .toList();
    }

    /** The files of one of the test programs, by path. */
    public static Map<String, String> program(String name) {
        Path root =
                Toolchain.root().resolve("operator/src/test/resources/programs").resolve(name);
        Map<String, String> files = new HashMap<>();
        try (Stream<Path> found = Files.walk(root)) {
            for (Path file : found.filter(Files::isRegularFile).toList()) {
                files.put(root.relativize(file).toString(), Files.readString(file));
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return files;
    }

    /** Lines of a ledger; none when there is no such file yet. */
    public static List<String> ledger(Path file) {
        try {
            return Files.exists(file) ? Files.readAllLines(file) : List.of();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
