package io.stackwright.operator.faults;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;

/** Runs workloads, undisturbed to see where they can be disturbed, then with a kill at each such point. */
final class KillMatrix {

    /** An operator looks at all Stacks of its world whenever it starts: with many, most of a long run would be that. */
    private static final int POINTS_OF_A_WORLD = 10;

    private final Oracle oracle;
    private final Path folder;
    private final int worlds;
    private final AtomicInteger numbers = new AtomicInteger();
    private final Map<String, String> failures = new TreeMap<>();
    private final List<KillPoint> missed = new ArrayList<>();
    private final Set<KillPoint> tried = new HashSet<>();
    private final Map<String, Integer> leftOut = new TreeMap<>();
    private int ran;
    private int stalls;
    private int unknowable;

    /**
     * @param oracle of the test
     * @param folder for what the operators keep; must be new
     * @param worlds how many workloads are recorded, and points tried, at once
     */
    KillMatrix(Oracle oracle, Path folder, int worlds) {
        this.oracle = oracle;
        this.folder = folder;
        this.worlds = worlds;
    }

    /** All points of the workloads. */
    List<KillPoint> record(Collection<Workload> workloads) {
        Map<String, List<String>> recordings = new ConcurrentHashMap<>();
        Queue<Workload> queue = new ConcurrentLinkedQueue<>(workloads);
        sideBySide(() -> {
            try (World world = newWorld()) {
                for (Workload workload = queue.poll(); workload != null; workload = queue.poll()) {
                    recordings.put(workload.name(), record(world, workload));
                }
            }
        });
        List<KillPoint> points = new ArrayList<>();
        workloads.forEach(workload -> points.addAll(pointsOf(workload, recordings.get(workload.name()))));
        return points;
    }

    private List<KillPoint> pointsOf(Workload workload, List<String> recording) {
        List<KillPoint> points = new ArrayList<>();
        for (KillPoint point : KillPoint.of(workload, recording)) {
            workload.leavesOut(point)
                    .ifPresentOrElse(
                            why -> leftOut.merge(workload.name() + ": " + why, 1, Integer::sum),
                            () -> points.add(point));
        }
        return points;
    }

    private List<String> record(World world, Workload workload) {
        Play play = new Play(world, name(), false);
        world.cli().stay(false);
        workload.given().accept(play);
        world.cli().stay(true);
        world.moments().begin(play.stack());
        workload.when().accept(play);
        workload.awaitEnd(play);
        oracle.check(play, workload);
        oracle.learn(play, workload);
        List<String> recording = world.moments().end();
        say("%s has %d moments", workload.name(), recording.size());
        return recording;
    }

    /** Tries the points; what failed is in the report. */
    void run(List<KillPoint> points) {
        Queue<KillPoint> queue = new ConcurrentLinkedQueue<>(points);
        sideBySide(() -> work(queue));
    }

    /** Does it once for each world; throws what one of them threw. */
    private void sideBySide(Runnable work) {
        List<CompletableFuture<Void>> all = new ArrayList<>();
        try (ExecutorService threads = Executors.newFixedThreadPool(worlds)) {
            for (int i = 0; i < worlds; i++) {
                all.add(CompletableFuture.runAsync(work, threads));
            }
        }
        all.forEach(CompletableFuture::join);
    }

    private void work(Queue<KillPoint> queue) {
        World world = newWorld();
        int points = 0;
        try {
            for (KillPoint point = queue.poll(); point != null; point = queue.poll()) {
                if (points++ == POINTS_OF_A_WORLD) {
                    end(world);
                    world = newWorld();
                    points = 1;
                }
                if (!attempt(world, point)) {
                    // What it left may spoil the next one.
                    points = POINTS_OF_A_WORLD;
                }
            }
        } finally {
            end(world);
        }
    }

    private void end(World world) {
        try (world) {
            List<String> leaks = Oracle.leaks(world);
            synchronized (this) {
                if (!leaks.isEmpty()) {
                    failures.put(
                            world.folder().getFileName().toString(),
                            oracle.violated("the secret is in " + leaks).getMessage());
                }
            }
        }
    }

    private boolean attempt(World world, KillPoint point) {
        long start = System.nanoTime();
        Play play = new Play(world, name(), point.id().hashCode() % 2 == 0);
        try {
            boolean reached = attempt(world, play, point);
            say(
                    "%s %s in %.1f s (%s)",
                    reached ? "ok" : "missed", point, (System.nanoTime() - start) / 1e9, play.stack());
            count(point, reached, play);
            return true;
        } catch (RuntimeException | AssertionError e) {
            say("FAILED %s in %.1f s: %s", point, (System.nanoTime() - start) / 1e9, e);
            synchronized (this) {
                ran++;
                failures.put(point.id(), world.folder() + "\n" + e.getMessage());
            }
            return false;
        } finally {
            world.moments().end();
        }
    }

    /** @return whether somebody was killed */
    private boolean attempt(World world, Play play, KillPoint point) {
        Workload workload = Workload.named(point.workload());
        world.cli().stay(false);
        workload.given().accept(play);
        world.cli().stay(point.needsEnds());
        world.moments().begin(play.stack());
        Kill kill = new Kill(() -> point.kill(world, play.stack()));
        world.moments().arm(point.moment(), kill);
        try {
            workload.when().accept(play);
            workload.awaitEnd(play);
            oracle.check(play, workload);
        } finally {
            // It explains whatever else went wrong.
            kill.rethrow();
        }
        if (play.unknowable() > 0 && !point.isBetweenEngineAndProvider()) {
            throw oracle.violated("a stall named creates that had not begun\n" + play.explain());
        }
        return !world.moments().isArmed() && kill.died() > 0;
    }

    private synchronized void count(KillPoint point, boolean reached, Play play) {
        ran++;
        tried.add(point);
        stalls += play.stalls();
        unknowable += play.unknowable();
        if (!reached) {
            missed.add(point);
        }
    }

    private World newWorld() {
        return World.in(oracle, folder.resolve("world-" + numbers.incrementAndGet()));
    }

    /** One is no part of another. */
    private String name() {
        return "k" + numbers.incrementAndGet() + "x";
    }

    private static void say(String format, Object... arguments) {
        System.out.printf("kill matrix: " + format + "%n", arguments);
    }

    /** What failed, by point. */
    Map<String, String> failures() {
        return failures;
    }

    /** {@code killed}, {@code did not come}, {@code FAILED} or {@code skipped}. */
    synchronized String becameOf(KillPoint point) {
        if (failures.containsKey(point.id())) {
            return "FAILED";
        }
        if (!tried.contains(point)) {
            return "skipped";
        }
        return missed.contains(point) ? "did not come" : "killed";
    }

    /** Points whose moment did not come, or came too late for its victim, so that nobody was killed. */
    synchronized List<KillPoint> missed() {
        return List.copyOf(missed);
    }

    /** The figures, for people. */
    synchronized String report(List<KillPoint> all) {
        StringBuilder report = new StringBuilder();
        report.append("%d of %d points ran: %d killed, %d did not come, %d failed"
                .formatted(ran, all.size(), tried.size() - missed.size(), missed.size(), failures.size()));
        report.append("; %d stalls with PendingCreates were allowed".formatted(stalls));
        report.append("; %d creates were named of which only the provider knew that they had not begun"
                .formatted(unknowable));
        leftOut.forEach(
                (why, count) -> report.append("\n  left out before counting: %d points of %s".formatted(count, why)));
        missed.forEach(point -> report.append("\n  did not come: ").append(point));
        failures.forEach((id, why) -> report.append("\n  FAILED, again with: dev/kill-matrix '%s'%n".formatted(id))
                .append(why.indent(6)));
        return report.toString();
    }
}
