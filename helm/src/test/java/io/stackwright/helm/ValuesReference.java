package io.stackwright.helm;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The reference page of the chart's values, in Markdown, made of the comments in values.yaml: {@code # --} starts the
 * description of the value below it.
 */
final class ValuesReference {

    private static final Pattern KEY = Pattern.compile("^( *)([A-Za-z]+):.*$");
    private static final String MARK = "# --";
    private static final String HEAD = """
        # Values of the Helm chart

        <!-- Generated from helm/stackwright/values.yaml: mvn -q -pl helm -am test -Dchart=write \
        -Dtest='ChartTest,ValuesReferenceTest' -Dsurefire.failIfNoSpecifiedTests=false -->

        Unknown values, and values of the wrong kind, are refused with a message that names them. \
        [How to install](../howto/install.md) tells which ones to start with.

        | Value | Default | Meaning |
        |---|---|---|
        """;

    private ValuesReference() {}

    /** @throws IllegalArgumentException when a value has no description */
    static String page(String yaml) {
        Map<String, String> descriptions = descriptions(yaml.lines().toList());
        StringBuilder page = new StringBuilder(HEAD);
        rows("", Serialization.unmarshal(yaml, Map.class), descriptions, page);
        return page.toString();
    }

    private static void rows(String prefix, Map<?, ?> values, Map<String, String> descriptions, StringBuilder page) {
        values.forEach((name, value) -> {
            String path = prefix + name;
            String description = descriptions.get(path);
            if (description != null) {
                page.append("| `%s` | `%s` | %s |\n".formatted(path, json(value), description));
            } else if (value instanceof Map<?, ?> group && !group.isEmpty()) {
                rows(path + ".", group, descriptions, page);
            } else {
                throw new IllegalArgumentException(path + " has no description");
            }
        });
    }

    private static Map<String, String> descriptions(List<String> lines) {
        Map<String, String> descriptions = new LinkedHashMap<>();
        List<String> parents = new ArrayList<>();
        List<String> words = new ArrayList<>();
        for (String line : lines) {
            String text = line.strip();
            Matcher key = KEY.matcher(line);
            if (text.startsWith(MARK)) {
                words.add(text.substring(MARK.length()).strip());
            } else if (text.startsWith("#") && !words.isEmpty()) {
                words.add(text.substring(1).strip());
            } else if (key.matches()) {
                int depth = key.group(1).length() / 2;
                parents.subList(Math.min(depth, parents.size()), parents.size()).clear();
                parents.add(key.group(2));
                if (!words.isEmpty()) {
                    descriptions.put(String.join(".", parents), String.join(" ", words));
                }
                words.clear();
            }
        }
        return descriptions;
    }

    private static String json(Object value) {
        try {
            return new ObjectMapper().writeValueAsString(value);
        } catch (JsonProcessingException e) {
            throw new IllegalArgumentException(e);
        }
    }
}
