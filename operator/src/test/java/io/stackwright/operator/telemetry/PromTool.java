package io.stackwright.operator.telemetry;

import io.stackwright.testkit.Toolchain;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;

/** Prometheus' own tool, and with it Prometheus' own parser of expressions and of scrapes. */
public final class PromTool {

    private static final Path TOOL = ensure().resolve("promtool");
    /** A label that nothing has: where the parser puts it there is a selector, and each then has braces. */
    private static final String MARK = "stackwright_mark";

    private static final Pattern SELECTOR = Pattern.compile("([a-zA-Z_:][\\w:]*)?\\{([^}]*)}");
    private static final Pattern MATCHER = Pattern.compile("(\\w+)(=~|!~|!=|=)\"([^\"]*)\"");
    private static final Pattern GROUPING =
            Pattern.compile("\\b(?:by|without|on|ignoring|group_left|group_right) \\(([^)]*)\\)");

    private PromTool() {}

    /**
     * What an expression asks for.
     *
     * @param metric name of the metric
     * @param matchers which of its series
     */
    public record Selector(String metric, List<Matcher> matchers) {}

    /** One condition on a label. */
    public record Matcher(String label, String operator, String value) {}

    /** What Prometheus answers. */
    public record Answer(int exitCode, String output) {}

    /** The selectors of an expression, as Prometheus' parser finds them; it throws when there is a mistake in it. */
    public static List<Selector> selectors(String expression) {
        Answer answer = run("", "--experimental", "promql", "label-matchers", "set", expression, MARK, "1");
        if (answer.exitCode() != 0) {
            throw new IllegalArgumentException(expression + ": " + answer.output());
        }
        List<Selector> selectors = new ArrayList<>();
        var found = SELECTOR.matcher(answer.output());
        while (found.find()) {
            List<Matcher> matchers = MATCHER.matcher(found.group(2))
                    .results()
                    .map(m -> new Matcher(m.group(1), m.group(2), m.group(3)))
                    .filter(m -> !m.label().equals(MARK))
                    .toList();
            selectors.add(new Selector(found.group(1), matchers));
        }
        return selectors;
    }

    /** The labels that an expression groups or joins by. */
    static Set<String> groupings(String expression) {
        Set<String> labels = new HashSet<>();
        GROUPING.matcher(run("", "--experimental", "promql", "format", expression)
                        .output())
                .results()
                .forEach(m -> labels.addAll(List.of(m.group(1).split(",\\s*"))));
        labels.remove("");
        return labels;
    }

    /** Runs it with something to read. */
    public static Answer run(String input, String... arguments) {
        List<String> command = new ArrayList<>(List.of(TOOL.toString()));
        command.addAll(List.of(arguments));
        try {
            Process process =
                    new ProcessBuilder(command).redirectErrorStream(true).start();
            try (var stdin = process.getOutputStream()) {
                stdin.write(input.getBytes(StandardCharsets.UTF_8));
            }
            String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            return new Answer(process.waitFor(), output);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    private static Path ensure() {
        try {
            Process process = new ProcessBuilder(
                            Toolchain.root().resolve("dev/toolchain/bootstrap").toString(), "--promtool")
                    .redirectError(ProcessBuilder.Redirect.INHERIT)
                    .start();
            process.getOutputStream().close();
            String folder = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
            if (process.waitFor() != 0) {
                throw new IllegalStateException("promtool cannot be had; see the messages of dev/toolchain/bootstrap");
            }
            return Path.of(folder);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }
}
