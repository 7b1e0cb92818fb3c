package io.stackwright.operator.kube;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.client.informers.cache.BasicItemStore;
import io.fabric8.kubernetes.client.informers.cache.Cache;
import java.util.function.UnaryOperator;

/**
 * Keeps of the objects that an informer sees what is looked at alone.
 *
 * <p>For one informer: two that share a store forget each other's objects.
 */
public final class SlimStore<T extends HasMetadata> extends BasicItemStore<T> {

    private final UnaryOperator<T> slim;

    /** @param slim an object with what is kept of it; must leave name, namespace and what is indexed */
    public SlimStore(UnaryOperator<T> slim) {
        super(Cache::metaNamespaceKeyFunc);
        this.slim = slim;
    }

    @Override
    public T put(String key, T item) {
        return super.put(key, slim.apply(item));
    }
}
