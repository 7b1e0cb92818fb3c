package io.stackwright.bench;

import static io.stackwright.bench.Rig.PATIENCE;

import io.stackwright.api.v1alpha1.Stack;
import io.stackwright.api.v1alpha1.Update;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** From a change being sent to the run that it causes, with a free slot. */
final class Reaction {

    private static final String FROM_SECRET = """
        configFrom: [{key: greeting, secretKeyRef: {name: greeting, key: value}}]
        """;

    private static final String FROM_CONFIG_MAP = """
        configFrom: [{key: greeting, configMapKeyRef: {name: greeting, key: value}}]
        """;

    /** Changes in a row without a pause would run into the limit of reconciles per Stack. */
    private static final int PAUSE_MILLIS = 1000;

    private final Rig rig;
    private final Report report;

    Reaction(Rig rig, Report report) {
        this.rig = rig;
        this.report = report;
    }

    private interface Change {
        void send(int number);
    }

    void measure(int times) throws InterruptedException {
        String namespace = rig.newNamespace();
        rig.secret(namespace, "greeting", "value-0");
        Stack referring = quiet(Rig.stack(namespace, "referring", FROM_SECRET));
        measure("Secret", referring, times, i -> rig.secret(namespace, "greeting", "value-" + i));
        rig.configMap(namespace, "greeting", "value-0");
        Stack mapped = quiet(Rig.stack(namespace, "mapped", FROM_CONFIG_MAP));
        measure("ConfigMap", mapped, times, i -> rig.configMap(namespace, "greeting", "value-" + i));
        Stack plain = quiet(Rig.stack(namespace, "plain", ""));
        measure("spec", plain, times, i -> rig.configure(plain, "value-" + i));
    }

    private void measure(String what, Stack stack, int times, Change change) throws InterruptedException {
        List<Duration> recorded = new ArrayList<>();
        List<Duration> started = new ArrayList<>();
        for (int i = 1; i <= times; i++) {
            TimeUnit.MILLISECONDS.sleep(PAUSE_MILLIS);
            Instant start = rig.observer().mark();
            change.send(i);
            recorded.add(Duration.between(
                    start, rig.observer().await("an Update", sight -> isUpdateOf(sight, stack), PATIENCE)));
            awaitClosed(stack);
            started.add(Duration.between(
                    start, rig.cli().startsSince(start).getFirst().at()));
        }
        row(what + " changed → Update created", recorded);
        row(what + " changed → CLI starts", started);
    }

    /** Settled, and its first Update will not change any more. */
    private Stack quiet(Stack stack) throws InterruptedException {
        Stack settled = rig.settled(stack);
        awaitClosed(settled);
        return settled;
    }

    private void awaitClosed(Stack stack) throws InterruptedException {
        rig.observer()
                .await(
                        "the end of an Update of " + stack.getMetadata().getName(),
                        sight -> isUpdateOf(sight, stack) && isClosed((Update) sight.object()),
                        PATIENCE);
    }

    private void row(String what, List<Duration> durations) {
        report.row(
                what,
                "p50 " + Report.millis(Report.percentile(durations, 50)) + ", p95 "
                        + Report.millis(Report.percentile(durations, 95)),
                "p95 100 ms",
                durations.size() + " times");
    }

    /** Old ones go from time to time: that is not meant. */
    private static boolean isUpdateOf(Observer.Sight sight, Stack stack) {
        return !sight.deleted()
                && sight.object() instanceof Update update
                && update.getSpec().stack().equals(stack.getMetadata().getName());
    }

    private static boolean isClosed(Update update) {
        return update.getStatus().phase() != null
                && update.getStatus().phase().isFinal()
                && update.getMetadata().getFinalizers().isEmpty();
    }
}
