package io.stackwright.bench;

import io.stackwright.testkit.Toolchain;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** What a person's quickest script would do with the same program: no preview, no prompts, no update check. */
final class BareCli {

    private final Path folder;
    private final Path command;

    BareCli(Path folder, CliLog cli) throws IOException {
        this.folder = folder;
        this.command = cli.command();
        Files.createDirectories(folder.resolve("project"));
        Files.createDirectories(folder.resolve("state"));
        Files.writeString(folder.resolve("project/Pulumi.yaml"), Rig.PROGRAM);
    }

    Duration initAndUp(String stack) throws IOException, InterruptedException {
        return run(stack, List.of("stack", "init", "--no-select")).plus(up(stack));
    }

    /** With the configuration file edited by hand: `config set` would be another process. */
    Duration changeAndUp(String stack, String greeting) throws IOException, InterruptedException {
        Path file = folder.resolve("project/Pulumi." + stack + ".yaml");
        String settings = Files.readString(file);
        Files.writeString(file, settings + "config: {bench:greeting: " + greeting + "}\n");
        return up(stack);
    }

    private Duration up(String stack) throws IOException, InterruptedException {
        return run(stack, List.of("up", "--yes", "--skip-preview"));
    }

    Duration destroy(String stack) throws IOException, InterruptedException {
        return run(stack, List.of("destroy", "--yes", "--skip-preview", "--remove"));
    }

    private Duration run(String stack, List<String> arguments) throws IOException, InterruptedException {
        List<String> line = new ArrayList<>();
        line.add(command.toString());
        line.addAll(arguments);
        line.addAll(List.of("--stack", stack, "--non-interactive"));
        ProcessBuilder builder = new ProcessBuilder(line)
                .directory(folder.resolve("project").toFile())
                .redirectErrorStream(true);
        builder.environment().clear();
        builder.environment().put("PATH", Toolchain.bin() + ":" + System.getenv("PATH"));
        builder.environment().put("HOME", folder.toString());
        builder.environment().put("PULUMI_HOME", folder.resolve("home").toString());
        builder.environment().put("PULUMI_BACKEND_URL", "file://" + folder.resolve("state"));
        builder.environment().put("PULUMI_CONFIG_PASSPHRASE", "bench");
        builder.environment().put("PULUMI_SKIP_UPDATE_CHECK", "true");
        long start = System.nanoTime();
        Process process = builder.start();
        process.getOutputStream().close();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        int exit = process.waitFor();
        Duration took = Duration.ofNanos(System.nanoTime() - start);
        if (exit != 0) {
            throw new IllegalStateException(arguments + " ended with exit code " + exit + ": " + output);
        }
        return took;
    }
}
