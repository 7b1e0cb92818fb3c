package io.stackwright.operator.tenants;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.NamespaceBuilder;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.api.model.ServiceAccountBuilder;
import io.fabric8.kubernetes.api.model.authentication.TokenRequestBuilder;
import io.fabric8.kubernetes.api.model.batch.v1.Job;
import io.fabric8.kubernetes.api.model.rbac.RoleBindingBuilder;
import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.ConfigBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.utils.Serialization;
import io.stackwright.api.v1alpha1.Stack;
import io.stackwright.api.v1alpha1.Update;
import io.stackwright.operator.RunningOperator;
import io.stackwright.operator.StackwrightOperator;
import io.stackwright.operator.execution.job.RunObjects;
import io.stackwright.operator.kube.KubeClients;
import io.stackwright.operator.settings.OperatorSettings;
import io.stackwright.operator.stack.KubeletDouble;
import io.stackwright.operator.stack.Stacks;
import io.stackwright.testkit.ControlPlane;
import io.stackwright.testkit.Toolchain;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;

/**
 * A cluster with two tenants, as {@code values-production.yaml} sets it up: one operator for all namespaces, which makes
 * Jobs and has the rights that the chart gives it, no more. Roles and accounts are those of the chart's golden file.
 *
 * <p>Team A attacks. {@link #editor} has the chart's edit role in {@code team-a} and nothing else; {@link #owner} is an
 * administrator of that namespace, whom Kubernetes lets write Secrets, pods and Jobs there. Team B has a Stack
 * {@code shop} that is Ready, and Secrets full of {@link #CANARY}.
 */
final class TwoTenants implements AutoCloseable {

    static final String OPERATORS = "operators";
    static final String A = "team-a";
    static final String B = "team-b";

    /** In every Secret and ConfigMap of team B and of the operator. */
    static final String CANARY = "canary-of-another-tenant";

    private static final String OPERATOR = "stackwright";
    private static final Pattern DOCUMENTS = Pattern.compile("(?m)^---$");
    private static final Set<String> RIGHTS =
            Set.of("ServiceAccount", "Role", "RoleBinding", "ClusterRole", "ClusterRoleBinding");

    /** What Kubernetes' own role {@code admin} is put together of; here is no controller to do that. */
    private static final List<String> ADMIN =
            List.of("system:aggregate-to-admin", "system:aggregate-to-edit", "system:aggregate-to-view");

    final KubernetesClient admin;
    final KubernetesClient editor;
    final KubernetesClient owner;

    /** Team A's Stacks, in the hands of its editor. */
    final Stacks a;

    /** The same, in those of the cluster's administrator: to look at. */
    final Stacks seenA;

    final Stacks b;
    final KubeletDouble kubeletA;
    final KubeletDouble kubeletB;

    private final ControlPlane plane;
    private final Path folder;
    private StackwrightOperator operator;
    private final Trail trail;
    private Map<String, String> before;

    private TwoTenants(Path folder) {
        this.folder = folder;
        Path audit = folder.resolve("audit.log");
        this.plane = ControlPlane.startAudited(audit);
        this.trail = new Trail(audit, "system:serviceaccount:" + OPERATORS + ":" + OPERATOR);
        this.admin = plane.client();
        plane.applyCrds(Toolchain.root().resolve("crds/manifests"));
        for (String namespace : List.of(OPERATORS, A, B)) {
            namespace(namespace);
        }
        chart().forEach(object -> admin.resource(object).create());
        this.editor = user("editor", List.of());
        this.owner = user("owner", ADMIN);
        this.a = new Stacks(editor, A);
        this.seenA = new Stacks(admin, A);
        this.b = new Stacks(admin, B);
        this.kubeletA = new KubeletDouble(admin, A);
        this.kubeletB = new KubeletDouble(admin, B);
        this.operator = operator();
        operator.start();
        furnish();
    }

    /** Starts all of it; the folder is the operator's, and has the API server's log. */
    static TwoTenants start(Path folder) {
        return new TwoTenants(folder);
    }

    private void namespace(String name) {
        admin.resource(new NamespaceBuilder()
                        .withNewMetadata()
                        .withName(name)
                        .endMetadata()
                        .build())
                .create();
    }

    /** What {@code helm install -f values-production.yaml} makes of rights and accounts. */
    private static List<GenericKubernetesResource> chart() {
        try {
            String rendered =
                    Files.readString(Toolchain.root().resolve("helm/src/test/resources/golden/production.yaml"));
            return DOCUMENTS
                    .splitAsStream(rendered)
                    .filter(document -> document.lines().anyMatch(line -> !line.isBlank() && !line.startsWith("#")))
                    .map(document -> Serialization.unmarshal(document, GenericKubernetesResource.class))
                    .filter(object -> RIGHTS.contains(object.getKind()))
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Somebody with the chart's edit role, and more, in team A's namespace. */
    private KubernetesClient user(String name, List<String> more) {
        Stream.concat(Stream.of("operators-stackwright-edit"), more.stream())
                .map(role -> new RoleBindingBuilder()
                        .withNewMetadata()
                        .withGenerateName(name + "-")
                        .withNamespace(A)
                        .endMetadata()
                        .withNewRoleRef("rbac.authorization.k8s.io", "ClusterRole", role)
                        .addNewSubject("rbac.authorization.k8s.io", "User", name, null)
                        .build())
                .forEach(binding -> admin.resource(binding).create());
        Config config = plane.config();
        config.setImpersonateUsername(name);
        return new KubernetesClientBuilder().withConfig(config).build();
    }

    private StackwrightOperator operator() {
        String token = admin.serviceAccounts()
                .inNamespace(OPERATORS)
                .withName(OPERATOR)
                .tokenRequest(new TokenRequestBuilder()
                        .withNewSpec()
                        .withExpirationSeconds(7200L)
                        .endSpec()
                        .build())
                .getStatus()
                .getToken();
        Config config = new ConfigBuilder(plane.config())
                .withOauthToken(token)
                .withRequestRetryBackoffLimit(0)
                .build();
        OperatorSettings settings = new OperatorSettings(
                        folder.resolve("data"),
                        OPERATORS,
                        Set.of(),
                        "s3://state/{namespace}?region=eu-west-1",
                        64,
                        Toolchain.pulumi().toString(),
                        0,
                        Set.of("localhost"),
                        64 << 20,
                        Duration.ofSeconds(30),
                        Duration.ofSeconds(30),
                        OperatorSettings.LogFormat.TEXT,
                        "INFO")
                .with(Optional.of(new OperatorSettings.Jobs("stackwright:1", "pulumi:1", Duration.ofHours(1))));
        return new StackwrightOperator(
                settings, new KubeClients(config, "test"), RunningOperator.environment(), Clock.systemUTC());
    }

    private void furnish() {
        b.putSecret("cloud", Map.of("token", CANARY));
        b.putSecret("git", Map.of("username", "b", "password", CANARY));
        b.putConfigMap("program", Map.of("Pulumi.yaml", "name: b\nruntime: yaml\ndescription: " + CANARY));
        new Stacks(admin, OPERATORS).putSecret("pull", Map.of(".dockerconfigjson", CANARY));
        admin.resource(new ServiceAccountBuilder()
                        .withNewMetadata()
                        .withName("deployer-of-b")
                        .withNamespace(B)
                        .endMetadata()
                        .build())
                .create();
        b.create("shop", """
            project: {inline: {name: shop, runtime: yaml}}
            env: [{name: TOKEN, valueFrom: {secretKeyRef: {name: cloud, key: token}}}]
            """);
        runToSuccess(kubeletB, b, "shop-1", Results.succeeded("password", CANARY));
        b.awaitReady("shop");
    }

    /** Another operator comes after this one. */
    void restart(Runnable meanwhile) {
        operator.close();
        try {
            meanwhile.run();
        } finally {
            operator = operator();
            operator.start();
        }
    }

    /** The run's report, result first. */
    static void report(KubeletDouble kubelet, KubernetesClient run, String update, String result) {
        kubelet.put(run, update, RunObjects.OUTCOME, result.getBytes(StandardCharsets.UTF_8));
        kubelet.patchStatus(run, update, "{\"result\": \"Succeeded\"}");
    }

    /** What a kubelet and a runner do, to the end, and what the operator then clears away. */
    static void runToSuccess(KubeletDouble kubelet, Stacks seen, String update, String result) {
        Pod pod = kubelet.run(kubelet.pod(kubelet.awaitJob(update)));
        try (KubernetesClient run = kubelet.asRun(update)) {
            kubelet.claim(run, update, pod);
            report(kubelet, run, update, result);
        }
        kubelet.succeed(pod);
        awaitCleared(kubelet, seen, update);
    }

    static void awaitCleared(KubeletDouble kubelet, Stacks seen, String update) {
        Stacks.patiently().untilAsserted(() -> {
            assertThat(seen.secret(RunObjects.input(update))).isNull();
            assertThat(seen.secret(RunObjects.result(update))).isNull();
            assertThat(kubelet.job(update).getSpec().getTtlSecondsAfterFinished())
                    .isNotNull();
            assertThat(seen.update(update).getMetadata().getFinalizers()).isEmpty();
        });
    }

    /** Creates what the YAML says, unknown fields and all. */
    static GenericKubernetesResource create(KubernetesClient as, String namespace, String yaml) {
        // What starts with a brace would be read as JSON.
        GenericKubernetesResource object = Serialization.unmarshal("#\n" + yaml, GenericKubernetesResource.class);
        object.getMetadata().setNamespace(namespace);
        return as.resource(object).create();
    }

    static GenericKubernetesResource createStack(KubernetesClient as, String namespace, String name, String spec) {
        return create(
                as,
                namespace,
                "apiVersion: stackwright.io/v1alpha1\nkind: Stack\nmetadata: {name: " + name + "}\nspec:\n"
                        + spec.indent(2));
    }

    /** The code with which the API server refuses. */
    static int refused(ThrowingCallable request) {
        KubernetesClientException refusal = catchThrowableOfType(KubernetesClientException.class, request);
        assertThat(refusal).as("it was let through").isNotNull();
        return refusal.getCode();
    }

    /** Remembers what team B and the operator have. */
    void remember() {
        before = belongings();
        trail.mark();
    }

    /** Waits until the operator has sent this one, as it is described below, to team B's namespace. */
    void awaitRequest(String request) {
        Stacks.patiently().until(() -> trail.sinceMark(B).contains(request));
    }

    /**
     * Since {@link #remember()} nothing has been made, changed or removed in team B's namespace and the operator's; the
     * operator has not asked for a single object in there; and nothing of theirs is to be seen in team A's.
     */
    void assertNothingTouchedOrRead() {
        assertThat(belongings()).isEqualTo(before);
        assertThat(trail.sinceMark(B, OPERATORS))
                .as("requests of the operator in the other namespaces")
                .isEmpty();
        assertThat(everythingInA()).doesNotContain(CANARY);
    }

    /** What tenants can make many of is never asked for all at once. */
    void assertListedInPages(String resource) {
        assertThat(trail.unlimited(resource)).isEmpty();
    }

    private Map<String, String> belongings() {
        Map<String, String> found = new TreeMap<>();
        Stream.of(B, OPERATORS).flatMap(this::objects).forEach(object -> {
            var metadata = object.getMetadata();
            found.put(
                    object.getKind() + " " + metadata.getNamespace() + "/" + metadata.getName(),
                    metadata.getUid() + " " + metadata.getResourceVersion());
        });
        return found;
    }

    private String everythingInA() {
        List<String> texts = new ArrayList<>();
        objects(A).forEach(object -> {
            texts.add(Serialization.asYaml(object));
            if (object instanceof Secret secret && secret.getData() != null) {
                secret.getData()
                        .values()
                        .forEach(value ->
                                texts.add(new String(Base64.getDecoder().decode(value), StandardCharsets.UTF_8)));
            }
        });
        return String.join("\n", texts);
    }

    private Stream<HasMetadata> objects(String namespace) {
        return Stream.of(
                        admin.secrets().inNamespace(namespace).list().getItems(),
                        admin.configMaps().inNamespace(namespace).list().getItems(),
                        admin.serviceAccounts().inNamespace(namespace).list().getItems(),
                        admin.pods().inNamespace(namespace).list().getItems(),
                        admin.batch().v1().jobs().inNamespace(namespace).list().getItems(),
                        admin.rbac().roles().inNamespace(namespace).list().getItems(),
                        admin.rbac()
                                .roleBindings()
                                .inNamespace(namespace)
                                .list()
                                .getItems(),
                        admin.resources(Stack.class)
                                .inNamespace(namespace)
                                .list()
                                .getItems(),
                        admin.resources(Update.class)
                                .inNamespace(namespace)
                                .list()
                                .getItems())
                .flatMap(List::stream)
                .map(HasMetadata.class::cast);
    }

    /** Jobs of team A that belong to a Stack. */
    List<Job> jobsOf(String stack) {
        return admin.batch()
                .v1()
                .jobs()
                .inNamespace(A)
                .withLabel("stackwright.io/stack", stack)
                .list()
                .getItems();
    }

    @Override
    public void close() {
        operator.close();
        editor.close();
        owner.close();
        plane.close();
    }
}
