package io.stackwright.operator.execution.job;

import com.fasterxml.jackson.databind.JsonNode;
import java.net.URI;
import java.net.URISyntaxException;
import java.util.Optional;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;

/** A backend that is a folder has to be on a volume: a pod's own folders go with it, and the state with them. */
public final class JobBackends {

    private static final String SCHEME = "file://";

    private JobBackends() {}

    /**
     * Why the backend cannot be used in a pod.
     *
     * @param podTemplate of the Stack, or null
     */
    public static Optional<String> refusal(String url, JsonNode podTemplate) {
        if (!url.startsWith(SCHEME)) {
            return Optional.empty();
        }
        Optional<String> folder = folder(url);
        if (folder.isEmpty()) {
            return Optional.of("the backend " + url + " is not file:// with an absolute path without . and ..");
        }
        JsonNode spec = podTemplate == null ? null : podTemplate.path("spec");
        boolean lasts = spec != null
                && stream(spec.path("containers"))
                        .filter(container -> JobObjects.CONTAINER.equals(
                                container.path("name").asText()))
                        .flatMap(container -> stream(container.path("volumeMounts")))
                        .filter(mount -> PodTemplateRules.isWithin(
                                folder.get(), mount.path("mountPath").asText("?")))
                        .anyMatch(mount -> !mount.path("readOnly").asBoolean(false)
                                && isLasting(spec, mount.path("name").asText()));
        return lasts
                ? Optional.empty()
                : Optional.of("the backend is the folder " + folder.get() + ", and a pod has no folder that outlives"
                        + " it: set spec.backend.url to a backend that pods reach, s3:// for example, or mount a"
                        + " persistentVolumeClaim at " + folder.get() + " or above it, in container `pulumi` of"
                        + " spec.execution.podTemplate");
    }

    private static Optional<String> folder(String url) {
        try {
            String path = new URI(url).getPath();
            boolean plain = path != null
                    && path.startsWith("/")
                    && url.startsWith(SCHEME + "/")
                    && !(path + "/").contains("/../")
                    && !(path + "/").contains("/./");
            return plain ? Optional.of(path) : Optional.empty();
        } catch (URISyntaxException e) {
            return Optional.empty();
        }
    }

    private static boolean isLasting(JsonNode spec, String name) {
        return stream(spec.path("volumes"))
                .filter(volume -> volume.path("name").asText().equals(name))
                .anyMatch(volume -> volume.has("persistentVolumeClaim") || volume.has("csi"));
    }

    private static Stream<JsonNode> stream(JsonNode list) {
        return StreamSupport.stream(list.spliterator(), false);
    }
}
