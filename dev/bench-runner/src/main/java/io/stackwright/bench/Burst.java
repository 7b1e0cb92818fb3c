package io.stackwright.bench;

import static io.stackwright.bench.Rig.PATIENCE;

import io.stackwright.api.v1alpha1.Stack;
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

    /** @param rounds of which the median counts; who is first alternates */
    void measure(int count, int rounds) throws InterruptedException {
        int workers = Math.max(2, Runtime.getRuntime().availableProcessors());
        List<Duration> ours = new ArrayList<>();
        List<Duration> theirs = new ArrayList<>();
        for (int round = 0; round < rounds; round++) {
            if (round % 2 == 0) {
                ours.add(ours(count));
                theirs.add(theirs(count, workers, round));
            } else {
                theirs.add(theirs(count, workers, round));
                ours.add(ours(count));
            }
        }
        report.row(
                count + " Stacks at once",
                Report.seconds(Report.median(ours)),
                "12.00 s",
                String.format(
                        Locale.ROOT,
                        "bare CLI, %d scripts at a time: %s, %s %.2f",
                        workers,
                        Report.seconds(Report.median(theirs)),
                        rounds == 1 ? "of a single pair, ratio" : "median ratio of " + rounds + " pairs",
                        Report.medianRatio(ours, theirs)));
    }

    private Duration ours(int count) throws InterruptedException {
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
        stacks.forEach(rig::delete);
        for (Stack stack : stacks) {
            rig.observer().awaitGone(stack, PATIENCE);
        }
        return Duration.between(start, end);
    }

    private Duration theirs(int count, int workers, int round) throws InterruptedException {
        List<Callable<Duration>> ups = new ArrayList<>();
        List<Callable<Duration>> destroys = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            String stack = "burst-" + round + "-" + i;
            ups.add(() -> bare.initAndUp(stack));
            destroys.add(() -> bare.destroy(stack));
        }
        try (ExecutorService scripts = Executors.newFixedThreadPool(workers)) {
            Instant start = Instant.now();
            run(scripts, ups);
            Duration took = Duration.between(start, Instant.now());
            run(scripts, destroys);
            return took;
        }
    }

    private static void run(ExecutorService scripts, List<Callable<Duration>> tasks) throws InterruptedException {
        try {
            for (Future<Duration> task : scripts.invokeAll(tasks)) {
                task.get();
            }
        } catch (ExecutionException e) {
            throw new IllegalStateException(e.getCause());
        }
    }
}
