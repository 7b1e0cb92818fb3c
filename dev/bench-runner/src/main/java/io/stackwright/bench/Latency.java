package io.stackwright.bench;

import static io.stackwright.bench.Rig.PATIENCE;

import io.stackwright.api.v1alpha1.Stack;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** How long a Stack takes to go up, change and go, beside the bare CLI that does the same; paired and alternating. */
final class Latency {

    private final Rig rig;
    private final BareCli bare;
    private final Report report;

    Latency(Rig rig, BareCli bare, Report report) {
        this.rig = rig;
        this.bare = bare;
        this.report = report;
    }

    private record Round(Duration up, Duration change, Duration gone) {}

    /** @param warmUp rounds that are not counted: a Java process is slow at first */
    void measure(int pairs, int warmUp) throws IOException, InterruptedException {
        String namespace = rig.newNamespace();
        Round cold = ours(namespace, "cold");
        for (int i = 0; i < warmUp; i++) {
            ours(namespace, "warm-" + i);
            theirs("warm-" + i);
        }
        List<Round> ours = new ArrayList<>();
        List<Round> theirs = new ArrayList<>();
        for (int i = 0; i < pairs; i++) {
            String name = "pair-" + i;
            if (i % 2 == 0) {
                ours.add(ours(namespace, name));
                theirs.add(theirs(name));
            } else {
                theirs.add(theirs(name));
                ours.add(ours(namespace, name));
            }
        }
        rows(
                "apply → Ready",
                "1.60 s",
                ours.stream().map(Round::up).toList(),
                theirs.stream().map(Round::up).toList(),
                cold.up());
        rows(
                "config change → applied",
                "0.80 s",
                ours.stream().map(Round::change).toList(),
                theirs.stream().map(Round::change).toList(),
                cold.change());
        rows(
                "delete → gone",
                "1.00 s",
                ours.stream().map(Round::gone).toList(),
                theirs.stream().map(Round::gone).toList(),
                cold.gone());
    }

    private void rows(String what, String target, List<Duration> ours, List<Duration> theirs, Duration cold) {
        Duration median = Report.median(ours);
        Duration bareMedian = Report.median(theirs);
        report.row(
                what,
                Report.seconds(median),
                target,
                String.format(
                        Locale.ROOT,
                        "bare CLI %s, median ratio of %d pairs %.2f, +%s; first one of the process %s",
                        Report.seconds(bareMedian),
                        ours.size(),
                        Report.medianRatio(ours, theirs),
                        Report.seconds(median.minus(bareMedian)),
                        Report.seconds(cold)));
    }

    private Round ours(String namespace, String name) throws InterruptedException {
        Instant start = rig.observer().mark();
        Stack stack = rig.create(Rig.stack(namespace, name, ""));
        Duration up = Duration.between(start, rig.observer().awaitReady(stack, 1, PATIENCE));
        start = rig.observer().mark();
        long generation = rig.configure(stack, "changed").getMetadata().getGeneration();
        Duration change = Duration.between(start, rig.observer().awaitReady(stack, generation, PATIENCE));
        start = rig.observer().mark();
        rig.delete(stack);
        Duration gone = Duration.between(start, rig.observer().awaitGone(stack, PATIENCE));
        return new Round(up, change, gone);
    }

    private Round theirs(String name) throws IOException, InterruptedException {
        return new Round(bare.initAndUp(name), bare.changeAndUp(name, "changed"), bare.destroy(name));
    }
}
