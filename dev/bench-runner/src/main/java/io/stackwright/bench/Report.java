package io.stackwright.bench;

import java.io.PrintStream;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.IntStream;

/** The figures, beside the bars. */
final class Report {

    private final List<String[]> rows = new ArrayList<>();
    private final PrintStream out;

    Report(PrintStream out) {
        this.out = out;
    }

    /**
     * Adds a row and prints it at once.
     *
     * @param target the bar that the project has set itself, empty where there is none
     * @param note what the figure is made of
     */
    void row(String what, String measured, String target, String note) {
        rows.add(new String[] {what, measured, target, note});
        out.println("  " + what + ": " + measured + (note.isEmpty() ? "" : " (" + note + ")"));
    }

    void print() {
        out.println();
        out.println("| Measured | Figure | Bar | Note |");
        out.println("|---|---|---|---|");
        rows.forEach(row -> out.println("| " + String.join(" | ", row) + " |"));
    }

    static String seconds(Duration duration) {
        return String.format(Locale.ROOT, "%.2f s", duration.toNanos() / 1e9);
    }

    static String millis(Duration duration) {
        return String.format(Locale.ROOT, "%.0f ms", duration.toNanos() / 1e6);
    }

    static String mebibytes(long bytes) {
        return String.format(Locale.ROOT, "%.1f MiB", bytes / 1048576.0);
    }

    static Duration median(List<Duration> durations) {
        return percentile(durations, 50);
    }

    /** The median of the pairs' ratios, of which each was taken within the same minute. */
    static double medianRatio(List<Duration> ours, List<Duration> theirs) {
        List<Double> ratios = IntStream.range(0, ours.size())
                .mapToObj(i -> (double) ours.get(i).toNanos() / theirs.get(i).toNanos())
                .sorted()
                .toList();
        return ratios.get((ratios.size() - 1) / 2);
    }

    /** Nearest rank. */
    static Duration percentile(List<Duration> durations, int percent) {
        List<Duration> sorted = durations.stream().sorted().toList();
        int rank = (int) Math.ceil(percent / 100.0 * sorted.size());
        return sorted.get(Math.max(0, rank - 1));
    }
}
