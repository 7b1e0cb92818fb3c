package io.stackwright.operator.kube;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.net.HttpURLConnection;
import java.util.List;
import java.util.Map;

/**
 * Objects that do not fit the schema they are under: another one let them in, or left them a status of another shape.
 * The API server refuses server-side apply for them, whatever is applied, but lets their status be replaced.
 */
public final class UnfitObjects {

    /** Owner of statuses that had to be replaced. */
    private static final String FIELD_MANAGER = "stackwright-repair";

    private UnfitObjects() {}

    /** Whether this is how the API server says that it cannot apply to an object. */
    public static boolean isRefusal(KubernetesClientException e) {
        return e.getCode() == HttpURLConnection.HTTP_INTERNAL_ERROR
                && e.getMessage() != null
                && e.getMessage().contains(" typed");
    }

    /** Replaces the status as a whole; what was unfit in it is gone. */
    public static <T extends HasMetadata> T replaceStatus(KubernetesClient client, T object, Object status) {
        Map<String, Object> operation = Map.of("op", "add", "path", "/status", "value", status);
        return client.resource(object)
                .subresource("status")
                .patch(
                        new PatchContext.Builder()
                                .withPatchType(PatchType.JSON)
                                .withFieldManager(FIELD_MANAGER)
                                .build(),
                        Serialization.asJson(List.of(operation)));
    }

    /** Whether its status has fields that applying another one without them would not remove. */
    public static boolean wasReplaced(HasMetadata object) {
        return object.getMetadata().getManagedFields().stream()
                .anyMatch(fields -> FIELD_MANAGER.equals(fields.getManager()));
    }
}
