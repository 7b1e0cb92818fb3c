package io.stackwright.operator.execution.runner;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.stackwright.api.v1alpha1.RunStatus;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * Keeps what is told of a run small, so that an Update stays below 16 KiB whatever the program does: names are cut,
 * then steps and messages are left out from their ends, whichever takes more room. How many is told.
 */
final class RunBounds {

    /** Of the whole {@code status.run} as JSON; the rest of an Update needs at most 4 KiB. */
    static final int MAX_BYTES = 12 * 1024;

    private static final int URN_LENGTH = 512;
    private static final int NAME_LENGTH = 128;
    private static final ObjectMapper JSON = new ObjectMapper();

    private RunBounds() {}

    /** The status, cut down if it has to be. */
    static RunStatus within(RunStatus whole) {
        List<RunStatus.Step> steps = new ArrayList<>(
                whole.steps() == null
                        ? List.of()
                        : whole.steps().stream().map(RunBounds::cut).toList());
        List<RunStatus.Diagnostic> diagnostics = new ArrayList<>(
                whole.diagnostics() == null
                        ? List.of()
                        : whole.diagnostics().stream().map(RunBounds::cut).toList());
        int omittedSteps = whole.omittedSteps() == null ? 0 : whole.omittedSteps();
        int omittedDiagnostics = 0;
        RunStatus bounded = with(whole, steps, omittedSteps, diagnostics, omittedDiagnostics);
        while (bytes(bounded) > MAX_BYTES && steps.size() + diagnostics.size() > 2) {
            if (diagnostics.size() < 2 || steps.size() > 1 && bytes(steps) >= bytes(diagnostics)) {
                steps.removeLast();
                omittedSteps++;
            } else {
                diagnostics.removeLast();
                omittedDiagnostics++;
            }
            bounded = with(whole, steps, omittedSteps, diagnostics, omittedDiagnostics);
        }
        return bounded;
    }

    private static RunStatus with(
            RunStatus whole,
            List<RunStatus.Step> steps,
            int omittedSteps,
            List<RunStatus.Diagnostic> diagnostics,
            int omittedDiagnostics) {
        List<RunStatus.Diagnostic> told = new ArrayList<>(diagnostics);
        if (omittedDiagnostics > 0) {
            told.add(new RunStatus.Diagnostic(
                    "info", null, omittedDiagnostics + " more messages are left out here; the log has them"));
        }
        return new RunStatus(
                whole.executor(),
                whole.progress(),
                whole.changes(),
                List.copyOf(steps),
                omittedSteps == 0 ? null : omittedSteps,
                List.copyOf(told),
                whole.result(),
                whole.pulumiVersion(),
                whole.log());
    }

    private static RunStatus.Step cut(RunStatus.Step step) {
        return new RunStatus.Step(
                step.operation(),
                cut(step.type(), NAME_LENGTH),
                cut(step.name(), NAME_LENGTH),
                cut(step.urn(), URN_LENGTH),
                step.diff() == null
                        ? null
                        : step.diff().stream()
                                .map(path -> cut(path, NAME_LENGTH))
                                .toList(),
                step.failed());
    }

    private static RunStatus.Diagnostic cut(RunStatus.Diagnostic diagnostic) {
        return new RunStatus.Diagnostic(diagnostic.severity(), cut(diagnostic.urn(), URN_LENGTH), diagnostic.message());
    }

    private static String cut(String text, int limit) {
        if (text == null || text.length() <= limit) {
            return text;
        }
        int end = Character.isHighSurrogate(text.charAt(limit - 2)) ? limit - 2 : limit - 1;
        return text.substring(0, end) + "…";
    }

    private static int bytes(Object value) {
        try {
            // Not as bytes: of those Jackson writes twelve for a character that the API server keeps in four.
            return JSON.writeValueAsString(value).getBytes(StandardCharsets.UTF_8).length;
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("a status is no JSON", e);
        }
    }
}
