package io.stackwright.operator.telemetry;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.MicroTime;
import io.fabric8.kubernetes.api.model.ObjectReference;
import io.fabric8.kubernetes.api.model.ObjectReferenceBuilder;
import io.fabric8.kubernetes.api.model.events.v1.Event;
import io.fabric8.kubernetes.api.model.events.v1.EventBuilder;
import io.fabric8.kubernetes.api.model.events.v1.EventSeriesBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.net.HttpURLConnection;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.HexFormat;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Records Kubernetes Events about Stacks and Updates. Recording returns at once and never fails: events wait in a
 * bounded queue for one thread that sends them, and those that do not fit are dropped and counted. The same event
 * again raises the count of the first one.
 */
public final class EventRecorder implements AutoCloseable {

    static final String CONTROLLER = "stackwright.io/operator";
    static final int MAX_NOTE_BYTES = 1024;
    static final String CUT = " … (cut)";

    private static final Logger LOG = LoggerFactory.getLogger(EventRecorder.class);
    private static final DateTimeFormatter MICROS =
            DateTimeFormatter.ofPattern("yyyy-MM-dd'T'HH:mm:ss.SSSSSS'Z'").withZone(ZoneOffset.UTC);
    private static final int CAPACITY = 1000;
    private static final Duration DRAIN = Duration.ofSeconds(5);

    private final KubernetesClient client;
    private final String instance;
    private final Clock clock;
    private final Metrics metrics;
    private final ThreadPoolExecutor sender;

    /**
     * @param client not closed by this recorder
     * @param instance this process, for example the name of its pod; at most 128 characters
     */
    public EventRecorder(KubernetesClient client, String instance, Clock clock, Metrics metrics) {
        this(client, instance, clock, metrics, CAPACITY);
    }

    EventRecorder(KubernetesClient client, String instance, Clock clock, Metrics metrics, int capacity) {
        this.client = client;
        this.instance = instance;
        this.clock = clock;
        this.metrics = metrics;
        this.sender = new ThreadPoolExecutor(
                1,
                1,
                0,
                TimeUnit.SECONDS,
                new ArrayBlockingQueue<>(capacity),
                Thread.ofVirtual().name("events").factory(),
                (task, executor) -> metrics.eventDropped());
    }

    /**
     * Records that something went as it should.
     *
     * @param regarding an object of the API server, with uid
     * @param reason why, in UpperCamelCase, for example {@code Applied}
     * @param action what was done, in UpperCamelCase, for example {@code Up}
     * @param note for people, redacted; cut at 1024 bytes
     */
    public void normal(HasMetadata regarding, String reason, String action, String note) {
        record("Normal", regarding, reason, action, note);
    }

    /** Records that something needs attention; parameters as of {@link #normal}. */
    public void warning(HasMetadata regarding, String reason, String action, String note) {
        record("Warning", regarding, reason, action, note);
    }

    /** Sends what is queued, for five seconds at most, and stops. */
    @Override
    public void close() {
        sender.shutdown();
        try {
            if (!sender.awaitTermination(DRAIN.toMillis(), TimeUnit.MILLISECONDS)) {
                sender.shutdownNow().forEach(task -> metrics.eventDropped());
            }
        } catch (InterruptedException e) {
            sender.shutdownNow().forEach(task -> metrics.eventDropped());
            Thread.currentThread().interrupt();
        }
    }

    private void record(String type, HasMetadata regarding, String reason, String action, String note) {
        var metadata = regarding.getMetadata();
        ObjectReference reference = new ObjectReferenceBuilder()
                .withApiVersion(regarding.getApiVersion())
                .withKind(regarding.getKind())
                .withNamespace(metadata.getNamespace())
                .withName(metadata.getName())
                .withUid(metadata.getUid())
                .withResourceVersion(metadata.getResourceVersion())
                .build();
        Occurrence occurrence =
                new Occurrence(type, reference, reason, action, cut(String.valueOf(note)), clock.instant());
        sender.execute(() -> send(occurrence));
    }

    private void send(Occurrence occurrence) {
        try {
            if (!create(occurrence) && !countUp(occurrence)) {
                // It expired in between.
                create(occurrence);
            }
            metrics.eventSent();
        } catch (RuntimeException e) {
            metrics.eventFailed();
            LOG.atDebug()
                    .setCause(e)
                    .addKeyValue("reason", occurrence.reason())
                    .addKeyValue("name", occurrence.regarding().getName())
                    .log("event not sent");
        }
    }

    /** Whether it was created; false when it exists. */
    private boolean create(Occurrence occurrence) {
        Event event = new EventBuilder()
                .withNewMetadata()
                .withName(occurrence.name())
                .withNamespace(occurrence.regarding().getNamespace())
                .endMetadata()
                .withEventTime(new MicroTime(MICROS.format(occurrence.at())))
                .withType(occurrence.type())
                .withReason(occurrence.reason())
                .withAction(occurrence.action())
                .withNote(occurrence.note())
                .withReportingController(CONTROLLER)
                .withReportingInstance(instance)
                .withRegarding(occurrence.regarding())
                .build();
        try {
            client.resource(event).create();
            return true;
        } catch (KubernetesClientException e) {
            if (e.getCode() == HttpURLConnection.HTTP_CONFLICT) {
                return false;
            }
            throw e;
        }
    }

    /** Whether the event that exists was counted up; false when it is gone. */
    private boolean countUp(Occurrence occurrence) {
        var resource = client.events()
                .v1()
                .events()
                .inNamespace(occurrence.regarding().getNamespace())
                .withName(occurrence.name());
        Event present = resource.get();
        if (present == null) {
            return false;
        }
        // A series starts with its second occurrence.
        int count = present.getSeries() == null ? 2 : present.getSeries().getCount() + 1;
        present.setSeries(new EventSeriesBuilder()
                .withCount(count)
                .withLastObservedTime(new MicroTime(MICROS.format(occurrence.at())))
                .build());
        resource.patch(present);
        return true;
    }

    /** The API server counts bytes, not characters. */
    private static String cut(String note) {
        byte[] bytes = note.getBytes(StandardCharsets.UTF_8);
        if (bytes.length <= MAX_NOTE_BYTES) {
            return note;
        }
        int end = MAX_NOTE_BYTES - CUT.getBytes(StandardCharsets.UTF_8).length;
        while (isContinuation(bytes[end])) {
            end--;
        }
        return new String(bytes, 0, end, StandardCharsets.UTF_8) + CUT;
    }

    private static boolean isContinuation(byte utf8) {
        return (utf8 & 0xC0) == 0x80;
    }

    /** Something that happened, as it was then: the object may have changed when it is sent. */
    private record Occurrence(
            String type, ObjectReference regarding, String reason, String action, String note, Instant at) {

        /** The same for the same event. */
        String name() {
            String identity = String.join("\0", regarding.getUid(), type, reason, action, note);
            try {
                byte[] hash = MessageDigest.getInstance("SHA-256").digest(identity.getBytes(StandardCharsets.UTF_8));
                return regarding.getName() + "." + HexFormat.of().formatHex(hash, 0, 8);
            } catch (NoSuchAlgorithmException e) {
                throw new IllegalStateException(e);
            }
        }
    }
}
