package io.stackwright.api.v1alpha1;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Reads what the source says about an enum's constants, which no class file keeps. */
final class JavadocOf {

    private static final Path TYPES = Path.of("src/main/java/io/stackwright/api/v1alpha1");

    private JavadocOf() {}

    /**
     * The sentences above a constant, in Markdown.
     *
     * @throws IllegalStateException when there are none
     */
    static String constant(Enum<?> constant) {
        try {
            String source =
                    Files.readString(TYPES.resolve(constant.getDeclaringClass().getSimpleName() + ".java"));
            Matcher matcher = Pattern.compile(
                            "/\\*\\* ([^/]*?) \\*/\\n    " + constant.name() + "(\\(true\\))?[,;]?\\n")
                    .matcher(source);
            if (!matcher.find()) {
                throw new IllegalStateException(constant + " has no Javadoc");
            }
            return matcher.group(1).replaceAll("\\n\\s*\\* ?", " ").replaceAll("\\{@code ([^}]*)}", "`$1`");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
