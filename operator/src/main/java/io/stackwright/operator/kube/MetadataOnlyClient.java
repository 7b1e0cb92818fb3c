package io.stackwright.operator.kube;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonSetter;
import com.fasterxml.jackson.annotation.Nulls;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.ObjectMeta;
import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import io.fabric8.kubernetes.client.http.BasicBuilder;
import io.fabric8.kubernetes.client.http.HttpClient;
import io.fabric8.kubernetes.client.http.HttpRequest;
import io.fabric8.kubernetes.client.http.Interceptor;
import io.fabric8.kubernetes.client.utils.KubernetesSerialization;
import java.util.List;

/**
 * Makes a client that sees names and versions of Secrets and ConfigMaps, never their content: for informers, whose
 * caches would otherwise hold every secret of the cluster. The API server leaves the data out; what a reader could
 * still find, such as the whole object in an annotation of {@code kubectl apply}, is not deserialised.
 */
final class MetadataOnlyClient {

    private static final String OBJECT = "application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1";
    private static final String LIST = "application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1";

    private MetadataOnlyClient() {}

    static KubernetesClientBuilder configure(KubernetesClientBuilder builder) {
        ObjectMapper mapper = new ObjectMapper();
        // An empty list of metadata arrives with `items: null`, which informers do not expect.
        mapper.configOverride(List.class).setSetterInfo(JsonSetter.Value.forValueNulls(Nulls.AS_EMPTY));
        mapper.addMixIn(ObjectMeta.class, WithoutCopies.class);
        mapper.addMixIn(Secret.class, WithoutData.class);
        mapper.addMixIn(ConfigMap.class, WithoutData.class);
        return builder.withKubernetesSerialization(new KubernetesSerialization(mapper, true));
    }

    static void intercept(HttpClient.Builder http) {
        http.addOrReplaceInterceptor("metadata-only", new AcceptMetadata());
    }

    @JsonIgnoreProperties({"annotations", "managedFields"})
    private abstract static class WithoutCopies {}

    @JsonIgnoreProperties({"data", "stringData", "binaryData"})
    private abstract static class WithoutData {}

    /** Asks for metadata instead of objects. */
    private static final class AcceptMetadata implements Interceptor {

        @Override
        public void before(BasicBuilder builder, HttpRequest request, RequestTags tags) {
            if (request.method().equals("GET")) {
                String query = request.uri().getQuery();
                builder.setHeader("Accept", query != null && query.contains("watch=true") ? OBJECT : LIST);
            }
        }
    }
}
