package io.stackwright.helm;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.api.model.rbac.Role;
import io.stackwright.testkit.ControlPlane;
import io.stackwright.testkit.Toolchain;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Takes each single right of Embedded mode away in turn: something must break. By command, because every right costs a life
 * of Stacks with the Pulumi CLI; {@code JobRightsIT} does it for those of Job mode:
 *
 * <pre>mvn -pl helm -am verify -Dtest=NoUnitTests -Dit.test=RbacMutations -Djacoco.skip=true \
 *     -Dsurefire.failIfNoSpecifiedTests=false -Dfailsafe.failIfNoSpecifiedTests=false</pre>
 */
@Timeout(900)
class RbacMutations {

    private static final String NAMESPACE = "mutations";

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

    static Stream<Right> rights() {
        return Chart.objects(Chart.render(Chart.RELEASE, NAMESPACE, "default", c -> c), Role.class).stream()
                .flatMap(role -> Right.of("", role.getRules()).stream());
    }

    @ParameterizedTest
    @MethodSource("rights")
    void withoutItSomethingBreaks(Right right) throws Exception {
        // given
        String namespace = plane.createNamespace("operator");
        String rendered = Chart.render(Chart.RELEASE, namespace, "default", command -> command);
        List<GenericKubernetesResource> objects = Chart.objects(rendered).stream()
                .map(object -> object.getKind().equals("Role") ? right.takenFrom(object) : object)
                .toList();

        // when
        boolean broken = false;
        try {
            new OperatorAsInstalled(plane, namespace, objects, Chart.environment(rendered), folder).live(namespace);
        } catch (AssertionError | RuntimeException e) {
            broken = true;
        }

        // then
        Audit seen = Audit.of(audit, OperatorAsInstalled.user(namespace));
        System.out.printf("%-45s %s%n", right, broken ? "Stacks do not come through" : "refused, and lived with");
        assertThat(seen.missed().stream().map(Right::everywhere)).contains(right);
    }
}
