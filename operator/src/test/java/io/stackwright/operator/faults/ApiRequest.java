package io.stackwright.operator.faults;

import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A request of the operator to the API server.
 *
 * @param path without the query
 * @param query empty when there is none
 */
record ApiRequest(String method, String path, String query) {

    private static final Set<String> MUTATING = Set.of("POST", "PUT", "PATCH", "DELETE");
    private static final Pattern MANAGER = Pattern.compile("(?:^|&)fieldManager=([^&]*)");
    private static final Pattern OBJECT =
            Pattern.compile("/(?:api|apis/[^/]+)/[^/]+/namespaces/(?<namespace>[^/]+)/(?<rest>.+)");

    static ApiRequest of(String method, String target) {
        int question = target.indexOf('?');
        return question < 0
                ? new ApiRequest(method, target, "")
                : new ApiRequest(method, target.substring(0, question), target.substring(question + 1));
    }

    boolean isMutating() {
        return MUTATING.contains(method);
    }

    boolean isWatch() {
        return query.contains("watch=true");
    }

    /** Kubernetes Events are written beside everything else, whenever there is time. */
    boolean isEvent() {
        return path.startsWith("/apis/events.k8s.io/");
    }

    /** The leader renews its lease by the clock. */
    boolean isLease() {
        return path.startsWith("/apis/coordination.k8s.io/");
    }

    boolean isIn(String namespace) {
        Matcher object = OBJECT.matcher(path);
        return object.matches() && object.group("namespace").equals(namespace);
    }

    /** Resource, name and subresource: {@code updates/shop-1/status}. */
    String object() {
        Matcher object = OBJECT.matcher(path);
        return object.matches() ? object.group("rest") : path;
    }

    /** Empty when the request names none. */
    String manager() {
        Matcher manager = MANAGER.matcher(query);
        return manager.find() ? manager.group(1) : "";
    }
}
