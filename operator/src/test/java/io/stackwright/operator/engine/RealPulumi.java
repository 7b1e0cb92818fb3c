package io.stackwright.operator.engine;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;

/** The real Pulumi CLI with a {@code file://} backend and homes of its own, below one folder. */
public final class RealPulumi {

    public static final String PASSPHRASE = "correct horse battery staple";

    private static final Path TOOLS = bootstrap();
    private static final PassphraseKeys KEYS = new PassphraseKeys(16);

    private final Path root;
    private final PassphraseCrypter crypter = PassphraseCrypter.create(PASSPHRASE, KEYS);

    private RealPulumi(Path root) {
        this.root = root;
    }

    public static RealPulumi in(Path root) {
        for (String folder : new String[] {"state", "home", "scratch"}) {
            root.resolve(folder).toFile().mkdirs();
        }
        return new RealPulumi(root);
    }

    public static Path cli() {
        return TOOLS.resolve("bin/pulumi");
    }

    /** PATH with the toolchain first. */
    public static String searchPath() {
        return TOOLS.resolve("bin") + ":" + System.getenv("PATH");
    }

    public PassphraseCrypter crypter() {
        return crypter;
    }

    public Path state() {
        return root.resolve("state");
    }

    public Path scratch() {
        return root.resolve("scratch");
    }

    /** What a Stack on this backend gives the CLI. */
    public Map<String, String> environment() {
        Map<String, String> environment = new HashMap<>();
        environment.put("PATH", searchPath());
        environment.put("HOME", root.resolve("home").toString());
        environment.put("PULUMI_HOME", root.resolve("home/.pulumi").toString());
        environment.put("PULUMI_BACKEND_URL", state().toUri().toString().replaceFirst("/$", ""));
        environment.put("PULUMI_CONFIG_PASSPHRASE", PASSPHRASE);
        return environment;
    }

    /** A workspace with a project directory {@code projects/NAME}, shared by all stacks of that project. */
    public Workspace workspace(String project, String stack) {
        return workspace(project, stack, environment());
    }

    public Workspace workspace(String project, String stack, Map<String, String> environment) {
        Path directory = root.resolve("projects").resolve(project);
        directory.toFile().mkdirs();
        return new Workspace(
                directory, new StackId(StackId.DEFAULT_ORGANIZATION, project, stack), environment, scratch());
    }

    /** Writes Pulumi.yaml and a settings file with this backend's salt; returns the workspace. */
    public Workspace program(String project, String stack, String yaml) {
        Workspace workspace = workspace(project, stack);
        write(workspace.directory().resolve("Pulumi.yaml"), "name: " + project + "\n" + yaml);
        write(settings(workspace), "encryptionsalt: " + crypter.encryptionSalt() + "\n");
        return workspace;
    }

    /** The stack settings file. */
    public static Path settings(Workspace workspace) {
        return workspace.directory().resolve("Pulumi." + workspace.stack().name() + ".yaml");
    }

    public static void write(Path file, String text) {
        try {
            Files.createDirectories(file.getParent());
            Files.writeString(file, text);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static Path bootstrap() {
        Path folder = Path.of("").toAbsolutePath();
        while (!Files.isExecutable(folder.resolve("dev/toolchain/bootstrap"))) {
            folder = folder.getParent();
        }
        try {
            Process process = new ProcessBuilder(
                            folder.resolve("dev/toolchain/bootstrap").toString())
                    .redirectError(ProcessBuilder.Redirect.INHERIT)
                    .start();
            String out = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            if (process.waitFor() != 0) {
                throw new IllegalStateException("dev/toolchain/bootstrap failed");
            }
            return Path.of(out.strip());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }
}
