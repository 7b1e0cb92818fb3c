package io.stackwright.operator.engine.automation;

import com.fasterxml.jackson.databind.JsonNode;
import io.stackwright.api.v1alpha1.RunStatus;
import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;

/** Messages of the engine, the program and its resources, bounded while they are collected. */
final class Diagnostics {

    static final int MAX_REPORTED = 20;
    static final int MAX_MESSAGE = 1024;
    private static final int MAX_ERROR = 4096;
    private static final String STACK_TYPE = "pulumi:pulumi:Stack";

    private enum Severity {
        ERROR("error"),
        WARNING("warning"),
        /** The program's standard error: where some language hosts explain why it failed, and others chat. */
        STDERR("info"),
        INFO("info");

        private final String reported;

        Severity(String reported) {
            this.reported = reported;
        }
    }

    private record Message(Severity severity, String urn, Excerpt text) {

        private RunStatus.Diagnostic report() {
            return new RunStatus.Diagnostic(severity.reported, urn.isEmpty() ? null : urn, text.masked(MAX_MESSAGE));
        }

        private String withResource() {
            String shown = text.masked(MAX_ERROR);
            return urn.isEmpty() || Urn.type(urn).equals(STACK_TYPE)
                    ? shown
                    : Urn.type(urn) + " " + Urn.name(urn) + ": " + shown;
        }
    }

    private final UnaryOperator<String> mask;
    private final List<Message> errors = new ArrayList<>();
    private final List<Message> warnings = new ArrayList<>();
    private final List<Message> stderr = new ArrayList<>();
    private final List<Message> infos = new ArrayList<>();

    /** @param mask takes secrets out of a text; applied before anything is cut */
    Diagnostics(UnaryOperator<String> mask) {
        this.mask = mask;
    }

    void add(JsonNode diagnostic) {
        String text = AnsiText.strip(diagnostic.path("message").asText());
        String urn = diagnostic.path("urn").asText();
        if (text.isBlank() || diagnostic.path("ephemeral").asBoolean()) {
            return;
        }
        switch (diagnostic.path("severity").asText()) {
            case "error" -> keep(errors, Severity.ERROR, urn, text.strip());
            case "warning" -> keep(warnings, Severity.WARNING, urn, text.strip());
            case "info#err" -> addStderr(urn, text.stripTrailing());
            case "info" -> keep(infos, Severity.INFO, urn, text.strip());
            default -> {
                // Debug messages are always in the stream.
            }
        }
    }

    void addError(String text) {
        keep(errors, Severity.ERROR, "", AnsiText.strip(text).strip());
    }

    /** Errors first, then warnings, then the rest. */
    List<RunStatus.Diagnostic> report() {
        return Stream.of(errors, warnings, stderr, infos)
                .flatMap(List::stream)
                .limit(MAX_REPORTED)
                .map(Message::report)
                .toList();
    }

    /** Errors with the resource they are about; the program's standard error when there are none. */
    List<String> errors() {
        return (errors.isEmpty() ? stderr : errors)
                .stream().map(Message::withResource).toList();
    }

    /** A message of several lines arrives as one event per line. */
    private void addStderr(String urn, String line) {
        if (!stderr.isEmpty() && stderr.getLast().urn().equals(urn)) {
            stderr.getLast().text().add(line);
        } else {
            keep(stderr, Severity.STDERR, urn, line);
        }
    }

    private void keep(List<Message> messages, Severity severity, String urn, String text) {
        if (messages.size() < MAX_REPORTED) {
            Excerpt excerpt = new Excerpt(mask);
            excerpt.add(text);
            messages.add(new Message(severity, urn, excerpt));
        }
    }
}
