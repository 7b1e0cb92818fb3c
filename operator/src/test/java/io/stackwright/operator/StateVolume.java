package io.stackwright.operator;

import com.fasterxml.jackson.databind.JsonNode;
import io.fabric8.kubernetes.client.utils.Serialization;
import io.stackwright.api.v1alpha1.Backend;
import io.stackwright.api.v1alpha1.ExecutionSpec;
import io.stackwright.api.v1alpha1.Stack;
import io.stackwright.api.v1alpha1.StackSpec;
import java.nio.file.Path;
import java.util.Optional;

/**
 * What a Stack needs besides when its operations run in pods: a state that is a folder has to be on a claim. On the one
 * node of these tests the claim is the folder itself.
 */
final class StateVolume {

    private static final String SCHEME = "file://";

    private static final String TEMPLATE = """
        spec:
          volumes: [{name: state, persistentVolumeClaim: {claimName: state}}]
          containers: [{name: pulumi, volumeMounts: [{name: state, mountPath: "%s"}]}]
        """;

    private final String defaultUrl;

    /** @param folder of the default backend */
    StateVolume(Path folder) {
        this.defaultUrl = SCHEME + folder;
    }

    /** The Stack with its claim; as it is where it has a pod template already, or its state is elsewhere. */
    Stack mountedBy(Stack stack) {
        StackSpec spec = stack.getSpec();
        String url = Optional.ofNullable(spec.backend()).map(Backend::url).orElse(defaultUrl);
        ExecutionSpec execution = spec.execution();
        if (!url.startsWith(SCHEME) || execution != null && execution.podTemplate() != null) {
            return stack;
        }
        Path folder = claim(Path.of(url.substring(SCHEME.length()).replaceFirst("\\?.*", "")));
        stack.setSpec(with(
                spec,
                new ExecutionSpec(
                        execution == null ? null : execution.serviceAccountName(),
                        execution == null ? null : execution.image(),
                        Serialization.unmarshal(TEMPLATE.formatted(folder), JsonNode.class),
                        execution == null ? null : execution.cache())));
        return stack;
    }

    /** One for all folders of a test, so that a Stack may be moved from one to another. */
    private static Path claim(Path backend) {
        Path all = Path.of(System.getProperty("java.io.tmpdir"));
        return backend.startsWith(all) ? all.resolve(all.relativize(backend).getName(0)) : backend;
    }

    private static StackSpec with(StackSpec spec, ExecutionSpec execution) {
        return new StackSpec(
                spec.stackName(),
                spec.project(),
                spec.backend(),
                spec.secretsProvider(),
                spec.config(),
                spec.configFrom(),
                spec.env(),
                spec.envFrom(),
                spec.tags(),
                spec.outputs(),
                spec.updates(),
                spec.deletionPolicy(),
                spec.suspend(),
                spec.historyLimit(),
                execution);
    }
}
