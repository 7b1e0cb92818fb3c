package io.stackwright.operator.execution.job;

import io.stackwright.api.v1alpha1.ProjectSource;
import io.stackwright.api.v1alpha1.Reason;
import io.stackwright.operator.engine.EngineException;
import io.stackwright.operator.engine.Failure;
import io.stackwright.operator.inputs.ReadRefusedException;
import io.stackwright.operator.inputs.ReferenceReader;
import io.stackwright.operator.source.ProjectSources;
import java.util.Map;
import java.util.Optional;

/**
 * What a run's source refers to, as it was when the run was decided on: in a Job nothing can be read from the cluster.
 *
 * @param secrets data of Secrets by name
 * @param configMaps data of ConfigMaps by name
 */
public record CapturedReferences(Map<String, Map<String, byte[]>> secrets, Map<String, Map<String, byte[]>> configMaps)
        implements ReferenceReader {

    public CapturedReferences {
        secrets = Map.copyOf(secrets);
        configMaps = Map.copyOf(configMaps);
    }

    /** Nothing. */
    public static CapturedReferences none() {
        return new CapturedReferences(Map.of(), Map.of());
    }

    /**
     * Reads what a source refers to; what does not exist is missing in the Job too.
     *
     * @param needed whether the run can do nothing without it; else what the operator may not read is left out
     * @throws EngineException while the operator may not read it
     */
    public static CapturedReferences of(
            String namespace, ProjectSource source, boolean needed, ReferenceReader reader) {
        try {
            return of(namespace, source, reader);
        } catch (ReadRefusedException e) {
            if (!needed) {
                return none();
            }
            throw new EngineException(
                    new Failure(Failure.Kind.TRANSIENT, Reason.ApiRefused, ProjectSources.refused(source, e)), e);
        }
    }

    private static CapturedReferences of(String namespace, ProjectSource source, ReferenceReader reader) {
        if (source.configMap() != null) {
            String name = source.configMap().name();
            return new CapturedReferences(
                    Map.of(),
                    reader.configMap(namespace, name)
                            .map(data -> Map.of(name, data))
                            .orElse(Map.of()));
        }
        if (source.git() != null && source.git().secretRef() != null) {
            String name = source.git().secretRef().name();
            return new CapturedReferences(
                    reader.secret(namespace, name)
                            .map(data -> Map.of(name, data))
                            .orElse(Map.of()),
                    Map.of());
        }
        return none();
    }

    /** The namespace is the Stack's: sources refer to nothing else. */
    @Override
    public Optional<Map<String, byte[]>> secret(String namespace, String name) {
        return Optional.ofNullable(secrets.get(name));
    }

    @Override
    public Optional<Map<String, byte[]>> configMap(String namespace, String name) {
        return Optional.ofNullable(configMaps.get(name));
    }

    /** Values are secret. */
    @Override
    public String toString() {
        return "CapturedReferences[secrets=" + secrets.keySet() + ", configMaps=" + configMaps.keySet() + "]";
    }
}
