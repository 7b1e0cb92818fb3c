package io.stackwright.operator.faults;

import io.stackwright.operator.faults.SoakSampler.Sample;
import java.util.ArrayList;
import java.util.List;

/** What the samples say: a table for people, and what is not as it must be. */
final class SoakReport {

    private final List<Sample> samples;
    private final List<Sample> fitted;
    private final Sample atRest;

    /**
     * @param seconds how long it went on; slopes are those of the second half, in which one process worked all the time
     * @param atRest when all was done
     */
    SoakReport(List<Sample> samples, double seconds, Sample atRest) {
        this.samples = samples;
        this.atRest = atRest;
        this.fitted = samples.stream()
                .filter(sample -> sample.seconds() >= seconds / 2 && sample.pid() == atRest.pid())
                .toList();
    }

    /** Names of what is not flat, with the figures. */
    List<String> failures() {
        List<String> failures = new ArrayList<>();
        if (fitted.size() < Trend.POINTS) {
            return List.of("there are only " + fitted.size() + " samples of the second half");
        }
        for (SoakMetric metric : SoakMetric.values()) {
            if (!isFlat(metric, points(metric))) {
                failures.add(metric.text() + " not flat: " + row(metric));
            }
            if (metric.atRest().isPresent()
                    && atRest.values().get(metric) > metric.atRest().getAsLong()) {
                failures.add(metric.text() + " at rest: " + row(metric));
            }
        }
        return failures;
    }

    static boolean isFlat(SoakMetric metric, List<Trend.Point> points) {
        if (metric.bound().isPresent()) {
            return points.stream()
                    .allMatch(point -> point.value() <= metric.bound().getAsLong());
        }
        Trend trend = Trend.of(points);
        return trend.growth() <= metric.tolerance() + trend.noise();
    }

    String table() {
        StringBuilder table = new StringBuilder("%-26s %9s %9s %9s %9s %11s %9s %12s  %s%n"
                .formatted("", "first", "last", "most", "at rest", "slope/h", "growth", "allowed", "verdict"));
        if (fitted.size() >= Trend.POINTS) {
            for (SoakMetric metric : SoakMetric.values()) {
                table.append(row(metric)).append('\n');
            }
        }
        return table
                + "%d samples; slope and growth: least squares over the last %d, of one process; allowed: growth, and twice its standard error; or the most that there may be%n"
                        .formatted(samples.size(), fitted.size());
    }

    private String row(SoakMetric metric) {
        List<Trend.Point> points = points(metric);
        Trend trend = Trend.of(points);
        String allowed = metric.bound().isPresent()
                ? "<= " + metric.bound().getAsLong()
                : "%d + %.0f".formatted(metric.tolerance(), trend.noise());
        return "%-26s %9d %9d %9d %9d %11.1f %9.1f %12s  %s"
                .formatted(
                        metric.text(),
                        samples.getFirst().values().get(metric),
                        samples.getLast().values().get(metric),
                        samples.stream()
                                .mapToLong(sample -> sample.values().get(metric))
                                .max()
                                .orElse(0),
                        atRest.values().get(metric),
                        trend.perHour(),
                        trend.growth(),
                        allowed,
                        isFlat(metric, points) ? "flat" : "NOT FLAT");
    }

    private List<Trend.Point> points(SoakMetric metric) {
        // A bound holds all the time.
        return (metric.bound().isPresent() ? samples : fitted)
                .stream()
                        .map(sample -> new Trend.Point(
                                sample.seconds(), sample.values().get(metric)))
                        .toList();
    }
}
