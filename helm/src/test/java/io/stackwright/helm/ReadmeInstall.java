package io.stackwright.helm;

import io.stackwright.testkit.Toolchain;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * The commands under README's "Install it", so that a test runs what people copy. Helm is a library here, so its command is
 * taken apart; the others are a script.
 *
 * @param release name of the release
 * @param chart folder of the chart, from the root of the checkout
 * @param namespace where it is installed
 * @param createsNamespace whether Helm makes the namespace
 * @param values what {@code --set} sets
 * @param script what follows {@code helm install}
 */
record ReadmeInstall(
        String release,
        String chart,
        String namespace,
        boolean createsNamespace,
        Map<String, String> values,
        String script) {

    private static final Pattern SECTION = Pattern.compile("(?ms)^## Install it$(.*?)^## ");
    private static final Pattern SHELL = Pattern.compile("(?ms)^```sh\\n(.*?)^```$");
    private static final Pattern HELM = Pattern.compile("(?m)^helm install ((?:.*\\\\\\n)*.*)\\n");

    static ReadmeInstall read() {
        try {
            return of(Files.readString(Toolchain.root().resolve("README.md")));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** @throws IllegalArgumentException when it is not said how to install, or in a way that is not known here */
    static ReadmeInstall of(String readme) {
        String shell = SHELL.matcher(find(SECTION, readme).group(1))
                .results()
                .map(block -> block.group(1))
                .collect(Collectors.joining());
        MatchResult helm = find(HELM, shell);
        Deque<String> words = new ArrayDeque<>(
                Arrays.asList(helm.group(1).replace("\\\n", " ").split(" +")));
        String release = words.remove();
        String chart = words.remove();
        String namespace = "default";
        boolean createsNamespace = false;
        Map<String, String> values = new LinkedHashMap<>();
        while (!words.isEmpty()) {
            String option = words.remove();
            switch (option) {
                case "--namespace" -> namespace = words.remove();
                case "--create-namespace" -> createsNamespace = true;
                case "--set" -> {
                    String[] value = words.remove().split("=", 2);
                    values.put(value[0], value[1]);
                }
                default -> throw new IllegalArgumentException("helm install " + option + " is not known here");
            }
        }
        String rest = shell.substring(0, helm.start()) + shell.substring(helm.end());
        return new ReadmeInstall(release, chart, namespace, createsNamespace, values, rest);
    }

    /** The script for another namespace. */
    String script(String other) {
        return script.replaceAll("--namespace " + Pattern.quote(namespace) + "\\b", "--namespace " + other);
    }

    /** What it sets but the image, which is another one in tests. */
    Map<String, String> valuesBesidesTheImage() {
        Map<String, String> besides = new LinkedHashMap<>(values);
        besides.keySet().removeIf(name -> name.startsWith("image."));
        return besides;
    }

    private static MatchResult find(Pattern pattern, String text) {
        Matcher found = pattern.matcher(text);
        if (!found.find()) {
            throw new IllegalArgumentException("No " + pattern + " in: " + text);
        }
        return found.toMatchResult();
    }
}
