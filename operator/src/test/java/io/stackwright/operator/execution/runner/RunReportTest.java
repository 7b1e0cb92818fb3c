package io.stackwright.operator.execution.runner;

import static org.assertj.core.api.Assertions.assertThat;

import io.stackwright.api.v1alpha1.RunStatus;
import io.stackwright.operator.engine.OperationResult;
import io.stackwright.operator.inputs.Redactor;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;

class RunReportTest {

    private static final String SECRET = "hunter22";
    private static final String URN = "urn:pulumi:prod::shop::aws:s3/bucket:Bucket::logs-" + SECRET;

    private final RunReport report = new RunReport(new Redactor(List.of(SECRET)));

    @Test
    void resourcesThatAreNamedAfterSecretsAreMaskedEverywhere() {
        // given
        RunStatus.Step step =
                new RunStatus.Step("update", "kind-" + SECRET, "logs-" + SECRET, URN, List.of("tags." + SECRET), null);
        RunStatus.Diagnostic diagnostic = new RunStatus.Diagnostic("error", URN, "no " + SECRET);
        OperationResult result = new OperationResult(
                Optional.empty(),
                new RunStatus.Changes(0, 1, 0, 0, 0),
                OptionalInt.empty(),
                false,
                Optional.empty(),
                List.of(step),
                0,
                List.of(diagnostic),
                "");

        // when
        RunStatus status = report.of(result, RunStatus.Result.Succeeded, "3.250.0", Optional.empty());
        RunStatus.Progress progress = report.redacted(new RunStatus.Progress(1, 0, 2, "Bucket logs-" + SECRET));

        // then
        assertThat(status.toString() + progress).doesNotContain(SECRET);
        assertThat(status.steps()).singleElement().satisfies(shown -> {
            assertThat(shown.name()).isEqualTo("logs-[secret]");
            assertThat(shown.urn()).isEqualTo("urn:pulumi:prod::shop::aws:s3/bucket:Bucket::logs-[secret]");
            assertThat(shown.diff()).containsExactly("tags.[secret]");
        });
        assertThat(progress.current()).isEqualTo("Bucket logs-[secret]");
    }

    @Test
    void whatIsAbsentStaysAbsent() {
        // given
        OperationResult result = new OperationResult(
                Optional.empty(),
                new RunStatus.Changes(1, 0, 0, 0, 0),
                OptionalInt.empty(),
                false,
                Optional.empty(),
                List.of(new RunStatus.Step("create", "t", "n", "urn", null, null)),
                0,
                List.of(new RunStatus.Diagnostic("info", null, "m")),
                "");

        // when
        RunStatus status = report.of(result, RunStatus.Result.Succeeded, "3.250.0", Optional.empty());

        // then
        assertThat(status.steps()).isEqualTo(result.steps());
        assertThat(status.diagnostics()).isEqualTo(result.diagnostics());
        assertThat(status.omittedSteps()).isNull();
        assertThat(report.redacted(new RunStatus.Progress(0, 0, null, null)).current())
                .isNull();
    }
}
