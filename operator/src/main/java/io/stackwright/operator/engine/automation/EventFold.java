package io.stackwright.operator.engine.automation;

import com.fasterxml.jackson.databind.JsonNode;
import io.stackwright.api.v1alpha1.Operation;
import io.stackwright.api.v1alpha1.RunStatus;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;

/**
 * Folds the events of one operation into what we report about it.
 *
 * <p>Not safe for use by several threads at once.
 */
final class EventFold {

    private static final String STACK_TYPE = "pulumi:pulumi:Stack";

    private static final int MAX_OUTPUTS = 20;
    private static final int MAX_OUTPUT_NAME = 100;

    private final Operation operation;
    private final ResourceLedger ledger;
    private final Diagnostics diagnostics;
    private Optional<Map<String, JsonNode>> outputs = Optional.empty();
    private Optional<String> result = Optional.empty();
    private Optional<RunStatus.Step> outputChanges = Optional.empty();

    EventFold(Operation operation, boolean targeted) {
        this(operation, targeted, UnaryOperator.identity());
    }

    /** @param mask takes secrets out of messages, before they are cut */
    EventFold(Operation operation, boolean targeted, UnaryOperator<String> mask) {
        this.operation = operation;
        this.ledger = new ResourceLedger(operation, targeted, mask);
        this.diagnostics = new Diagnostics(mask);
    }

    /** Takes the next event; returns whether progress may have changed by it. */
    boolean accept(JsonNode event) {
        if (event.has("resourcePreEvent")) {
            return resource(event.get("resourcePreEvent"), ResourceLedger::started);
        }
        if (event.has("resOutputsEvent")) {
            JsonNode metadata = event.get("resOutputsEvent").path("metadata");
            if (metadata.path("type").asText().equals(STACK_TYPE)) {
                stackOutputs(metadata);
                return false;
            }
            return resource(event.get("resOutputsEvent"), ResourceLedger::finished);
        }
        if (event.has("resOpFailedEvent")) {
            return resource(event.get("resOpFailedEvent"), ResourceLedger::failed);
        }
        if (event.has("diagnosticEvent")) {
            diagnostics.add(event.get("diagnosticEvent"));
        } else if (event.has("errorEvent")) {
            diagnostics.addError(event.get("errorEvent").path("error").asText());
        } else if (event.has("summaryEvent")) {
            result = Optional.of(event.get("summaryEvent").path("result").asText());
        }
        return false;
    }

    RunStatus.Progress progress() {
        return ledger.progress();
    }

    RunStatus.Changes changes() {
        return ledger.changes();
    }

    List<RunStatus.Step> steps() {
        return Stream.concat(outputChanges.stream(), ledger.steps().stream()).toList();
    }

    int omittedSteps() {
        return ledger.omittedSteps();
    }

    List<RunStatus.Diagnostic> diagnostics() {
        return diagnostics.report();
    }

    /** What the program and the resources complained about, for the classification of a failure. */
    List<String> errors() {
        return diagnostics.errors();
    }

    /** Resources in the state after a successful operation, without stack and default providers, where known. */
    OptionalInt resources() {
        return succeeded() ? ledger.resources() : OptionalInt.empty();
    }

    /** Whether any resource was taken out of the state, also where the operation failed after that. */
    boolean tookOut() {
        return ledger.tookOut();
    }

    /** Whether the engine said that the operation succeeded; false when it said nothing. */
    boolean succeeded() {
        return result.filter("succeeded"::equals).isPresent();
    }

    /**
     * The stack's outputs, secrets masked, in the program's order. Only good after success: the engine also reports the
     * outputs of a program whose resources failed.
     */
    Optional<Map<String, JsonNode>> outputs() {
        return succeeded() ? outputs : Optional.empty();
    }

    private void stackOutputs(JsonNode metadata) {
        if (!metadata.path("new").isObject()) {
            return;
        }
        Map<String, JsonNode> seen = new LinkedHashMap<>();
        if (operation == Operation.Preview) {
            outputChanges = outputChanges(metadata);
        }
        metadata.path("new")
                .path("outputs")
                .properties()
                .forEach(output -> seen.put(output.getKey(), output.getValue()));
        outputs = Optional.of(seen);
    }

    /** No resource tells that only the stack's outputs would change. */
    private static Optional<RunStatus.Step> outputChanges(JsonNode metadata) {
        JsonNode before = metadata.path("old").path("outputs");
        JsonNode after = metadata.path("new").path("outputs");
        Set<String> names = new TreeSet<>();
        before.fieldNames().forEachRemaining(names::add);
        after.fieldNames().forEachRemaining(names::add);
        names.removeIf(name -> before.path(name).equals(after.path(name)));
        if (names.isEmpty()) {
            return Optional.empty();
        }
        String urn = metadata.path("urn").asText();
        List<String> paths = names.stream()
                .limit(MAX_OUTPUTS)
                .map(name -> "outputs." + name.substring(0, Math.min(name.length(), MAX_OUTPUT_NAME)))
                .toList();
        return Optional.of(new RunStatus.Step("update", STACK_TYPE, Urn.name(urn), urn, paths, null));
    }

    private interface LedgerEntry {
        void record(ResourceLedger ledger, JsonNode metadata);
    }

    private boolean resource(JsonNode event, LedgerEntry entry) {
        JsonNode metadata = event.path("metadata");
        String type = metadata.path("type").asText();
        if (type.equals(STACK_TYPE)
                || defaultProvider(type, metadata.path("urn").asText())) {
            return false;
        }
        entry.record(ledger, metadata);
        return true;
    }

    /** Providers that the engine makes for itself: {@code default}, {@code default_6_1_0}. */
    private static boolean defaultProvider(String type, String urn) {
        String name = Urn.name(urn);
        return type.startsWith("pulumi:providers:") && (name.equals("default") || name.startsWith("default_"));
    }
}
