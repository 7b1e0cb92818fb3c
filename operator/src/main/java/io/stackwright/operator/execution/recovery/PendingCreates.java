package io.stackwright.operator.execution.recovery;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.stackwright.api.v1alpha1.Reason;
import io.stackwright.operator.engine.EngineException;
import io.stackwright.operator.engine.Failure;
import io.stackwright.operator.engine.OperationOptions;
import io.stackwright.operator.execution.RunRequest;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.zip.GZIPInputStream;

/**
 * Creates that were cut short: the state says that they began, and not how they ended.
 *
 * <p>Pulumi goes on with a warning, and exit code 0: an up then creates such a resource again, a destroy leaves it
 * behind. Updates and deletes that were cut short are simply done again.
 */
final class PendingCreates {

    private static final String PENDING = "pending_operations";
    private static final String CREATING = "creating";
    private static final int SHOWN = 10;
    private static final int URN_LENGTH = 256;

    private static final JsonFactory JSON = JsonFactory.builder()
            .streamReadConstraints(StreamReadConstraints.builder()
                    .maxStringLength(Integer.MAX_VALUE)
                    .maxNestingDepth(100_000)
                    .build())
            .build();

    private PendingCreates() {}

    /**
     * URNs of the pending creates in a state file, read as a stream: states can be large.
     *
     * @throws IOException when it cannot be read or is no state
     */
    static List<String> in(Path checkpoint) throws IOException {
        try (InputStream file = Files.newInputStream(checkpoint);
                InputStream plain = checkpoint.toString().endsWith(".gz") ? new GZIPInputStream(file) : file;
                JsonParser json = JSON.createParser(plain)) {
            expect(json.nextToken() == JsonToken.START_OBJECT);
            List<String> found = new ArrayList<>();
            if (enter(json, "checkpoint") && enter(json, "latest")) {
                while (json.nextToken() == JsonToken.FIELD_NAME) {
                    boolean pending = json.currentName().equals(PENDING);
                    if (json.nextToken() == JsonToken.START_ARRAY && pending) {
                        operations(json, found);
                    } else {
                        json.skipChildren();
                    }
                }
                expect(json.currentToken() == JsonToken.END_OBJECT);
            }
            return found;
        }
    }

    /** URNs of the pending creates in what {@code pulumi stack export} prints. */
    static List<String> in(JsonNode export) {
        List<String> found = new ArrayList<>();
        for (JsonNode operation : export.path("deployment").path(PENDING)) {
            if (isCreate(operation)) {
                found.add(urnOf(operation));
            }
        }
        return found;
    }

    /** The same export without its pending creates; all else stays. */
    static JsonNode without(JsonNode export) {
        ObjectNode copy = export.deepCopy();
        if (copy.path("deployment") instanceof ObjectNode deployment
                && deployment.path(PENDING) instanceof ArrayNode operations) {
            ArrayNode kept = deployment.arrayNode();
            operations.forEach(operation -> {
                if (!isCreate(operation)) {
                    kept.add(operation);
                }
            });
            deployment.set(PENDING, kept);
        }
        return copy;
    }

    /**
     * The same export with those pending creates as resources whose ids are known.
     *
     * <p>Not left to {@code refresh --import-pending-creates}: that turns them into pending imports, which the engine
     * forgets, and with them the resources. What the resource has come to be, a refresh finds out: the one that follows or,
     * where that fails, the one that the CLI begins its next run with, as the resource asks for that until it has been read.
     *
     * <p>Where the state has the very resource already, the create is only forgotten: it would otherwise pass for what its
     * own copy replaces.
     *
     * @param known ids by URN, and whether all others are forgotten
     * @throws EngineException {@code PendingCreates} when others are pending of which nothing is known: the CLI forgets all
     *     of them when it writes a state
     */
    static JsonNode imported(JsonNode export, OperationOptions.PendingCreates known) {
        ObjectNode copy = export.deepCopy();
        if (!(copy.path("deployment") instanceof ObjectNode deployment)
                || !(deployment.path(PENDING) instanceof ArrayNode operations)) {
            return copy;
        }
        ArrayNode kept = deployment.arrayNode();
        ArrayNode resources = deployment.withArray("resources");
        List<String> unknown = new ArrayList<>();
        Map<String, String> unused = new HashMap<>(known.existing());
        for (JsonNode operation : operations) {
            String id = isCreate(operation) ? unused.remove(urnOf(operation)) : null;
            if (id != null && operation.path("resource") instanceof ObjectNode resource) {
                if (!isAmong(resources, urnOf(operation), id)) {
                    resource.put("id", id);
                    resource.set("outputs", resource.path("inputs").deepCopy());
                    resource.put("refreshBeforeUpdate", true);
                    add(resources, resource);
                }
            } else if (isCreate(operation)) {
                unknown.add(urnOf(operation));
            } else {
                kept.add(operation);
            }
        }
        if (!unknown.isEmpty() && !known.clear()) {
            throw new EngineException(unnamed(unknown));
        }
        deployment.set(PENDING, kept);
        return copy;
    }

    /** URNs of the pending creates whose resources, by those ids, the state has. */
    static List<String> known(JsonNode export, Map<String, String> ids) {
        JsonNode resources = export.path("deployment").path("resources");
        return in(export).stream()
                .filter(urn -> ids.containsKey(urn) && isAmong(resources, urn, ids.get(urn)))
                .toList();
    }

    private static boolean isAmong(JsonNode resources, String urn, String id) {
        for (JsonNode present : resources) {
            if (present.path("urn").asText().equals(urn)
                    && present.path("id").asText().equals(id)
                    && !isDeletedAlready(present)) {
                return true;
            }
        }
        return false;
    }

    /** What it was to replace goes behind it, as something to be deleted, or goes if it was: a URN is there once. */
    private static void add(ArrayNode resources, ObjectNode created) {
        int replaced = resources.size();
        for (int i = resources.size() - 1; i >= 0; i--) {
            JsonNode present = resources.get(i);
            if (!present.path("urn").equals(created.path("urn"))) {
                continue;
            }
            replaced = i;
            if (isDeletedAlready(present)) {
                resources.remove(i);
            } else {
                ((ObjectNode) present).put("delete", true);
            }
        }
        resources.insert(replaced, created);
    }

    /** Only its place in the state is left, for what is created in its stead. */
    private static boolean isDeletedAlready(JsonNode resource) {
        return resource.path("pendingReplacement").asBoolean();
    }

    /**
     * Why nothing is run, and what a person can do.
     *
     * @param mayLive whether somebody's command that is at work cannot be told from one that died
     */
    static Failure stall(List<String> urns, RunRequest request, boolean mayLive) {
        String stack = request.run().stack().name();
        String first = mayLive
                ? " If somebody's command is at work on the stack just now, let it end: within 11 minutes this is"
                        + " looked at again."
                : "";
        return new Failure(
                Failure.Kind.INVALID,
                Reason.PendingCreates,
                "a run was cut short while it created " + urns.size() + " resource(s): whether they exist is not known."
                        + first + " Look for each of them, and say of all in one Update {stack: " + stack
                        + ", operation: Refresh}: importPendingCreates: [{urn, id}] names those that exist,"
                        + " clearPendingCreates: true forgets all others; or set spec.updates.onPendingCreate: Clear,"
                        + " which always forgets them. " + names(urns));
    }

    /** Why a remedy does nothing. */
    private static Failure unnamed(List<String> urns) {
        return new Failure(
                Failure.Kind.INVALID,
                Reason.PendingCreates,
                "nothing was changed: this Update does not say what became of " + urns.size() + " create(s) that were"
                        + " cut short, and an import would forget them. Create one that names all those that exist in"
                        + " importPendingCreates, and has clearPendingCreates: true if others do not exist. Not named: "
                        + names(urns));
    }

    /** For people; bounded. */
    static String names(List<String> urns) {
        String more = urns.size() > SHOWN ? " and " + (urns.size() - SHOWN) + " more" : "";
        return urns.stream()
                        .limit(SHOWN)
                        .map(urn -> urn.length() <= URN_LENGTH ? urn : urn.substring(0, URN_LENGTH) + "…")
                        .collect(Collectors.joining(", "))
                + more;
    }

    private static String urnOf(JsonNode operation) {
        return operation.path("resource").path("urn").asText();
    }

    private static boolean isCreate(JsonNode operation) {
        return operation.path("type").asText().equals(CREATING);
    }

    /** Moves into the object with that name, in the object that the parser is in. */
    private static boolean enter(JsonParser json, String name) throws IOException {
        while (json.nextToken() == JsonToken.FIELD_NAME) {
            boolean wanted = json.currentName().equals(name);
            if (json.nextToken() == JsonToken.START_OBJECT && wanted) {
                return true;
            }
            json.skipChildren();
        }
        expect(json.currentToken() == JsonToken.END_OBJECT);
        return false;
    }

    private static void operations(JsonParser json, List<String> found) throws IOException {
        while (json.nextToken() == JsonToken.START_OBJECT) {
            String type = "";
            String urn = "";
            while (json.nextToken() == JsonToken.FIELD_NAME) {
                String field = json.currentName();
                JsonToken value = json.nextToken();
                if (field.equals("type")) {
                    type = json.getValueAsString("");
                } else if (field.equals("resource") && value == JsonToken.START_OBJECT) {
                    urn = urn(json);
                } else {
                    json.skipChildren();
                }
            }
            if (type.equals(CREATING)) {
                found.add(urn);
            }
        }
    }

    private static String urn(JsonParser json) throws IOException {
        String urn = "";
        while (json.nextToken() == JsonToken.FIELD_NAME) {
            boolean wanted = json.currentName().equals("urn");
            json.nextToken();
            if (wanted) {
                urn = json.getValueAsString("");
            } else {
                json.skipChildren();
            }
        }
        return urn;
    }

    private static void expect(boolean shape) throws IOException {
        if (!shape) {
            throw new IOException("not a state");
        }
    }
}
