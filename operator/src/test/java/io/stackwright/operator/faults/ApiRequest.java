package io.stackwright.operator.faults;

import java.util.Locale;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A request of the operator to the API server.
 *
 * @param path without the query
 * @param query empty when there is none
 * @param body empty when there is none
 */
public record ApiRequest(String method, String path, String query, String body) {

    private static final Set<String> MUTATING = Set.of("POST", "PUT", "PATCH", "DELETE");
    private static final Pattern MANAGER = Pattern.compile("(?:^|&)fieldManager=([^&]*)");
    private static final Pattern NAME = Pattern.compile("\"name\":\"([^\"]*)\"");
    private static final Pattern REGARDING =
            Pattern.compile("\"regarding\":\\{[^}]*\"kind\":\"(?<kind>[^\"]*)\"[^}]*\"name\":\"(?<name>[^\"]*)\"");
    private static final Pattern OBJECT =
            Pattern.compile("/(?:api|apis/[^/]+)/[^/]+/namespaces/(?<namespace>[^/]+)/(?<rest>.+)");

    static ApiRequest of(String method, String target, String body) {
        int question = target.indexOf('?');
        return question < 0
                ? new ApiRequest(method, target, "", body)
                : new ApiRequest(method, target.substring(0, question), target.substring(question + 1), body);
    }

    public boolean isMutating() {
        return MUTATING.contains(method);
    }

    boolean isWatch() {
        return query.contains("watch=true");
    }

    /** A list or a watch. */
    boolean isOfAll() {
        return !object().contains("/");
    }

    /** Whether it is about an object of that name, or one that belongs to it. */
    public boolean mentions(String name) {
        return path.contains(name) || body.contains(name);
    }

    /** Kubernetes Events are written beside everything else, whenever there is time. */
    public boolean isEvent() {
        return path.startsWith("/apis/events.k8s.io/");
    }

    /** The leader renews its lease by the clock. */
    public boolean isLease() {
        return path.startsWith("/apis/coordination.k8s.io/");
    }

    boolean isIn(String namespace) {
        Matcher object = OBJECT.matcher(path);
        return object.matches() && object.group("namespace").equals(namespace);
    }

    /** Resource, name and subresource: {@code updates/shop-1/status}. */
    public String object() {
        Matcher object = OBJECT.matcher(path);
        return object.matches() ? object.group("rest") : path;
    }

    /** The object that it is about: without subresource; what is created is known by its name too, an Event by its object. */
    String about() {
        Matcher regarding = REGARDING.matcher(body);
        if (isEvent() && regarding.find()) {
            return regarding.group("kind").toLowerCase(Locale.ROOT) + "s/" + regarding.group("name");
        }
        String[] parts = object().split("/");
        if (parts.length > 1) {
            return parts[0] + "/" + parts[1];
        }
        Matcher name = NAME.matcher(body);
        return parts[0] + "/" + (name.find() ? name.group(1) : "");
    }

    /** Empty when the request names none. */
    String manager() {
        Matcher manager = MANAGER.matcher(query);
        return manager.find() ? manager.group(1) : "";
    }
}
