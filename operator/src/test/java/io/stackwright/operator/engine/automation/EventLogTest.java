package io.stackwright.operator.engine.automation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class EventLogTest {

    @TempDir
    Path scratch;

    private final List<JsonNode> seen = new CopyOnWriteArrayList<>();

    @Test
    void tellsEventsWhileTheFileGrowsAndTheRestAtTheEnd() throws IOException {
        // given
        Path file;
        try (EventLog log = EventLog.open(scratch, seen::add)) {
            file = log.file();
            assertThat(Files.getPosixFilePermissions(file)).isEqualTo(PosixFilePermissions.fromString("rw-------"));

            // when
            append(file, "{\"a\":1}\n{\"a\":");

            // then
            await().pollInterval(Duration.ofMillis(2))
                    .atMost(Duration.ofSeconds(5))
                    .until(() -> seen.size() == 1);

            // when
            append(file, "2}\n");
            append(file, "{\"a\":3}\n{\"torn\":");
        }

        // then
        assertThat(seen).extracting(event -> event.path("a").asInt()).containsExactly(1, 2, 3);
        assertThat(file).doesNotExist();
        assertThat(scratch).isEmptyDirectory();
    }

    @Test
    void oneBadEventDoesNotHideTheOthers() throws IOException {
        // when
        try (EventLog log = EventLog.open(scratch, event -> {
            if (event.has("bad")) {
                throw new IllegalStateException("cannot be used");
            }
            seen.add(event);
        })) {
            append(log.file(), "not json\n\n{\"bad\":1}\n{\"good\":1.10}\n");
        }

        // then
        assertThat(seen).hasSize(1);
        assertThat(seen.getFirst().toString()).isEqualTo("{\"good\":1.10}");
    }

    @Test
    void keepsTheInterruptOfTheCaller() throws IOException {
        // given
        EventLog log = EventLog.open(scratch, seen::add);
        append(log.file(), "{\"a\":1}\n");
        Thread.currentThread().interrupt();

        // when
        log.close();

        // then
        assertThat(Thread.interrupted()).isTrue();
        assertThat(seen).hasSize(1);
    }

    @Test
    void anEventOfMegabytesIsOneEvent() throws IOException {
        // when
        try (EventLog log = EventLog.open(scratch, seen::add)) {
            append(log.file(), "{\"text\":\"" + "x".repeat(7_000_000) + "\"}\n");
        }

        // then
        assertThat(seen.getFirst().path("text").asText()).hasSize(7_000_000);
    }

    @Test
    void oneThatIsTooLargeIsLeftOutAndTheNextIsSeen() throws IOException {
        // when
        try (EventLog log = EventLog.open(scratch, seen::add)) {
            append(log.file(), "{\"text\":\"" + "x".repeat(9_000_000) + "\"}\n{\"a\":1}\n");
        }

        // then
        assertThat(seen)
                .singleElement()
                .satisfies(event -> assertThat(event.has("a")).isTrue());
    }

    private static void append(Path file, String text) throws IOException {
        Files.writeString(file, text, StandardOpenOption.APPEND);
    }
}
