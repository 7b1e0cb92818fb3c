package io.stackwright.operator.kube;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.ConfigBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import io.fabric8.kubernetes.client.http.HttpClient;
import io.fabric8.kubernetes.client.jdkhttp.JdkHttpClientFactory;
import io.fabric8.kubernetes.client.utils.KubernetesSerialization;
import java.util.function.Consumer;

/** Makes Kubernetes clients; whoever gets one closes it. */
public final class KubeClients {

    private static final int CONNECT_MILLIS = 5_000;
    private static final int REQUEST_MILLIS = 15_000;
    private static final int RETRIES = 5;
    private static final int FIRST_RETRY_MILLIS = 100;

    private final Config config;
    private final ApiListener listener;

    /**
     * @param config how to reach the API server; left as it is
     * @param version of the operator, for the user agent
     */
    public KubeClients(Config config, String version) {
        this.listener = (verb, code) -> {};
        this.config = new ConfigBuilder(config)
                .withUserAgent("stackwright/" + version)
                .withConnectionTimeout(CONNECT_MILLIS)
                .withRequestTimeout(REQUEST_MILLIS)
                // The default, ten retries with doubling pauses, would hold up a reconcile for minutes.
                .withRequestRetryBackoffLimit(RETRIES)
                .withRequestRetryBackoffInterval(FIRST_RETRY_MILLIS)
                .build();
    }

    private KubeClients(Config config, ApiListener listener) {
        this.config = config;
        this.listener = listener;
    }

    /** The same, whose clients tell of every request. */
    public KubeClients observedBy(ApiListener observer) {
        return new KubeClients(config, observer);
    }

    /** The cluster of KUBECONFIG or {@code ~/.kube/config} if there is one, else the one this pod runs in. */
    public static KubeClients ofThisProcess(String version) {
        return new KubeClients(new ConfigBuilder().build(), version);
    }

    /** A client for everything. */
    public KubernetesClient create() {
        return everything(http -> {}).build();
    }

    /** A client for everything that changes nothing while this process does not lead. */
    public KubernetesClient createFenced(Leadership leadership) {
        return everything(http -> http.addOrReplaceInterceptor("fence", new Fence(leadership)))
                .build();
    }

    /** A client for informers on Secrets and ConfigMaps that never reads their content. Only lists and watches. */
    public KubernetesClient createMetadataOnly() {
        return MetadataOnlyClient.configure(builder(MetadataOnlyClient::intercept))
                .build();
    }

    private KubernetesClientBuilder everything(Consumer<HttpClient.Builder> more) {
        ObjectMapper json = new ObjectMapper();
        json.getFactory().setCharacterEscapes(new LineBreakEscapes());
        return builder(more).withKubernetesSerialization(new KubernetesSerialization(json, true));
    }

    /** @param more interceptors; the builder knows one consumer only */
    private KubernetesClientBuilder builder(Consumer<HttpClient.Builder> more) {
        // Named, because a second factory on the classpath would make it a matter of chance.
        return new KubernetesClientBuilder()
                .withConfig(config)
                .withHttpClientFactory(new JdkHttpClientFactory())
                .withHttpClientBuilderConsumer(http -> {
                    http.addOrReplaceInterceptor("count", new CountRequests(listener));
                    http.addOrReplaceInterceptor("expired-watches", new ExpiredWatches());
                    more.accept(http);
                });
    }
}
