package io.stackwright.operator.faults;

import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * A request or an answer of HTTP/1.1 as bytes.
 *
 * @param start first line
 * @param headers the other lines of its head
 */
record HttpMessage(String start, List<String> headers) {

    /** Reads a head; empty at the end of the stream. */
    static Optional<HttpMessage> readHead(InputStream in) throws IOException {
        ByteArrayOutputStream head = new ByteArrayOutputStream();
        int matched = 0;
        while (matched < 4) {
            int next = in.read();
            if (next < 0) {
                return Optional.empty();
            }
            head.write(next);
            matched = next == (matched % 2 == 0 ? '\r' : '\n') ? matched + 1 : next == '\r' ? 1 : 0;
        }
        List<String> lines = head.toString(StandardCharsets.ISO_8859_1).lines().toList();
        return Optional.of(new HttpMessage(
                lines.getFirst(),
                lines.subList(1, lines.size()).stream()
                        .filter(line -> !line.isEmpty())
                        .toList()));
    }

    Optional<String> header(String name) {
        String prefix = name.toLowerCase(Locale.ROOT) + ":";
        return headers.stream()
                .filter(line -> line.toLowerCase(Locale.ROOT).startsWith(prefix))
                .map(line -> line.substring(prefix.length()).strip())
                .findFirst();
    }

    String word(int index) {
        return start.split(" ")[index];
    }

    /** The body with its framing, as it came. */
    byte[] readBody(InputStream in) throws IOException {
        if (header("Transfer-Encoding").filter("chunked"::equalsIgnoreCase).isPresent()) {
            return readChunks(in);
        }
        int length = header("Content-Length").map(Integer::parseInt).orElse(0);
        return exactly(in, length);
    }

    private static byte[] readChunks(InputStream in) throws IOException {
        ByteArrayOutputStream body = new ByteArrayOutputStream();
        while (true) {
            String line = readLine(in);
            body.write((line + "\r\n").getBytes(StandardCharsets.ISO_8859_1));
            int size = Integer.parseInt(line.split(";")[0].strip(), 16);
            body.write(exactly(in, size + 2));
            if (size == 0) {
                return body.toByteArray();
            }
        }
    }

    private static String readLine(InputStream in) throws IOException {
        StringBuilder line = new StringBuilder();
        while (true) {
            int next = in.read();
            if (next < 0) {
                throw new EOFException();
            }
            if (next == '\n') {
                return line.toString();
            }
            if (next != '\r') {
                line.append((char) next);
            }
        }
    }

    private static byte[] exactly(InputStream in, int length) throws IOException {
        byte[] bytes = in.readNBytes(length);
        if (bytes.length < length) {
            throw new EOFException();
        }
        return bytes;
    }

    byte[] headBytes() {
        StringBuilder head = new StringBuilder(start).append("\r\n");
        headers.forEach(line -> head.append(line).append("\r\n"));
        return head.append("\r\n").toString().getBytes(StandardCharsets.ISO_8859_1);
    }
}
