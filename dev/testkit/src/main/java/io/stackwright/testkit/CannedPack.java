package io.stackwright.testkit;

import com.sun.net.httpserver.HttpExchange;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;

/** Answers a fetch of protocol version 2 with a pack that was made beforehand. */
final class CannedPack {

    private static final int CHUNK = 60_000;
    private static final String END = "0000";

    private CannedPack() {}

    /** @param request what the client sends; it negotiates until it is done */
    static void answer(HttpExchange exchange, String request, byte[] pack) throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        if (request.contains("done\n")) {
            line(out, bytes("packfile\n"));
            for (int from = 0; from < pack.length; from += CHUNK) {
                int to = Math.min(from + CHUNK, pack.length);
                // The first channel is that of the pack.
                byte[] chunk = new byte[1 + to - from];
                chunk[0] = 1;
                System.arraycopy(pack, from, chunk, 1, to - from);
                line(out, chunk);
            }
        } else {
            line(out, bytes("acknowledgments\n"));
            line(out, bytes("NAK\n"));
        }
        out.writeBytes(bytes(END));
        exchange.getResponseHeaders().add("Content-Type", "application/x-git-upload-pack-result");
        exchange.sendResponseHeaders(200, out.size());
        exchange.getResponseBody().write(out.toByteArray());
    }

    private static void line(ByteArrayOutputStream out, byte[] content) {
        out.writeBytes(bytes("%04x".formatted(content.length + 4)));
        out.writeBytes(content);
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.ISO_8859_1);
    }
}
