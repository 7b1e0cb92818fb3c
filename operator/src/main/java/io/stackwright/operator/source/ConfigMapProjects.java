package io.stackwright.operator.source;

import io.stackwright.api.v1alpha1.ConfigMapSource;
import io.stackwright.api.v1alpha1.Reason;
import io.stackwright.operator.inputs.ReferenceReader;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;

/** Projects whose files are the keys of a ConfigMap. */
final class ConfigMapProjects {

    private static final Pattern FILE_NAME = Pattern.compile("^[-._a-zA-Z0-9]{1,253}$");

    private final ReferenceReader references;

    ConfigMapProjects(ReferenceReader references) {
        this.references = references;
    }

    SourceState resolve(String namespace, ConfigMapSource source) throws SourceException {
        Optional<Map<String, byte[]>> files = references.configMap(namespace, source.name());
        if (files.isEmpty()) {
            return new SourceState.Unresolved(
                    Reason.SourceNotReady,
                    "ConfigMap " + source.name() + " of spec.project.configMap does not exist; it is waited for");
        }
        return new SourceState.Resolved(revision(source, files.get()));
    }

    Path fetch(String namespace, ConfigMapSource source, Revision revision, Path target) throws SourceException {
        Map<String, byte[]> files = references
                .configMap(namespace, source.name())
                .orElseThrow(() -> new SourceException(
                        Reason.SourceUnavailable, "ConfigMap " + source.name() + " does not exist any more"));
        if (!revision(source, files).digest().equals(revision.digest())) {
            throw new SourceException(
                    Reason.SourceUnavailable, "ConfigMap " + source.name() + " changed since " + revision.revision());
        }
        return SourceFiles.write(target, files);
    }

    private static Revision revision(ConfigMapSource source, Map<String, byte[]> files) throws SourceException {
        for (String name : files.keySet()) {
            if (!FILE_NAME.matcher(name).matches() || name.equals(".") || name.equals("..")) {
                throw new SourceException(
                        Reason.SourceInvalid, "ConfigMap " + source.name() + " has a key that is not a file name");
            }
        }
        byte[] content = files.get(ProjectFile.FILE_NAME);
        if (content == null) {
            throw new SourceException(
                    Reason.SourceInvalid,
                    "ConfigMap " + source.name() + " has no key " + ProjectFile.FILE_NAME
                            + "; its keys are the files of the project");
        }
        ProjectFile file = ProjectFile.parse(content);
        String digest = SourceDigest.of(files);
        return new Revision("configmap@sha256:" + digest, "sha256:" + digest, file.name(), file.runtime());
    }
}
