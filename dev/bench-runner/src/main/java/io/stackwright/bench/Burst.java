package io.stackwright.bench;

import static io.stackwright.bench.Rig.PATIENCE;

import io.stackwright.api.v1alpha1.Stack;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/** Many Stacks at once, beside the bare CLI with as many scripts at a time as the operator has workers. */
final class Burst {

    private final Rig rig;
    private final BareCli bare;
    private final Report report;

    Burst(Rig rig, BareCli bare, Report report) {
        this.rig = rig;
        this.bare = bare;
        this.report = report;
    }

    void measure(int count) throws IOException, InterruptedException {
        String namespace = rig.newNamespace();
        Instant start = rig.observer().mark();
        List<Stack> stacks = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            stacks.add(rig.create(Rig.stack(namespace, "burst-" + i, "")));
        }
        Instant end = start;
        for (Stack stack : stacks) {
            Instant ready = rig.observer().awaitReady(stack, 1, PATIENCE);
            end = ready.isAfter(end) ? ready : end;
        }
        Duration ours = Duration.between(start, end);
        int workers = Math.max(2, Runtime.getRuntime().availableProcessors());
        Duration theirs = bare(count, workers);
        report.row(
                count + " Stacks at once",
                Report.seconds(ours),
                "12.00 s",
                String.format(
                        Locale.ROOT,
                        "bare CLI, %d scripts at a time: %s, ratio %.2f",
                        workers,
                        Report.seconds(theirs),
                        (double) ours.toNanos() / theirs.toNanos()));
        stacks.forEach(rig::delete);
        for (Stack stack : stacks) {
            rig.observer().awaitGone(stack, PATIENCE);
        }
    }

    private Duration bare(int count, int workers) throws InterruptedException {
        try (ExecutorService scripts = Executors.newFixedThreadPool(workers)) {
            List<Callable<Duration>> tasks = new ArrayList<>();
            for (int i = 0; i < count; i++) {
                String stack = "burst-" + i;
                tasks.add(() -> bare.initAndUp(stack));
            }
            Instant start = Instant.now();
            for (Future<Duration> task : scripts.invokeAll(tasks)) {
                task.get();
            }
            return Duration.between(start, Instant.now());
        } catch (ExecutionException e) {
            throw new IllegalStateException(e.getCause());
        }
    }
}
