package io.stackwright.operator.faults;

import java.util.OptionalLong;

/** What is looked at from outside again and again, and what it may come to. */
enum SoakMetric {
    DESCRIPTORS("file descriptors", 12),
    THREADS("threads", 6),
    HEAP("heap after GC, KiB", 4096),
    RSS("resident memory, KiB", 32768),
    ZOMBIES("zombies", 1),
    LEFT("processes of ended runs", 1, 0),
    WORK("folders of runs", 4, 0),
    TEMPORARY("files in TMPDIR", 4, 0),
    OPEN("open evidence", 4, 0),
    EVIDENCE("closed evidence, folders", 12),
    LOGS("logs of no Update", 4, 0),
    LOCKS("locks", 8),
    GONE("files of gone stacks", 60, 0),
    DATA("data files, of a Stack", 8, 20),
    HISTORY("history, most of a stack", bounded(22), 20),
    BACKUPS("backups, most of a stack", bounded(24), 20),
    UPDATES("Updates, most of a Stack", bounded(14), SoakStack.HISTORY_LIMIT + 2);

    private final String text;
    private final long tolerance;
    private final OptionalLong bound;
    private final OptionalLong atRest;

    SoakMetric(String text, long growth) {
        this(text, growth, OptionalLong.empty(), OptionalLong.empty());
    }

    SoakMetric(String text, long growth, long atRest) {
        this(text, growth, OptionalLong.empty(), OptionalLong.of(atRest));
    }

    SoakMetric(String text, OptionalLong bound, long atRest) {
        this(text, 0, bound, OptionalLong.of(atRest));
    }

    SoakMetric(String text, long tolerance, OptionalLong bound, OptionalLong atRest) {
        this.text = text;
        this.tolerance = tolerance;
        this.bound = bound;
        this.atRest = atRest;
    }

    private static OptionalLong bounded(long most) {
        return OptionalLong.of(most);
    }

    String text() {
        return text;
    }

    /** Growth from the first sample of the second half to the last, beyond what is noise. */
    long tolerance() {
        return tolerance;
    }

    /** Never more, where a bound is known; its growth below it says nothing. */
    OptionalLong bound() {
        return bound;
    }

    /** Not more when nothing is to be done any longer. */
    OptionalLong atRest() {
        return atRest;
    }
}
