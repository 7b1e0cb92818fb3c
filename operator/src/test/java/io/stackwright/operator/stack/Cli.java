package io.stackwright.operator.stack;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.stackwright.testkit.Toolchain;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** The bare Pulumi CLI in the hands of a person, on the backend that the operator uses too. */
final class Cli {

    private final Path folder;
    private final Path state;
    private final String passphrase;

    private Cli(Path folder, Path state, String passphrase) {
        this.folder = folder;
        this.state = state;
        this.passphrase = passphrase;
    }

    static Cli in(Path folder, Path state, String passphrase) {
        try {
            Files.createDirectories(folder);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return new Cli(folder, state, passphrase);
    }

    void project(String yaml) {
        try {
            Files.writeString(folder.resolve("Pulumi.yaml"), yaml);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Runs a command that must succeed; answers with what it said. */
    String run(String... arguments) {
        return runWith("", arguments);
    }

    /** The same, with something to read for it. */
    String runWith(String input, String... arguments) {
        ProcessBuilder builder = builder(arguments);
        try {
            Process process = builder.start();
            try (OutputStream stdin = process.getOutputStream()) {
                stdin.write(input.getBytes(StandardCharsets.UTF_8));
            }
            String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            assertThat(process.waitFor())
                    .as("%s: %s", String.join(" ", arguments), said)
                    .isZero();
            return said;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    /**
     * Starts a command and leaves it to itself.
     *
     * @param path where it finds languages
     */
    Process start(String path, String... arguments) {
        ProcessBuilder builder =
                builder(arguments).redirectOutput(folder.resolve("said.log").toFile());
        builder.environment().put("PATH", path);
        try {
            return builder.start();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private ProcessBuilder builder(String... arguments) {
        List<String> command = new ArrayList<>(List.of(Toolchain.pulumi().toString()));
        command.addAll(List.of(arguments));
        ProcessBuilder builder =
                new ProcessBuilder(command).directory(folder.toFile()).redirectErrorStream(true);
        builder.environment()
                .putAll(Map.of(
                        "PULUMI_HOME",
                        folder.resolve("home").toString(),
                        "PULUMI_BACKEND_URL",
                        "file://" + state,
                        "PULUMI_CONFIG_PASSPHRASE",
                        passphrase,
                        "PULUMI_SKIP_UPDATE_CHECK",
                        "true",
                        "PATH",
                        Toolchain.bin() + ":" + System.getenv("PATH")));
        return builder;
    }

    /** Tags of a stack. */
    Map<String, String> tags(String qualifiedName) {
        try {
            return new ObjectMapper()
                    .readValue(run("stack", "tag", "ls", "--json", "-s", qualifiedName), new TypeReference<>() {});
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The salt that the state is encrypted with. */
    String stateSalt(String project, String stack) {
        try {
            return new ObjectMapper()
                    .readTree(state.resolve(".pulumi/stacks/" + project + "/" + stack + ".json")
                            .toFile())
                    .at("/checkpoint/latest/secrets_providers/state/salt")
                    .asText();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
