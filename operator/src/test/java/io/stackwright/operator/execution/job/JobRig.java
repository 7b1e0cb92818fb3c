package io.stackwright.operator.execution.job;

import io.fabric8.kubernetes.api.model.ObjectMeta;
import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.api.model.SecretBuilder;
import io.fabric8.kubernetes.api.model.ServiceAccountBuilder;
import io.fabric8.kubernetes.api.model.authentication.TokenRequestBuilder;
import io.fabric8.kubernetes.api.model.rbac.PolicyRule;
import io.fabric8.kubernetes.api.model.rbac.PolicyRuleBuilder;
import io.fabric8.kubernetes.api.model.rbac.RoleBindingBuilder;
import io.fabric8.kubernetes.api.model.rbac.RoleBuilder;
import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.ConfigBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import io.stackwright.api.v1alpha1.Update;
import io.stackwright.api.v1alpha1.UpdateSpec;
import io.stackwright.testkit.ControlPlane;
import io.stackwright.testkit.Toolchain;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Base64;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/** A namespace in which runs get what the operator makes for them, and a process instead of a pod. */
public final class JobRig {

    private static final String GROUP = "stackwright.io";

    private final ControlPlane plane = ControlPlane.shared();
    private final KubernetesClient client = plane.client();
    private final Path folder;
    private final String namespace;
    private final Map<String, String> environment = new HashMap<>();

    /** @param folder for everything, the state of the backend too */
    public JobRig(Path folder) {
        plane.applyCrds(Toolchain.root().resolve("crds/manifests"));
        this.folder = folder;
        this.namespace = plane.createNamespace("jobs");
        environment.put("PATH", Toolchain.bin() + ":" + System.getenv("PATH"));
        directory("state");
    }

    public String namespace() {
        return namespace;
    }

    /** Environment of the pods to come. */
    public Map<String, String> environment() {
        return environment;
    }

    public String backendUrl() {
        return "file://" + folder.resolve("state");
    }

    public Path folder() {
        return folder;
    }

    /** The record of a run, as the operator writes it before anything else. */
    public Update update(String name, UpdateSpec spec) {
        Update update = new Update();
        update.setMetadata(named(name));
        update.setSpec(spec);
        return client.resource(update).create();
    }

    /** The Update as it is now. */
    public Update update(String name) {
        return client.resources(Update.class)
                .inNamespace(namespace)
                .withName(name)
                .get();
    }

    /** ServiceAccount, Role, RoleBinding, both Secrets and the token, then the folder of the mounted Secret. */
    public Path prepare(RunInput input) {
        return prepare(input, plane.config().getMasterUrl());
    }

    /** @param server where the pod finds the API server */
    public Path prepare(RunInput input, String server) {
        String update = input.request().run().update();
        String account = RunObjects.account(update);
        client.resource(new ServiceAccountBuilder()
                        .withMetadata(named(account))
                        .withAutomountServiceAccountToken(false)
                        .build())
                .create();
        client.resource(new RoleBuilder()
                        .withMetadata(named(account))
                        .withRules(
                                rule(GROUP, "updates", update, "get"),
                                rule(GROUP, "updates/status", update, "patch"),
                                rule("", "secrets", RunObjects.result(update), "get", "patch"))
                        .build())
                .create();
        client.resource(new RoleBindingBuilder()
                        .withMetadata(named(account))
                        .withNewRoleRef("rbac.authorization.k8s.io", "Role", account)
                        .addNewSubject(null, "ServiceAccount", account, namespace)
                        .build())
                .create();
        secret(RunObjects.result(update), Map.of());
        Secret inputSecret = secret(RunObjects.input(update), Map.of(RunObjects.RUN, input.toBytes()));
        return mount(
                update,
                Map.of(
                        RunObjects.RUN, input.toBytes(),
                        RunObjects.TOKEN, token(account, inputSecret).getBytes(StandardCharsets.UTF_8),
                        RunObjects.SERVER, server.getBytes(StandardCharsets.UTF_8),
                        RunObjects.CA, Base64.getDecoder().decode(plane.config().getCaCertData())));
    }

    private Path mount(String update, Map<String, byte[]> files) {
        Path mount = directory("mount-" + update);
        files.forEach((name, content) -> {
            try {
                Path file = Files.write(mount.resolve(name), content);
                Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("r--------"));
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        });
        return mount;
    }

    private String token(String account, Secret bound) {
        return client.serviceAccounts()
                .inNamespace(namespace)
                .withName(account)
                .tokenRequest(new TokenRequestBuilder()
                        .withNewSpec()
                        .withExpirationSeconds(3600L)
                        .withNewBoundObjectRef(
                                "v1",
                                "Secret",
                                bound.getMetadata().getName(),
                                bound.getMetadata().getUid())
                        .endSpec()
                        .build())
                .getStatus()
                .getToken();
    }

    private static PolicyRule rule(String group, String resource, String name, String... verbs) {
        return new PolicyRuleBuilder()
                .withApiGroups(group)
                .withResources(resource)
                .withResourceNames(name)
                .withVerbs(verbs)
                .build();
    }

    /** Makes a Secret. */
    public Secret secret(String name, Map<String, byte[]> data) {
        Map<String, String> encoded = new HashMap<>();
        data.forEach((key, value) -> encoded.put(key, Base64.getEncoder().encodeToString(value)));
        return client.resource(new SecretBuilder()
                        .withMetadata(named(name))
                        .withData(encoded)
                        .build())
                .create();
    }

    private ObjectMeta named(String name) {
        return new ObjectMetaBuilder().withName(name).withNamespace(namespace).build();
    }

    /** What the run with this token may do. */
    public KubernetesClient as(Path mount) {
        Config admin = plane.config();
        try {
            return new KubernetesClientBuilder()
                    .withConfig(new ConfigBuilder(Config.empty())
                            .withMasterUrl(admin.getMasterUrl())
                            .withCaCertData(admin.getCaCertData())
                            .withOauthToken(Files.readString(mount.resolve(RunObjects.TOKEN)))
                            .build())
                    .build();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    public KubernetesClient admin() {
        return client;
    }

    /** Starts the runner as its pod would. */
    public JobProcess start(Path mount, String podUid) {
        Map<String, String> pod = new HashMap<>(environment);
        pod.put(RunObjects.POD_NAME, "pod-" + podUid);
        pod.put(RunObjects.POD_UID, podUid);
        return JobProcess.start(mount, directory("work-" + podUid), directory("tmp-" + podUid), pod);
    }

    /** A key of the run's result Secret. */
    public Optional<byte[]> result(String update, String key) {
        Map<String, String> data = client.secrets()
                .inNamespace(namespace)
                .withName(RunObjects.result(update))
                .get()
                .getData();
        return Optional.ofNullable(data)
                .map(all -> all.get(key))
                .map(text -> Base64.getDecoder().decode(text));
    }

    /** What the run has left. */
    public Optional<RunResult> result(String update) {
        return result(update, RunObjects.OUTCOME).flatMap(RunResult::read);
    }

    private Path directory(String name) {
        try {
            return Files.createDirectories(folder.resolve(name));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
