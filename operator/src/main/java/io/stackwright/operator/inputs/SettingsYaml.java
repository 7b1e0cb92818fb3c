package io.stackwright.operator.inputs;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.POJONode;
import com.fasterxml.jackson.databind.node.TextNode;
import java.math.BigInteger;
import java.util.Map;

/**
 * Writes a stack settings file: JSON in YAML's flow style, one configuration key a line. A general YAML writer decides
 * from the text whether to quote; here every string is quoted, so that nothing is ever read back as another type.
 */
final class SettingsYaml {

    /** A scalar of a committed file that is written as it was read: its type is Pulumi's to decide. */
    record PlainScalar(String text) {}

    /** YAML readers give up on longer keys unless they are marked as such. */
    private static final int SIMPLE_KEY = 1000;

    private static final BigInteger MIN = BigInteger.valueOf(Long.MIN_VALUE);
    private static final BigInteger MAX = BigInteger.TWO.pow(64).subtract(BigInteger.ONE);

    private final StringBuilder out = new StringBuilder();

    private SettingsYaml() {}

    /**
     * @param config values by qualified key
     * @param others further top-level keys
     */
    static String write(Map<String, JsonNode> config, Map<String, JsonNode> others) {
        SettingsYaml yaml = new SettingsYaml();
        if (!config.isEmpty()) {
            yaml.out.append("config:\n");
            config.forEach((key, value) -> yaml.line("  ", key, exact(value)));
        }
        others.forEach((key, value) -> yaml.line("", key, value));
        return yaml.out.toString();
    }

    private void line(String indent, String key, JsonNode value) {
        if (key.length() > SIMPLE_KEY) {
            out.append(indent).append("? ");
            quoted(key);
            out.append('\n').append(indent);
        } else {
            out.append(indent);
            quoted(key);
        }
        out.append(": ");
        value(value);
        out.append('\n');
    }

    private void value(JsonNode value) {
        if (value.isObject()) {
            object(value);
        } else if (value.isArray()) {
            String separator = "[";
            for (JsonNode element : value) {
                out.append(separator);
                value(element);
                separator = ", ";
            }
            out.append(value.isEmpty() ? "[]" : "]");
        } else if (value.isTextual()) {
            quoted(value.textValue());
        } else if (value instanceof POJONode pojo && pojo.getPojo() instanceof PlainScalar(String text)) {
            out.append(text.isEmpty() ? "null" : text);
        } else {
            out.append(value.asText());
        }
    }

    private void object(JsonNode object) {
        String separator = "{";
        for (Map.Entry<String, JsonNode> entry : object.properties()) {
            out.append(separator).append(entry.getKey().length() > SIMPLE_KEY ? "? " : "");
            quoted(entry.getKey());
            out.append(": ");
            value(entry.getValue());
            separator = ", ";
        }
        out.append(object.isEmpty() ? "{}" : "}");
    }

    private void quoted(String text) {
        out.append('"');
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            switch (c) {
                case '"' -> out.append("\\\"");
                case '\\' -> out.append("\\\\");
                case '\n' -> out.append("\\n");
                case '\r' -> out.append("\\r");
                case '\t' -> out.append("\\t");
                default -> {
                    if (mustEscape(text, i)) {
                        out.append(String.format("\\u%04x", Character.isSurrogate(c) ? 0xfffd : (int) c));
                    } else {
                        out.append(c);
                    }
                }
            }
        }
        out.append('"');
    }

    private static boolean mustEscape(String text, int i) {
        char c = text.charAt(i);
        if (Character.isHighSurrogate(c)) {
            return i + 1 == text.length() || !Character.isLowSurrogate(text.charAt(i + 1));
        }
        if (Character.isLowSurrogate(c)) {
            return i == 0 || !Character.isHighSurrogate(text.charAt(i - 1));
        }
        boolean lineBreak = c == '\u0085' || c == '\u2028' || c == '\u2029';
        return c < ' ' || (c >= '\u007f' && c <= '\u009f') || lineBreak || c == '\ufeff' || c >= '\ufffe';
    }

    /** Pulumi keeps a value at the top as text, so an integer of any size survives there in quotes. */
    private static JsonNode exact(JsonNode value) {
        if (!value.isBigInteger()) {
            return value;
        }
        BigInteger number = value.bigIntegerValue();
        boolean fits = number.compareTo(MIN) >= 0 && number.compareTo(MAX) <= 0;
        return fits ? value : TextNode.valueOf(number.toString());
    }
}
