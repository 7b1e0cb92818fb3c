package io.stackwright.helm;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.rbac.ClusterRole;
import io.fabric8.kubernetes.api.model.rbac.ClusterRoleBinding;
import io.fabric8.kubernetes.api.model.rbac.Role;
import io.stackwright.testkit.ControlPlane;
import io.stackwright.testkit.Toolchain;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * The operator with the rights that the chart gives it, through a whole life of Stacks. By the API server's audit log, it
 * never lacks a right, and each one is made use of.
 */
@Timeout(600)
class RbacIT {

    /** Kubernetes lets everybody ask what they may do. */
    private static final String SELF_REVIEWS = "authorization.k8s.io";

    @TempDir
    private static Path logs;

    @TempDir
    private Path folder;

    private static Path audit;
    private static ControlPlane plane;

    @BeforeAll
    static void start() {
        audit = logs.resolve("audit.log");
        plane = ControlPlane.startAudited(audit);
        plane.applyCrds(Toolchain.root().resolve("crds/manifests"));
    }

    @AfterAll
    static void stop() {
        plane.close();
    }

    @Test
    void ownNamespace() throws Exception {
        // given
        String namespace = plane.createNamespace("operator");
        String rendered = Chart.render(Chart.RELEASE, namespace, "default", command -> command);

        // when
        installed(rendered, namespace).live(namespace);

        // then
        assertExact(rendered, namespace);
    }

    @Test
    void otherNamespace() throws Exception {
        // given
        String namespace = plane.createNamespace("operator");
        String stacks = plane.createNamespace("team");
        String rendered =
                Chart.render(Chart.RELEASE, namespace, "default", command -> command.set("watchNamespaces[0]", stacks));

        // when
        installed(rendered, namespace).live(stacks);

        // then
        assertExact(rendered, namespace);
    }

    @Test
    void allNamespacesWithTwoOperators() throws Exception {
        // given
        String namespace = plane.createNamespace("operator");
        String stacks = plane.createNamespace("team");
        String rendered =
                Chart.render(Chart.RELEASE, namespace, "production", command -> command.set("execution", "Embedded"));

        // when
        installed(rendered, namespace).liveAsTwo(stacks);

        // then
        assertExact(rendered, namespace);
    }

    @Test
    void ownNamespaceWithJobs() throws Exception {
        // given
        String namespace = plane.createNamespace("operator");
        String rendered = Chart.render(Chart.RELEASE, namespace, "job", command -> command);

        // when
        installed(rendered, namespace).live(namespace);

        // then
        assertExact(rendered, namespace);
    }

    @Test
    void production() throws Exception {
        // given
        String namespace = plane.createNamespace("operator");
        String stacks = plane.createNamespace("team");
        String rendered = Chart.render(Chart.RELEASE, namespace, "production", command -> command);

        // when
        installed(rendered, namespace).liveAsTwo(stacks);

        // then
        assertExact(rendered, namespace);
    }

    private OperatorAsInstalled installed(String rendered, String namespace) throws IOException {
        return new OperatorAsInstalled(plane, namespace, Chart.objects(rendered), Chart.environment(rendered), folder);
    }

    /** The rights in the rendered roles, all of them and no others, were needed. */
    private static void assertExact(String rendered, String namespace) {
        Set<String> bound = Chart.objects(rendered, ClusterRoleBinding.class).stream()
                .map(binding -> binding.getRoleRef().getName())
                .collect(Collectors.toSet());
        TreeSet<Right> given = new TreeSet<>();
        Chart.objects(rendered, ClusterRole.class).stream()
                .filter(role -> bound.contains(role.getMetadata().getName()))
                .forEach(role -> given.addAll(Right.of("", role.getRules())));
        Chart.objects(rendered, Role.class)
                .forEach(role -> given.addAll(Right.of(role.getMetadata().getNamespace(), role.getRules())));
        Audit seen = Audit.of(audit, OperatorAsInstalled.user(namespace));
        TreeSet<Right> used = seen.used().stream()
                .filter(right -> !right.group().equals(SELF_REVIEWS))
                .map(right -> given.contains(right) ? right : right.everywhere())
                .collect(Collectors.toCollection(TreeSet::new));

        assertThat(seen.missed()).as("rights that were missing").isEmpty();
        assertThat(given).as("rights that were given").isNotEmpty();
        assertThat(used).as("rights that were used").isEqualTo(given);
    }
}
