package io.stackwright.operator.tenants;

import static io.stackwright.operator.tenants.TwoTenants.A;
import static io.stackwright.operator.tenants.TwoTenants.B;
import static io.stackwright.operator.tenants.TwoTenants.createStack;
import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.stackwright.api.v1alpha1.Condition;
import io.stackwright.api.v1alpha1.Phase;
import io.stackwright.api.v1alpha1.Reason;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Team A names a Pulumi stack that is team B's, before and after it is. Below the operator's default backend each
 * namespace has a place of its own; in a backend that both may name, the first one has it.
 */
class SquattingIT {

    private static final String PROJECT = "project: {inline: {name: shop, runtime: yaml}}\n";

    @TempDir
    private static Path folder;

    private static TwoTenants cluster;

    @BeforeAll
    static void start() {
        cluster = TwoTenants.start(folder);
    }

    @AfterAll
    static void stop() {
        cluster.close();
    }

    /** The operator's default is {@code s3://state/{namespace}?region=eu-west-1}. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "s3://state/team-b?region=eu-west-1",
                "s3://state/team-b",
                "s3://state/team-b/",
                "s3://state/team-b/deeper",
                "s3://state/team-b?x=y",
                "s3://state//team-b",
                "s3://state/team-a/../team-b",
                "s3://state/./team-b",
                "s3://state/%74eam-b",
                "s3://state/team-a%2f..%2fteam-b",
                "s3://state/team-a2",
                "s3://state",
                "s3://state/"
            })
    void thePlaceOfAnotherNamespaceInTheDefaultBackendIsNotTakenNorWhatHoldsIt(String url) {
        // given
        String stack = "place-" + Math.abs(url.hashCode() % 100_000);
        cluster.remember();

        // when
        createStack(cluster.editor, A, stack, PROJECT + "stackName: shop\nbackend: {url: \"" + url + "\"}");

        // then
        assertThat(cluster.seenA.awaitStalled(stack, Reason.InvalidSpec).message())
                .startsWith("spec.backend.url ");
        assertThat(cluster.jobsOf(stack)).isEmpty();
        cluster.assertNothingTouchedOrRead();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "s3://state/team-a?region=eu-west-1",
                "s3://state/team-a/deeper",
                "s3://state/{namespace}",
                "s3://elsewhere/team-b",
                "gs://state/team-b"
            })
    void anotherPlaceIsTaken(String url) {
        // given
        String stack = "other-" + Math.abs(url.hashCode() % 100_000);

        // when
        createStack(cluster.editor, A, stack, PROJECT + "stackName: " + stack + "\nbackend: {url: \"" + url + "\"}");

        // then
        cluster.kubeletA.awaitJob(stack + "-1");
    }

    @Test
    void whatIsTeamBsInASharedBackendStaysTeamBs() {
        // given
        cluster.b.create("common", PROJECT + "stackName: common\nbackend: {url: \"s3://shared\"}");
        TwoTenants.runToSuccess(cluster.kubeletB, cluster.b, "common-1", Results.succeeded("{}"));
        cluster.b.awaitReady("common");
        cluster.remember();

        // when
        createStack(cluster.editor, A, "late", PROJECT + "stackName: common\nbackend: {url: \"s3://shared\"}");

        // then
        Condition claimed = cluster.seenA.awaitStalled("late", Reason.IdentityClaimed);
        assertThat(claimed.message()).doesNotContain(B);
        assertThat(cluster.jobsOf("late")).isEmpty();

        // when
        cluster.a.delete("late");
        cluster.a.awaitGone("late");

        // then
        assertThat(cluster.jobsOf("late")).isEmpty();
        cluster.assertNothingTouchedOrRead();
        cluster.b.awaitReady("common");
    }

    /** One that team A was first to name, but whose run has never told of a stack: team B is not kept from its own. */
    @Test
    void whatTeamAHasMerelyNamedInASharedBackendIsFreeOnceItsRunHasFailed() {
        // given
        createStack(cluster.editor, A, "early", PROJECT + "stackName: early\nbackend: {url: \"s3://shared\"}");
        Pod pod = cluster.kubeletA.run(cluster.kubeletA.pod(cluster.kubeletA.awaitJob("early-1")));
        try (KubernetesClient run = cluster.kubeletA.asRun("early-1")) {
            cluster.kubeletA.claim(run, "early-1", pod);
            TwoTenants.report(
                    cluster.kubeletA,
                    run,
                    "early-1",
                    "{\"outcome\": {\"result\": \"Failed\", \"failure\": {\"kind\": \"FAILED\", \"reason\":"
                            + " \"UpdateFailed\", \"message\": \"no access\"}}}");
        }
        cluster.kubeletA.succeed(pod);
        cluster.seenA.awaitPhase("early-1", Phase.Failed);
        cluster.a.patch("early", "{\"spec\": {\"suspend\": true}}");

        // when
        cluster.b.create("early", PROJECT + "stackName: early\nbackend: {url: \"s3://shared\"}");

        // then
        TwoTenants.runToSuccess(cluster.kubeletB, cluster.b, "early-1", Results.succeeded("{}"));
        cluster.b.awaitReady("early");
    }

    /** Who reports to have it, has it, as anybody who has the backend's credentials may: team B is told, and no more. */
    @Test
    void whatTeamAHoldsInASharedBackendIsNotTeamBsAndNamesNobody() {
        // given
        createStack(cluster.editor, A, "held", PROJECT + "stackName: held\nbackend: {url: \"s3://shared\"}");
        TwoTenants.runToSuccess(cluster.kubeletA, cluster.seenA, "held-1", Results.succeeded("{}"));

        // when
        cluster.b.create("wants", PROJECT + "stackName: held\nbackend: {url: \"s3://shared\"}");

        // then
        Condition claimed = cluster.b.awaitStalled("wants", Reason.IdentityClaimed);
        assertThat(claimed.message()).doesNotContain(A, "held-1");
        assertThat(cluster.b.updates("wants")).isEmpty();
    }
}
