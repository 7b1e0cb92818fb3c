package io.stackwright.dev;

import com.palantir.javaformat.java.Formatter;
import com.palantir.javaformat.java.FormatterException;
import com.palantir.javaformat.java.JavaFormatterOptions;
import com.palantir.javaformat.java.RemoveUnusedImports;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * Checks that every Java file of the repository is formatted, or formats it.
 *
 * <p>Usage: {@code Format check|write ROOT}. Exits with 1 when a file is not formatted or cannot be parsed.
 */
public final class Format {

    private Format() {}

    public static void main(String[] args) throws IOException {
        boolean write = args[0].equals("write");
        Path root = Path.of(args[1]).toRealPath();
        Formatter formatter = Formatter.createFormatter(JavaFormatterOptions.builder()
                .style(JavaFormatterOptions.Style.PALANTIR)
                .formatJavadoc(false)
                .build());

        List<String> wrong = new ArrayList<>();
        for (Path file : javaFiles(root)) {
            String text = Files.readString(file);
            try {
                String formatted = formatter.formatSourceAndFixImports(RemoveUnusedImports.removeUnusedImports(text));
                if (formatted.equals(text)) {
                    continue;
                }
                if (write) {
                    Files.writeString(file, formatted);
                } else {
                    wrong.add(root.relativize(file) + " is not formatted");
                }
            } catch (FormatterException e) {
                wrong.add(root.relativize(file) + ": " + e.getMessage());
            }
        }
        if (!wrong.isEmpty()) {
            wrong.forEach(System.err::println);
            System.err.println("Run: mvn -q -pl dev/format process-classes -Dformat=write");
            System.exit(1);
        }
    }

    private static List<Path> javaFiles(Path root) throws IOException {
        try (var files = Files.walk(root)) {
            return files.filter(file -> file.toString().endsWith(".java"))
                    .filter(file -> file.toString().contains("/src/"))
                    .sorted()
                    .toList();
        }
    }
}
