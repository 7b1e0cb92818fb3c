package io.stackwright.operator.kube;

import io.fabric8.kubernetes.client.http.AsyncBody;
import io.fabric8.kubernetes.client.http.BasicBuilder;
import io.fabric8.kubernetes.client.http.HttpRequest;
import io.fabric8.kubernetes.client.http.HttpResponse;
import io.fabric8.kubernetes.client.http.Interceptor;
import java.nio.ByteBuffer;
import java.util.List;

/**
 * Lets no request that changes something out of a process that does not lead, and notes when the lease was renewed.
 *
 * <p>A renewal counts from before the lease was read for it: its time in the lease is older than the request that
 * writes it.
 */
final class Fence implements Interceptor {

    private static final String LEASES = "/apis/coordination.k8s.io/";
    private static final String OWN_RIGHTS = "/apis/authorization.k8s.io/";
    private static final String ASKED = "Stackwright-Lease-Asked";

    private final Leadership leadership;
    private volatile long asked;

    Fence(Leadership leadership) {
        this.leadership = leadership;
        this.asked = leadership.now();
    }

    @Override
    public void before(BasicBuilder builder, HttpRequest request, RequestTags tags) {
        String path = request.uri().getPath();
        boolean reads = request.method().equals("GET") || request.method().equals("HEAD");
        if (path.startsWith(LEASES)) {
            if (reads) {
                asked = leadership.now();
            } else {
                builder.setHeader(ASKED, String.valueOf(asked));
            }
        } else if (!reads && !path.startsWith(OWN_RIGHTS)) {
            leadership.require();
        }
    }

    @Override
    public void after(HttpRequest request, HttpResponse<?> response, AsyncBody.Consumer<List<ByteBuffer>> consumer) {
        String since = request.header(ASKED);
        if (since != null && response.isSuccessful()) {
            leadership.renewed(Long.parseLong(since));
        }
    }
}
