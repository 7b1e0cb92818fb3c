package io.stackwright.operator.execution.runner;

import io.stackwright.api.v1alpha1.RunStatus;
import io.stackwright.operator.engine.OperationResult;
import io.stackwright.operator.execution.RunRequest;
import io.stackwright.operator.execution.recovery.Recovery;
import io.stackwright.operator.inputs.Redactor;
import io.stackwright.operator.inputs.UrlSecrets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** What is known so far of a run, so that a failure half-way keeps it. */
final class Progressing {
    final RunRequest request;
    final Map<String, String> tags;
    final List<RunStatus.Diagnostic> notes = new ArrayList<>();
    private final Set<String> passed;
    Optional<Boolean> adopted;
    Optional<String> passphrase = Optional.empty();
    Recovery.Left left = Recovery.Left.UNKNOWN;

    Progressing(RunRequest request, Set<String> passed) {
        this.request = request;
        this.passed = passed;
        this.adopted = Optional.ofNullable(request.identity().adopted());
        this.tags = new HashMap<>(request.tags().known());
    }

    /** What the operation itself came to; how a destroy that finds no stack is told does not matter here. */
    void ended(OperationResult result) {
        left = result.failure().map(Recovery.Left::by).orElse(Recovery.Left.NOTHING);
    }

    void note(String what) {
        notes.add(new RunStatus.Diagnostic("warning", null, what));
    }

    /**
     * Knows all that the CLI was told in confidence: what the Stack refers to, a generated passphrase, the
     * operator's credentials for its backend, proxies and registries.
     */
    Redactor redactor() {
        Set<String> secrets = new HashSet<>(request.inputs().secrets());
        secrets.addAll(UrlSecrets.of(request.backendUrl()));
        secrets.addAll(passed);
        passphrase.ifPresent(secrets::add);
        return new Redactor(secrets);
    }
}
