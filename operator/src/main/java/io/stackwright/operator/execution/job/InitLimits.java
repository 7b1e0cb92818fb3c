package io.stackwright.operator.execution.job;

import io.fabric8.kubernetes.api.model.PodSpec;
import io.fabric8.kubernetes.api.model.Quantity;
import io.fabric8.kubernetes.api.model.ResourceRequirements;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Limits of the container that brings the runner, which a Stack cannot set: those of its own one that are missing there.
 * A quota on a resource admits no pod of which any container is without a limit of it.
 */
final class InitLimits {

    private static final List<String> INHERITED = List.of("cpu", "memory", "ephemeral-storage");

    private InitLimits() {}

    static void inherit(PodSpec pod) {
        pod.getContainers().stream()
                .filter(container -> JobObjects.CONTAINER.equals(container.getName()))
                .map(container -> limits(container.getResources()))
                .forEach(given -> pod.getInitContainers().stream()
                        .filter(container -> JobObjects.INIT_CONTAINER.equals(container.getName()))
                        .forEach(container -> inherit(container.getResources(), given)));
    }

    private static Map<String, Quantity> limits(ResourceRequirements resources) {
        return resources == null || resources.getLimits() == null ? Map.of() : resources.getLimits();
    }

    private static void inherit(ResourceRequirements init, Map<String, Quantity> given) {
        Map<String, Quantity> limits = new TreeMap<>(limits(init));
        Map<String, Quantity> requests = new TreeMap<>(init.getRequests());
        for (String resource : INHERITED) {
            Quantity limit = given.get(resource);
            if (limit != null && !limits.containsKey(resource)) {
                limits.put(resource, limit);
                // A request above its limit is refused.
                requests.computeIfPresent(resource, (name, request) -> smaller(request, limit));
            }
        }
        init.setLimits(limits);
        init.setRequests(requests);
    }

    private static Quantity smaller(Quantity one, Quantity other) {
        return one.getNumericalAmount().compareTo(other.getNumericalAmount()) <= 0 ? one : other;
    }
}
