package io.stackwright.operator.engine.automation;

import com.fasterxml.jackson.databind.JsonNode;
import io.stackwright.api.v1alpha1.RunStatus;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/** Messages of the engine, the program and its resources, bounded while they are collected. */
final class Diagnostics {

    static final int MAX_REPORTED = 20;
    static final int MAX_MESSAGE = 1024;
    private static final int MAX_KEPT = 4096;
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

    private record Message(Severity severity, String urn, String text) {

        private RunStatus.Diagnostic report() {
            return new RunStatus.Diagnostic(severity.reported, urn.isEmpty() ? null : urn, cut(text, MAX_MESSAGE));
        }

        private String withResource() {
            return urn.isEmpty() || Urn.type(urn).equals(STACK_TYPE)
                    ? text
                    : Urn.type(urn) + " " + Urn.name(urn) + ": " + text;
        }
    }

    private final List<Message> errors = new ArrayList<>();
    private final List<Message> warnings = new ArrayList<>();
    private final List<Message> stderr = new ArrayList<>();
    private final List<Message> infos = new ArrayList<>();

    void add(JsonNode diagnostic) {
        String text = AnsiText.strip(diagnostic.path("message").asText());
        String urn = diagnostic.path("urn").asText();
        if (text.isBlank() || diagnostic.path("ephemeral").asBoolean()) {
            return;
        }
        switch (diagnostic.path("severity").asText()) {
            case "error" -> keep(errors, new Message(Severity.ERROR, urn, cut(text.strip(), MAX_KEPT)));
            case "warning" -> keep(warnings, new Message(Severity.WARNING, urn, cut(text.strip(), MAX_KEPT)));
            case "info#err" -> addStderr(urn, text);
            case "info" -> keep(infos, new Message(Severity.INFO, urn, cut(text.strip(), MAX_KEPT)));
            default -> {
                // Debug messages are always in the stream.
            }
        }
    }

    void addError(String text) {
        keep(errors, new Message(Severity.ERROR, "", cut(AnsiText.strip(text).strip(), MAX_KEPT)));
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
    private void addStderr(String urn, String text) {
        String line = text.stripTrailing();
        if (stderr.isEmpty() || !stderr.getLast().urn().equals(urn)) {
            keep(stderr, new Message(Severity.STDERR, urn, cut(line, MAX_KEPT)));
            return;
        }
        Message last = stderr.removeLast();
        stderr.add(new Message(Severity.STDERR, urn, cut(last.text() + "\n" + line, MAX_KEPT)));
    }

    private static void keep(List<Message> messages, Message message) {
        if (messages.size() < MAX_REPORTED) {
            messages.add(message);
        }
    }

    /** Both ends stay: the beginning names the error, the end of a stack trace its cause. */
    private static String cut(String text, int limit) {
        String mark = "\n[...]\n";
        if (text.length() <= limit) {
            return text;
        }
        int half = (limit - mark.length()) / 2;
        return text.substring(0, half) + mark + text.substring(text.length() - half);
    }
}
