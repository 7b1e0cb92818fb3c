package io.stackwright.operator.source;

/**
 * How much of a pack is taken.
 *
 * @param objects how many objects it may have: JGit takes memory for as many as it announces
 * @param object bytes of the largest file
 * @param inMemory bytes of the largest object that JGit holds in memory as a whole: a commit, a directory, and each part of a
 *     delta
 * @param total bytes of all objects together, unpacked
 */
record PackLimits(int objects, long object, long inMemory, long total) {

    /** Largest single file: what the big hosters accept. */
    private static final long MAX_OBJECT = 100L << 20;

    private static final long SMALLEST = 1L << 20;

    /** A base, a delta and what comes of them are there at once, and others have their needs. */
    private static final int SHARE = 8;

    /**
     * What fits.
     *
     * @param maxBytes the largest source
     * @param memory bytes that Java may have
     */
    static PackLimits of(long maxBytes, long memory) {
        long object = Math.min(MAX_OBJECT, maxBytes);
        // There is a directory for each file at most, and the commit.
        return new PackLimits(
                2 * GitCache.MAX_ENTRIES + 1,
                object,
                Math.min(object, Math.max(SMALLEST, memory / SHARE)),
                2 * maxBytes);
    }
}
