package io.stackwright.operator.faults;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** What the provider has really done: the truth that state and status are compared with. */
public final class Ledger {

    private final Path file;

    public Ledger(Path file) {
        this.file = file;
    }

    /**
     * A line.
     *
     * @param nanos when, since the epoch
     * @param operation {@code create}, {@code update} or {@code delete}
     * @param phase {@code start} or {@code end}
     * @param stack name of the Pulumi stack
     * @param name of the item
     * @param id new for each create
     * @param pid of the provider
     * @param value of the item, as its inputs say; {@code -} where nobody has said
     */
    public record Line(
            long nanos, String operation, String phase, String stack, String name, String id, long pid, String value) {

        public boolean is(String wantedOperation, String wantedPhase) {
            return operation.equals(wantedOperation) && phase.equals(wantedPhase);
        }
    }

    public Path file() {
        return file;
    }

    public List<Line> of(String stack) {
        return lines().stream().filter(line -> line.stack().equals(stack)).toList();
    }

    private List<Line> lines() {
        if (!Files.exists(file)) {
            return List.of();
        }
        try {
            String text = Files.readString(file);
            List<Line> lines = new ArrayList<>();
            // A line that is being written has no end yet.
            for (String line :
                    text.substring(0, text.lastIndexOf('\n') + 1).lines().toList()) {
                String[] words = line.split(" ");
                lines.add(new Line(
                        Long.parseLong(words[0]),
                        words[1],
                        words[2],
                        words[3],
                        words[4],
                        words[5],
                        Long.parseLong(words[6]),
                        words[7]));
            }
            return lines;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Names by id of all that was begun to be created and is not known to be gone. */
    public Map<String, String> existing(String stack) {
        Map<String, String> existing = new TreeMap<>();
        for (Line line : of(stack)) {
            if (line.is("create", "start")) {
                existing.put(line.id(), line.name());
            } else if (line.is("delete", "end")) {
                existing.remove(line.id());
            }
        }
        return existing;
    }

    /** Values by id of all that exists, as they were last written; of an operation that was cut short it may be either. */
    Map<String, String> values(String stack) {
        Map<String, String> values = new TreeMap<>();
        of(stack).stream()
                .filter(line -> !line.operation().equals("delete"))
                .forEach(line -> values.put(line.id(), line.value()));
        values.keySet().retainAll(existing(stack).keySet());
        return values;
    }

    /** Somebody removes a thing by hand. */
    void remove(String stack, String name, String id) {
        try {
            String line =
                    "%d delete end %s %s %s 0 -%n".formatted(System.currentTimeMillis() * 1_000_000, stack, name, id);
            Files.writeString(file, line, StandardOpenOption.APPEND);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
