package io.stackwright.examples;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/** What the documents link to is there, what they write as tables are tables, and what they promise has its test. */
class DocumentationTest {

    private static final Path ROOT = Path.of("").toAbsolutePath().getParent();
    private static final Pattern FENCED = Pattern.compile("(?ms)^```.*?^```");
    private static final Pattern LINK = Pattern.compile("\\]\\(([^)\\s]+)\\)");
    private static final Pattern DEFINITION = Pattern.compile("(?m)^\\[([^\\]]+)\\]: +(\\S+)$");
    private static final Pattern REFERENCE = Pattern.compile("\\]\\[([^\\]]+)\\]");
    private static final Pattern TABLE = Pattern.compile("(?m)^\\|.*\\R(?:^\\|.*(?:\\R|\\z))*");
    private static final Pattern HEADED = Pattern.compile("(?s)\\|[^\\n]*\\|\\R\\|[ :|-]+\\|\\R.*");
    private static final Pattern TEST = Pattern.compile("(?:.*/)?src/test/java/(?:.*/)?[A-Z]\\w*(?:Test|IT)\\.java");
    private static final Pattern HEADING = Pattern.compile("(?m)^#+ +(.*)$");

    @TestFactory
    Stream<DynamicTest> everyRelativeLinkLeadsSomewhere() throws IOException {
        return forEachDocument(document -> assertThat(brokenLinks(document)).isEmpty());
    }

    @TestFactory
    Stream<DynamicTest> everyReferenceIsDefinedAndUsed() throws IOException {
        return forEachDocument(document -> assertThat(definitions(document)).hasSameElementsAs(references(document)));
    }

    /** A blank line ends a table: what follows would be text. */
    @TestFactory
    Stream<DynamicTest> everyTableIsOneBlock() throws IOException {
        return forEachDocument(document -> assertThat(headless(document)).isEmpty());
    }

    /** What happens then is a promise, and a promise without a test is none. */
    @TestFactory
    Stream<DynamicTest> everyRowOfWhatHappensWhenNamesItsTest() {
        Path document = ROOT.resolve("docs/what-happens-when.md");
        List<String> rows = rows(document);
        assertThat(rows).hasSizeGreaterThan(50);
        return rows.stream()
                .map(row -> DynamicTest.dynamicTest(
                        row.split("\\|")[1].strip(),
                        () -> assertThat(tests(document, row))
                                .as("test classes that are there, of: %s", row)
                                .isNotEmpty()));
    }

    @Test
    void aRowWithoutATestIsSeen() {
        Path document = ROOT.resolve("docs/what-happens-when.md");

        assertThat(tests(document, "| It rains | It gets wet | Wait | [KillMatrixIT][kills] |"))
                .isNotEmpty();
        assertThat(tests(document, "| It rains | It gets wet | Wait | KillMatrixIT |"))
                .isEmpty();
        assertThat(tests(document, "| It rains | It gets wet | [Wait](howto/stop.md) | [Rain][rain] |"))
                .isEmpty();
        assertThat(tests(document, "| It rains | It gets wet | Wait | [Rain](../operator/src/test/java/RainIT.java) |"))
                .isEmpty();
    }

    /** Rows of the document's tables, without their heads. */
    private static List<String> rows(Path document) {
        return matches(TABLE, document)
                .flatMap(table -> table.group().lines().skip(2))
                .toList();
    }

    /** Test classes that a text of the document links to, and that are there. */
    private static List<String> tests(Path document, String text) {
        Map<String, String> targets = matches(DEFINITION, document)
                .collect(Collectors.toMap(match -> match.group(1), match -> match.group(2)));
        return Stream.concat(
                        LINK.matcher(text).results().map(match -> match.group(1)),
                        REFERENCE.matcher(text).results().map(match -> targets.getOrDefault(match.group(1), "")))
                .filter(target -> TEST.matcher(target).matches())
                .filter(target -> Files.isRegularFile(document.resolveSibling(target)))
                .toList();
    }

    private static Stream<DynamicTest> forEachDocument(Consumer<Path> check) throws IOException {
        try (Stream<Path> files = Files.walk(ROOT)) {
            List<Path> documents = files.filter(file -> file.toString().endsWith(".md"))
                    .filter(file -> Stream.of("target", "node_modules", ".git")
                            .noneMatch(name -> ROOT.relativize(file).startsWith(name)
                                    || file.toString().contains("/" + name + "/")))
                    .sorted()
                    .toList();
            assertThat(documents).contains(ROOT.resolve("README.md"), ROOT.resolve("docs/README.md"));
            return documents.stream()
                    .map(document -> DynamicTest.dynamicTest(
                            ROOT.relativize(document).toString(), () -> check.accept(document)));
        }
    }

    private static List<String> definitions(Path document) {
        return matches(DEFINITION, document).map(match -> match.group(1)).toList();
    }

    private static Set<String> references(Path document) {
        return matches(REFERENCE, document).map(match -> match.group(1)).collect(Collectors.toSet());
    }

    /** Rows without a head above them. */
    private static List<String> headless(Path document) {
        return matches(TABLE, document)
                .map(MatchResult::group)
                .filter(rows -> !HEADED.matcher(rows).matches())
                .toList();
    }

    private static Stream<MatchResult> matches(Pattern pattern, Path document) {
        return pattern.matcher(text(document)).results();
    }

    private static List<String> brokenLinks(Path document) {
        return Stream.concat(
                        matches(LINK, document).map(match -> match.group(1)),
                        matches(DEFINITION, document).map(match -> match.group(2)))
                .filter(link -> !URI.create(link).isAbsolute())
                .filter(link -> !leadsSomewhere(document, link))
                .toList();
    }

    private static boolean leadsSomewhere(Path document, String link) {
        String[] parts = link.split("#", 2);
        Path target = parts[0].isEmpty() ? document : document.resolveSibling(parts[0]);
        return Files.exists(target) && (parts.length == 1 || anchors(target).contains(parts[1]));
    }

    /** As GitHub makes them of headings. */
    private static List<String> anchors(Path document) {
        return HEADING.matcher(text(document))
                .results()
                .map((MatchResult heading) -> heading.group(1)
                        .toLowerCase(Locale.ROOT)
                        .replaceAll("[^\\p{L}\\p{N} _-]", "")
                        .replace(' ', '-'))
                .toList();
    }

    /** Without code blocks, in which brackets are no links. */
    private static String text(Path document) {
        try {
            return FENCED.matcher(Files.readString(document)).replaceAll("");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
