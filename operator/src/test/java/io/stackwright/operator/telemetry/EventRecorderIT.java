package io.stackwright.operator.telemetry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;
import static org.awaitility.Awaitility.await;

import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.ConfigMapBuilder;
import io.fabric8.kubernetes.api.model.events.v1.Event;
import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import io.stackwright.testkit.ControlPlane;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class EventRecorderIT {

    private final KubernetesClient client = ControlPlane.shared().client();
    private final Metrics metrics = new Metrics();
    private final Clock clock = Clock.fixed(Instant.parse("2026-05-06T07:08:09.123456Z"), ZoneOffset.UTC);
    private String namespace;
    private ConfigMap object;

    @BeforeEach
    void createObject() {
        namespace = ControlPlane.shared().createNamespace("events");
        object = client.resource(new ConfigMapBuilder()
                        .withNewMetadata()
                        .withNamespace(namespace)
                        .withName("shop")
                        .endMetadata()
                        .build())
                .create();
    }

    @AfterEach
    void closeMetrics() {
        metrics.close();
    }

    @Test
    void anEventTellsWhatHappenedToWhom() {
        // when
        try (EventRecorder recorder = recorder(client)) {
            recorder.warning(object, "UpdateFailed", "Up", "exit code 1");
        }

        // then
        Event event = events().getFirst();
        assertThat(events()).hasSize(1);
        assertThat(event.getType()).isEqualTo("Warning");
        assertThat(event.getReason()).isEqualTo("UpdateFailed");
        assertThat(event.getAction()).isEqualTo("Up");
        assertThat(event.getNote()).isEqualTo("exit code 1");
        assertThat(event.getEventTime().getTime()).isEqualTo("2026-05-06T07:08:09.123456Z");
        assertThat(event.getReportingController()).isEqualTo("stackwright.io/operator");
        assertThat(event.getReportingInstance()).isEqualTo("operator-0");
        assertThat(event.getRegarding().getUid()).isEqualTo(object.getMetadata().getUid());
        assertThat(event.getRegarding().getKind()).isEqualTo("ConfigMap");
        assertThat(event.getSeries()).isNull();
    }

    @Test
    void theSameEventAgainIsCountedAndAnotherOneIsNot() {
        // when
        try (EventRecorder recorder = recorder(client)) {
            recorder.normal(object, "Applied", "Up", "one");
            recorder.normal(object, "Applied", "Up", "one");
            recorder.normal(object, "Applied", "Up", "two");
        }
        try (EventRecorder restarted = recorder(client)) {
            restarted.normal(object, "Applied", "Up", "one");
        }

        // then
        assertThat(events())
                .extracting(
                        Event::getNote,
                        event -> event.getSeries() == null
                                ? 1
                                : event.getSeries().getCount())
                .containsExactlyInAnyOrder(tuple("one", 3), tuple("two", 1));
        assertThat(metrics.scrape()).contains("stackwright_events_total{result=\"sent\"} 4.0");
    }

    @Test
    void aLongNoteIsCutToWhatTheApiServerTakes() {
        // when
        try (EventRecorder recorder = recorder(client)) {
            recorder.normal(object, "Applied", "Up", "x" + "🦊".repeat(300));
            recorder.normal(object, "Applied", "Up", "y".repeat(1024));
        }

        // then
        assertThat(events())
                .extracting(Event::getNote)
                .satisfiesExactlyInAnyOrder(
                        note -> assertThat(note).startsWith("x🦊").endsWith("🦊" + EventRecorder.CUT),
                        note -> assertThat(note).isEqualTo("y".repeat(1024)));
    }

    @Test
    void whatTheApiServerRefusesIsCountedAndHoldsUpNothing() {
        // when
        try (EventRecorder recorder = recorder(client)) {
            recorder.normal(object, "Applied", "", "an action is required");
            recorder.normal(object, "Applied", "Up", "good");
        }

        // then
        assertThat(events()).extracting(Event::getNote).containsExactly("good");
        assertThat(metrics.scrape())
                .contains("stackwright_events_total{result=\"failed\"} 1.0")
                .contains("stackwright_events_total{result=\"sent\"} 1.0");
    }

    @Test
    void anApiServerThatHangsCostsEventsButNoTime() throws IOException {
        // given: accepts connections, never answers
        try (ServerSocket hanging = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
                KubernetesClient hung = new KubernetesClientBuilder()
                        .withConfig(hangingConfig(hanging))
                        .build()) {
            EventRecorder recorder = new EventRecorder(hung, "operator-0", clock, metrics, 10);
            long before = System.nanoTime();

            // when
            for (int i = 0; i < 100; i++) {
                recorder.normal(object, "Applied", "Up", "note " + i);
            }
            Duration recording = Duration.ofNanos(System.nanoTime() - before);
            await().until(() -> metrics.scrape().contains("stackwright_events_total{result=\"dropped\"} 89.0"));
            recorder.close();
            recorder.normal(object, "Applied", "Up", "too late");

            // then
            assertThat(recording).isLessThan(Duration.ofSeconds(1));
            assertThat(Duration.ofNanos(System.nanoTime() - before)).isLessThan(Duration.ofSeconds(10));
            assertThat(metrics.scrape()).contains("stackwright_events_total{result=\"dropped\"} 100.0");
        }
    }

    private static Config hangingConfig(ServerSocket server) {
        Config config = Config.empty();
        config.setMasterUrl("http://127.0.0.1:" + server.getLocalPort());
        config.setRequestTimeout(60_000);
        return config;
    }

    private EventRecorder recorder(KubernetesClient with) {
        return new EventRecorder(with, "operator-0", clock, metrics);
    }

    private List<Event> events() {
        return client.events().v1().events().inNamespace(namespace).list().getItems();
    }
}
