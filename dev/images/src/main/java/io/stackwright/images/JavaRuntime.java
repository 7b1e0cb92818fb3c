package io.stackwright.images;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.spi.ToolProvider;
import java.util.stream.Stream;

/**
 * The Java runtime of the image: what the operator and the runner of Jobs need of a JDK, and nothing else.
 *
 * <p>The same JDK always gives the same bytes.
 */
final class JavaRuntime {

    /**
     * What the classes of the operator and its dependencies refer to (a test compares), and what they only ask for by
     * name: elliptic curves for TLS, DNS and socket options for the JDK's clients, zip file systems, and `jcmd` with
     * flight recordings, for people who look into a running operator.
     */
    static final List<String> MODULES = List.of(
            "java.base",
            "java.logging",
            "java.management",
            "java.naming",
            "java.net.http",
            "java.rmi",
            "java.security.jgss",
            "java.sql",
            "java.xml",
            "jdk.crypto.ec",
            "jdk.httpserver",
            "jdk.jcmd",
            "jdk.jfr",
            "jdk.management",
            "jdk.naming.dns",
            "jdk.net",
            "jdk.unsupported",
            "jdk.zipfs");

    /**
     * Security providers of modules that are left out. One that is listed and not there is looked for among all providers
     * of the class path, which loads Bouncy Castle whole: a third of a second and 30 MB for every start.
     */
    static final List<String> PROVIDERS_LEFT_OUT = List.of("XMLDSig", "SunPCSC", "JdkSASL", "SunPKCS11");

    private static final Pattern PROVIDER = Pattern.compile("security\\.provider\\.\\d+=(\\S+).*");

    private final Path jmods;

    /** @param jmods the modules of a JDK for another platform, or null for the JDK that runs this */
    JavaRuntime(Path jmods) {
        this.jmods = jmods;
    }

    /** Makes the runtime, unless the folder holds what would be made. */
    void link(Path output) throws IOException {
        List<String> options = options();
        String recipe = Runtime.version() + "\n" + String.join(" ", options) + "\nwithout "
                + String.join(" ", PROVIDERS_LEFT_OUT) + "\n";
        Path stamp = output.resolveSibling(output.getFileName() + ".recipe");
        if (Files.isDirectory(output)
                && Files.exists(stamp)
                && Files.readString(stamp).equals(recipe)) {
            return;
        }
        Path parent = Files.createDirectories(output.toAbsolutePath().getParent());
        Path aside = Files.createTempDirectory(parent, ".runtime-");
        Path made = aside.resolve("jre");
        try {
            jlink(options, made);
            leaveOutProviders(made.resolve("conf/security/java.security"));
            delete(output);
            Files.move(made, output, StandardCopyOption.ATOMIC_MOVE);
            Files.writeString(stamp, recipe);
        } finally {
            delete(aside);
        }
    }

    private List<String> options() {
        List<String> options = new ArrayList<>(List.of(
                "--add-modules",
                String.join(",", MODULES),
                "--strip-debug",
                "--no-man-pages",
                "--no-header-files",
                // Its classes are not the same every time.
                "--disable-plugin=generate-jli-classes",
                "--compress=zip-6"));
        if (jmods != null) {
            options.addAll(List.of("--module-path", jmods.toString()));
        }
        return options;
    }

    private static void jlink(List<String> options, Path output) {
        ToolProvider jlink = ToolProvider.findFirst("jlink")
                .orElseThrow(() -> new IllegalStateException("This JDK has no jlink; use a full JDK 25"));
        List<String> arguments = new ArrayList<>(options);
        arguments.addAll(List.of("--output", output.toString()));
        StringWriter said = new StringWriter();
        PrintWriter writer = new PrintWriter(said);
        if (jlink.run(writer, writer, arguments.toArray(String[]::new)) != 0) {
            throw new IllegalStateException("jlink failed: " + said.toString().strip());
        }
    }

    /** Java reads them by number until one is missing. */
    private static void leaveOutProviders(Path file) throws IOException {
        List<String> lines = new ArrayList<>();
        int number = 0;
        for (String line : Files.readAllLines(file)) {
            Matcher provider = PROVIDER.matcher(line);
            if (!provider.matches()) {
                lines.add(line);
            } else if (!PROVIDERS_LEFT_OUT.contains(provider.group(1))) {
                number++;
                lines.add("security.provider." + number + line.substring(line.indexOf('=')));
            }
        }
        Files.write(file, lines);
    }

    static void delete(Path folder) throws IOException {
        if (!Files.exists(folder)) {
            return;
        }
        try (Stream<Path> all = Files.walk(folder)) {
            for (Path path : all.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(path);
            }
        }
    }
}
