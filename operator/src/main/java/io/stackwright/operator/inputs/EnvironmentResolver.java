package io.stackwright.operator.inputs;

import io.stackwright.api.v1alpha1.EnvFrom;
import io.stackwright.api.v1alpha1.EnvVar;
import io.stackwright.api.v1alpha1.StackSpec;
import io.stackwright.operator.inputs.References.Kind;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Pattern;

/** Resolves {@code env} and {@code envFrom} as core/v1 does: the later of two wins, and {@code env} over both. */
final class EnvironmentResolver {

    /** The kernel refuses to start a program with a longer {@code NAME=value}. */
    static final int MAX_VARIABLE = 128 * 1024;

    private static final Pattern NAME = Pattern.compile("[A-Za-z_][A-Za-z0-9_]*");
    private static final String SKIP_CHECKPOINTS = "PULUMI_SKIP_CHECKPOINTS";
    private static final Set<String> OURS = Set.of("PULUMI_HOME", "PULUMI_BACKEND_URL", "PATH", "HOME", "TMPDIR");
    private static final Set<String> PASSPHRASE = Set.of("PULUMI_CONFIG_PASSPHRASE", "PULUMI_CONFIG_PASSPHRASE_FILE");

    private final Lookup lookup;
    private final Map<String, String> environment = new LinkedHashMap<>();

    EnvironmentResolver(Lookup lookup) {
        this.lookup = lookup;
    }

    Map<String, String> resolve(StackSpec spec) {
        List<EnvFrom> sources = spec.envFrom() == null ? List.of() : spec.envFrom();
        for (int i = 0; i < sources.size(); i++) {
            if (sources.get(i) != null) {
                addAll("spec.envFrom[" + i + "]", sources.get(i));
            }
        }
        List<EnvVar> variables = spec.env() == null ? List.of() : spec.env();
        for (int i = 0; i < variables.size(); i++) {
            if (variables.get(i) != null) {
                addOne("spec.env[" + i + "]", variables.get(i));
            }
        }
        return environment;
    }

    private void addOne(String field, EnvVar variable) {
        String name = variable.name();
        if (name == null || !NAME.matcher(name).matches()) {
            lookup.invalid().add(field + ": the name is not that of an environment variable");
            return;
        }
        Optional<String> value = variable.valueFrom() == null
                ? Optional.of(variable.value() == null ? "" : variable.value())
                : lookup.text(
                        field + ".valueFrom",
                        variable.valueFrom().secretKeyRef(),
                        variable.valueFrom().configMapKeyRef());
        value.ifPresent(text -> put(field, name, text));
    }

    private void addAll(String field, EnvFrom from) {
        if (from.secretRef() == null && from.configMapRef() == null) {
            lookup.invalid().add(field + ": neither secretRef nor configMapRef is set");
            return;
        }
        boolean secret = from.secretRef() != null;
        Kind kind = secret ? Kind.SECRET : Kind.CONFIG_MAP;
        EnvFrom.SourceRef ref = secret ? from.secretRef() : from.configMapRef();
        String place = field + (secret ? ".secretRef" : ".configMapRef");
        String prefix = from.prefix() == null ? "" : from.prefix();
        Map<String, byte[]> data =
                lookup.object(place, kind, ref.name(), ref.isOptional()).orElse(Map.of());
        new TreeMap<>(data).forEach((key, bytes) -> {
            String name = prefix + key;
            // Kubernetes leaves out keys that cannot be names; a Secret often has some.
            if (NAME.matcher(name).matches()) {
                lookup.decode(place, kind, ref.name(), key, bytes).ifPresent(text -> put(place, name, text));
            }
        });
    }

    private void put(String field, String name, String value) {
        String shown = Messages.shorten(name);
        if (OURS.contains(name) || name.startsWith("LD_")) {
            lookup.invalid()
                    .add(field + ": the variable " + shown + " belongs to the operator; remove it or give it another"
                            + " name");
        } else if (PASSPHRASE.contains(name)) {
            lookup.invalid()
                    .add(field + ": the variable " + shown + " belongs to the operator; remove it and name the Secret"
                            + " of the passphrase in spec.secretsProvider");
        } else if (name.equals(SKIP_CHECKPOINTS)) {
            lookup.invalid()
                    .add(field + ": the variable " + shown
                            + " keeps Pulumi from writing down what it has begun, so that a"
                            + " run that is cut short creates it twice; remove it");
        } else if (value.indexOf('\0') >= 0) {
            lookup.invalid()
                    .add(field + ": the value of " + shown + " has a NUL character, which no variable can hold");
        } else if (name.length() + value.getBytes(StandardCharsets.UTF_8).length + 2 > MAX_VARIABLE) {
            lookup.invalid()
                    .add(field + ": the value of " + shown + " is larger than the 128 KiB that a variable can hold; use"
                            + " configFrom instead");
        } else {
            environment.put(name, value);
        }
    }
}
