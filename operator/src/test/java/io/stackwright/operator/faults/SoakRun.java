package io.stackwright.operator.faults;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.fabric8.kubernetes.client.utils.Serialization;
import io.stackwright.api.v1alpha1.Stack;
import io.stackwright.api.v1alpha1.Update;
import io.stackwright.operator.faults.SoakSampler.Sample;
import io.stackwright.testkit.ControlPlane;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.awaitility.core.ConditionTimeoutException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Many Stacks, people who change them all the time, and everything around goes wrong now and then: nothing grows, and in
 * the end all is as it is wished. Run by {@code dev/soak}: its name keeps it out of the build, which skips nothing.
 */
@Timeout(value = 12, unit = TimeUnit.HOURS)
class SoakRun {

    private static final long MINUTES = Long.getLong("soak.minutes", 20);
    private static final int STACKS = Integer.getInteger("soak.stacks", 50);
    private static final long SEED = Long.getLong("soak.seed", System.currentTimeMillis() % 100_000);
    private static final long PACE = Long.getLong("soak.pace", 1000);

    /** The operator is restarted in the first half only: slopes are those of one process. */
    private static final int RESTARTS = 5;

    private static final Duration PATIENCE = Duration.ofMinutes(10);

    private final List<Sample> samples = new CopyOnWriteArrayList<>();
    private final List<String> mistakes = new CopyOnWriteArrayList<>();

    @Test
    void nothingGrows() throws IOException, InterruptedException {
        Path folder = Path.of("target", "soak", Long.toString(System.currentTimeMillis()))
                .toAbsolutePath();
        say("%d minutes, %d Stacks, one change in %d ms, seed %d, in %s", MINUTES, STACKS, PACE, SEED, folder);
        try (World world = World.in(Oracle.of(SoakRun.class), folder, "--shutdown-grace=30s")) {
            // given
            SoakChurn churn = new SoakChurn(world, STACKS, SEED);
            SoakTrouble trouble = new SoakTrouble(world, SEED);
            SoakSampler sampler = new SoakSampler(world, churn);

            // when
            disturb(world, churn, trouble, sampler);
            List<String> failures = new ArrayList<>(mistakes);
            failures.addAll(rest(world, churn, sampler));

            // then
            Sample atRest = samples.removeLast();
            SoakReport report = new SoakReport(samples, MINUTES * 60.0, atRest);
            say("%s %s; %s", churn.summary(), trouble.summary(), figures(world));
            System.out.println(report.table());
            failures.addAll(report.failures());
            failures.addAll(found(world, churn, trouble));
            assertThat(failures).as("seed " + SEED + ", " + folder).isEmpty();
        }
    }

    private void disturb(World world, SoakChurn churn, SoakTrouble trouble, SoakSampler sampler)
            throws InterruptedException {
        long millis = MINUTES * 60_000;
        long interval = Math.clamp(millis / 80, 5_000, 15_000);
        try (ScheduledExecutorService threads = Executors.newScheduledThreadPool(4)) {
            threads.scheduleWithFixedDelay(noting(churn::step), PACE, PACE, TimeUnit.MILLISECONDS);
            threads.scheduleWithFixedDelay(noting(trouble::step), 10, 5, TimeUnit.SECONDS);
            threads.scheduleAtFixedRate(
                    noting(() -> sampler.sample().ifPresent(samples::add)), interval, interval, TimeUnit.MILLISECONDS);
            for (int i = 1; i <= RESTARTS; i++) {
                // The last one leaves time to get warm before the second half.
                long when = millis * i / (RESTARTS * 5L / 2);
                threads.schedule(noting(trouble::restart), when, TimeUnit.MILLISECONDS);
            }
            new CountDownLatch(1).await(millis, TimeUnit.MILLISECONDS);
            threads.shutdownNow();
        }
        trouble.end();
        world.startIfEnded();
    }

    /** What goes wrong in the test itself is told in the end. */
    private Runnable noting(Runnable step) {
        return () -> {
            try {
                step.run();
            } catch (RuntimeException | AssertionError e) {
                if (!Thread.currentThread().isInterrupted()) {
                    mistakes.add(e.toString());
                }
            }
        };
    }

    /** Until all Stacks are as they are wished and nothing is left to do; what it took too long for. */
    private List<String> rest(World world, SoakChurn churn, SoakSampler sampler) {
        String value = "last";
        List<String> unready = List.of();
        churn.comeToRest(value);
        try {
            await().atMost(PATIENCE)
                    .pollInterval(Duration.ofSeconds(1))
                    .until(() -> churn.unready(value).isEmpty());
        } catch (ConditionTimeoutException e) {
            unready = churn.unready(value);
        }
        Optional<Sample> last = Optional.empty();
        try {
            last = await().atMost(Duration.ofMinutes(1)).until(sampler::sample, SoakRun::isAtRest);
        } catch (ConditionTimeoutException e) {
            last = sampler.sample();
        }
        samples.add(last.orElseThrow(() -> new AssertionError("the operator is gone:\n" + tail(world))));
        return unready;
    }

    private static boolean isAtRest(Optional<Sample> sample) {
        return sample.isPresent()
                && Stream.of(SoakMetric.values())
                        .allMatch(metric -> metric.atRest().isEmpty()
                                || sample.get().values().get(metric)
                                        <= metric.atRest().getAsLong());
    }

    private static List<String> found(World world, SoakChurn churn, SoakTrouble trouble) {
        List<String> found = new ArrayList<>(churn.orphans());
        found.addAll(churn.locks());
        Oracle.leaks(world).forEach(place -> found.add("the secret is in " + place));
        var client = ControlPlane.shared().client();
        String objects = Serialization.asJson(client.resources(Stack.class)
                        .inNamespace(world.namespace())
                        .list()
                        .getItems())
                + Serialization.asJson(client.resources(Update.class)
                        .inNamespace(world.namespace())
                        .list()
                        .getItems());
        if (Workload.SECRET.isIn(objects)) {
            found.add("the secret is in an object");
        }
        long refused = world.operator()
                .log()
                .lines()
                .filter(line -> line.contains("ERROR OperatorMain cannot start"))
                .count();
        if (world.starts() != trouble.restarts() + 1 + refused) {
            found.add("the operator was started " + world.starts() + " times, for " + trouble.restarts()
                    + " restarts and " + refused + " starts that the API server refused");
        }
        if (trouble.unclean() > 0) {
            found.add(trouble.unclean() + " operators did not end when they were asked to");
        }
        return found;
    }

    private static String figures(World world) {
        List<String> lines = world.operator().log().lines().toList();
        return "%d Updates ended; %d errors in the operator's log"
                .formatted(
                        lines.stream()
                                .filter(line -> line.contains("update ended"))
                                .count(),
                        lines.stream().filter(line -> line.contains(" ERROR ")).count());
    }

    private static String tail(World world) {
        String log = world.operator().log();
        return log.substring(Math.max(0, log.length() - 4000));
    }

    private static void say(String format, Object... arguments) {
        System.out.printf("soak: " + format + "%n", arguments);
    }
}
