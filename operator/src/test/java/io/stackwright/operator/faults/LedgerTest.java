package io.stackwright.operator.faults;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LedgerTest {

    @TempDir
    private Path folder;

    @Test
    void valuesAreThoseThatWereWrittenLastToWhatExists() throws IOException {
        // given
        Ledger ledger = new Ledger(folder.resolve("ledger"));
        Files.writeString(ledger.file(), """
            1 create start shop a a-1 7 v1
            2 create end shop a a-1 7 v1
            3 create start shop b b-1 7 v1
            4 create end shop b b-1 7 v1
            5 create start shop c c-1 7 v1
            6 update start shop a a-1 8 v2
            7 update end shop a a-1 8 v2
            8 delete start shop c c-1 8 v1
            9 delete end shop c c-1 8 v1
            10 create start other a a-2 9 v3
            11 update start\
            """);

        // when, then
        assertThat(ledger.values("shop")).isEqualTo(Map.of("a-1", "v2", "b-1", "v1"));
        assertThat(ledger.existing("shop")).isEqualTo(Map.of("a-1", "a", "b-1", "b"));
    }

    @Test
    void whatSomebodyRemovesByHandExistsNoMore() throws IOException {
        // given
        Ledger ledger = new Ledger(folder.resolve("ledger"));
        Files.writeString(ledger.file(), "1 create start shop a a-1 7 v1\n");

        // when
        ledger.remove("shop", "a", "a-1");

        // then
        assertThat(ledger.existing("shop")).isEmpty();
        assertThat(ledger.values("shop")).isEmpty();
    }
}
