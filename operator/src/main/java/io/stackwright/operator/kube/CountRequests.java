package io.stackwright.operator.kube;

import io.fabric8.kubernetes.client.http.AsyncBody;
import io.fabric8.kubernetes.client.http.HttpRequest;
import io.fabric8.kubernetes.client.http.HttpResponse;
import io.fabric8.kubernetes.client.http.Interceptor;
import java.nio.ByteBuffer;
import java.util.List;

/** Tells of every attempt to ask the API server something, and of how it ended. */
final class CountRequests implements Interceptor {

    private static final int NO_ANSWER = 0;

    private final ApiListener listener;

    CountRequests(ApiListener listener) {
        this.listener = listener;
    }

    @Override
    public void after(HttpRequest request, HttpResponse<?> response, AsyncBody.Consumer<List<ByteBuffer>> consumer) {
        listener.answered(ApiVerb.of(request), response.code());
    }

    @Override
    public void afterConnectionFailure(HttpRequest request, Throwable failure) {
        listener.answered(ApiVerb.of(request), NO_ANSWER);
    }
}
