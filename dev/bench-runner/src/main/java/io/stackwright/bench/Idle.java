package io.stackwright.bench;

import io.stackwright.api.v1alpha1.Stack;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;

/** What settled Stacks cost, and what a restart with them costs. Every one has been brought up by a real run. */
final class Idle {

    private static final int PER_NAMESPACE = 20;
    private static final Duration OBSERVED = Duration.ofMinutes(1);
    private static final Duration PER_STACK = Duration.ofSeconds(5);

    private final Rig rig;
    private final Report report;

    Idle(Rig rig, Report report) {
        this.rig = rig;
        this.report = report;
    }

    void measure(int count) throws IOException, InterruptedException {
        bringUp(count);
        String stacks = count + " Stacks";

        rig.operator().liveHeap();
        Duration cpu = rig.operator().cpu();
        Instant from = Instant.now();
        TimeUnit.SECONDS.sleep(OBSERVED.toSeconds());
        Duration used = rig.operator().cpu().minus(cpu);
        List<ApiLog.Request> requests = rig.api().between(from, Instant.now());
        long writes = requests.stream().filter(ApiLog.Request::isWrite).count();
        report.row(
                stacks + " idle for a minute: CLI processes",
                Integer.toString(rig.cli().startsSince(from).size()),
                "0",
                "");
        report.row(stacks + " idle for a minute: API writes", Long.toString(writes), "0", verbs(requests));
        report.row(
                stacks + " idle for a minute: API requests",
                Long.toString(requests.stream().filter(r -> !r.isWatch()).count()),
                "",
                "without watches that are renewed");
        report.row(stacks + " idle for a minute: CPU", Report.seconds(used), "", "");
        report.row(
                stacks + ": live heap",
                Report.mebibytes(rig.operator().liveHeap()),
                "96 MiB",
                "after a full collection; resident "
                        + Report.mebibytes(rig.operator().resident()));
        restart(count, stacks);
    }

    private void bringUp(int count) throws InterruptedException {
        Instant start = rig.observer().mark();
        String namespace = "";
        for (int i = 0; i < count; i++) {
            if (i % PER_NAMESPACE == 0) {
                namespace = rig.newNamespace();
                for (int secret = 0; secret < PER_NAMESPACE; secret++) {
                    rig.secret(namespace, "secret-" + secret, "x".repeat(1000));
                }
            }
            Stack stack = Rig.stack(
                    namespace,
                    "idle-" + i,
                    "configFrom: [{key: greeting, secretKeyRef: {name: secret-" + i % PER_NAMESPACE
                            + ", key: value}}]");
            rig.create(stack);
        }
        Instant deadline = start.plus(PER_STACK.multipliedBy(count));
        long ready = 0;
        for (int round = 0; ready < count; round++) {
            if (Instant.now().isAfter(deadline)) {
                throw new IllegalStateException("only " + ready + " of " + count + " Stacks became ready in time");
            }
            TimeUnit.SECONDS.sleep(2);
            rig.observer().mark();
            ready = rig.observer().readyNow();
            if (round % 15 == 0) {
                System.out.printf(
                        "  %d of %d Stacks ready after %d s%n",
                        ready, count, Duration.between(start, Instant.now()).toSeconds());
            }
        }
        TimeUnit.SECONDS.sleep(5);
    }

    private void restart(int count, String stacks) throws IOException, InterruptedException {
        rig.restartOperator();
        Instant from = Instant.now();
        Duration synced = Duration.between(from, rig.operator().awaitReconciles(count, Rig.PATIENCE));
        TimeUnit.SECONDS.sleep(2);
        List<ApiLog.Request> requests = rig.api().between(from, Instant.now());
        long runs = rig.cli().startsSince(from).stream()
                .filter(line -> !line.command().startsWith("version"))
                .count();
        report.row(
                stacks + ": restart → synced",
                Report.seconds(synced),
                "10.00 s",
                "from the start of the process to the last reconcile");
        report.row(stacks + ": restart, CLI runs", Long.toString(runs), "0", "without `pulumi version`");
        report.row(
                stacks + ": restart, API writes",
                Long.toString(requests.stream().filter(ApiLog.Request::isWrite).count()),
                "0",
                verbs(requests));
    }

    private static String verbs(List<ApiLog.Request> requests) {
        Map<String, Long> counts = requests.stream()
                .collect(Collectors.groupingBy(
                        request -> request.verb() + " " + request.target().split(" ")[0],
                        TreeMap::new,
                        Collectors.counting()));
        return counts.entrySet().stream()
                .map(entry -> entry.getValue() + " " + entry.getKey())
                .collect(Collectors.joining(", "));
    }
}
