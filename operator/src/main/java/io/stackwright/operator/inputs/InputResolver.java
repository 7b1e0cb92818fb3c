package io.stackwright.operator.inputs;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.TextNode;
import io.stackwright.api.v1alpha1.ConfigFrom;
import io.stackwright.api.v1alpha1.Reason;
import io.stackwright.api.v1alpha1.SecretsProvider;
import io.stackwright.api.v1alpha1.StackSpec;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.UnaryOperator;

/** Replaces every reference of a Stack by its present value, or says what is missing. */
public final class InputResolver {

    /** Configuration and environment together; what Kubernetes lets one object hold. */
    static final int MAX_BYTES = 1 << 20;

    private final ReferenceReader reader;

    public InputResolver(ReferenceReader reader) {
        this.reader = reader;
    }

    /**
     * Reads each referenced object at most once.
     *
     * @return {@code NotReady} with {@code InputsNotReady} while something does not exist, naming all of it, with {@code
     *     ApiRefused} while the operator may not read something, and with {@code InputsInvalid} for what waiting does not
     *     repair
     */
    public InputsState resolve(String namespace, StackSpec spec) {
        Lookup lookup = new Lookup(namespace, reader);
        List<ConfigEntry> config = new ArrayList<>();
        List<String> fields = new ArrayList<>();
        addConfig(spec, config, fields);
        addConfigFrom(spec, lookup, config, fields);
        Map<String, String> environment = new EnvironmentResolver(lookup).resolve(spec);
        Optional<String> passphrase = passphrase(spec.secretsProvider(), lookup);

        if (lookup.invalid().isEmpty()) {
            check(config, fields, environment, lookup);
        }
        if (!lookup.invalid().isEmpty()) {
            return new InputsState.NotReady(Reason.InputsInvalid, Messages.join(lookup.invalid()));
        }
        if (!lookup.refused().isEmpty()) {
            return new InputsState.NotReady(Reason.ApiRefused, Messages.join(lookup.refused()));
        }
        if (!lookup.missing().isEmpty()) {
            return new InputsState.NotReady(Reason.InputsNotReady, Messages.join(lookup.missing()));
        }
        return new InputsState.Ready(new ResolvedInputs(config, environment, lookup.secrets(), passphrase));
    }

    private static void addConfig(StackSpec spec, List<ConfigEntry> config, List<String> fields) {
        if (spec.config() == null) {
            return;
        }
        spec.config().forEach((key, value) -> {
            fields.add("spec.config[\"" + Messages.shorten(key) + "\"]");
            config.add(new ConfigEntry(key, false, value, false));
        });
    }

    private static void addConfigFrom(StackSpec spec, Lookup lookup, List<ConfigEntry> config, List<String> fields) {
        if (spec.configFrom() == null) {
            return;
        }
        for (int i = 0; i < spec.configFrom().size(); i++) {
            ConfigFrom from = spec.configFrom().get(i);
            if (from == null) {
                continue;
            }
            String field = "spec.configFrom[" + i + "]";
            if (from.key() == null) {
                lookup.invalid().add(field + ": key is not set");
                continue;
            }
            boolean secret = from.secretKeyRef() != null;
            lookup.text(field, from.secretKeyRef(), from.configMapKeyRef()).ifPresent(text -> {
                fields.add(field);
                config.add(new ConfigEntry(from.key(), true, TextNode.valueOf(text), secret));
            });
        }
    }

    private static Optional<String> passphrase(SecretsProvider provider, Lookup lookup) {
        if (provider == null || provider.passphrase() == null) {
            return Optional.empty();
        }
        String field = "spec.secretsProvider.passphrase";
        Optional<String> passphrase =
                lookup.required(field, provider.passphrase().secretKeyRef());
        if (passphrase.filter(text -> text.isEmpty() || text.indexOf('\0') >= 0).isPresent()) {
            lookup.invalid().add(field + ".secretKeyRef: the passphrase is empty or has a NUL character");
        }
        return passphrase;
    }

    private static void check(
            List<ConfigEntry> config, List<String> fields, Map<String, String> environment, Lookup lookup) {
        long bytes = 0;
        for (ConfigEntry entry : config) {
            bytes += entry.key().length() + size(entry.value());
        }
        for (Map.Entry<String, String> variable : environment.entrySet()) {
            bytes += variable.getKey().length() + variable.getValue().length();
        }
        if (bytes > MAX_BYTES) {
            lookup.invalid()
                    .add("configuration and environment have " + bytes + " bytes together, more than the " + MAX_BYTES
                            + " that are possible; put large values into files of the project");
            return;
        }
        try {
            // Without the project's name this finds all but two keys that differ in its namespace only.
            StackSettings.merge("", Map.of(), config, fields, UnaryOperator.identity());
        } catch (InputsException e) {
            lookup.invalid().add(e.getMessage());
        }
    }

    private static long size(JsonNode value) {
        if (value == null) {
            return 0;
        }
        if (!value.isContainerNode()) {
            return value.asText().length();
        }
        long size = 2;
        for (Map.Entry<String, JsonNode> child : value.properties()) {
            size += child.getKey().length() + size(child.getValue());
        }
        if (value.isArray()) {
            for (JsonNode child : value) {
                size += size(child) + 1;
            }
        }
        return size;
    }
}
