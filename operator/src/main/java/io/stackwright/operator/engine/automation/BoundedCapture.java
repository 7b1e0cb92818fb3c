package io.stackwright.operator.engine.automation;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;

/**
 * Reads a stream to its end and keeps its first and its last lines.
 *
 * <p>Only whole ones where it cuts: a secret that is cut in two cannot be found any more, and half of it would be shown.
 *
 * <p>Reading never stops before the end, whatever is kept: a CLI that finds its pipe full would hang.
 */
final class BoundedCapture {

    private static final String CUT = "\n[...]\n";

    private final InputStream in;
    private final int headLimit;
    private final byte[] tail;
    private final ByteArrayOutputStream head = new ByteArrayOutputStream();
    private final Thread reader;
    private long afterHead;

    private BoundedCapture(InputStream in, String name, int headLimit, int tailLimit) {
        this.in = in;
        this.headLimit = headLimit;
        this.tail = new byte[tailLimit];
        this.reader = Thread.ofPlatform().daemon().name(name).unstarted(this::read);
    }

    /** Starts reading; keeps up to {@code head} bytes, and up to {@code tail} of those that come after them. */
    static BoundedCapture start(InputStream in, String name, int head, int tail) {
        BoundedCapture capture = new BoundedCapture(in, name, head, tail);
        capture.reader.start();
        return capture;
    }

    /**
     * What was kept, once the stream has ended.
     *
     * @param patience how long to wait for the end: a stray process may hold the other end open
     */
    Captured finish(Duration patience) {
        boolean interrupted = Thread.interrupted();
        try {
            reader.join(patience);
        } catch (InterruptedException e) {
            interrupted = true;
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
        return captured();
    }

    private void read() {
        byte[] buffer = new byte[16 * 1024];
        try {
            for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
                keep(buffer, n);
            }
        } catch (IOException e) {
            // The pipe is gone: what was read so far is what there is.
        }
    }

    private synchronized void keep(byte[] buffer, int length) {
        int toHead = Math.min(length, headLimit - head.size());
        head.write(buffer, 0, toHead);
        int offset = tail.length == 0 ? length : Math.max(toHead, length - tail.length);
        long position = afterHead + offset - toHead;
        while (offset < length) {
            int at = (int) (position % tail.length);
            int n = Math.min(length - offset, tail.length - at);
            System.arraycopy(buffer, offset, tail, at, n);
            offset += n;
            position += n;
        }
        afterHead += length - toHead;
    }

    private synchronized Captured captured() {
        boolean complete = afterHead <= tail.length;
        int size = (int) Math.min(afterHead, tail.length);
        byte[] last = new byte[size];
        for (int i = 0; i < size; i++) {
            last[i] = tail[(int) ((afterHead - size + i) % tail.length)];
        }
        if (complete) {
            ByteArrayOutputStream all = new ByteArrayOutputStream(head.size() + size);
            all.writeBytes(head.toByteArray());
            all.writeBytes(last);
            return new Captured(all.toString(StandardCharsets.UTF_8), true);
        }
        String first = head.toString(StandardCharsets.UTF_8);
        String end = new String(last, StandardCharsets.UTF_8);
        int line = end.indexOf('\n');
        return new Captured(
                first.substring(0, first.lastIndexOf('\n') + 1) + CUT + (line < 0 ? "" : end.substring(line + 1)),
                false);
    }

    /**
     * What was kept of a stream.
     *
     * @param text first and last part with a mark between them, or all of it
     * @param complete whether it is all of it
     */
    record Captured(String text, boolean complete) {

        /** Captured data can hold secrets. */
        @Override
        public String toString() {
            return "Captured[" + text.length() + " characters" + (complete ? "]" : ", incomplete]");
        }
    }
}
