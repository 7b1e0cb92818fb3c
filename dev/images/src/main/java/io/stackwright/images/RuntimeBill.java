package io.stackwright.images;

import java.io.IOException;
import java.io.Reader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Properties;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * The bill of materials of the Java runtime, which Maven's does not know of.
 *
 * @param version of the JDK that it was linked from
 * @param modules that are in it
 */
record RuntimeBill(String version, List<String> modules) {

    static final String FILE = "java.cdx.json";

    private static final Pattern VERSION = Pattern.compile("[0-9][0-9A-Za-z.+-]*");
    private static final Pattern MODULE = Pattern.compile("[a-z][0-9A-Za-z_.]*");

    /** Reads what jlink says of the runtime that it has made. */
    static RuntimeBill of(Path runtime) throws IOException {
        Properties release = new Properties();
        try (Reader reader = Files.newBufferedReader(runtime.resolve("release"))) {
            release.load(reader);
        }
        RuntimeBill bill = new RuntimeBill(
                value(release, "JAVA_VERSION"),
                List.of(value(release, "MODULES").split(" ")));
        boolean known = VERSION.matcher(bill.version).matches()
                && bill.modules.stream()
                        .allMatch(module -> MODULE.matcher(module).matches());
        if (!known) {
            throw new IOException(runtime + " has no release file of a Java runtime");
        }
        return bill;
    }

    private static String value(Properties release, String key) {
        return release.getProperty(key, "").replace("\"", "");
    }

    /** CycloneDX JSON; the same for the same runtime. */
    String json() {
        String parts = modules.stream()
                .map(module -> """
                    {"type": "library", "name": "%s", "version": "%s"}\
                    """.formatted(module, version))
                .collect(Collectors.joining(",\n        "));
        return """
            {
              "bomFormat": "CycloneDX",
              "specVersion": "1.6",
              "version": 1,
              "components": [
                {
                  "type": "platform",
                  "name": "openjdk",
                  "version": "%1$s",
                  "description": "The Java runtime in %2$s/jre",
                  "licenses": [{"expression": "GPL-2.0-only WITH Classpath-exception-2.0"}],
                  "cpe": "cpe:2.3:a:oracle:openjdk:%1$s:*:*:*:*:*:*:*",
                  "purl": "pkg:generic/openjdk@%1$s",
                  "components": [
                    %3$s
                  ]
                }
              ]
            }
            """.formatted(version, ImageContent.HOME, parts);
    }
}
