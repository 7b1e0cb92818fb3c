package io.stackwright.operator.inputs;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;

/**
 * Where a configuration value goes: a configuration key and, below it, property names and array indices. Understands
 * what {@code pulumi config set --path} understands, with the same meaning: {@code a.b[0]}, {@code ["key.with.dots"]},
 * {@code ns:root["x"].y}.
 *
 * @param namespace namespace of the key; empty for the project's
 * @param key name of the configuration key, without its namespace
 * @param below the way from the key's value down to the place; empty for the value itself
 */
public record PropertyPath(String namespace, String key, List<Step> below) {

    /** The highest array index: a larger one would only make an array of nulls. */
    static final int MAX_INDEX = 9_999;

    private static final Pattern INDEX = Pattern.compile("[+-]?[0-9]{1,18}");

    /** One step down. */
    public sealed interface Step {

        /** Into an object. */
        record Name(String name) implements Step {}

        /** Into an array, from 0. */
        record Index(int index) implements Step {}
    }

    public PropertyPath {
        below = List.copyOf(below);
    }

    /**
     * Reads a property path.
     *
     * @throws IllegalArgumentException saying what is wrong with it
     */
    public static PropertyPath parse(String text) {
        int start = firstAccessor(text);
        PropertyPath top = start < 0 ? literal(text) : split(text.substring(0, start));
        if (start < 0) {
            return top;
        }
        List<Step> steps = new Parser(top.key + text.substring(start)).steps();
        if (!(steps.getFirst() instanceof Step.Name first)) {
            throw new IllegalArgumentException("it must start with a name, not with an array index");
        }
        return new PropertyPath(top.namespace, checkName(first.name()), steps.subList(1, steps.size()));
    }

    /**
     * Takes a key as it is; dots, brackets and quotes in it mean nothing.
     *
     * @throws IllegalArgumentException saying what is wrong with it
     */
    public static PropertyPath literal(String text) {
        PropertyPath key = split(text);
        checkName(key.key);
        return key;
    }

    /** The key as the settings file has it. */
    public String qualifiedKey(String project) {
        return (namespace.isEmpty() ? project : namespace) + ":" + key;
    }

    private static int firstAccessor(String text) {
        for (int i = 0; i < text.length(); i++) {
            if (text.charAt(i) == '.' || text.charAt(i) == '[') {
                return i;
            }
        }
        return -1;
    }

    private static PropertyPath split(String text) {
        int colon = text.indexOf(':');
        if (colon < 0) {
            return new PropertyPath("", text, List.of());
        }
        String namespace = text.substring(0, colon);
        String name = text.substring(colon + 1);
        // Pulumi still reads the form of old: every key was in the module `config` of its namespace.
        if (name.startsWith("config:")) {
            name = name.substring("config:".length());
        }
        if (namespace.isEmpty()) {
            throw new IllegalArgumentException("the namespace before the colon is empty");
        }
        return new PropertyPath(namespace, name, List.of());
    }

    private static String checkName(String name) {
        if (name.isEmpty()) {
            throw new IllegalArgumentException("the name of the key is empty");
        }
        if (name.indexOf(':') >= 0) {
            throw new IllegalArgumentException("a key has the form `name` or `namespace:name`, with no further colon");
        }
        return name;
    }

    /** The grammar of Pulumi's property paths, strict form. */
    private static final class Parser {

        private final String text;
        private final List<Step> steps = new ArrayList<>();
        private int at;

        Parser(String text) {
            this.text = text;
        }

        List<Step> steps() {
            if (text.startsWith(".")) {
                throw new IllegalArgumentException("it must start with a name or an index");
            }
            while (at < text.length()) {
                switch (text.charAt(at)) {
                    case '.' -> dot();
                    case '[' -> bracket();
                    default -> name();
                }
            }
            return steps;
        }

        private void dot() {
            at++;
            if (at == text.length()) {
                throw new IllegalArgumentException("it must end with a name or an index");
            }
            if (text.charAt(at) == '[') {
                throw new IllegalArgumentException("a name must follow `.`, not `[`");
            }
        }

        private void name() {
            int start = at;
            while (at < text.length() && text.charAt(at) != '.' && text.charAt(at) != '[') {
                at++;
            }
            steps.add(new Step.Name(text.substring(start, at)));
        }

        private void bracket() {
            if (text.startsWith("[\"", at)) {
                quoted();
            } else {
                index();
            }
        }

        private void quoted() {
            StringBuilder name = new StringBuilder();
            at += 2;
            while (at < text.length() && text.charAt(at) != '"') {
                if (text.startsWith("\\\"", at)) {
                    at++;
                }
                name.append(text.charAt(at++));
            }
            if (at == text.length()) {
                throw new IllegalArgumentException("the quote after `[` is never closed");
            }
            at++;
            if (at == text.length() || text.charAt(at) != ']') {
                throw new IllegalArgumentException("`]` is missing after a quoted name");
            }
            at++;
            steps.add(new Step.Name(name.toString()));
        }

        private void index() {
            int end = text.indexOf(']', at);
            if (end < 0) {
                throw new IllegalArgumentException("`[` is never closed");
            }
            String inside = text.substring(at + 1, end);
            at = end + 1;
            if (inside.equals("*")) {
                steps.add(new Step.Name("*"));
                return;
            }
            if (!INDEX.matcher(inside).matches()) {
                throw new IllegalArgumentException(
                        "between `[` and `]` there must be an array index, or a name in double quotes");
            }
            long index = Long.parseLong(inside);
            if (index < 0 || index > MAX_INDEX) {
                throw new IllegalArgumentException("an array index must be between 0 and " + MAX_INDEX);
            }
            steps.add(new Step.Index((int) index));
        }
    }
}
