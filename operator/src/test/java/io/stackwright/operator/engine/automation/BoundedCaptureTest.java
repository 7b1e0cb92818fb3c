package io.stackwright.operator.engine.automation;

import static org.assertj.core.api.Assertions.assertThat;

import io.stackwright.operator.engine.automation.BoundedCapture.Captured;
import java.io.ByteArrayInputStream;
import java.io.InputStream;
import java.io.PipedInputStream;
import java.io.PipedOutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class BoundedCaptureTest {

    @ParameterizedTest
    @CsvSource({
        "'',          4, 3, '',                    true",
        "abc,         4, 3, abc,                   true",
        "abcdefg,     4, 3, abcdefg,               true",
        "abcdefgh,    4, 3, '\n[...]\n',           false",
        "'a\nb\nc\nd\ne\n', 4, 4, 'a\nb\n\n[...]\ne\n', false",
        "'ab\ncd\nef\ngh', 4, 4, 'ab\n\n[...]\ngh', false",
        "abcde,       4, 0, '\n[...]\n',           false",
        "abcde,       0, 2, '\n[...]\n',           false"
    })
    void keepsBothEndsInWholeLines(String text, int head, int tail, String kept, boolean complete) {
        assertThat(capture(bytes(text), head, tail)).isEqualTo(new Captured(kept, complete));
    }

    @Test
    void splitsNoCharacterThatItKeepsWhole() {
        assertThat(capture(bytes("aü€🔑"), 2, 100)).isEqualTo(new Captured("aü€🔑", true));
    }

    @Test
    void readsAMillionLinesIntoLittleMemory() {
        // given
        InputStream endless = new InputStream() {
            private long left = 50_000_000;

            @Override
            public int read() {
                return left-- > 0 ? '\n' : -1;
            }

            @Override
            public int read(byte[] buffer, int offset, int length) {
                int n = (int) Math.min(length, left);
                left -= n;
                Arrays.fill(buffer, offset, offset + n, (byte) '\n');
                return n == 0 ? -1 : n;
            }
        };

        // when
        Captured captured = capture(endless, 1024, 2048);

        // then
        assertThat(captured.complete()).isFalse();
        assertThat(captured.text()).hasSize(1024 + "\n[...]\n".length() + 2047);
    }

    @Test
    void doesNotWaitForEverForAStreamThatSomeoneHoldsOpen() throws Exception {
        // given
        try (PipedOutputStream writer = new PipedOutputStream();
                PipedInputStream in = new PipedInputStream(writer)) {
            writer.write('x');
            writer.flush();

            // when
            Captured captured = BoundedCapture.start(in, "test", 10, 10).finish(Duration.ofMillis(1500));

            // then
            assertThat(captured.text()).isEqualTo("x");
        }
    }

    private static Captured capture(InputStream in, int head, int tail) {
        return BoundedCapture.start(in, "test", head, tail).finish(Duration.ofSeconds(30));
    }

    private static InputStream bytes(String text) {
        return new ByteArrayInputStream(text.getBytes(StandardCharsets.UTF_8));
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 4, 8, 15, 16, 17, 24, 30})
    void noPartOfASecretIsLeftWhereItCuts(int limit) {
        // given a secret that each cut may go through
        String secret = "C4N4RY-0123456789";
        String text = ("it is " + secret + "\n").repeat(20);

        // when
        Captured captured = capture(bytes(text), limit, limit);

        // then it is there as a whole, or not at all
        assertThat(captured.text().replace(secret, "")).doesNotContain("C4N").doesNotContain("789");
    }
}
