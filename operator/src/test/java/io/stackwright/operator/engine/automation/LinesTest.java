package io.stackwright.operator.engine.automation;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class LinesTest {

    private final List<String> seen = new ArrayList<>();
    private final Lines lines = new Lines(10, seen::add);

    @Test
    void aLineIsWholeHoweverItIsRead() {
        // when
        read("on", "e\ntw", "o\n\nthr", "ee");

        // then
        assertThat(seen).containsExactly("one", "two", "");
    }

    @Test
    void aLineMayBeAsLongAsThat() {
        // when
        read("01234", "56789\n");

        // then
        assertThat(seen).containsExactly("0123456789");
    }

    @Test
    void aLineThatIsTooLongNeverLacksOnlyItsMiddle() {
        // when: the last piece would still fit
        read("{\"a\":\"1", "234567890", "\"}\nnext\n");

        // then
        assertThat(seen).containsExactly("next");
    }

    private void read(String... pieces) {
        for (String piece : pieces) {
            byte[] bytes = piece.getBytes(StandardCharsets.UTF_8);
            lines.read(bytes, bytes.length);
        }
    }
}
