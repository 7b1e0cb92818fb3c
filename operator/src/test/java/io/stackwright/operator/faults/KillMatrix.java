package io.stackwright.operator.faults;

import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicInteger;

/** Runs workloads, undisturbed to see where they can be disturbed, then with a kill at each such point. */
final class KillMatrix {

    private final Path folder;
    private final int worlds;
    private final AtomicInteger numbers = new AtomicInteger();
    private final Map<String, String> failures = new TreeMap<>();
    private final List<KillPoint> missed = new ArrayList<>();
    private int ran;
    private int stalls;
    private int unknowable;

    /**
     * @param folder for what the operators keep; must be new
     * @param worlds how many points are tried at once
     */
    KillMatrix(Path folder, int worlds) {
        this.folder = folder;
        this.worlds = worlds;
    }

    /** All points of the workloads. */
    List<KillPoint> record(Collection<Workload> workloads) {
        List<KillPoint> points = new ArrayList<>();
        Map<String, List<String>> recordings = new TreeMap<>();
        try (World world = newWorld()) {
            world.cli().stay(true);
            for (Workload workload : workloads) {
                Play play = new Play(world, name(), false);
                workload.given().accept(play);
                world.moments().begin(play.stack());
                workload.when().accept(play);
                workload.awaitEnd(play);
                Oracle.check(play, workload);
                List<String> recording = world.moments().end();
                say("%s has %d moments: %s", workload.name(), recording.size(), recording);
                recordings.put(workload.name(), recording);
            }
        }
        workloads.forEach(workload -> points.addAll(KillPoint.of(workload, recordings.get(workload.name()))));
        return points;
    }

    /** Tries the points; what failed is in the report. */
    void run(List<KillPoint> points) {
        Queue<KillPoint> queue = new ArrayDeque<>(points);
        List<Thread> threads = new ArrayList<>();
        for (int i = 0; i < worlds; i++) {
            threads.add(Thread.ofPlatform().name("world-" + i).start(() -> work(queue)));
        }
        for (Thread thread : threads) {
            try {
                thread.join();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                return;
            }
        }
    }

    private void work(Queue<KillPoint> queue) {
        World world = newWorld();
        try {
            for (KillPoint point = next(queue); point != null; point = next(queue)) {
                if (!attempt(world, point)) {
                    // What it left may spoil the next one.
                    world.close();
                    world = newWorld();
                }
            }
        } finally {
            world.close();
        }
    }

    private static KillPoint next(Queue<KillPoint> queue) {
        synchronized (queue) {
            return queue.poll();
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
            say("FAILED %s in %.1f s", point, (System.nanoTime() - start) / 1e9);
            synchronized (this) {
                ran++;
                failures.put(point.id(), world.folder() + "\n" + e.getMessage());
            }
            return false;
        } finally {
            world.moments().end();
        }
    }

    private static boolean attempt(World world, Play play, KillPoint point) {
        Workload workload = Workload.named(point.workload());
        world.cli().stay(point.needsEnds());
        workload.given().accept(play);
        world.moments().begin(play.stack());
        world.moments().arm(point.moment(), () -> point.kill(world, play.stack()));
        workload.when().accept(play);
        workload.awaitEnd(play);
        Oracle.check(play, workload);
        return !world.moments().isArmed();
    }

    private synchronized void count(KillPoint point, boolean reached, Play play) {
        ran++;
        stalls += play.stalls();
        unknowable += play.unknowable();
        if (!reached) {
            missed.add(point);
        }
    }

    private World newWorld() {
        return World.in(folder.resolve("world-" + numbers.incrementAndGet()));
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

    /** The figures, for people. */
    String report(List<KillPoint> all) {
        StringBuilder report = new StringBuilder();
        report.append(
                "%d of %d points ran; %d failed; %d moments did not come; %d stalls with PendingCreates were allowed"
                        .formatted(ran, all.size(), failures.size(), missed.size(), stalls));
        report.append("; %d creates were named of which only the provider knew that they had not begun"
                .formatted(unknowable));
        missed.forEach(point -> report.append("\n  did not come: ").append(point));
        failures.forEach((id, why) -> report.append("\n  FAILED, again with: dev/kill-matrix '%s'%n".formatted(id))
                .append(why.indent(6)));
        return report.toString();
    }
}
