package io.stackwright.operator.faults;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Map;

/** What becomes of a request on its way to the API server. */
sealed interface Fault {

    /** It goes its way. */
    record None() implements Fault {}

    /** The server never sees it; the answer is made up. */
    record Answer(int status, String reason, Map<String, String> headers) implements Fault {

        static Answer of(int status, String reason) {
            return new Answer(status, reason, Map.of());
        }

        /** A {@code Status} object, as the server sends with an error. */
        String body() {
            return """
                {"kind":"Status","apiVersion":"v1","status":"Failure","message":"a fault of the test",\
                "reason":"%s","code":%d}\
                """.formatted(reason, status);
        }
    }

    /** The answer of an earlier request. */
    record Replay(byte[] answer) implements Fault {}

    /** A watch is told that what it asks for is too long ago: it has to list again. */
    record Expired() implements Fault {

        /** As a text frame of a web socket. */
        byte[] frame() {
            byte[] event = """
                {"type":"ERROR","object":{"kind":"Status","apiVersion":"v1","metadata":{},"status":"Failure",\
                "message":"a fault of the test","reason":"Expired","code":410}}\
                """.getBytes(StandardCharsets.UTF_8);
            return ByteBuffer.allocate(event.length + 4)
                    .put((byte) 0x81)
                    .put((byte) 126)
                    .putShort((short) event.length)
                    .put(event)
                    .array();
        }
    }

    /** It is neither answered nor refused, until the proxy lets go. */
    record Hang() implements Fault {}

    /** The connection ends before the server sees it. */
    record Cut() implements Fault {}

    /** The server carries it out, and the connection ends instead of the answer. */
    record CutAnswer() implements Fault {}
}
