package io.stackwright.operator.faults;

import io.stackwright.api.v1alpha1.Update;
import io.stackwright.operator.LiveFiles;
import io.stackwright.testkit.ControlPlane;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;

/** Looks at the operator and at what it leaves, from outside. */
final class SoakSampler {

    private static final Pattern HEAP =
            Pattern.compile("(?:DefNew|Tenured|def new generation|tenured generation)\\s+total \\d+K, used (\\d+)K");
    private static final Pattern NUMBER = Pattern.compile(".*[-.](\\d{16,20})\\..*");

    private final World world;
    private final SoakChurn churn;
    private final long start = System.nanoTime();

    SoakSampler(World world, SoakChurn churn) {
        this.world = world;
        this.churn = churn;
    }

    /**
     * A look.
     *
     * @param seconds since the first one was made ready
     * @param pid of the operator
     */
    record Sample(double seconds, long pid, Map<SoakMetric, Long> values) {}

    /** Empty when the operator has gone meanwhile. */
    Optional<Sample> sample() {
        long pid = world.operator().pid();
        Map<SoakMetric, Long> values = new EnumMap<>(SoakMetric.class);
        try {
            ofProcess(pid, values);
            ofFiles(values);
            ofUpdates(values);
        } catch (IOException | UncheckedIOException | DirectoryIteratorException e) {
            return Optional.empty(); // It has gone, or what was listed has.
        }
        if (pid != world.operator().pid()) {
            return Optional.empty();
        }
        return Optional.of(new Sample((System.nanoTime() - start) / 1e9, pid, values));
    }

    private void ofProcess(long pid, Map<SoakMetric, Long> values) throws IOException {
        Path process = Path.of("/proc", Long.toString(pid));
        values.put(SoakMetric.ZOMBIES, Processes.zombies(pid));
        values.put(SoakMetric.LEFT, leftProcesses());
        jcmd(pid, "GC.run");
        values.put(SoakMetric.HEAP, sum(HEAP, jcmd(pid, "GC.heap_info")));
        values.put(SoakMetric.DESCRIPTORS, count(process.resolve("fd")));
        String status = Files.readString(process.resolve("status"));
        values.put(SoakMetric.THREADS, sum(Pattern.compile("Threads:\\s+(\\d+)"), status));
        values.put(SoakMetric.RSS, sum(Pattern.compile("VmRSS:\\s+(\\d+)"), status));
    }

    private void ofFiles(Map<SoakMetric, Long> values) throws IOException {
        Path data = world.folder().resolve("data");
        values.put(SoakMetric.WORK, count(data.resolve("work")));
        values.put(SoakMetric.TEMPORARY, files(world.folder().resolve("tmp")));
        values.put(SoakMetric.OPEN, count(data.resolve("evidence/open")));
        values.put(SoakMetric.EVIDENCE, count(data.resolve("evidence/closed")));
        // Each Stack has its logs and its evidence.
        values.put(SoakMetric.DATA, Math.ceilDiv(files(data), (long) churn.size()));
        Path backend = world.backend();
        values.put(
                SoakMetric.GONE, (long) BackendTraces.of(backend, churn::isGone).size());
        values.put(SoakMetric.LOCKS, files(backend.resolve("locks")));
        values.put(SoakMetric.HISTORY, mostUpdatesIn(backend.resolve("history")));
        values.put(SoakMetric.BACKUPS, mostUpdatesIn(backend.resolve("backups")));
    }

    /** The folder of a run goes when it ends, and with it must all that has that for its home. */
    private long leftProcesses() {
        String home = world.home();
        return Processes.withEnvironment(home).stream()
                .filter(pid -> Processes.environment(pid)
                        .lines()
                        .filter(line -> line.startsWith(home))
                        .anyMatch(line -> Files.notExists(Path.of(line.substring("PULUMI_HOME=".length())))))
                .filter(Processes::isAlive)
                .count();
    }

    private void ofUpdates(Map<SoakMetric, Long> values) throws IOException {
        // A log comes after its Update, and goes after it.
        List<Path> logs = LiveFiles.below(world.folder().resolve("data/logs"));
        List<Update> updates = ControlPlane.shared()
                .client()
                .resources(Update.class)
                .inNamespace(world.namespace())
                .list()
                .getItems();
        Set<String> names = updates.stream()
                .map(update -> "/" + update.getSpec().stack() + "/"
                        + update.getMetadata().getName() + ".log")
                .collect(Collectors.toSet());
        values.put(
                SoakMetric.LOGS,
                logs.stream()
                        .filter(log -> names.stream().noneMatch(log.toString()::endsWith))
                        .count());
        values.put(
                SoakMetric.UPDATES,
                most(updates.stream().map(update -> update.getSpec().stack())));
    }

    private static String jcmd(long pid, String command) throws IOException {
        Process jcmd = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin/jcmd").toString(), Long.toString(pid), command)
                .redirectErrorStream(true)
                .start();
        return new String(jcmd.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    }

    private static long sum(Pattern pattern, String text) throws IOException {
        Matcher matcher = pattern.matcher(text);
        if (!matcher.find()) {
            throw new IOException("no " + pattern + " in: " + text);
        }
        return matcher.reset()
                .results()
                .mapToLong(found -> Long.parseLong(found.group(1)))
                .sum();
    }

    private static long count(Path folder) throws IOException {
        if (!Files.isDirectory(folder)) {
            return 0;
        }
        try (DirectoryStream<Path> entries = Files.newDirectoryStream(folder)) {
            return StreamSupport.stream(entries.spliterator(), false).count();
        }
    }

    private static long files(Path folder) throws IOException {
        return LiveFiles.below(folder).size();
    }

    /** Updates that files tell of, of the stack that has the most. */
    private static long mostUpdatesIn(Path folder) throws IOException {
        return most(LiveFiles.below(folder).stream()
                .map(Path::toString)
                .map(NUMBER::matcher)
                .filter(Matcher::matches)
                .map(found -> Map.entry(Path.of(found.group()).getParent(), found.group(1)))
                .distinct()
                .map(Map.Entry::getKey));
    }

    /** How often the one comes that comes most often. */
    private static long most(Stream<?> all) {
        return all.collect(Collectors.groupingBy(Function.identity(), Collectors.counting())).values().stream()
                .mapToLong(Long::longValue)
                .max()
                .orElse(0);
    }
}
