package io.stackwright.operator.engine.automation;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import java.io.FileInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The file that a running CLI appends its events to, followed while it grows and removed at the end.
 *
 * <p>Events reach the consumer within {@link #POLL}, in order, on one thread of the log's own; after {@link #close} all
 * of them have. A line that is not JSON is left out: the CLI may have died in the middle of it.
 */
final class EventLog implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(EventLog.class);

    static final Duration POLL = Duration.ofMillis(25);

    /**
     * Longest event that is kept, in bytes. Outputs of a stack are one event; those that are not seen here are asked for,
     * and more than a Secret can hold, which is 1 MiB, cannot be published anyway.
     */
    private static final int MAX_LINE = 8 * 1024 * 1024;

    private final Path file;
    private final Consumer<JsonNode> consumer;
    private final Thread follower;
    private final Lines lines = new Lines(MAX_LINE, this::emit);
    private volatile boolean ended;

    private EventLog(Path file, Consumer<JsonNode> consumer) {
        this.file = file;
        this.consumer = consumer;
        this.follower = Thread.ofPlatform().daemon().name("pulumi-events").unstarted(this::follow);
    }

    /** Creates the file, readable by us alone since outputs go through it, and starts to follow it. */
    static EventLog open(Path scratch, Consumer<JsonNode> consumer) throws IOException {
        Path file = ScratchFiles.create(scratch, "events-", ".ndjson");
        EventLog log = new EventLog(file, consumer);
        log.follower.start();
        return log;
    }

    Path file() {
        return file;
    }

    /** Reads what is left, then removes the file. */
    @Override
    public void close() throws IOException {
        ended = true;
        boolean interrupted = Thread.interrupted();
        while (follower.isAlive()) {
            try {
                LockSupport.unpark(follower);
                follower.join();
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        Files.deleteIfExists(file);
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    private void follow() {
        byte[] buffer = new byte[64 * 1024];
        try (InputStream in = new FileInputStream(file.toFile())) {
            while (true) {
                boolean last = ended;
                for (int n = in.read(buffer); n > 0; n = in.read(buffer)) {
                    lines.read(buffer, n);
                }
                if (last) {
                    return;
                }
                LockSupport.parkNanos(POLL.toNanos());
            }
        } catch (IOException e) {
            // The file went away under us; the caller sees that the summary is missing.
        }
    }

    private void emit(String text) {
        if (text.isBlank()) {
            return;
        }
        JsonNode event;
        try {
            event = Json.parse(text);
        } catch (JsonProcessingException e) {
            return;
        }
        try {
            consumer.accept(event);
        } catch (RuntimeException e) {
            // One event that we do not understand must not hide the ones after it.
            LOG.atWarn().setCause(e).log("An engine event could not be used");
        }
    }
}
