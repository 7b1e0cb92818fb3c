package io.stackwright.operator.engine.automation;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.function.Consumer;

/** Puts the lines of a file together that is read in pieces of any length. A line that is too long is left out whole. */
final class Lines {

    private final int longest;
    private final Consumer<String> consumer;
    private final ByteArrayOutputStream line = new ByteArrayOutputStream();
    private boolean tooLong;

    /** Tells {@code consumer} each line that has ended and is not longer than {@code longest} bytes. */
    Lines(int longest, Consumer<String> consumer) {
        this.longest = longest;
        this.consumer = consumer;
    }

    void read(byte[] buffer, int length) {
        int start = 0;
        for (int i = 0; i < length; i++) {
            if (buffer[i] == '\n') {
                append(buffer, start, i - start);
                end();
                start = i + 1;
            }
        }
        append(buffer, start, length - start);
    }

    private void append(byte[] buffer, int offset, int length) {
        // A piece that would fit must not follow one that did not: the line would lack its middle and yet be JSON.
        tooLong |= line.size() + length > longest;
        if (!tooLong) {
            line.write(buffer, offset, length);
        }
    }

    private void end() {
        String text = line.toString(StandardCharsets.UTF_8);
        boolean whole = !tooLong;
        line.reset();
        tooLong = false;
        if (whole) {
            consumer.accept(text);
        }
    }
}
