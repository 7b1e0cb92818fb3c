package io.stackwright.operator.kube;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.ObjectMeta;
import io.javaoperatorsdk.operator.processing.event.source.filter.OnUpdateFilter;
import io.stackwright.api.v1alpha1.Annotations;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Collectors;

/**
 * Lets a changed object through only when its reconciler has a reason to look: the generation, one of our annotations,
 * the deletion timestamp or the finalizers changed; not for its own writes of status.
 *
 * <p>To be used with {@code withGenerationAware(false)}: the framework's own filter hides changes of annotations, and
 * both must accept.
 *
 * @param <P> the kind
 */
public final class PrimaryFilter<P extends HasMetadata> implements OnUpdateFilter<P> {

    private static final String OWN_PREFIX = "stackwright.io/";

    @Override
    public boolean accept(P newObject, P oldObject) {
        ObjectMeta now = newObject.getMetadata();
        ObjectMeta before = oldObject.getMetadata();
        // An object that was deleted and created again under its name counts from generation 1.
        return !Objects.equals(now.getUid(), before.getUid())
                || !Objects.equals(now.getGeneration(), before.getGeneration())
                || !Objects.equals(now.getDeletionTimestamp(), before.getDeletionTimestamp())
                || !Objects.equals(now.getFinalizers(), before.getFinalizers())
                || !actions(now).equals(actions(before));
    }

    private static Map<String, String> actions(ObjectMeta metadata) {
        if (metadata.getAnnotations() == null) {
            return Map.of();
        }
        return metadata.getAnnotations().entrySet().stream()
                .filter(entry ->
                        entry.getKey().startsWith(OWN_PREFIX) || entry.getKey().equals(Annotations.FLUX_RECONCILE))
                .collect(Collectors.toMap(Map.Entry::getKey, Map.Entry::getValue));
    }
}
