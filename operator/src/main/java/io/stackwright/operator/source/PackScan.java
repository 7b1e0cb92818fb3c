package io.stackwright.operator.source;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.zip.DataFormatException;
import java.util.zip.Inflater;
import org.eclipse.jgit.lib.Constants;

/**
 * Walks through a downloaded pack without keeping anything of it, before JGit reads it: that takes memory for whatever a
 * header announces, and an operator that runs out of memory ends for everybody.
 *
 * @see <a href="https://git-scm.com/docs/pack-format">the format</a>
 */
final class PackScan implements AutoCloseable {

    private static final int HEADER = 12;
    private static final int ID = 20;
    private static final int BUFFER = 32 << 10;

    private final InputStream in;
    private final PackLimits limits;
    private final Inflater inflater = new Inflater();
    private final byte[] buffer = new byte[BUFFER];
    private final byte[] inflated = new byte[BUFFER];
    private int from;
    private int to;
    private long read;

    private long[] starts = new long[0];

    /** Whether it can be nothing but a file. */
    private boolean[] files = new boolean[0];

    private PackChains chains = new PackChains(0);
    private long total;

    private PackScan(InputStream in, PackLimits limits) {
        this.in = in;
        this.limits = limits;
    }

    /**
     * Looks at a pack.
     *
     * @throws PackTooLargeException when it has too much
     * @throws IOException when it cannot be read, or is none
     */
    static void check(Path pack, PackLimits limits) throws IOException {
        try (InputStream in = Files.newInputStream(pack);
                PackScan scan = new PackScan(in, limits)) {
            scan.run();
        }
    }

    private void run() throws IOException {
        int objects = objects();
        starts = new long[objects];
        files = new boolean[objects];
        chains = new PackChains(objects);
        for (int i = 0; i < objects; i++) {
            object(i);
        }
        require(chains.largestNamedBase(), limits.inMemory());
        if (chains.atOnce() > limits.atOnce()) {
            throw new PackTooLargeException("differences that take " + chains.atOnce()
                    + " bytes at once, where at most " + limits.atOnce() + " bytes are accepted");
        }
    }

    private int objects() throws IOException {
        byte[] header = new byte[HEADER];
        for (int i = 0; i < HEADER; i++) {
            header[i] = (byte) next();
        }
        if (!Arrays.equals(header, 0, 4, Constants.PACK_SIGNATURE, 0, 4)) {
            throw damaged();
        }
        long objects = Integer.toUnsignedLong(ByteBuffer.wrap(header).getInt(8));
        if (objects > limits.objects()) {
            throw new PackTooLargeException(objects + " objects, where at most " + limits.objects() + " are accepted");
        }
        return (int) objects;
    }

    private void object(int index) throws IOException {
        starts[index] = position();
        int c = next();
        int type = (c >> 4) & 7;
        long size = c & 15;
        for (int shift = 4; (c & 0x80) != 0; shift += 7) {
            c = next();
            if (shift > 46) {
                throw damaged();
            }
            size |= (long) (c & 0x7f) << shift;
        }
        switch (type) {
            case Constants.OBJ_BLOB -> {
                files[index] = true;
                whole(index, size, limits.object());
            }
            case Constants.OBJ_COMMIT, Constants.OBJ_TREE, Constants.OBJ_TAG -> whole(index, size, limits.structure());
            case Constants.OBJ_OFS_DELTA -> {
                int base = indexAt(starts[index] - offset(), index);
                // What comes of a delta is what it is made of.
                files[index] = files[base];
                require(chains.size(base), limits.inMemory());
                chains.delta(index, base, size, delta(index, size));
            }
            case Constants.OBJ_REF_DELTA -> {
                for (int i = 0; i < ID; i++) {
                    next();
                }
                chains.named(index, size, delta(index, size));
            }
            default -> throw damaged();
        }
    }

    private void whole(int index, long size, long limit) throws IOException {
        require(size, limit);
        chains.whole(index, size);
        count(size);
        inflate(size);
    }

    /** Returns the size of what comes of it. */
    private long delta(int index, long size) throws IOException {
        long limit = files[index] ? limits.inMemory() : limits.structure();
        require(size, limit);
        count(size);
        byte[] beginning = inflate(size);
        int[] at = {0};
        require(number(beginning, at), limits.inMemory());
        long result = number(beginning, at);
        require(result, limit);
        count(result);
        return result;
    }

    /** How far before the delta the object is that it is made of. */
    private long offset() throws IOException {
        int c = next();
        long offset = c & 0x7f;
        while ((c & 0x80) != 0) {
            c = next();
            offset = ((offset + 1) << 7) | (c & 0x7f);
            if (offset > read) {
                throw damaged();
            }
        }
        return offset;
    }

    /** Which of the earlier objects begins there. */
    private int indexAt(long start, int before) throws IOException {
        int index = Arrays.binarySearch(starts, 0, before, start);
        if (index < 0) {
            throw damaged();
        }
        return index;
    }

    /** A number at the beginning of a delta, seven bits in each byte, the lowest ones first. */
    private static long number(byte[] delta, int[] at) throws IOException {
        long number = 0;
        for (int shift = 0; shift <= 42; shift += 7) {
            if (at[0] >= delta.length) {
                throw damaged();
            }
            int c = delta[at[0]++];
            number |= (long) (c & 0x7f) << shift;
            if ((c & 0x80) == 0) {
                return number;
            }
        }
        throw damaged();
    }

    /**
     * Passes over what is compressed.
     *
     * @return how it begins
     */
    private byte[] inflate(long size) throws IOException {
        inflater.reset();
        byte[] beginning = new byte[0];
        long sum = 0;
        try {
            while (!inflater.finished()) {
                if (inflater.needsInput()) {
                    fill();
                    inflater.setInput(buffer, from, to - from);
                }
                int n = inflater.inflate(inflated);
                if (inflater.needsDictionary()) {
                    throw damaged();
                }
                if (beginning.length < ID && n > 0) {
                    beginning = joined(beginning, n);
                }
                sum += n;
                if (sum > size) {
                    throw damaged();
                }
                from = to - inflater.getRemaining();
            }
        } catch (DataFormatException e) {
            throw damaged();
        }
        if (sum != size) {
            throw damaged();
        }
        return beginning;
    }

    private byte[] joined(byte[] beginning, int more) {
        int taken = Math.min(more, ID - beginning.length);
        byte[] joined = Arrays.copyOf(beginning, beginning.length + taken);
        System.arraycopy(inflated, 0, joined, beginning.length, taken);
        return joined;
    }

    private int next() throws IOException {
        fill();
        return buffer[from++] & 0xff;
    }

    private void fill() throws IOException {
        if (from < to) {
            return;
        }
        from = 0;
        to = Math.max(0, in.read(buffer));
        if (to == 0) {
            throw new EOFException("the pack ends early");
        }
        read += to;
    }

    private long position() {
        return read - (to - from);
    }

    private void count(long bytes) throws IOException {
        total += bytes;
        if (total > limits.total()) {
            throw new PackTooLargeException("more than the " + limits.total() + " bytes, unpacked, that are accepted");
        }
    }

    private static void require(long size, long limit) throws IOException {
        if (size > limit) {
            throw new PackTooLargeException(
                    "a file or directory of " + size + " bytes, where at most " + limit + " bytes are accepted");
        }
    }

    private static IOException damaged() {
        return new IOException("the pack is damaged");
    }

    @Override
    public void close() {
        inflater.end();
    }
}
