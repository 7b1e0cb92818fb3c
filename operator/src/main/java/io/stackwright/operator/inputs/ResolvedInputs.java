package io.stackwright.operator.inputs;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * What a Stack declares, with every reference replaced by its present value.
 *
 * @param config plain configuration first, then {@code configFrom}, in the order of the spec
 * @param environment declared variables; {@code env} wins over {@code envFrom}
 * @param secrets every value that came from a Secret, for the redactor
 * @param passphrase the passphrase of {@code secretsProvider}; empty when the operator keeps one
 */
public record ResolvedInputs(
        List<ConfigEntry> config, Map<String, String> environment, Set<String> secrets, Optional<String> passphrase) {

    /** Values are secret. */
    @Override
    public String toString() {
        return "ResolvedInputs[" + config + ", environment=" + environment.keySet() + "]";
    }
}
