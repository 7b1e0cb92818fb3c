package io.stackwright.operator.execution.job;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.SecretBuilder;
import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import io.fabric8.kubernetes.client.utils.Serialization;
import io.stackwright.api.v1alpha1.Reason;
import io.stackwright.api.v1alpha1.Update;
import io.stackwright.operator.execution.RunFinalizer;
import io.stackwright.operator.execution.RunOutcome;
import io.stackwright.operator.execution.RunRequest.RunKey;
import io.stackwright.operator.execution.job.JobReports.Circumstances;
import io.stackwright.operator.execution.job.JobReports.Report;
import io.stackwright.operator.source.StackKey;
import io.stackwright.testkit.ControlPlane;
import io.stackwright.testkit.Toolchain;
import java.util.Base64;
import java.util.Optional;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

class JobReportsIT {

    private static final ControlPlane PLANE = ControlPlane.shared();
    private static final Circumstances GOES_ON =
            new Circumstances(Optional.empty(), JobView.stopped(), claimed -> Optional.empty(), false, false);

    private final JobReports reports = new JobReports(new JobMaker(PLANE.client(), null, null, null), null);

    @BeforeAll
    static void applyCrds() {
        PLANE.applyCrds(Toolchain.root().resolve("crds/manifests"));
    }

    /** Nobody would ever ask for it, and it may have some megabytes of outputs. */
    @Test
    void noOutcomeIsTakenOfAnUpdateThatIsNotOursAnyMore() {
        // given
        RunKey run = reported(PLANE.createNamespace("reports"));
        assertThat(reports.take(run, GOES_ON)).isEqualTo(new Report.Told(RunOutcome.destroyed()));

        // when
        PLANE.client()
                .resources(Update.class)
                .inNamespace(run.stack().namespace())
                .withName(run.update())
                .patch(PatchContext.of(PatchType.JSON_MERGE), "{\"metadata\": {\"finalizers\": null}}");

        // then
        assertThat(reports.take(run, GOES_ON)).isEqualTo(new Report.Elsewhere());
    }

    /** As where somebody has taken the operator's rights in one namespace away. */
    @Test
    void whatTheApiServerRefusesIsToldWithTheObjectAndTheRemedy() {
        // given
        RunKey run = reported(PLANE.createNamespace("reports"));
        Config config = PLANE.config();
        config.setImpersonateUsername("nobody");

        // when
        Report report;
        try (KubernetesClient client =
                new KubernetesClientBuilder().withConfig(config).build()) {
            report = new JobReports(new JobMaker(client, null, null, null), null).take(run, GOES_ON);
        }

        // then
        assertThat(report).isInstanceOfSatisfying(Report.Untaken.class, untaken -> {
            assertThat(untaken.why().reason()).isEqualTo(Reason.ApiRefused);
            assertThat(untaken.why().message()).contains("tried again", "shop-1-run-result", "permissions");
        });
    }

    private static RunKey reported(String namespace) {
        Update update = PLANE.client()
                .resource(Serialization.unmarshal("""
                    apiVersion: stackwright.io/v1alpha1
                    kind: Update
                    metadata: {name: shop-1, namespace: %s, finalizers: [%s]}
                    spec: {stack: shop, operation: Up}
                    """.formatted(namespace, RunFinalizer.NAME), Update.class))
                .create();
        RunKey run = new RunKey(
                new StackKey(namespace, "shop"),
                "stack-uid",
                "shop-1",
                update.getMetadata().getUid());
        byte[] outcome = new RunResult(RunOutcome.destroyed(), Optional.empty()).toBytes();
        PLANE.client()
                .resource(new SecretBuilder(JobObjects.result(run))
                        .addToData(RunObjects.OUTCOME, Base64.getEncoder().encodeToString(outcome))
                        .build())
                .create();
        return run;
    }
}
