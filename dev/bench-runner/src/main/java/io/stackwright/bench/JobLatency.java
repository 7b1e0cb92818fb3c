package io.stackwright.bench;

import io.stackwright.api.v1alpha1.Stack;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Random;

/**
 * From apply to Ready in Job mode, beside a bare Job that brings the same program up; paired and alternating, each at
 * some moment of the kubelet's second.
 */
final class JobLatency {

    /** How often a kubelet looks at its containers. Without this each begins where the one before has ended. */
    private static final int KUBELET_PERIOD_MILLIS = 1000;

    private final Random moments = new Random(1);
    private final JobRig rig;
    private final Report report;

    JobLatency(JobRig rig, Report report) {
        this.rig = rig;
        this.report = report;
    }

    /** @param warmUp rounds that are not counted */
    void measure(int pairs, int warmUp) throws InterruptedException {
        Duration cold = ours("cold");
        for (int i = 0; i < warmUp; i++) {
            theirs("bare-warm-" + i);
            ours("warm-" + i);
        }
        List<Duration> ours = new ArrayList<>();
        List<Duration> theirs = new ArrayList<>();
        List<Double> ratios = new ArrayList<>();
        for (int i = 0; i < pairs; i++) {
            if (i % 2 == 0) {
                ours.add(ours("pair-" + i));
                theirs.add(theirs("bare-" + i));
            } else {
                theirs.add(theirs("bare-" + i));
                ours.add(ours("pair-" + i));
            }
            ratios.add((double) ours.getLast().toNanos() / theirs.getLast().toNanos());
        }
        ratios.sort(null);
        double ratio = ratios.get((ratios.size() - 1) / 2);
        report.row(
                "Job mode: apply → Ready",
                Report.seconds(Report.median(ours)),
                "",
                "bare Job " + Report.seconds(Report.median(theirs)) + "; first one of the process "
                        + Report.seconds(cold));
        report.row(
                "Job mode: apply → Ready / bare Job",
                String.format(Locale.ROOT, "%.2f", ratio),
                "1.20",
                String.format(
                        Locale.ROOT, "median of %d pairs, %.2f to %.2f", pairs, ratios.getFirst(), ratios.getLast()));
    }

    private Duration ours(String name) throws InterruptedException {
        Thread.sleep(moments.nextInt(KUBELET_PERIOD_MILLIS));
        Instant start = rig.observer().mark();
        Stack stack = rig.client().resource(rig.stack(name)).create();
        Duration took = Duration.between(start, rig.observer().awaitReady(stack, 1, JobRig.PATIENCE));
        rig.remove(stack);
        return took;
    }

    private Duration theirs(String name) throws InterruptedException {
        Thread.sleep(moments.nextInt(KUBELET_PERIOD_MILLIS));
        Instant start = rig.observer().mark();
        rig.createBare(name);
        Duration took = Duration.between(start, rig.awaitComplete(name));
        rig.removeBare(name);
        return took;
    }
}
