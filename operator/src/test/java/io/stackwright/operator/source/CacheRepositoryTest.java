package io.stackwright.operator.source;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.eclipse.jgit.lib.Constants;
import org.eclipse.jgit.lib.NullProgressMonitor;
import org.eclipse.jgit.lib.ObjectId;
import org.eclipse.jgit.lib.ObjectInserter;
import org.eclipse.jgit.lib.ObjectReader;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

class CacheRepositoryTest {

    private static final PackLimits LIMITS = PackLimits.of(10 << 20, 100 << 20);

    @TempDir
    Path folder;

    @BeforeAll
    static void isolate() {
        GitIsolation.install();
    }

    /** One that is read as it comes would take 8 GiB first. */
    @Test
    void aPackIsLookedAtBeforeJgitReadsIt() throws IOException {
        try (CacheRepository repository = CacheRepository.open(folder.resolve("a"), LIMITS);
                ObjectInserter inserter = repository.newObjectInserter()) {
            // when, then
            assertThatThrownBy(() -> inserter.newPackParser(in(new Packs(0x7fffff00))))
                    .isInstanceOf(PackTooLargeException.class);
        }
    }

    /** Whoever is refused, or done, hands its turn on, and leaves nothing behind. */
    @Test
    @Timeout(60)
    void othersHaveTheirTurnAfterwards() throws IOException {
        for (int i = 0; i < 3; i++) {
            Path directory = folder.resolve("b" + i);
            try (CacheRepository repository = CacheRepository.open(directory, LIMITS);
                    ObjectInserter inserter = repository.newObjectInserter()) {
                // given
                Packs pack = new Packs(1);
                pack.whole(Packs.BLOB, 20 << 10);

                // when
                inserter.newPackParser(in(pack)).parse(NullProgressMonitor.INSTANCE);
                assertThatThrownBy(() -> inserter.newPackParser(in(new Packs(1 << 30))))
                        .isInstanceOf(PackTooLargeException.class);
            }

            // then
            try (Stream<Path> left = Files.list(directory)) {
                assertThat(left.map(file -> file.getFileName().toString()))
                        .noneMatch(name -> name.startsWith("incoming_"));
            }
        }
    }

    /** A server may keep its connection open for long when all of the pack is here. */
    @Test
    @Timeout(60)
    void nobodyWaitsUntilTheConnectionIsClosed() throws IOException {
        try (CacheRepository slow = CacheRepository.open(folder.resolve("slow"), LIMITS);
                CacheRepository other = CacheRepository.open(folder.resolve("other"), LIMITS)) {
            // given
            Packs pack = new Packs(1);
            pack.whole(Packs.BLOB, 10);
            try (ObjectInserter inserter = slow.newObjectInserter()) {
                inserter.newPackParser(in(pack)).parse(NullProgressMonitor.INSTANCE);
            }

            // when, then
            try (ObjectInserter inserter = other.newObjectInserter()) {
                assertThat(inserter.newPackParser(in(pack))).isNotNull();
            }
        }
    }

    /** To apply it JGit would have all of that file in memory, which may be as large as a file may be. */
    @Test
    void aDifferenceToAFileOfAnEarlierPackIsRefused() throws IOException {
        try (CacheRepository repository = CacheRepository.open(folder.resolve("c"), LIMITS);
                ObjectInserter inserter = repository.newObjectInserter()) {
            // given
            int size = 20 << 10;
            Packs first = new Packs(1);
            first.whole(Packs.BLOB, size);
            inserter.newPackParser(in(first)).parse(NullProgressMonitor.INSTANCE);
            ObjectId file = new ObjectInserter.Formatter().idFor(Constants.OBJ_BLOB, new byte[size]);
            assertThat(repository.getObjectDatabase().has(file)).isTrue();

            // when
            Packs thin = new Packs(1);
            thin.nameDelta(file, size, 1);

            // then
            assertThatThrownBy(() -> inserter.newPackParser(in(thin)).parse(NullProgressMonitor.INSTANCE))
                    .isInstanceOf(IOException.class)
                    .hasMessageContaining("unresolved deltas");
        }
    }

    /** JGit has whatever it opens in memory as a whole, unless it is larger than that; then it streams. */
    @Test
    void aLargeFileIsNotOpenedInMemory() throws IOException {
        try (CacheRepository repository = CacheRepository.open(folder.resolve("d"), LIMITS);
                ObjectInserter inserter = repository.newObjectInserter();
                ObjectReader reader = repository.newObjectReader()) {
            // given
            int size = PackLimits.STRUCTURE + 1;
            Packs pack = new Packs(1);
            pack.whole(Packs.BLOB, size);
            inserter.newPackParser(in(pack)).parse(NullProgressMonitor.INSTANCE);

            // when
            ObjectId file = new ObjectInserter.Formatter().idFor(Constants.OBJ_BLOB, new byte[size]);

            // then
            assertThat(reader.getObjectSize(file, Constants.OBJ_BLOB)).isEqualTo(size);
            assertThat(reader.open(file).isLarge()).isTrue();
        }
    }

    /** With the smallest heap that an operator has. */
    @Test
    void whatIsInMemoryFitsSeveralTimes() {
        assertThat(PackLimits.of(128 << 20, 104L << 20).inMemory()).isEqualTo(13L << 19);
        assertThat(PackLimits.of(128 << 20, 104L << 20).structure()).isEqualTo(4L << 20);
        assertThat(PackLimits.of(128 << 20, 104L << 20).object()).isEqualTo(100L << 20);
        assertThat(PackLimits.of(1 << 20, 4L << 30).inMemory()).isEqualTo(1L << 20);
    }

    private static ByteArrayInputStream in(Packs pack) {
        return new ByteArrayInputStream(pack.bytes());
    }
}
