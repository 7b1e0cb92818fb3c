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
import java.util.Map;

/**
 * Checks that every Java file of the repository is formatted, or formats it, and that none outside of tests is too long.
 *
 * <p>Usage: {@code Format check|write ROOT}. Exits with 1 when a file is not formatted, is too long or cannot be parsed.
 */
public final class Format {

    private static final int MAX_LINES = 400;

    /** Files that are longer already, and how far they may go. Take them off once they are split; add none. */
    private static final Map<String, Integer> LONGER = Map.of("JobExecutor.java", 490, "StackProcess.java", 420);

    private Format() {}

    public static void main(String[] args) throws IOException {
        boolean write = args[0].equals("write");
        Path root = Path.of(args[1]).toRealPath();
        Formatter formatter = Formatter.createFormatter(JavaFormatterOptions.builder()
                .style(JavaFormatterOptions.Style.PALANTIR)
                .formatJavadoc(false)
                .build());

        List<String> wrong = tooLong(root);
        boolean unformatted = false;
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
                    unformatted = true;
                }
            } catch (FormatterException e) {
                wrong.add(root.relativize(file) + ": " + e.getMessage());
            }
        }
        if (!wrong.isEmpty()) {
            wrong.forEach(System.err::println);
            if (unformatted) {
                System.err.println("Run: mvn -q -pl dev/format process-classes -Dformat=write");
            }
            System.exit(1);
        }
    }

    private static List<String> tooLong(Path root) throws IOException {
        List<String> wrong = new ArrayList<>();
        for (Path file : javaFiles(root)) {
            long lines = Files.readString(file).lines().count();
            int most = LONGER.getOrDefault(file.getFileName().toString(), MAX_LINES);
            if (lines > most && file.toString().contains("/src/main/")) {
                wrong.add(root.relativize(file) + " has " + lines + " lines, more than " + most + ": split it");
            }
        }
        return wrong;
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
