package io.stackwright.operator.engine;

import io.stackwright.api.v1alpha1.RunStatus;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.stream.Stream;

/**
 * What an operation did, whether it succeeded or not.
 *
 * @param failure empty exactly when the operation succeeded
 * @param changes resource operations that finished (for a preview: that are planned)
 * @param resources resources in the state afterwards, without the stack itself and its default providers; empty when
 *     not known
 * @param tookOut whether resources were taken out of the state, which a refresh has found gone or which were deleted
 * @param outputs all stack outputs, in the program's order; empty after anything but a successful up or refresh
 * @param steps changed resources, replacements first, at most 40
 * @param omittedSteps how many more there were
 * @param diagnostics messages, errors first, at most 20, not yet redacted
 * @param log the end of the CLI's human-readable output, at most 64 KiB, not yet redacted
 */
public record OperationResult(
        Optional<Failure> failure,
        RunStatus.Changes changes,
        OptionalInt resources,
        boolean tookOut,
        Optional<Map<String, OutputValue>> outputs,
        List<RunStatus.Step> steps,
        int omittedSteps,
        List<RunStatus.Diagnostic> diagnostics,
        String log) {

    private static final int MAX_DIAGNOSTICS = 20;

    public boolean succeeded() {
        return failure.isEmpty();
    }

    /** The same with more messages, which go first. */
    public OperationResult noting(List<RunStatus.Diagnostic> notes) {
        List<RunStatus.Diagnostic> all = Stream.concat(notes.stream(), diagnostics.stream())
                .limit(MAX_DIAGNOSTICS)
                .toList();
        return new OperationResult(failure, changes, resources, tookOut, outputs, steps, omittedSteps, all, log);
    }

    /** The same where the state has been counted. */
    public OperationResult counting(int counted) {
        return new OperationResult(
                failure, changes, OptionalInt.of(counted), tookOut, outputs, steps, omittedSteps, diagnostics, log);
    }

    /** The same with another explanation of its failure. */
    public OperationResult with(Failure explained) {
        return new OperationResult(
                Optional.of(explained), changes, resources, tookOut, outputs, steps, omittedSteps, diagnostics, log);
    }
}
