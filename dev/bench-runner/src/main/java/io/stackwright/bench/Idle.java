package io.stackwright.bench;

import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.stackwright.api.v1alpha1.RunStatus;
import io.stackwright.api.v1alpha1.Stack;
import io.stackwright.api.v1alpha1.Update;
import io.stackwright.api.v1alpha1.UpdateStatus;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

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

    /** @param history ended Updates of each Stack */
    void measure(int count, int history) throws IOException, InterruptedException {
        bringUp(count);
        rig.client().resources(Update.class).inAnyNamespace().list().getItems().forEach(real -> {
            for (int n = 2; n <= history; n++) {
                remember(real, n);
            }
        });
        String stacks = count + " Stacks" + (history > 1 ? " with " + history + " Updates each" : "");

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

    /** One more Update like the real one, which told of forty changed resources and twenty messages. */
    private void remember(Update real, int number) {
        Update update = new Update();
        update.setMetadata(new ObjectMetaBuilder()
                .withNamespace(real.getMetadata().getNamespace())
                .withName(real.getSpec().stack() + "-" + number)
                .withOwnerReferences(real.getMetadata().getOwnerReferences())
                .build());
        update.setSpec(real.getSpec());
        UpdateStatus status = real.getStatus();
        RunStatus run = status.run();
        String urn = "urn:pulumi:prod::shop::pulumi:index:Stash::a-resource-with-a-name-of-usual-length-";
        update.setStatus(new UpdateStatus(
                status.phase(),
                status.observedGeneration(),
                status.conditions(),
                status.startedAt(),
                status.finishedAt(),
                null,
                new RunStatus(
                        run.executor(),
                        null,
                        run.changes(),
                        IntStream.range(0, 40)
                                .mapToObj(i -> new RunStatus.Step(
                                        "update", "pulumi:index:Stash", "a-" + i, urn + i, List.of("input"), null))
                                .toList(),
                        null,
                        IntStream.range(0, 20)
                                .mapToObj(i -> new RunStatus.Diagnostic("warning", urn + i, "what a program says"))
                                .toList(),
                        run.result(),
                        run.pulumiVersion(),
                        run.log())));
        Update created = rig.client().resource(update).create();
        created.setStatus(update.getStatus());
        rig.client().resource(created).updateStatus();
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
