package io.stackwright.operator.kube;

import io.fabric8.kubernetes.client.http.HttpRequest;
import java.util.Locale;

/** What a request to the Kubernetes API is for, roughly. */
public enum ApiVerb {
    READ,
    WATCH,
    WRITE;

    /** Its name in metrics. */
    public String label() {
        return name().toLowerCase(Locale.ROOT);
    }

    static ApiVerb of(HttpRequest request) {
        if (!request.method().equals("GET") && !request.method().equals("HEAD")) {
            return WRITE;
        }
        String query = request.uri().getQuery();
        return query != null && query.contains("watch=true") ? WATCH : READ;
    }
}
