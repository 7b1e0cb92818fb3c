package io.stackwright.operator.execution.runner;

import static org.assertj.core.api.Assertions.assertThat;

import io.stackwright.operator.execution.runner.DependencyCache.Sharing;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
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
        DependencyCache cache = new DependencyCache(root, Sharing.OWN, clock);
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
        DependencyCache cache = new DependencyCache(root, Sharing.OWN, clock);
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
        DependencyCache cache = new DependencyCache(root, Sharing.OWN, clock);
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
        DependencyCache cache = new DependencyCache(root, Sharing.OWN, clock);
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
        DependencyCache cache = new DependencyCache(root, Sharing.OWN, clock);
        Path entry = entry(cache, "entry", Duration.ofDays(31));

        // when
        assertThat(cache.find("entry")).contains(entry);
        cache.complete(cache.begin("new"));

        // then
        assertThat(entry).exists();
    }

    @Test
    void whatOthersAreAtWorkOnSurvives() throws IOException {
        // given
        DependencyCache mine = shared();
        DependencyCache theirs = shared();
        Path parallel = aged(theirs.begin("node-1"), Duration.ofHours(23));
        Path killed = aged(theirs.begin("node-1"), Duration.ofHours(25));
        Path killedOfAnother = aged(theirs.begin("node-2"), Duration.ofHours(25));

        // when
        Path attempt = mine.begin("node-1");

        // then
        assertThat(attempt).isNotEqualTo(parallel);
        assertThat(parallel).exists();
        assertThat(killed).as("older than any installation").doesNotExist();

        // when both succeed
        mine.complete(attempt);
        theirs.complete(parallel);

        // then everybody finds the same
        assertThat(killedOfAnother).doesNotExist();
        assertThat(parallel).exists();
        assertThat(attempt).exists();
        assertThat(mine.find("node-1")).isPresent().isEqualTo(theirs.find("node-1"));
    }

    @Test
    void whatAnotherPodMayHaveJustFoundGoesADayAfterNobodyCanFindIt() throws IOException {
        // given
        DependencyCache cache = shared();
        Path old = entry(cache, "old", Duration.ofDays(31));

        // when
        cache.complete(cache.begin("new"));

        // then
        assertThat(old).exists();
        assertThat(cache.find("old")).isEmpty();

        // when
        aged(old, Duration.ofHours(23));
        cache.complete(cache.begin("newer"));

        // then
        assertThat(old).exists();

        // when
        aged(old, Duration.ofHours(25));
        cache.complete(cache.begin("newest"));

        // then
        assertThat(old).doesNotExist();
    }

    @Test
    void whatCanOnlyBeReadIsUsedAsItIs() throws IOException {
        // given
        Path entry = entry(shared(), "node-1", Duration.ofDays(31));
        FileTime before = Files.getLastModifiedTime(entry.resolve(".complete"));
        DependencyCache image = new DependencyCache(root, Sharing.READ_ONLY, clock);

        // then
        assertThat(image.canBeFilled()).isFalse();
        assertThat(image.find("node-1")).contains(entry);
        assertThat(image.find("node-2")).isEmpty();
        assertThat(Files.getLastModifiedTime(entry.resolve(".complete"))).isEqualTo(before);
    }

    @Test
    void ofSeveralAllUseTheFirst() throws IOException {
        // given
        List<Path> installed = new ArrayList<>();
        for (int i = 0; i < 8; i++) {
            installed.add(aged(shared().begin("node-1"), Duration.ZERO));
        }
        for (Path entry : installed) {
            Files.createFile(entry.resolve(".complete"));
        }

        // then
        assertThat(shared().find("node-1")).contains(Collections.min(installed));
    }

    @Test
    void whatAnotherPodRetiresAtThatMomentIsUsedAllTheSame() throws IOException {
        // given
        Path entry = entry(shared(), "node-1", Duration.ofDays(31));
        Clock meanwhile = new Clock() {
            @Override
            public Instant instant() {
                try {
                    Files.delete(entry.resolve(".complete"));
                } catch (IOException e) {
                    throw new UncheckedIOException(e);
                }
                return NOW;
            }

            @Override
            public ZoneId getZone() {
                return ZoneOffset.UTC;
            }

            @Override
            public Clock withZone(ZoneId zone) {
                return this;
            }
        };

        // then
        assertThat(new DependencyCache(root, Sharing.SHARED, meanwhile).find("node-1"))
                .contains(entry);
    }

    private DependencyCache shared() {
        return new DependencyCache(root, Sharing.SHARED, clock);
    }

    private static Path aged(Path attempt, Duration age) throws IOException {
        return Files.setLastModifiedTime(attempt, FileTime.from(NOW.minus(age)));
    }

    private static Path entry(DependencyCache cache, String key, Duration unused) throws IOException {
        Path entry = cache.begin(key);
        Files.createFile(entry.resolve(".complete"));
        Files.setLastModifiedTime(entry.resolve(".complete"), FileTime.from(NOW.minus(unused)));
        return entry;
    }
}
