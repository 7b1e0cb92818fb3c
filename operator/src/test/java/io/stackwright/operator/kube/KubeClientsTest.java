package io.stackwright.operator.kube;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpServer;
import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
class KubeClientsTest {

    private final List<String> userAgents = new CopyOnWriteArrayList<>();
    private HttpServer server;
    private KubeClients clients;

    @BeforeEach
    void startUnavailableServer() throws IOException {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/", exchange -> {
            userAgents.add(exchange.getRequestHeaders().getFirst("User-Agent"));
            exchange.sendResponseHeaders(503, -1);
            exchange.close();
        });
        server.start();
        Config config = Config.empty();
        config.setMasterUrl("http://127.0.0.1:" + server.getAddress().getPort());
        clients = new KubeClients(config, "1.2.3");
    }

    @AfterEach
    void stop() {
        server.stop(0);
    }

    @Test
    void anUnavailableServerIsGivenUpOnSoonByAClientThatSaysWhoItIs() {
        try (KubernetesClient client = clients.create()) {
            // when
            long before = System.nanoTime();
            assertThatThrownBy(() ->
                            client.secrets().inNamespace("a").withName("b").get())
                    .isInstanceOf(KubernetesClientException.class);

            // then
            assertThat(System.nanoTime() - before).isLessThan(15_000_000_000L);
            assertThat(userAgents).hasSize(6).containsOnly("stackwright/1.2.3");
            assertThat(client.getHttpClient().getClass().getName()).contains("jdkhttp");
        }
    }

    @Test
    void everyAttemptIsToldOf() {
        // given
        List<String> heard = new CopyOnWriteArrayList<>();
        KubeClients observed = clients.observedBy((verb, code) -> heard.add(verb + " " + code));
        try (KubernetesClient client = observed.create();
                KubernetesClient metadata = observed.createMetadataOnly()) {
            // when
            assertThatThrownBy(() -> metadata.secrets().inNamespace("a").list())
                    .isInstanceOf(KubernetesClientException.class);
            server.stop(0);
            assertThatThrownBy(() -> client.secrets().inNamespace("a").list())
                    .isInstanceOf(KubernetesClientException.class);
        }

        // then: each first attempt and its five repetitions
        assertThat(heard.subList(0, 6)).hasSize(6).containsOnly("READ 503");
        assertThat(heard.subList(6, heard.size())).isNotEmpty().containsOnly("READ 0");
    }

    @Test
    void lineBreaksThatOnlyYamlKnowsAreEscaped() {
        try (KubernetesClient client = clients.create()) {
            // when
            String text = "a \u0085 b \u2028 c \u2029 d \ud83d\udd11 \u00fc \n";
            String json = client.getKubernetesSerialization().asJson(Map.of("text", text));

            // then all others are as they were
            assertThat(json).isEqualTo("{\"text\":\"a \\u0085 b \\u2028 c \\u2029 d \ud83d\udd11 \u00fc \\n\"}");
            assertThat(client.getKubernetesSerialization().unmarshal(json, Map.class))
                    .isEqualTo(Map.of("text", text));
        }
    }
}
