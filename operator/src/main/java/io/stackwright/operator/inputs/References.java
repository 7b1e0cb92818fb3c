package io.stackwright.operator.inputs;

import io.stackwright.api.v1alpha1.ConfigFrom;
import io.stackwright.api.v1alpha1.EnvFrom;
import io.stackwright.api.v1alpha1.EnvVar;
import io.stackwright.api.v1alpha1.KeyRef;
import io.stackwright.api.v1alpha1.ProjectSource;
import io.stackwright.api.v1alpha1.SecretsProvider;
import io.stackwright.api.v1alpha1.StackSpec;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Stream;

/** Which Secrets and ConfigMaps of its namespace a Stack refers to: a change of one of them wakes the Stack. */
public final class References {

    private References() {}

    /** Kinds that a Stack can refer to. */
    public enum Kind {
        SECRET("Secret"),
        CONFIG_MAP("ConfigMap");

        private final String text;

        Kind(String text) {
            this.text = text;
        }

        /** As Kubernetes writes it. */
        @Override
        public String toString() {
            return text;
        }
    }

    /** One object of the Stack's namespace. */
    public record Reference(Kind kind, String name) {}

    /** All references, in the order of the spec; empty for a spec that could not be read. */
    public static Set<Reference> of(StackSpec spec) {
        Set<Reference> found = new LinkedHashSet<>();
        if (spec == null) {
            return found;
        }
        addProject(found, spec.project());
        addPassphrase(found, spec.secretsProvider());
        present(spec.configFrom()).forEach(from -> addConfig(found, from));
        present(spec.env()).map(EnvVar::valueFrom).filter(Objects::nonNull).forEach(from -> {
            add(found, Kind.SECRET, from.secretKeyRef());
            add(found, Kind.CONFIG_MAP, from.configMapKeyRef());
        });
        present(spec.envFrom()).forEach(from -> addEnvFrom(found, from));
        return found;
    }

    private static void addProject(Set<Reference> found, ProjectSource project) {
        if (project == null) {
            return;
        }
        if (project.configMap() != null) {
            add(found, Kind.CONFIG_MAP, project.configMap().name());
        }
        if (project.git() != null && project.git().secretRef() != null) {
            add(found, Kind.SECRET, project.git().secretRef().name());
        }
    }

    private static void addPassphrase(Set<Reference> found, SecretsProvider provider) {
        if (provider != null && provider.passphrase() != null) {
            add(found, Kind.SECRET, provider.passphrase().secretKeyRef());
        }
    }

    private static void addConfig(Set<Reference> found, ConfigFrom from) {
        add(found, Kind.SECRET, from.secretKeyRef());
        add(found, Kind.CONFIG_MAP, from.configMapKeyRef());
    }

    private static void addEnvFrom(Set<Reference> found, EnvFrom from) {
        if (from.secretRef() != null) {
            add(found, Kind.SECRET, from.secretRef().name());
        }
        if (from.configMapRef() != null) {
            add(found, Kind.CONFIG_MAP, from.configMapRef().name());
        }
    }

    private static void add(Set<Reference> found, Kind kind, KeyRef ref) {
        if (ref != null) {
            add(found, kind, ref.name());
        }
    }

    private static void add(Set<Reference> found, Kind kind, String name) {
        if (name != null && !name.isEmpty()) {
            found.add(new Reference(kind, name));
        }
    }

    private static <T> Stream<T> present(List<T> list) {
        return list == null ? Stream.empty() : list.stream().filter(Objects::nonNull);
    }
}
