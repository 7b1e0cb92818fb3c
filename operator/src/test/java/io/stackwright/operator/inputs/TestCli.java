package io.stackwright.operator.inputs;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.stackwright.testkit.Toolchain;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** The real Pulumi CLI with a backend, a home and a project of its own. */
final class TestCli {

    static final String PASSPHRASE = "correct horse";
    static final String STACK = "organization/proj/dev";

    private final Path folder;
    private final Path project;

    TestCli(Path folder) throws Exception {
        this.folder = folder;
        this.project = Files.createDirectories(folder.resolve("project"));
        Files.createDirectories(folder.resolve("state"));
        program("name: proj\nruntime: yaml\n");
    }

    record Result(int exitCode, String output, String errors) {}

    void program(String text) throws Exception {
        Files.writeString(project.resolve("Pulumi.yaml"), text);
    }

    Path settings() {
        return project.resolve("Pulumi.dev.yaml");
    }

    Result run(String... arguments) throws Exception {
        List<String> command = new ArrayList<>(List.of(Toolchain.pulumi().toString()));
        command.addAll(List.of(arguments));
        Path errors = folder.resolve("errors");
        ProcessBuilder builder =
                new ProcessBuilder(command).directory(project.toFile()).redirectError(errors.toFile());
        builder.environment()
                .putAll(Map.of(
                        "PATH",
                        Toolchain.bin() + ":" + System.getenv("PATH"),
                        "HOME",
                        folder.toString(),
                        "PULUMI_HOME",
                        folder.resolve("home").toString(),
                        "PULUMI_BACKEND_URL",
                        "file://" + folder.resolve("state"),
                        "PULUMI_CONFIG_PASSPHRASE",
                        PASSPHRASE,
                        "PULUMI_SKIP_UPDATE_CHECK",
                        "true"));
        Process process = builder.start();
        process.getOutputStream().close();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        return new Result(process.waitFor(), output, Files.readString(errors));
    }

    String succeed(String... arguments) throws Exception {
        Result result = run(arguments);
        assertThat(result.exitCode()).as(result.output() + result.errors()).isZero();
        return result.output();
    }

    JsonNode json(String... arguments) throws Exception {
        return new ObjectMapper().readTree(succeed(arguments));
    }
}
