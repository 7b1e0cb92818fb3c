package io.stackwright.operator.engine.automation;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.function.UnaryOperator;

/**
 * The beginning and the end of a text that comes in pieces, each of whole lines; what lies between is forgotten.
 *
 * <p>Secrets are masked before anything is cut: of a piece that is too long at once, and of the rest when it is asked
 * for, so that one that spans pieces is found too.
 */
final class Excerpt {

    private static final String CUT = "\n[...]\n";

    /** Characters to keep of the beginning, and as many of the end. */
    private static final int HALF = 16 * 1024;

    /** Characters that are masked at once: that may take twenty times their memory. */
    static final int AT_ONCE = 512 * 1024;

    private final UnaryOperator<String> mask;
    private final StringBuilder head = new StringBuilder();
    private final Deque<String> tail = new ArrayDeque<>();
    private boolean started;
    private boolean headIsFull;
    private int tailLength;
    private boolean forgotten;

    Excerpt(UnaryOperator<String> mask) {
        this.mask = mask;
    }

    void add(String piece) {
        String text = piece.length() <= HALF ? piece : cut(ends(piece), HALF);
        if (!headIsFull && head.length() + text.length() < HALF) {
            head.append(started ? "\n" : "").append(text);
            started = true;
            return;
        }
        headIsFull = true;
        tail.addLast(text);
        tailLength += text.length() + 1;
        while (tailLength > 2 * HALF) {
            tailLength -= tail.removeFirst().length() + 1;
            forgotten = true;
        }
    }

    /** The piece, secrets masked; if it is far too long, whole lines of both ends: half a secret cannot be masked. */
    private String ends(String piece) {
        if (piece.length() <= AT_ONCE) {
            return mask.apply(piece);
        }
        int headEnd = piece.lastIndexOf('\n', AT_ONCE / 2);
        int tailStart = piece.indexOf('\n', piece.length() - AT_ONCE / 2);
        String first = headEnd < 0 ? "" : piece.substring(0, headEnd);
        String last = tailStart < 0 ? "" : piece.substring(tailStart + 1);
        return mask.apply(first) + CUT + mask.apply(last);
    }

    /** What is known of it, secrets masked, in at most {@code limit} characters. */
    String masked(int limit) {
        String end = String.join("\n", tail);
        if (forgotten) {
            return cut(mask.apply(head.toString()) + CUT + mask.apply(end), limit);
        }
        return cut(mask.apply(tail.isEmpty() || !started ? head + end : head + "\n" + end), limit);
    }

    /** Both ends stay: the beginning names the error, the end of a stack trace its cause. */
    private static String cut(String text, int limit) {
        if (text.length() <= limit) {
            return text;
        }
        int half = (limit - CUT.length()) / 2;
        return text.substring(0, half) + CUT + text.substring(text.length() - half);
    }
}
