package io.stackwright.bench;

import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.ConfigMapBuilder;
import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.api.model.SecretBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import io.fabric8.kubernetes.client.utils.Serialization;
import io.stackwright.api.v1alpha1.Stack;
import io.stackwright.api.v1alpha1.Update;
import io.stackwright.testkit.ControlPlane;
import io.stackwright.testkit.Toolchain;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;

/** A control plane with one operator, and the Stacks that are measured on it. */
final class Rig implements AutoCloseable {

    /** How long anything that should take seconds may take on a busy machine. */
    static final Duration PATIENCE = Duration.ofMinutes(2);

    /** The program of every Stack: one resource that follows the configuration. */
    static final String PROGRAM = """
        name: bench
        runtime: yaml
        config: {greeting: {type: string, default: hi}}
        resources:
          s: {type: "pulumi:index:Stash", properties: {input: "${greeting}"}}
        outputs:
          out: ${greeting}
        """;

    private final Path work;
    private final ControlPlane plane;
    private final CliLog cli;
    private final ApiLog api;
    private final Observer observer;
    private OperatorProcess operator;
    private boolean closed;

    Rig(Path work) throws IOException, InterruptedException {
        this.work = work;
        this.plane = ControlPlane.start();
        this.cli = CliLog.in(work.resolve("operator-cli"));
        this.api = new ApiLog(work.resolve("audit.log"));
        plane.applyCrds(Toolchain.root().resolve("crds/manifests"));
        this.operator = OperatorProcess.start(work, plane.kubeconfig(), cli);
        this.observer = new Observer(plane.client());
    }

    KubernetesClient client() {
        return plane.client();
    }

    CliLog cli() {
        return cli;
    }

    ApiLog api() {
        return api;
    }

    Observer observer() {
        return observer;
    }

    OperatorProcess operator() {
        return operator;
    }

    /** Stops the operator and starts it again; returns before it is ready. */
    void restartOperator() throws IOException {
        operator.close();
        operator = OperatorProcess.launch(work, plane.kubeconfig(), cli);
    }

    String newNamespace() {
        return plane.createNamespace("bench");
    }

    static Stack stack(String namespace, String name, String more) {
        return stack(namespace, name, PROGRAM, more);
    }

    static Stack stack(String namespace, String name, String program, String more) {
        Stack stack = Serialization.unmarshal(
                "apiVersion: stackwright.io/v1alpha1\nkind: Stack\nspec:\n  project:\n    inline:\n" + program.indent(6)
                        + more.indent(2),
                Stack.class);
        stack.getMetadata().setNamespace(namespace);
        stack.getMetadata().setName(name);
        return stack;
    }

    Stack create(Stack stack) {
        return client().resource(stack).create();
    }

    Stack patch(Stack stack, String mergePatch) {
        return client().resource(stack).patch(PatchContext.of(PatchType.JSON_MERGE), mergePatch);
    }

    Stack configure(Stack stack, String greeting) {
        return patch(stack, "{\"spec\": {\"config\": {\"greeting\": \"" + greeting + "\"}}}");
    }

    void delete(Stack stack) {
        client().resource(stack).delete();
    }

    /** Creates a Stack and waits until it is ready. */
    Stack settled(Stack stack) throws InterruptedException {
        Stack created = create(stack);
        observer.awaitReady(created, 1, PATIENCE);
        return created;
    }

    Update preview(Stack stack, String name) {
        Update update = Serialization.unmarshal(
                "apiVersion: stackwright.io/v1alpha1\nkind: Update\nspec: {operation: Preview, stack: "
                        + stack.getMetadata().getName() + "}",
                Update.class);
        update.getMetadata().setNamespace(stack.getMetadata().getNamespace());
        update.getMetadata().setName(name);
        return client().resource(update).create();
    }

    Secret secret(String namespace, String name, String value) {
        Secret secret = new SecretBuilder()
                .withNewMetadata()
                .withNamespace(namespace)
                .withName(name)
                .endMetadata()
                .withStringData(Map.of("value", value))
                .build();
        return client().resource(secret).serverSideApply();
    }

    ConfigMap configMap(String namespace, String name, String value) {
        ConfigMap map = new ConfigMapBuilder()
                .withNewMetadata()
                .withNamespace(namespace)
                .withName(name)
                .endMetadata()
                .withData(Map.of("value", value))
                .build();
        return client().resource(map).serverSideApply();
    }

    /** At the end of the benchmark or of the process, whichever comes first. */
    @Override
    public synchronized void close() {
        if (closed) {
            return;
        }
        closed = true;
        observer.close();
        operator.close();
        plane.close();
    }
}
