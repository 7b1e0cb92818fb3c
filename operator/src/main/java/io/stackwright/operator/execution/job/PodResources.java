package io.stackwright.operator.execution.job;

import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.PodSpec;
import io.fabric8.kubernetes.api.model.Quantity;
import io.fabric8.kubernetes.api.model.ResourceRequirements;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * What the Stack's template leaves open of requests and limits, which depends on what it says. A request above its limit is
 * refused by the API server, and a quota on a resource admits no pod of which any container is without a limit of it.
 */
final class PodResources {

    private static final Map<String, Quantity> REQUESTS =
            Map.of("cpu", new Quantity("50m"), "memory", new Quantity("192Mi"));

    /** The limit of a run's memory. */
    static final Quantity MEMORY = new Quantity("2Gi");

    private static final List<String> INHERITED = List.of("cpu", "memory", "ephemeral-storage");

    private PodResources() {}

    static void complete(PodSpec pod) {
        pod.getContainers().stream()
                .filter(container -> JobObjects.CONTAINER.equals(container.getName()))
                .map(PodResources::of)
                .forEach(given -> {
                    request(given);
                    pod.getInitContainers().stream()
                            .filter(container -> JobObjects.INIT_CONTAINER.equals(container.getName()))
                            .forEach(container -> inherit(container.getResources(), of(given.getLimits())));
                });
    }

    /** A template may have taken ours away. */
    private static ResourceRequirements of(Container container) {
        if (container.getResources() == null) {
            container.setResources(new ResourceRequirements());
        }
        return container.getResources();
    }

    private static Map<String, Quantity> of(Map<String, Quantity> given) {
        return given == null ? Map.of() : given;
    }

    /** A template may name the limit alone, or what is asked for alone: our own gives way. */
    private static void request(ResourceRequirements main) {
        Map<String, Quantity> limits = new TreeMap<>(of(main.getLimits()));
        Map<String, Quantity> requests = new TreeMap<>(of(main.getRequests()));
        Quantity asked = requests.get("memory");
        if (asked != null && MEMORY.equals(limits.get("memory"))) {
            limits.put("memory", smaller(asked, MEMORY) == asked ? MEMORY : asked);
        }
        main.setLimits(limits);
        REQUESTS.forEach((resource, ours) -> {
            Quantity limit = limits.get(resource);
            requests.putIfAbsent(resource, limit == null ? ours : smaller(ours, limit));
        });
        main.setRequests(requests);
    }

    /** The container that brings the runner, whose limits a Stack cannot set, has those of the other that it lacks. */
    private static void inherit(ResourceRequirements init, Map<String, Quantity> given) {
        Map<String, Quantity> limits = new TreeMap<>(of(init.getLimits()));
        Map<String, Quantity> requests = new TreeMap<>(init.getRequests());
        for (String resource : INHERITED) {
            Quantity limit = given.get(resource);
            if (limit != null && !limits.containsKey(resource)) {
                limits.put(resource, limit);
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
