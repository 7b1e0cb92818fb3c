package io.stackwright.operator.faults;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/**
 * Runs on one Pulumi stack that were not one after the other, by what their providers did. A provider that outlives its
 * CLI still changes the cloud: nothing else may begin before it has ended.
 */
final class Overlaps {

    private static final long NANOS = 1_000_000_000L;

    private Overlaps() {}

    /**
     * From the start of an operation to its end.
     *
     * @param end start of an operation that was cut short: when it was, the ledger does not tell
     */
    private record Operation(Ledger.Line start, long end) {

        boolean holds(long moment) {
            return start.nanos() < moment && moment < end;
        }
    }

    /**
     * All of them.
     *
     * @param ledger lines of one Pulumi stack, in their order
     * @param writing when calls of the CLI began that write to the same stack
     */
    static List<String> of(List<Ledger.Line> ledger, List<Instant> writing) {
        List<Operation> operations = operations(ledger);
        List<String> overlaps = new ArrayList<>();
        for (Operation operation : operations) {
            operations.stream()
                    .filter(other -> other.start().pid() != operation.start().pid())
                    .filter(other -> operation.holds(other.start().nanos()))
                    .forEach(other -> overlaps.add("in " + operation + " another provider began " + other.start()));
            writing.stream()
                    .filter(begun -> operation.holds(nanos(begun)))
                    .forEach(begun -> overlaps.add("in " + operation + " another CLI began, at " + begun));
        }
        return overlaps;
    }

    /** Operations that have begun and not ended. */
    static List<Ledger.Line> open(List<Ledger.Line> ledger) {
        return operations(ledger).stream()
                .filter(operation -> operation.end() == operation.start().nanos())
                .map(Operation::start)
                .toList();
    }

    private static List<Operation> operations(List<Ledger.Line> ledger) {
        return ledger.stream()
                .filter(line -> line.phase().equals("start"))
                .map(start -> new Operation(start, end(start, ledger)))
                .toList();
    }

    private static long end(Ledger.Line start, List<Ledger.Line> ledger) {
        return ledger.stream()
                .filter(line -> line.is(start.operation(), "end"))
                .filter(line -> line.id().equals(start.id()) && line.pid() == start.pid())
                .mapToLong(Ledger.Line::nanos)
                .filter(nanos -> nanos > start.nanos())
                .findFirst()
                .orElse(start.nanos());
    }

    private static long nanos(Instant instant) {
        return instant.getEpochSecond() * NANOS + instant.getNano();
    }
}
