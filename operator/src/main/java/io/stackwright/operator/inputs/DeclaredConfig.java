package io.stackwright.operator.inputs;

import com.fasterxml.jackson.databind.JsonNode;
import io.stackwright.operator.inputs.PropertyPath.Step;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Configuration as one Stack declares it: every place is set once.
 *
 * @param field the field of the spec, for messages
 * @param place where the value goes
 * @param entry the value
 */
record DeclaredConfig(String field, PropertyPath place, ConfigEntry entry) {

    /** Reads the entry's key. */
    static DeclaredConfig of(String field, ConfigEntry entry) throws InputsException {
        try {
            PropertyPath place = entry.path() ? PropertyPath.parse(entry.key()) : PropertyPath.literal(entry.key());
            return new DeclaredConfig(field, place, entry);
        } catch (IllegalArgumentException e) {
            throw InputsException.invalid(field + ": `" + Messages.shorten(entry.key()) + "` is not a configuration "
                    + (entry.path() ? "path: " : "key: ") + e.getMessage());
        }
    }

    /** Refuses two values for one place, or one inside another that has no inside. */
    static void refuseDuplicates(String project, List<DeclaredConfig> declared) throws InputsException {
        Map<String, List<DeclaredConfig>> byKey = new HashMap<>();
        for (DeclaredConfig next : declared) {
            List<DeclaredConfig> same =
                    byKey.computeIfAbsent(next.place.qualifiedKey(project), key -> new ArrayList<>(1));
            for (DeclaredConfig earlier : same) {
                if (earlier.overlaps(next) || next.overlaps(earlier)) {
                    throw InputsException.invalid(earlier.field + " and " + next.field
                            + " both set the configuration key `" + Messages.shorten(next.entry.key())
                            + "`; keep one of them");
                }
            }
            same.add(next);
        }
    }

    /** Whether the other's place, at or below this one's, is taken by this value. */
    private boolean overlaps(DeclaredConfig other) {
        List<Step> mine = place.below();
        List<Step> theirs = other.place.below();
        if (theirs.size() < mine.size() || !theirs.subList(0, mine.size()).equals(mine)) {
            return false;
        }
        return isTaken(entry.value(), theirs.subList(mine.size(), theirs.size()));
    }

    private static boolean isTaken(JsonNode at, List<Step> way) {
        if (at == null || at.isNull()) {
            return false;
        }
        if (way.isEmpty()) {
            return true;
        }
        List<Step> rest = way.subList(1, way.size());
        return switch (way.getFirst()) {
            case Step.Name(String name) -> !at.isObject() || isTaken(at.get(name), rest);
            case Step.Index(int index) -> !at.isArray() || isTaken(at.get(index), rest);
        };
    }
}
