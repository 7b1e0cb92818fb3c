package io.stackwright.helm;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.TextNode;
import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.batch.v1.Job;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import io.fabric8.kubernetes.client.utils.Serialization;
import io.stackwright.api.v1alpha1.Operation;
import io.stackwright.api.v1alpha1.Phase;
import io.stackwright.api.v1alpha1.Reason;
import io.stackwright.api.v1alpha1.RunStatus.Result;
import io.stackwright.api.v1alpha1.Update;
import io.stackwright.api.v1alpha1.UpdateStatus;
import io.stackwright.operator.engine.Failure;
import io.stackwright.operator.engine.OutputValue;
import io.stackwright.operator.execution.RunOutcome;
import io.stackwright.operator.execution.job.RunObjects;
import io.stackwright.operator.execution.job.RunResult;
import io.stackwright.operator.stack.KubeletDouble;
import io.stackwright.operator.stack.Stacks;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * What Stacks go through whose runs are Jobs. There are no nodes: {@link KubeletDouble} does what the Job controller, a
 * kubelet and a runner would do, and the runs report with the tokens that they are given.
 */
final class JobLife implements Life {

    private static final String ENCRYPTION_SALT = "v1:c2FsdHNhbHQ=:v1:bm9uY2Vub25jZQ==:Y2lwaGVydGV4dA==";
    private static final String PROJECT = "project: {inline: {name: %s, runtime: yaml}}\n";

    private final KubernetesClient client;
    private final Stacks stacks;
    private final KubeletDouble kubelet;

    JobLife(KubernetesClient client, String namespace) {
        this.client = client;
        this.stacks = new Stacks(client, namespace);
        this.kubelet = new KubeletDouble(client, namespace);
    }

    /** An operator was killed while it cleared up after a run; and somebody has an account that only looks like a run's. */
    @Override
    public void before() {
        stacks.createUpdate("killed-1", "{stack: killed, operation: Up}");
        client.resources(Update.class)
                .inNamespace(stacks.namespace())
                .withName("killed-1")
                .subresource("status")
                .patch(PatchContext.of(PatchType.JSON_MERGE), "{\"status\": {\"phase\": \"Failed\"}}");
        String uid = stacks.update("killed-1").getMetadata().getUid();
        account("killed-1-run", uid);
        account("somebodys", uid);
    }

    @Override
    public void live() {
        inputsAndOutputs();
        requests();
        noPod();
        cancelled();
        vanished();
        failures();
        sweep();
        departure();
    }

    private void inputsAndOutputs() {
        stacks.putSecret("db", Map.of("password", "first"));
        stacks.putConfigMap("env", Map.of("tier", "test"));
        stacks.create("shop", PROJECT.formatted("shop") + """
            configFrom:
              - {key: tier, configMapKeyRef: {name: env, key: tier}}
              - {key: password, secretKeyRef: {name: db, key: password}}
            env: [{name: PASSWORD, valueFrom: {secretKeyRef: {name: db, key: password}}}]
            execution: {serviceAccountName: deployer, cache: {claimName: plugins}}
            historyLimit: 1
            """);
        succeed("shop-1", "first");
        stacks.awaitReady("shop");
        assertThat(stacks.secret("shop-outputs")).containsEntry("url", "first");
        stacks.putSecret("db", Map.of("password", "second"));
        succeed("shop-2", "second");
        Stacks.patiently().until(() -> stacks.secret("shop-outputs").containsValue("second"));
        stacks.putConfigMap("env", Map.of("tier", "live"));
        succeed("shop-3", "third");
        Stacks.patiently().until(() -> stacks.secret("shop-outputs").containsValue("third"));
        stacks.patch("shop", "{\"spec\": {\"outputs\": {\"secret\": {\"name\": \"moved\"}}}}");
        succeed("shop-4", "third");
        Stacks.patiently().until(() -> stacks.secret("moved") != null && stacks.secret("shop-outputs") == null);
        Stacks.patiently().until(() -> stacks.updates("shop").size() == 1);
    }

    private void requests() {
        stacks.createUpdate("look", "{stack: shop, operation: Preview}");
        Pod pod = started("look");
        report("look", pod, ended(Result.Succeeded, Optional.empty()));
        kubelet.succeed(pod);
        stacks.awaitPhase("look", Phase.Succeeded);
        stacks.createUpdate("stray", "{stack: nobody, operation: Preview}");
        Stacks.patiently().until(() -> {
            UpdateStatus status = stacks.update("stray").getStatus();
            return status != null
                    && status.conditions() != null
                    && status.conditions().stream()
                            .anyMatch(condition -> condition.reason().equals(Reason.StackNotFound.name()));
        });
    }

    /** What keeps a Job from having one is asked for; what has not run when it is cancelled goes. */
    private void noPod() {
        stacks.create("quota", PROJECT.formatted("quota"));
        Job job = kubelet.awaitJob("quota-1");
        kubelet.warn(job, "FailedCreate", "Error creating: pods \"x\" is forbidden: exceeded quota: small");
        stacks.awaitInProgress("quota", Reason.QuotaExceeded);
        stacks.cancel("quota-1");
        stacks.awaitStalled("quota", Reason.Cancelled);
        Stacks.patiently().until(() -> kubelet.job("quota-1") == null);
    }

    private void cancelled() {
        stacks.create("stopped", PROJECT.formatted("stopped"));
        Pod pod = started("stopped-1");
        try (KubernetesClient run = kubelet.asRun("stopped-1")) {
            kubelet.claim(run, "stopped-1", pod);
            stacks.cancel("stopped-1");
            Stacks.patiently().until(() -> kubelet.isAskedToStop(pod));
            kubelet.report(run, "stopped-1", ended(Result.Interrupted, Optional.empty()));
        }
        kubelet.end(pod, "exitCode: 11");
        stacks.awaitStalled("stopped", Reason.Cancelled);
    }

    private void vanished() {
        stacks.create("lost", PROJECT.formatted("lost"));
        Pod pod = started("lost-1");
        try (KubernetesClient run = kubelet.asRun("lost-1")) {
            kubelet.claim(run, "lost-1", pod);
        }
        kubelet.remove(pod);
        kubelet.failWithoutPod(kubelet.job("lost-1"));
        stacks.awaitInProgress("lost", Reason.Interrupted);
        stacks.annotate(
                "lost",
                "stackwright.io/unlock",
                stacks.update("lost-1").getMetadata().getUid());
        succeed("lost-2", "found");
        stacks.awaitReady("lost");
    }

    /** The same one twice. */
    private void failures() {
        stacks.create("broken", PROJECT.formatted("broken") + "updates: {retry: {initial: 1s, max: 1s}}\n");
        for (String update : List.of("broken-1", "broken-2")) {
            Pod pod = started(update);
            report(
                    update,
                    pod,
                    ended(
                            Result.Failed,
                            Optional.of(new Failure(Failure.Kind.FAILED, Reason.UpdateFailed, "it does not work"))));
            kubelet.end(pod, "exitCode: 10");
            stacks.awaitPhase(update, Phase.Failed);
        }
        succeed("broken-3", "mended");
        stacks.awaitReady("broken");
    }

    private void sweep() {
        Stacks.patiently().until(() -> !isThere("killed-1-run"));
        assertThat(isThere("somebodys")).isTrue();
    }

    private void departure() {
        for (String stack : List.of("shop", "stopped", "lost", "broken", "quota")) {
            stacks.delete(stack);
        }
        for (String stack : List.of("shop", "stopped", "lost", "broken")) {
            String update = awaitDestroy(stack);
            Pod pod = started(update);
            report(update, pod, new RunResult(RunOutcome.destroyed(), Optional.empty()));
            kubelet.succeed(pod);
        }
        for (String stack : List.of("shop", "stopped", "lost", "broken", "quota")) {
            stacks.awaitGone(stack);
        }
        assertThat(client.secrets().inNamespace(stacks.namespace()).list().getItems())
                .noneMatch(secret -> secret.getMetadata().getName().endsWith("-passphrase"));
    }

    private String awaitDestroy(String stack) {
        return Stacks.patiently()
                .until(
                        () -> stacks.updates(stack).stream()
                                .filter(update -> update.getSpec().operation() == Operation.Destroy)
                                .findFirst(),
                        Optional::isPresent)
                .orElseThrow()
                .getMetadata()
                .getName();
    }

    private Pod started(String update) {
        return kubelet.run(kubelet.pod(kubelet.awaitJob(update)));
    }

    private void succeed(String update, String url) {
        Pod pod = started(update);
        report(
                update,
                pod,
                new RunResult(
                        new RunOutcome(
                                Result.Succeeded,
                                Optional.empty(),
                                Optional.of(false),
                                Optional.of(Map.of("url", new OutputValue(TextNode.valueOf(url), false))),
                                OptionalInt.of(1),
                                Map.of()),
                        Optional.empty()));
        kubelet.succeed(pod);
        stacks.awaitPhase(update, Phase.Succeeded);
    }

    private static RunResult ended(Result result, Optional<Failure> failure) {
        return new RunResult(
                new RunOutcome(result, failure, Optional.of(false), Optional.empty(), OptionalInt.of(1), Map.of()),
                Optional.empty());
    }

    private void report(String update, Pod pod, RunResult result) {
        try (KubernetesClient run = kubelet.asRun(update)) {
            kubelet.claim(run, update, pod);
            kubelet.put(run, update, RunObjects.ENCRYPTION_SALT, ENCRYPTION_SALT.getBytes(StandardCharsets.UTF_8));
            kubelet.report(run, update, result);
        }
    }

    private void account(String name, String updateUid) {
        client.resource(Serialization.unmarshal(
                        """
                        apiVersion: v1
                        kind: ServiceAccount
                        metadata:
                          name: %s
                          namespace: %s
                          labels:
                            app.kubernetes.io/managed-by: stackwright
                            stackwright.io/update: killed-1
                            stackwright.io/update-uid: %3$s
                          ownerReferences:
                            - {apiVersion: stackwright.io/v1alpha1, kind: Update, name: killed-1, uid: %3$s}
                        """.formatted(name, stacks.namespace(), updateUid), GenericKubernetesResource.class))
                .create();
    }

    private boolean isThere(String account) {
        return client.serviceAccounts()
                        .inNamespace(stacks.namespace())
                        .withName(account)
                        .get()
                != null;
    }
}
