package io.stackwright.helm;

import static org.awaitility.Awaitility.await;

import io.stackwright.operator.Scenario;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * The operators of a release as processes of this machine, which sees those of the local node's pods. As long as it is
 * open, it writes down the most memory that each of them has ever had.
 */
final class OperatorProcesses implements AutoCloseable {

    private static final Pattern PEAK = Pattern.compile("(?m)^VmHWM:\\s+(\\d+) kB$");
    private static final Pattern POD = Pattern.compile("\0HOSTNAME=([^\0]+)\0");

    private final String own;
    private final Map<String, Long> peaks = new ConcurrentHashMap<>();
    private final ScheduledExecutorService looks = Executors.newSingleThreadScheduledExecutor();

    /** @param namespace of the release */
    OperatorProcesses(String namespace) {
        own = "\0STACKWRIGHT_OPERATOR_NAMESPACE=" + namespace + "\0";
        // A peak is one for good: only what comes between the last look and the end of a process is missed.
        looks.scheduleWithFixedDelay(this::look, 0, 1, TimeUnit.SECONDS);
    }

    /** Kills the operator of a pod; the kubelet will start another one there. */
    void kill(String pod) {
        ProcessHandle process = all().filter(one -> pod(one).equals(pod))
                .findFirst()
                .orElseThrow(() -> new AssertionError("no operator runs in " + pod));
        process.destroyForcibly();
        await().atMost(Scenario.PATIENCE).until(() -> !process.isAlive());
    }

    /** The most resident memory in KiB that each process has had so far, by pod and process id. */
    Map<String, Long> peaks() {
        look();
        return new TreeMap<>(peaks);
    }

    private void look() {
        all().forEach(process -> {
            Matcher peak = PEAK.matcher(read("/proc/" + process.pid() + "/status"));
            String pod = pod(process);
            if (peak.find() && !pod.isEmpty()) {
                peaks.merge(pod + "/" + process.pid(), Long.valueOf(peak.group(1)), Math::max);
            }
        });
    }

    private Stream<ProcessHandle> all() {
        return ProcessHandle.allProcesses()
                .filter(process -> environment(process).contains(own))
                .filter(process -> read("/proc/" + process.pid() + "/cmdline").contains("OperatorMain"));
    }

    private static String pod(ProcessHandle process) {
        Matcher name = POD.matcher(environment(process));
        return name.find() ? name.group(1) : ""; // It is gone.
    }

    private static String environment(ProcessHandle process) {
        return "\0" + read("/proc/" + process.pid() + "/environ");
    }

    private static String read(String file) {
        try {
            return Files.readString(Path.of(file), StandardCharsets.ISO_8859_1);
        } catch (IOException e) {
            return ""; // It is gone.
        }
    }

    @Override
    public void close() {
        looks.shutdownNow();
    }
}
