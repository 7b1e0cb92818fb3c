package io.stackwright.operator.engine.automation;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.pulumi.automation.AutomationException;
import io.stackwright.operator.engine.OutputValue;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * Answers the two {@code stack output} commands with which the Automation API reads outputs, and reads its result.
 *
 * <p>The API wants text for every output and takes the text {@code [secret]} for a secret. So each output is answered as
 * JSON text, which is never that, and as {@code [secret]} exactly when events or the CLI say that it is one.
 *
 * <p>In the texts of events the CLI puts the same {@code [secret]} in place of secret configuration that a program has
 * taken the mark off: such an output is secret too, and is not known from its event.
 */
final class OutputAnswers {

    private static final String SECRET = "[secret]";

    /** Asks the CLI. */
    interface Cli {
        String outputs(boolean showSecrets) throws AutomationException;
    }

    private final Cli cli;
    private final Optional<Map<String, JsonNode>> fromEvents;
    private Map<String, JsonNode> masked;
    private Map<String, JsonNode> plain;

    /** @param fromEvents what the events of a successful operation told, secrets as markers */
    OutputAnswers(Cli cli, Optional<Map<String, JsonNode>> fromEvents) {
        this.cli = cli;
        this.fromEvents = fromEvents;
    }

    /** The answer to {@code stack output --json [--show-secrets]}. */
    String answer(boolean showSecrets) throws AutomationException {
        ObjectNode answer = JsonNodeFactory.instance.objectNode();
        for (String name : masked().keySet()) {
            answer.put(name, !showSecrets && secret(name) ? SECRET : Json.write(value(name)));
        }
        return answer.toString();
    }

    /** The API's outputs as ours, in the CLI's order. */
    Map<String, OutputValue> read(Map<String, com.pulumi.automation.OutputValue> outputs) throws AutomationException {
        Map<String, OutputValue> values = new LinkedHashMap<>();
        for (String name : masked().keySet()) {
            com.pulumi.automation.OutputValue output = outputs.get(name);
            values.put(name, new OutputValue(parse(String.valueOf(output.value())), output.isSecret()));
        }
        return values;
    }

    private JsonNode value(String name) throws AutomationException {
        if (fromEvents.isPresent()) {
            JsonNode told = fromEvents.get().get(name);
            if (!SecretMarker.in(told) && !mayBeMasked(told)) {
                return told;
            }
        }
        JsonNode value = plain().get(name);
        if (value == null) {
            throw new AutomationException("the output '" + name + "' went away while it was read");
        }
        return value;
    }

    private boolean secret(String name) throws AutomationException {
        JsonNode told = masked().get(name);
        if (fromEvents.isPresent() && (SecretMarker.in(told) || !mayBeMasked(told))) {
            return SecretMarker.in(told);
        }
        return !told.equals(plain().get(name));
    }

    /** A program may also write so itself. */
    private static boolean mayBeMasked(JsonNode told) {
        return told.toString().contains(SECRET);
    }

    private Map<String, JsonNode> masked() throws AutomationException {
        if (masked == null) {
            masked = fromEvents.isPresent() ? fromEvents.get() : object(cli.outputs(false));
        }
        return masked;
    }

    private Map<String, JsonNode> plain() throws AutomationException {
        if (plain == null) {
            plain = object(cli.outputs(true));
        }
        return plain;
    }

    private static Map<String, JsonNode> object(String text) throws AutomationException {
        Map<String, JsonNode> values = new LinkedHashMap<>();
        parse(text).properties().forEach(output -> values.put(output.getKey(), output.getValue()));
        return values;
    }

    private static JsonNode parse(String text) throws AutomationException {
        try {
            return Json.parse(text);
        } catch (JsonProcessingException e) {
            // Without the cause: its message quotes the text, which can hold secrets.
            throw new AutomationException("the CLI answered with something that is not JSON");
        }
    }
}
