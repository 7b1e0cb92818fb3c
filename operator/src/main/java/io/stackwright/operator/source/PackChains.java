package io.stackwright.operator.source;

import java.util.Arrays;

/**
 * Which objects of a pack are made of which. JGit makes them from the base of a chain on, going down each branch before the
 * next one, in the order of the pack: it keeps an object until the last one that is made of it is there. A chain without
 * branches never takes more than its links, one that branches at each link takes all of them at once.
 */
final class PackChains {

    private static final int NONE = -1;

    private final long[] sizes;
    private final long[] deltas;
    private final int[] bases;

    /** The last one that is made of each. */
    private final int[] last;

    private boolean named;
    private long largestWhole;
    private long largestDelta;
    private long results;

    PackChains(int objects) {
        sizes = new long[objects];
        deltas = new long[objects];
        bases = new int[objects];
        last = new int[objects];
        Arrays.fill(bases, NONE);
        Arrays.fill(last, NONE);
    }

    /** An object that is made of no other. */
    void whole(int index, long size) {
        sizes[index] = size;
        largestWhole = Math.max(largestWhole, size);
    }

    /**
     * One that is made of an earlier one.
     *
     * @param delta bytes of the difference
     * @param result bytes of what comes of it
     */
    void delta(int index, int base, long delta, long result) {
        bases[index] = base;
        last[base] = index;
        add(index, delta, result);
    }

    /** One that is made of another, of which only the name is known: it may be any, also one that is made itself. */
    void named(int index, long delta, long result) {
        named = true;
        add(index, delta, result);
    }

    private void add(int index, long delta, long result) {
        sizes[index] = result;
        deltas[index] = delta;
        largestDelta = Math.max(largestDelta, delta);
        results += result;
    }

    long size(int index) {
        return sizes[index];
    }

    /** Bytes of the largest whole object that one may be made of by name; 0 without any. */
    long largestNamedBase() {
        return named ? largestWhole : 0;
    }

    /** Bytes that JGit has in memory at once, at most. */
    long atOnce() {
        if (named) {
            // At worst all are one chain with branches.
            return largestWhole + results + largestDelta;
        }
        long most = 0;
        long[] kept = new long[sizes.length];
        for (int i = 0; i < sizes.length; i++) {
            int base = bases[i];
            if (base != NONE) {
                kept[i] = kept[base] + (last[base] == i ? 0 : sizes[base]);
                most = Math.max(most, kept[base] + sizes[base] + deltas[i] + sizes[i]);
            }
        }
        return most;
    }
}
