package io.stackwright.api.v1alpha1;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.ObjectCodec;
import com.fasterxml.jackson.databind.JsonMappingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.Iterator;
import java.util.List;

/**
 * Reads a status without ever failing: what cannot be read of it is left out, and all else is kept.
 *
 * <p>Unlike a spec, of which a part would mean something else than the whole, a status is a memory: what is left of it
 * is worth more than nothing.
 */
final class StatusReading {

    private static final int MAX_REPAIRS = 64;
    private static final List<String> CONDITION = List.of("type", "status", "lastTransitionTime", "reason", "message");

    private StatusReading() {}

    /** What the tree says; {@code nothing} when that is no status at all. */
    static <T> T read(JsonNode tree, ObjectCodec codec, Class<T> type, T nothing) {
        for (int repair = 0; tree.isObject() && repair < MAX_REPAIRS; repair++) {
            try {
                return codec.treeToValue(tree, type);
            } catch (JsonMappingException e) {
                if (!remove(tree, e.getPath())) {
                    return nothing;
                }
            } catch (JsonProcessingException e) {
                return nothing;
            }
        }
        return nothing;
    }

    private static boolean remove(JsonNode tree, List<JsonMappingException.Reference> path) {
        JsonNode at = tree;
        for (int i = 0; i < path.size(); i++) {
            JsonMappingException.Reference step = path.get(i);
            JsonNode child = step.getFieldName() == null ? at.get(step.getIndex()) : at.get(step.getFieldName());
            boolean last = i == path.size() - 1 || child == null || !child.isContainerNode();
            if (last && at instanceof ObjectNode object) {
                return object.remove(step.getFieldName()) != null;
            }
            if (last) {
                return at instanceof ArrayNode array && array.remove(step.getIndex()) != null;
            }
            at = child;
        }
        return false;
    }

    /** Removes the field unless it is an object with all of these. */
    static void requireTexts(ObjectNode parent, String field, String... texts) {
        JsonNode child = parent.path(field);
        if (!hasTexts(child, List.of(texts))) {
            parent.remove(field);
        }
    }

    /** Removes the field unless it is an object whose number has a value. */
    static void requireNumber(ObjectNode parent, String field, String number) {
        if (!parent.path(field).path(number).isIntegralNumber()) {
            parent.remove(field);
        }
    }

    /** Removes the field when one of its times is there and cannot be read. */
    static void requireTimes(ObjectNode parent, String field, String... times) {
        for (String time : times) {
            JsonNode text = parent.path(field).path(time);
            if (!text.isMissingNode() && !text.isNull() && !isTime(text)) {
                parent.remove(field);
            }
        }
    }

    /** Removes what cannot be a condition: every reader may rely on the rest. */
    static void tidyConditions(ObjectNode status) {
        if (!(status.get("conditions") instanceof ArrayNode conditions)) {
            status.remove("conditions");
            return;
        }
        removeIf(
                conditions,
                condition -> !hasTexts(condition, CONDITION) || !isTime(condition.get("lastTransitionTime")));
    }

    /** Removes the field unless it is a list; of a list, what is no text. */
    static void requireTextList(ObjectNode parent, String field) {
        if (parent.get(field) instanceof ArrayNode list) {
            removeIf(list, element -> !element.isTextual());
        } else {
            parent.remove(field);
        }
    }

    private interface Test {
        boolean matches(JsonNode element);
    }

    private static void removeIf(ArrayNode list, Test test) {
        for (Iterator<JsonNode> elements = list.elements(); elements.hasNext(); ) {
            if (test.matches(elements.next())) {
                elements.remove();
            }
        }
    }

    private static boolean hasTexts(JsonNode object, List<String> fields) {
        return fields.stream().allMatch(field -> object.path(field).isTextual());
    }

    private static boolean isTime(JsonNode text) {
        try {
            Instant.parse(text.asText());
            return text.isTextual();
        } catch (DateTimeParseException e) {
            return false;
        }
    }
}
