package io.stackwright.bench;

import io.stackwright.api.v1alpha1.Stack;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** Many Stacks at once in Job mode, beside as many bare Jobs at once. */
final class JobBurst {

    private final JobRig rig;
    private final Report report;

    JobBurst(JobRig rig, Report report) {
        this.rig = rig;
        this.report = report;
    }

    void measure(int count) throws InterruptedException {
        Duration theirs = theirs(count);
        Duration ours = ours(count);
        report.row(
                count + " Stacks at once in Job mode",
                Report.seconds(ours),
                "25.00 s",
                String.format(
                        Locale.ROOT,
                        "%d bare Jobs at once: %s, ratio %.2f",
                        count,
                        Report.seconds(theirs),
                        (double) ours.toNanos() / theirs.toNanos()));
        report.row(
                "operator, at most resident",
                Report.mebibytes(rig.operatorMemory("VmHWM")),
                "256 MiB",
                "limit of its pod; now " + Report.mebibytes(rig.operatorMemory("VmRSS")) + " resident");
    }

    private Duration ours(int count) throws InterruptedException {
        Instant start = rig.observer().mark();
        List<Stack> stacks = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            stacks.add(rig.client().resource(rig.stack("burst-" + i)).create());
        }
        Instant end = start;
        for (Stack stack : stacks) {
            Instant ready = rig.observer().awaitReady(stack, 1, JobRig.PATIENCE);
            end = ready.isAfter(end) ? ready : end;
        }
        stacks.forEach(stack -> rig.client().resource(stack).delete());
        for (Stack stack : stacks) {
            rig.observer().awaitGone(stack, JobRig.PATIENCE);
        }
        return Duration.between(start, end);
    }

    private Duration theirs(int count) throws InterruptedException {
        Instant start = rig.observer().mark();
        for (int i = 0; i < count; i++) {
            rig.createBare("bare-burst-" + i);
        }
        Instant end = start;
        for (int i = 0; i < count; i++) {
            Instant complete = rig.awaitComplete("bare-burst-" + i);
            end = complete.isAfter(end) ? complete : end;
        }
        for (int i = 0; i < count; i++) {
            rig.removeBare("bare-burst-" + i);
        }
        return Duration.between(start, end);
    }
}
