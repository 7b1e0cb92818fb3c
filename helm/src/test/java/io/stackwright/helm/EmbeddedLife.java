package io.stackwright.helm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.fabric8.kubernetes.api.model.SecretBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.utils.Serialization;
import io.stackwright.api.v1alpha1.Phase;
import io.stackwright.api.v1alpha1.Reason;
import io.stackwright.api.v1alpha1.Update;
import io.stackwright.api.v1alpha1.UpdateStatus;
import io.stackwright.operator.Scenario;
import io.stackwright.testkit.GitServer;
import java.util.Base64;
import java.util.Map;
import java.util.function.Predicate;

/** What Stacks go through whose runs are processes beside the operator. */
final class EmbeddedLife implements Life {

    private final KubernetesClient client;
    private final String namespace;
    private final Scenario scenario;

    EmbeddedLife(KubernetesClient client, String namespace, Scenario scenario) {
        this.client = client;
        this.namespace = namespace;
        this.scenario = scenario;
    }

    @Override
    public void live() {
        inputsAndOutputs();
        git();
        requests();
        failures();
        departure();
    }

    private void inputsAndOutputs() {
        secret("db", Map.of("password", "first"));
        scenario.configMap("env", Map.of("tier", "test"));
        scenario.apply("shop", """
            project:
              inline:
                name: shop
                runtime: yaml
                config: {tier: {type: string}, password: {type: string}}
                outputs: {tier: "${tier}", password: "${password}"}
            configFrom:
              - {key: tier, configMapKeyRef: {name: env, key: tier}}
              - {key: password, secretKeyRef: {name: db, key: password}}
            historyLimit: 1
            """);
        scenario.awaitReady("shop");
        secret("db", Map.of("password", "second"));
        await().atMost(Scenario.PATIENCE)
                .until(() -> published("shop-outputs", "password").equals("second"));
        scenario.configMap("env", Map.of("tier", "live"));
        await().atMost(Scenario.PATIENCE)
                .until(() -> published("shop-outputs", "tier").equals("live"));
        scenario.patch("shop", "{\"spec\": {\"outputs\": {\"secret\": {\"name\": \"moved\"}}}}");
        await().atMost(Scenario.PATIENCE)
                .until(() -> !published("moved", "tier").isEmpty());
        await().atMost(Scenario.PATIENCE)
                .until(() -> published("shop-outputs", "tier").isEmpty());
        await().atMost(Scenario.PATIENCE).until(() -> scenario.updates("shop").size() == 1);
    }

    private void git() {
        try (GitServer server = GitServer.start()) {
            server.requireBasicAuth("git", "pass");
            server.create("app").commit(Map.of("Pulumi.yaml", "name: app\nruntime: yaml\noutputs: {from: git}\n"));
            secret("git", Map.of("username", "git", "password", "pass", "ca.crt", server.certificate()));
            scenario.apply("app", """
                project:
                  git: {url: "%s", branch: main, secretRef: {name: git}}
                """.formatted(server.url("app")));
            scenario.awaitReady("app");
        }
    }

    private void requests() {
        ask("look", "shop");
        awaitUpdate("look", status -> status.phase() == Phase.Succeeded);
        ask("stray", "nobody");
        awaitUpdate(
                "stray",
                status -> status.conditions() != null
                        && status.conditions().stream().anyMatch(c -> c.reason().equals(Reason.StackNotFound.name())));
    }

    private void ask(String name, String stack) {
        Update preview = Serialization.unmarshal("""
            apiVersion: stackwright.io/v1alpha1
            kind: Update
            metadata: {name: %s, namespace: %s}
            spec: {stack: %s, operation: Preview}
            """.formatted(name, namespace, stack), Update.class);
        client.resource(preview).create();
    }

    private void awaitUpdate(String name, Predicate<UpdateStatus> expected) {
        await().atMost(Scenario.PATIENCE).until(() -> {
            Update now = client.resources(Update.class)
                    .inNamespace(namespace)
                    .withName(name)
                    .get();
            return now.getStatus() != null && expected.test(now.getStatus());
        });
    }

    private void failures() {
        scenario.apply("broken", """
            project:
              inline:
                name: broken
                runtime: yaml
                outputs: {x: "${nothing}"}
            """);
        scenario.awaitNotReady("broken", "UpdateFailed");
        scenario.annotate("broken", "stackwright.io/reconcile", "again");
        await().atMost(Scenario.PATIENCE).until(() -> scenario.updates("broken").size() > 1);
        scenario.awaitNotReady("broken", "UpdateFailed");
    }

    private void departure() {
        for (String stack : new String[] {"shop", "app", "broken"}) {
            scenario.delete(stack);
        }
        for (String stack : new String[] {"shop", "app", "broken"}) {
            scenario.awaitGone(stack);
        }
        assertThat(client.secrets().inNamespace(namespace).list().getItems())
                .noneMatch(secret -> secret.getMetadata().getName().endsWith("-passphrase"));
    }

    private void secret(String name, Map<String, String> data) {
        client.resource(new SecretBuilder()
                        .withNewMetadata()
                        .withName(name)
                        .withNamespace(namespace)
                        .endMetadata()
                        .withStringData(data)
                        .build())
                .createOr(existing -> existing.update());
    }

    /** What a Secret has under the key; empty when there is none. */
    private String published(String name, String key) {
        var secret = client.secrets().inNamespace(namespace).withName(name).get();
        return secret == null || secret.getData() == null || secret.getData().get(key) == null
                ? ""
                : new String(Base64.getDecoder().decode(secret.getData().get(key)));
    }
}
