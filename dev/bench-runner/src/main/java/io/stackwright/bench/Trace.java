package io.stackwright.bench;

import static io.stackwright.bench.Rig.PATIENCE;

import io.stackwright.api.v1alpha1.Stack;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeUnit;

/** Where the time of one Stack's life goes: every request of the operator and every CLI process, in order. */
final class Trace {

    private final Rig rig;

    Trace(Rig rig) {
        this.rig = rig;
    }

    private record Entry(Instant at, String text) {}

    /** Prints a Stack's way up, its change and its end. */
    void print() throws InterruptedException {
        Stack stack = Rig.stack(rig.newNamespace(), "traced", "");

        Instant start = rig.observer().mark();
        rig.create(stack);
        print("apply → Ready", start, rig.observer().awaitReady(stack, 1, PATIENCE));

        start = rig.observer().mark();
        long generation = rig.configure(stack, "changed").getMetadata().getGeneration();
        print("config change → applied", start, rig.observer().awaitReady(stack, generation, PATIENCE));

        start = rig.observer().mark();
        rig.delete(stack);
        print("delete → gone", start, rig.observer().awaitGone(stack, PATIENCE));
    }

    private void print(String what, Instant start, Instant end) throws InterruptedException {
        // What follows the end is part of the picture: it delays the next one.
        TimeUnit.SECONDS.sleep(1);
        List<Entry> entries = new ArrayList<>();
        entries.add(new Entry(start, "SENT"));
        entries.add(new Entry(end, "SEEN"));
        rig.cli()
                .since(start)
                .forEach(line -> entries.add(new Entry(line.at(), "CLI " + line.event() + " " + line.command())));
        rig.api().between(start, Instant.now()).stream()
                .filter(request -> !request.isWatch())
                .forEach(request -> entries.add(new Entry(request.received(), request.toString())));
        entries.sort(Comparator.comparing(Entry::at));
        System.out.println("\n" + what + ": " + Report.seconds(Duration.between(start, end)));
        for (Entry entry : entries) {
            Duration offset = Duration.between(start, entry.at());
            System.out.printf(Locale.ROOT, "%8.1f ms  %s%n", offset.toNanos() / 1e6, entry.text());
        }
    }
}
