package io.stackwright.operator.faults;

import java.util.List;

/**
 * A straight line through points, by least squares.
 *
 * @param slope per second
 * @param error standard error of the slope
 * @param seconds from the first point to the last
 */
record Trend(double slope, double error, double seconds) {

    /** @param seconds when a value was seen */
    record Point(double seconds, double value) {}

    /** Fewer say nothing. */
    static final int POINTS = 5;

    /** At least {@link #POINTS} of them, in the order of time. */
    static Trend of(List<Point> points) {
        double meanTime = points.stream().mapToDouble(Point::seconds).average().orElseThrow();
        double meanValue = points.stream().mapToDouble(Point::value).average().orElseThrow();
        double squares = 0;
        double products = 0;
        for (Point point : points) {
            squares += (point.seconds() - meanTime) * (point.seconds() - meanTime);
            products += (point.seconds() - meanTime) * (point.value() - meanValue);
        }
        double slope = products / squares;
        double rest = 0;
        for (Point point : points) {
            double off = point.value() - meanValue - slope * (point.seconds() - meanTime);
            rest += off * off;
        }
        double error = Math.sqrt(rest / (points.size() - 2) / squares);
        return new Trend(
                slope, error, points.getLast().seconds() - points.getFirst().seconds());
    }

    double perHour() {
        return slope * 3600;
    }

    /** From the first point to the last, by the line. */
    double growth() {
        return slope * seconds;
    }

    /** Growth that the line would show in one of forty cases if there were none. */
    double noise() {
        return 2 * error * seconds;
    }
}
