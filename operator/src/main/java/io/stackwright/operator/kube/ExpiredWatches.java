package io.stackwright.operator.kube;

import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.http.AsyncBody;
import io.fabric8.kubernetes.client.http.BasicBuilder;
import io.fabric8.kubernetes.client.http.HttpRequest;
import io.fabric8.kubernetes.client.http.HttpResponse;
import io.fabric8.kubernetes.client.http.Interceptor;
import java.net.HttpURLConnection;
import java.net.URI;
import java.nio.ByteBuffer;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Ends a watch that cannot go on where it stopped, so that its informer lists anew.
 *
 * <p>The client does that when the watch itself tells that it has expired. Where the very request for it is answered with
 * 410, it would ask for the same again, without end, and nothing would be seen any more: the second such request fails
 * here, which the client takes for the end of the watch.
 */
final class ExpiredWatches implements Interceptor {

    private static final Pattern VERSION = Pattern.compile("[?&]resourceVersion=([^&]+)");
    private static final int KEPT = 100;

    private final Set<String> expired = Collections.synchronizedSet(Collections.newSetFromMap(new LinkedHashMap<>() {

        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<String, Boolean> eldest) {
            return size() > KEPT;
        }
    }));

    @Override
    public void after(HttpRequest request, HttpResponse<?> response, AsyncBody.Consumer<List<ByteBuffer>> consumer) {
        if (response.code() == HttpURLConnection.HTTP_GONE) {
            watch(request.uri()).ifPresent(expired::add);
        }
    }

    @Override
    public void before(BasicBuilder builder, HttpRequest request, RequestTags tags) {
        watch(request.uri()).filter(expired::remove).ifPresent(watch -> {
            throw new KubernetesClientException("the watch has expired: " + watch);
        });
    }

    /** What is watched, and from where on; empty for anything else. */
    private static Optional<String> watch(URI uri) {
        String query = uri.getRawQuery() == null ? "" : "?" + uri.getRawQuery();
        Matcher version = VERSION.matcher(query);
        return query.contains("watch=true") && version.find()
                ? Optional.of(uri.getPath() + "@" + version.group(1))
                : Optional.empty();
    }
}
