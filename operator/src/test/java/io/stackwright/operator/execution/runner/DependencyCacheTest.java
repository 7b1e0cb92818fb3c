package io.stackwright.operator.execution.runner;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DependencyCacheTest {

    private static final Instant NOW = Instant.parse("2030-01-31T12:00:00Z");

    @TempDir
    private Path root;

    private final Clock clock = Clock.fixed(NOW, ZoneOffset.UTC);

    @Test
    void onlyWhatIsCompleteIsFound() throws IOException {
        // given
        DependencyCache cache = new DependencyCache(root, clock);
        Path attempt = cache.begin("node-1");

        // then
        assertThat(cache.find("node-1")).isEmpty();
        cache.complete(attempt);
        assertThat(cache.find("node-1")).contains(attempt);
        assertThat(cache.find("node-")).isEmpty();
        assertThat(cache.find("node-12")).isEmpty();
    }

    @Test
    void aNewAttemptGetsAFolderOfItsOwn() throws IOException {
        // given
        DependencyCache cache = new DependencyCache(root, clock);
        Path killed = cache.begin("node-1");
        Files.writeString(killed.resolve("half"), "");

        // when
        Path next = cache.begin("node-1");

        // then
        assertThat(next).isNotEqualTo(killed).isEmptyDirectory();
        assertThat(killed).doesNotExist();
    }

    @Test
    void whatNobodyUsesGoes() throws IOException {
        // given
        DependencyCache cache = new DependencyCache(root, clock);
        Path used = entry(cache, "used", Duration.ofDays(29));
        Path old = entry(cache, "old", Duration.ofDays(31));

        // when
        cache.complete(cache.begin("new"));

        // then
        assertThat(used).exists();
        assertThat(old).doesNotExist();
    }

    @Test
    void aboveTheLimitOnlyWhatMayBeInUseStays() throws IOException {
        // given
        DependencyCache cache = new DependencyCache(root, clock);
        Path[] entries = new Path[24];
        for (int i = 0; i < entries.length; i++) {
            entries[i] = entry(cache, "entry" + i, Duration.ofHours(8L * i));
        }

        // when
        cache.complete(cache.begin("new"));

        // then
        assertThat(entries[18]).exists();
        assertThat(entries[19]).doesNotExist();
        assertThat(entries[23]).doesNotExist();
    }

    @Test
    void aUseKeepsAnEntry() throws IOException {
        // given
        DependencyCache cache = new DependencyCache(root, clock);
        Path entry = entry(cache, "entry", Duration.ofDays(31));

        // when
        assertThat(cache.find("entry")).contains(entry);
        cache.complete(cache.begin("new"));

        // then
        assertThat(entry).exists();
    }

    private static Path entry(DependencyCache cache, String key, Duration unused) throws IOException {
        Path entry = cache.begin(key);
        Files.createFile(entry.resolve(".complete"));
        Files.setLastModifiedTime(entry.resolve(".complete"), FileTime.from(NOW.minus(unused)));
        return entry;
    }
}
