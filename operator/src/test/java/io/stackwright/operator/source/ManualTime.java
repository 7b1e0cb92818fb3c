package io.stackwright.operator.source;

import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/** A clock that stands still, and tasks that run when it is moved; given from any thread. */
final class ManualTime implements Scheduler {

    private record Task(Instant due, Runnable task) {}

    private final List<Task> tasks = new CopyOnWriteArrayList<>();
    private volatile Duration setBack = Duration.ZERO;
    private volatile Instant now = Instant.parse("2026-01-01T00:00:00Z");

    @Override
    public void after(Duration delay, Runnable task) {
        tasks.add(new Task(now.plus(delay), task));
    }

    /** When each task is due, from now. */
    List<Duration> delays() {
        return tasks.stream().map(task -> Duration.between(now, task.due())).toList();
    }

    /** Runs what is due until then, in order. */
    void advance(Duration duration) {
        Instant end = now.plus(duration);
        while (true) {
            Task next = tasks.stream()
                    .filter(task -> !task.due().isAfter(end))
                    .min(Comparator.comparing(Task::due))
                    .orElse(null);
            if (next == null) {
                now = end;
                return;
            }
            tasks.remove(next);
            now = next.due().isAfter(now) ? next.due() : now;
            next.task().run();
        }
    }

    /** Somebody sets the machine's clock back. */
    void setBack(Duration duration) {
        setBack = duration;
    }

    @Override
    public Instant now() {
        return now;
    }

    @Override
    public Instant timeOfDay() {
        return now.minus(setBack);
    }
}
