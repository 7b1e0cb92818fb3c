package io.stackwright.bench;

import io.fabric8.kubernetes.api.model.ContainerState;
import io.fabric8.kubernetes.api.model.ContainerStatus;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.batch.v1.Job;
import io.stackwright.api.v1alpha1.Stack;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.concurrent.TimeUnit;

/**
 * Where the time of one Stack in Job mode goes: the requests of operator and run from the API server's log, what the run
 * logged, and what a watch showed of Job and pod.
 */
final class JobTrace {

    private final JobRig rig;

    JobTrace(JobRig rig) {
        this.rig = rig;
    }

    private record Entry(Instant at, String text) {}

    void print(String name) throws InterruptedException {
        Instant start = rig.observer().mark();
        Stack stack = rig.client().resource(rig.stack(name)).create();
        Instant end = rig.observer().awaitReady(stack, 1, JobRig.PATIENCE);
        // What follows the end is part of the picture, and logs lag behind.
        TimeUnit.SECONDS.sleep(3);

        List<Entry> entries = new ArrayList<>();
        entries.add(new Entry(start, "SENT"));
        entries.add(new Entry(end, "READY"));
        rig.cluster()
                .localNode()
                .ifPresent(node -> new ApiLog(node.auditLog())
                        .between(start, Instant.now()).stream()
                                .filter(request -> !request.isWatch())
                                .forEach(request -> entries.add(new Entry(request.received(), request.toString()))));
        Set<String> seen = new HashSet<>();
        for (Observer.Sight sight : rig.observer().sights()) {
            what(sight).stream().filter(seen::add).forEach(text -> entries.add(new Entry(sight.at(), text)));
        }
        log(name + "-1", entries);
        entries.sort(Comparator.comparing(Entry::at));
        System.out.println("\napply → Ready: " + Report.seconds(Duration.between(start, end)));
        for (Entry entry : entries) {
            Duration offset = Duration.between(start, entry.at());
            System.out.printf(Locale.ROOT, "%8.0f ms  %s%n", offset.toNanos() / 1e6, entry.text());
        }
        rig.remove(stack);
    }

    private static List<String> what(Observer.Sight sight) {
        return switch (sight.object()) {
            case Job job -> List.of("  SEEN Job " + job.getMetadata().getName());
            case Pod pod -> pod(pod);
            default -> List.of();
        };
    }

    private static List<String> pod(Pod pod) {
        List<String> texts = new ArrayList<>();
        texts.add("  SEEN pod");
        pod.getStatus().getConditions().stream()
                .filter(condition -> condition.getStatus().equals("True"))
                .forEach(condition -> texts.add("  SEEN pod " + condition.getType()));
        pod.getStatus().getInitContainerStatuses().forEach(status -> texts.add("  SEEN init " + state(status)));
        pod.getStatus().getContainerStatuses().forEach(status -> texts.add("  SEEN container " + state(status)));
        return texts;
    }

    private static String state(ContainerStatus status) {
        ContainerState state = status.getState();
        return state.getRunning() != null ? "running" : state.getTerminated() != null ? "terminated" : "waiting";
    }

    private void log(String update, List<Entry> entries) {
        for (Pod pod : rig.client()
                .pods()
                .inNamespace(rig.namespace())
                .withLabel("stackwright.io/update", update)
                .list()
                .getItems()) {
            rig.client()
                    .pods()
                    .resource(pod)
                    .inContainer("pulumi")
                    .usingTimestamps()
                    .getLog()
                    .lines()
                    .forEach(line -> {
                        int space = line.indexOf(' ');
                        entries.add(
                                new Entry(Instant.parse(line.substring(0, space)), "    RUN " + line.substring(space)));
                    });
        }
    }
}
