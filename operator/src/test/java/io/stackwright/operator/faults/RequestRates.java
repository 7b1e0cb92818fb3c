package io.stackwright.operator.faults;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.stream.Collectors;

/**
 * How often an API server was asked about one object, Events about it included; what is listed and watched counts as
 * one object.
 *
 * @param perObject most requests a second about one object, over the worst ten seconds
 * @param repeated most requests of one kind about one object, in the worst second; what many Stacks read at the same time
 *     is not counted here
 */
record RequestRates(Map<String, Double> perObject, Map<String, Double> repeated) {

    private static final double PER_SECOND = 5;

    /** Long enough to tell what is repeated without end. */
    static final Duration WINDOW = Duration.ofSeconds(10);

    private static final Duration SECOND = Duration.ofSeconds(1);

    /** Of all that has come through so far. */
    static RequestRates of(World world) {
        List<ApiProxy.Seen> seen = world.proxy().seen().stream()
                .filter(one ->
                        one.request().isIn(world.namespace()) && !one.request().isLease())
                .toList();
        return new RequestRates(
                most(seen, ApiRequest::about, WINDOW),
                most(
                        seen.stream()
                                .filter(one -> one.request().isMutating()
                                        || one.request().isOfAll())
                                .toList(),
                        request -> request.method() + " " + request.object() + " " + request.about() + " "
                                + request.manager(),
                        SECOND));
    }

    void assertNoHaste() {
        assertThat(perObject)
                .allSatisfy((object, rate) -> assertThat(rate).as(object).isLessThanOrEqualTo(PER_SECOND));
        assertThat(repeated)
                .allSatisfy((request, rate) -> assertThat(rate).as(request).isLessThanOrEqualTo(PER_SECOND));
    }

    private static Map<String, Double> most(
            List<ApiProxy.Seen> seen, Function<ApiRequest, String> what, Duration window) {
        Map<String, List<Instant>> times = seen.stream()
                .collect(Collectors.groupingBy(
                        one -> what.apply(one.request()),
                        TreeMap::new,
                        Collectors.mapping(ApiProxy.Seen::at, Collectors.toList())));
        Map<String, Double> most = new TreeMap<>();
        times.forEach((object, instants) -> most.put(object, most(instants, window) / (double) window.toSeconds()));
        return most;
    }

    private static long most(List<Instant> instants, Duration window) {
        return instants.stream()
                .mapToLong(first -> instants.stream()
                        .filter(other -> !other.isBefore(first) && other.isBefore(first.plus(window)))
                        .count())
                .max()
                .orElse(0);
    }

    /** The highest of both, for people. */
    @Override
    public String toString() {
        return "an object " + highest(perObject) + ", a request in one second " + highest(repeated);
    }

    private static String highest(Map<String, Double> rates) {
        return rates.entrySet().stream()
                .sorted(Map.Entry.<String, Double>comparingByValue().reversed())
                .limit(3)
                .map(rate -> "%s: %.1f".formatted(rate.getKey(), rate.getValue()))
                .collect(Collectors.joining(", "));
    }
}
