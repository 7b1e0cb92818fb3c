package io.stackwright.operator.faults;

import io.stackwright.operator.engine.PythonPulumi;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.HashMap;
import java.util.Map;

/** The provider of the ledger as a plugin: found by the CLI wherever it is run. */
final class LedgerProvider {

    private LedgerProvider() {}

    /** @return a folder for PATH */
    static Path in(Path folder) throws IOException, InterruptedException {
        Path plugins = Files.createDirectories(folder.resolve("plugins"));
        Path script = plugins.resolve("pulumi-resource-ledger");
        try (InputStream source = LedgerProvider.class.getResourceAsStream("/faults/ledger_provider.py")) {
            String python = PythonPulumi.on(new HashMap<>(Map.of("PATH", "")))
                            .get("PATH")
                            .replaceFirst(":.*", "") + "/python";
            Files.write(script, ("#!" + python + "\n").getBytes(StandardCharsets.UTF_8));
            Files.write(script, source.readAllBytes(), StandardOpenOption.APPEND);
        }
        Files.setPosixFilePermissions(script, PosixFilePermissions.fromString("rwxr-xr-x"));
        return plugins;
    }
}
