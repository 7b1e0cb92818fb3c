package io.stackwright.operator.source;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.zip.DeflaterOutputStream;
import org.eclipse.jgit.lib.Constants;
import org.eclipse.jgit.lib.ObjectId;

/** Writes packs as servers send them, and as hostile ones may. */
final class Packs {

    static final int COMMIT = 1;
    static final int TREE = 2;
    static final int BLOB = 3;
    private static final int OFFSET_DELTA = 6;
    private static final int NAME_DELTA = 7;

    private final ByteArrayOutputStream out = new ByteArrayOutputStream();

    /** @param announced how many objects it is said to have */
    Packs(int announced) {
        out.writeBytes("PACK".getBytes(StandardCharsets.US_ASCII));
        out.writeBytes(ByteBuffer.allocate(8).putInt(2).putInt(announced).array());
    }

    /**
     * Adds an object of zeros.
     *
     * @return where it begins
     */
    int whole(int type, int size) {
        return whole(type, size, size);
    }

    int whole(int type, int announced, int size) {
        int start = out.size();
        header(type, announced);
        compressed(new byte[size]);
        return start;
    }

    int offsetDelta(int base, int baseSize, int resultSize) {
        int start = out.size();
        byte[] delta = delta(baseSize, resultSize);
        header(OFFSET_DELTA, delta.length);
        offset(start - base);
        compressed(delta);
        return start;
    }

    void nameDelta(int baseSize, int resultSize) {
        nameDelta(ObjectId.zeroId(), baseSize, resultSize);
    }

    void nameDelta(ObjectId base, int baseSize, int resultSize) {
        byte[] delta = delta(baseSize, resultSize);
        header(NAME_DELTA, delta.length);
        byte[] id = new byte[Constants.OBJECT_ID_LENGTH];
        base.copyRawTo(id, 0);
        out.writeBytes(id);
        compressed(delta);
    }

    byte[] bytes() {
        byte[] all = out.toByteArray();
        try {
            byte[] digest = MessageDigest.getInstance("SHA-1").digest(all);
            return ByteBuffer.allocate(all.length + digest.length)
                    .put(all)
                    .put(digest)
                    .array();
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    private void header(int type, int size) {
        int rest = size >>> 4;
        out.write(type << 4 | size & 15 | (rest > 0 ? 0x80 : 0));
        while (rest > 0) {
            out.write(rest & 0x7f | (rest >>> 7 > 0 ? 0x80 : 0));
            rest >>>= 7;
        }
    }

    private void offset(int distance) {
        int left = distance;
        byte[] reversed = new byte[10];
        int n = 0;
        reversed[n++] = (byte) (left & 0x7f);
        while ((left >>>= 7) > 0) {
            left--;
            reversed[n++] = (byte) (0x80 | left & 0x7f);
        }
        while (n > 0) {
            out.write(reversed[--n]);
        }
    }

    private static byte[] delta(int baseSize, int resultSize) {
        ByteArrayOutputStream delta = new ByteArrayOutputStream();
        number(delta, baseSize);
        number(delta, resultSize);
        delta.write(1);
        delta.write('x');
        return delta.toByteArray();
    }

    private static void number(ByteArrayOutputStream delta, int number) {
        int rest = number;
        while (rest >= 0x80) {
            delta.write(0x80 | rest & 0x7f);
            rest >>>= 7;
        }
        delta.write(rest);
    }

    private void compressed(byte[] data) {
        try (DeflaterOutputStream deflater = new DeflaterOutputStream(out)) {
            deflater.write(data);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
