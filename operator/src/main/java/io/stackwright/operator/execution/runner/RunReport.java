package io.stackwright.operator.execution.runner;

import io.stackwright.api.v1alpha1.Reason;
import io.stackwright.api.v1alpha1.RunStatus;
import io.stackwright.operator.engine.CancelToken;
import io.stackwright.operator.engine.Failure;
import io.stackwright.operator.engine.OperationResult;
import io.stackwright.operator.inputs.Redactor;
import java.util.Optional;

/** What is to be seen of a run's end: secrets masked, sizes bounded. */
final class RunReport {

    private static final int DIAGNOSTIC_LENGTH = 1024;

    private final Redactor redactor;

    RunReport(Redactor redactor) {
        this.redactor = redactor;
    }

    RunStatus of(OperationResult result, RunStatus.Result how, String pulumiVersion, Optional<String> log) {
        return RunBounds.within(new RunStatus(
                null,
                null,
                result.changes(),
                result.steps().stream().map(this::redacted).toList(),
                result.omittedSteps() == 0 ? null : result.omittedSteps(),
                result.diagnostics().stream().map(this::redacted).toList(),
                how,
                pulumiVersion,
                log.orElse(null)));
    }

    /** A resource may be named after a secret. */
    private RunStatus.Step redacted(RunStatus.Step step) {
        return new RunStatus.Step(
                step.operation(),
                redacted(step.type()),
                redacted(step.name()),
                redacted(step.urn()),
                step.diff() == null
                        ? null
                        : step.diff().stream().map(this::redacted).toList(),
                step.failed());
    }

    RunStatus.Progress redacted(RunStatus.Progress progress) {
        return new RunStatus.Progress(
                progress.completed(), progress.failed(), progress.total(), redacted(progress.current()));
    }

    private String redacted(String text) {
        return text == null ? null : redactor.redact(text);
    }

    Failure redacted(Failure failure) {
        return new Failure(failure.kind(), failure.reason(), redactor.redact(failure.message()));
    }

    private RunStatus.Diagnostic redacted(RunStatus.Diagnostic diagnostic) {
        String message = redactor.redact(diagnostic.message());
        return new RunStatus.Diagnostic(
                diagnostic.severity(),
                redacted(diagnostic.urn()),
                message.length() <= DIAGNOSTIC_LENGTH ? message : message.substring(0, DIAGNOSTIC_LENGTH - 1) + "…");
    }

    static RunStatus.Result resultOf(Failure failure, CancelToken cancel) {
        if (failure.kind() != Failure.Kind.CANCELLED) {
            return RunStatus.Result.Failed;
        }
        boolean interrupted = cancel.isInterrupted() || failure.reason() == Reason.Interrupted;
        return interrupted ? RunStatus.Result.Interrupted : RunStatus.Result.Cancelled;
    }
}
