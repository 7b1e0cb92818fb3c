package io.stackwright.operator.inputs;

import java.util.List;

/** Keeps messages at a size that people read and a status can hold, whatever names people choose. */
final class Messages {

    private static final int NAME = 120;
    private static final int PROBLEMS = 5;

    private Messages() {}

    /** A name of any length, cut to one that fits a message. */
    static String shorten(String name) {
        return name.length() <= NAME ? name : name.substring(0, NAME) + "…";
    }

    /** The first problems, and how many more there are. */
    static String join(List<String> problems) {
        String shown = String.join("; ", problems.subList(0, Math.min(PROBLEMS, problems.size())));
        return problems.size() <= PROBLEMS ? shown : shown + "; and " + (problems.size() - PROBLEMS) + " more";
    }
}
