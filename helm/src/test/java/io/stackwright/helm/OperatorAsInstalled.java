package io.stackwright.helm;

import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.api.model.NamedAuthInfo;
import io.fabric8.kubernetes.api.model.authentication.TokenRequestBuilder;
import io.fabric8.kubernetes.client.utils.Serialization;
import io.stackwright.operator.Scenario;
import io.stackwright.testkit.ControlPlane;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** The operator as the ServiceAccount that the chart makes, with the rights and the settings that the chart gives. */
final class OperatorAsInstalled {

    private static final Set<String> RBAC_KINDS =
            Set.of("ServiceAccount", "Role", "RoleBinding", "ClusterRole", "ClusterRoleBinding");

    private final ControlPlane plane;
    private final String namespace;
    private final Path folder;
    private final Map<String, String> environment;
    private final Path state;

    /**
     * Installs what matters of the chart.
     *
     * @param objects rendered for a release in the namespace
     * @param environment the rendered settings
     * @param folder for data, logs and the state
     */
    OperatorAsInstalled(
            ControlPlane plane,
            String namespace,
            List<GenericKubernetesResource> objects,
            Map<String, String> environment,
            Path folder)
            throws IOException {
        this.plane = plane;
        this.namespace = namespace;
        this.folder = folder;
        this.state = Files.createDirectories(folder.resolve("state"));
        objects.stream()
                .filter(object -> RBAC_KINDS.contains(object.getKind()))
                .forEach(object -> plane.client().resource(object).create());
        this.environment = new HashMap<>(environment);
        this.environment.put("KUBECONFIG", kubeconfig().toString());
        if (!makesJobs()) {
            this.environment.put("STACKWRIGHT_BACKEND_URL", "file://" + state);
            this.environment.put("STACKWRIGHT_SOURCE_ALLOWED_HOSTS", "localhost,127.0.0.1");
        }
    }

    /** Its name in the audit log. */
    static String user(String namespace) {
        return "system:serviceaccount:" + namespace + ":" + Chart.RELEASE;
    }

    /** One operator through a whole life of Stacks in the namespace. */
    void live(String stacks) {
        Life life = life(stacks);
        life.before();
        try (ChartOperator only = start("only")) {
            only.awaitLog("started");
            life.live();
            only.stop();
        }
    }

    /** The same with two, of which the first one leaves at once. */
    void liveAsTwo(String stacks) {
        Life life = life(stacks);
        life.before();
        try (ChartOperator first = start("first")) {
            first.awaitLog("leading");
            try (ChartOperator second = start("second")) {
                second.awaitLog("started");
                first.stop();
                second.awaitLog("leading");
                life.live();
                second.stop();
            }
        }
    }

    /** The one that such an operator can give the Stacks of a namespace. */
    Life life(String stacks) {
        return makesJobs()
                ? new JobLife(plane.client(), stacks)
                : new EmbeddedLife(plane.client(), stacks, new Scenario(plane.client(), stacks, state));
    }

    private boolean makesJobs() {
        return "Job".equals(environment.get("STACKWRIGHT_EXECUTION"));
    }

    /** @param name of its folder */
    ChartOperator start(String name) {
        return ChartOperator.start(folder.resolve(name), environment);
    }

    private Path kubeconfig() throws IOException {
        String token = plane.client()
                .serviceAccounts()
                .inNamespace(namespace)
                .withName(Chart.RELEASE)
                .tokenRequest(new TokenRequestBuilder()
                        .withNewSpec()
                        .withExpirationSeconds(7200L)
                        .endSpec()
                        .build())
                .getStatus()
                .getToken();
        var config = Serialization.unmarshal(
                Files.readString(plane.kubeconfig()), io.fabric8.kubernetes.api.model.Config.class);
        for (NamedAuthInfo user : config.getUsers()) {
            user.getUser().setToken(token);
        }
        return Files.writeString(folder.resolve("kubeconfig"), Serialization.asYaml(config));
    }
}
