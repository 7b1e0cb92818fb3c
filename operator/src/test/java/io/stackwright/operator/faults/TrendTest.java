package io.stackwright.operator.faults;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class TrendTest {

    @Test
    void aLineIsFound() {
        Trend trend = Trend.of(points(0.5, 0));

        assertThat(trend.slope()).isCloseTo(0.5, within(1e-9));
        assertThat(trend.perHour()).isCloseTo(1800, within(1e-6));
        assertThat(trend.growth()).isCloseTo(0.5 * 39 * 15, within(1e-6));
        assertThat(trend.noise()).isCloseTo(0, within(1e-6));
    }

    @Test
    void whatOnlyGoesUpAndDownIsNoise() {
        Trend trend = Trend.of(points(0, 20));

        assertThat(Math.abs(trend.growth())).isLessThan(trend.noise() * 1.5);
    }

    @Test
    void growthShowsThroughNoise() {
        Trend trend = Trend.of(points(0.1, 10));

        assertThat(trend.growth()).isGreaterThan(trend.noise());
    }

    @Test
    void aRowTellsGrowthFromABound() {
        assertThat(SoakReport.isFlat(SoakMetric.THREADS, points(0.1, 0))).isFalse();
        assertThat(SoakReport.isFlat(SoakMetric.THREADS, points(0, 3))).isTrue();
        assertThat(SoakReport.isFlat(SoakMetric.HISTORY, List.of(new Trend.Point(0, 1), new Trend.Point(1, 20))))
                .isTrue();
        assertThat(SoakReport.isFlat(SoakMetric.HISTORY, List.of(new Trend.Point(0, 1), new Trend.Point(1, 30))))
                .isFalse();
    }

    private static List<Trend.Point> points(double slope, double noise) {
        Random random = new Random(1);
        return IntStream.range(0, 40)
                .mapToObj(i -> new Trend.Point(i * 15, 100 + slope * i * 15 + noise * (random.nextDouble() - 0.5)))
                .toList();
    }
}
