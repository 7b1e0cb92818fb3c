package io.stackwright.operator.source;

/**
 * How much of a pack is taken.
 *
 * @param objects how many objects it may have: JGit takes memory for as many as it announces
 * @param object bytes of the largest file
 * @param inMemory bytes of the largest part of a delta, which JGit holds in memory as a whole
 * @param structure bytes of the largest commit, directory or tag
 * @param total bytes of all objects together, unpacked
 */
record PackLimits(int objects, long object, long inMemory, long structure, long total) {

    /** A directory with all the entries that a source may have takes half of that, and nobody writes such a commit. */
    static final int STRUCTURE = 4 << 20;

    /** Largest single file: what the big hosters accept. */
    private static final long MAX_OBJECT = 100L << 20;

    private static final long SMALLEST = 1L << 20;

    /**
     * Of the memory, for each of {@link #AT_ONCE}; others have their needs, and of what is here already JGit makes as much
     * again, to compare.
     */
    private static final int SHARE = 16;

    /** A base, a delta and what comes of them. */
    private static final int AT_ONCE = 3;

    /**
     * What fits.
     *
     * @param maxBytes the largest source
     * @param memory bytes that Java may have
     */
    static PackLimits of(long maxBytes, long memory) {
        long object = Math.min(MAX_OBJECT, maxBytes);
        long inMemory = Math.min(object, Math.max(SMALLEST, memory / SHARE));
        // There is a directory for each file at most, and the commit.
        return new PackLimits(
                2 * GitCache.MAX_ENTRIES + 1, object, inMemory, Math.min(inMemory, STRUCTURE), 2 * maxBytes);
    }

    /**
     * Bytes of all parts of deltas that JGit holds at once: besides a base, a delta and what comes of them each object whose
     * deltas it has not all been through yet, up to the root of the chain.
     */
    long atOnce() {
        return AT_ONCE * inMemory;
    }
}
