package io.stackwright.operator.stack;

import io.stackwright.api.v1alpha1.Reason;
import io.stackwright.operator.stack.decide.Problem;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * Keeps the namespaces apart that share the operator's default backend, where its URL has a place for each of them. What
 * a Stack may read and write there its credentials say; but whoever names a Pulumi stack first has it, and a tenant must
 * not be first in the place of another one.
 */
final class SharedBackends {

    private static final String NAMESPACE = "{namespace}";

    /** Of {@code postgres} and {@code https}. */
    private static final Pattern DEFAULT_PORT = Pattern.compile(":(5432|443)?$");

    private final String defaultUrl;

    /** @param defaultUrl backend of Stacks that name none */
    SharedBackends(String defaultUrl) {
        this.defaultUrl = withoutQuery(defaultUrl);
    }

    /** Why the backend that a Stack of this namespace names cannot be used; folders are not looked at. */
    Optional<Problem> problem(String namespace, String url) {
        int placeholder = defaultUrl.indexOf(NAMESPACE);
        if (placeholder < 0 || url.startsWith("file://")) {
            return Optional.empty();
        }
        String place = plain(withoutQuery(url));
        String own = plain(defaultUrl.replace(NAMESPACE, namespace));
        boolean elsewhere = !(place + "/").startsWith(common(defaultUrl.substring(0, placeholder)));
        return elsewhere || (place + "/").startsWith(own + "/")
                ? Optional.empty()
                : Optional.of(new Problem(
                        Reason.InvalidSpec,
                        "spec.backend.url is where other namespaces have their places in the operator's backend; leave"
                                + " it out to use that of this namespace, or name another backend"));
    }

    /** What the places of all namespaces begin with: a folder, or the first letters of a bucket's name. */
    private static String common(String before) {
        String folder = before.substring(0, before.lastIndexOf('/') + 1);
        return folder.endsWith("://") ? before.toLowerCase(Locale.ROOT) : plain(folder) + "/";
    }

    private static String withoutQuery(String url) {
        int query = url.indexOf('?');
        return query < 0 ? url : url.substring(0, query);
    }

    /**
     * One spelling of a place: percent signs decoded, no dots, no doubled slashes, none at the end; of the host or bucket
     * lower case, without a user and the port that goes without saying.
     */
    private static String plain(String url) {
        int authority = url.indexOf("://") + 3;
        Deque<String> path = new ArrayDeque<>();
        for (String part : decoded(url.substring(authority)).split("/")) {
            if (part.equals("..")) {
                // The bucket stays.
                if (path.size() > 1) {
                    path.removeLast();
                }
            } else if (path.isEmpty() && !part.isEmpty()) {
                path.addLast(host(part));
            } else if (!part.isEmpty() && !part.equals(".")) {
                path.addLast(part);
            }
        }
        return url.substring(0, authority) + String.join("/", path);
    }

    private static String host(String authority) {
        return DEFAULT_PORT
                .matcher(authority.substring(authority.lastIndexOf('@') + 1).toLowerCase(Locale.ROOT))
                .replaceFirst("");
    }

    private static String decoded(String path) {
        try {
            return URLDecoder.decode(path.replace("+", "%2B"), StandardCharsets.UTF_8);
        } catch (IllegalArgumentException e) {
            return path;
        }
    }
}
