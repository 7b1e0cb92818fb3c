package io.stackwright.operator.outputs;

import com.fasterxml.jackson.databind.JsonNode;
import io.stackwright.api.v1alpha1.OutputsSpec;
import io.stackwright.api.v1alpha1.Reason;
import io.stackwright.operator.engine.OutputValue;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.regex.Pattern;

/** What goes into the outputs Secret: all of it, or nothing. */
public sealed interface OutputSecretData {

    /** The Secret's data: strings as they are, other values as compact JSON. */
    record Data(Map<String, String> data) implements OutputSecretData {

        /** Values can be secret. */
        @Override
        public String toString() {
            return "Data" + data.keySet();
        }
    }

    /**
     * The outputs cannot be published.
     *
     * @param reason {@code OutputsInvalid} or {@code OutputsTooLarge}
     * @param message names output and remedy, never a value
     */
    record Problem(Reason reason, String message) implements OutputSecretData {}

    /** Kubernetes' limit for a Secret is 1 MiB; some of it is for names, labels and field ownership. */
    int MAX_BYTES = (1 << 20) - (32 << 10);

    /** Makes the data. {@code spec} may be null: all outputs, each under its own name. */
    static OutputSecretData of(Map<String, OutputValue> outputs, OutputsSpec spec) {
        return new Builder(outputs).build(mapping(outputs, spec));
    }

    private static Map<String, String> mapping(Map<String, OutputValue> outputs, OutputsSpec spec) {
        if (spec != null && spec.secret() != null && spec.secret().keys() != null) {
            return new TreeMap<>(spec.secret().keys());
        }
        Map<String, String> all = new LinkedHashMap<>();
        outputs.keySet().forEach(name -> all.put(name, name));
        return all;
    }

    /** Puts one set of data together. */
    final class Builder {

        private static final Pattern KEY = Pattern.compile("[-._a-zA-Z0-9]{1,253}");

        /** For each key Kubernetes also keeps who owns it, with the key written out. */
        private static final int KEY_OVERHEAD = 24;

        private final Map<String, OutputValue> outputs;
        private final Map<String, String> data = new TreeMap<>();
        private final Map<String, String> outputOfKey = new TreeMap<>();
        private long bytes;

        private Builder(Map<String, OutputValue> outputs) {
            this.outputs = outputs;
        }

        private OutputSecretData build(Map<String, String> mapping) {
            for (Map.Entry<String, String> entry : mapping.entrySet()) {
                Optional<Problem> problem = add(entry.getKey(), entry.getValue());
                if (problem.isPresent()) {
                    return problem.get();
                }
            }
            if (bytes > MAX_BYTES) {
                return new Problem(
                        Reason.OutputsTooLarge,
                        "the outputs have " + bytes + " bytes together, a Secret holds " + MAX_BYTES
                                + "; name the ones to publish in spec.outputs.secret.keys");
            }
            return new Data(data);
        }

        private Optional<Problem> add(String output, String key) {
            if (!outputs.containsKey(output)) {
                return invalid("spec.outputs.secret.keys names the output `" + shorten(output)
                        + "`, which the program does not have; remove it, or export it");
            }
            if (key == null || !KEY.matcher(key).matches() || key.equals(".") || key.startsWith("..")) {
                return invalid("the output `" + shorten(output) + "` would have the key `"
                        + shorten(String.valueOf(key)) + "`, which is not a legal key of a Secret (letters, digits,"
                        + " `-`, `_`, `.`, at most 253); give it another one in spec.outputs.secret.keys");
            }
            String other = outputOfKey.put(key, output);
            if (other != null) {
                return invalid("the outputs `" + shorten(other) + "` and `" + shorten(output)
                        + "` would both have the key `" + shorten(key)
                        + "`; give them different ones in spec.outputs.secret.keys");
            }
            String value = text(outputs.get(output).value());
            data.put(key, value);
            bytes += 2L * key.length() + KEY_OVERHEAD + value.getBytes(StandardCharsets.UTF_8).length;
            return Optional.empty();
        }

        private static String text(JsonNode value) {
            return value.isTextual() ? value.textValue() : value.toString();
        }

        private static Optional<Problem> invalid(String message) {
            return Optional.of(new Problem(Reason.OutputsInvalid, message));
        }

        private static String shorten(String name) {
            return name.length() <= 120 ? name : name.substring(0, 120) + "…";
        }
    }
}
