package io.stackwright.operator.execution.runner;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Pattern;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.constructor.SafeConstructor;
import org.yaml.snakeyaml.error.YAMLException;

/**
 * What a project says about its dependencies: the runtime's options in Pulumi.yaml, manifests and lock files.
 *
 * @param runtime {@code python} or {@code nodejs}, for example
 * @param options the runtime's options
 * @param files manifests and lock files that are there
 * @param layered whether Pulumi.yaml names things outside these files: packages, or a program in a subfolder
 */
record Manifests(Path project, String runtime, Map<String, Object> options, List<String> files, boolean layered) {

    private static final ObjectMapper JSON =
            new ObjectMapper().configure(SerializationFeature.ORDER_MAP_ENTRIES_BY_KEYS, true);
    private static final Pattern PLAIN_NAME = Pattern.compile("^\\.?[A-Za-z0-9_][A-Za-z0-9_.-]*$");
    private static final Map<String, List<String>> FILES = Map.of(
            "python",
            List.of("requirements.txt", "pyproject.toml", "uv.lock", "poetry.lock", "Pipfile.lock", ".python-version"),
            "nodejs",
            List.of(
                    "package.json",
                    "package-lock.json",
                    "npm-shrinkwrap.json",
                    "yarn.lock",
                    "pnpm-lock.yaml",
                    "bun.lock",
                    "bun.lockb",
                    ".npmrc"));
    private static final Set<String> HARMLESS_PIP_OPTIONS = Set.of(
            "--index-url",
            "-i",
            "--extra-index-url",
            "--no-index",
            "--pre",
            "--no-binary",
            "--only-binary",
            "--prefer-binary",
            "--require-hashes",
            "--trusted-host",
            "--use-feature",
            "--hash");
    private static final List<String> LOCAL_NODE_VERSIONS =
            List.of("file:", "link:", "portal:", "workspace:", ".", "/", "~/");
    private static final List<String> NODE_DEPENDENCIES =
            List.of("dependencies", "devDependencies", "optionalDependencies", "peerDependencies");

    /** Whether programs of that runtime have dependencies that are installed. */
    static boolean known(String runtime) {
        return FILES.containsKey(runtime);
    }

    /** Reads them; a Pulumi.yaml that cannot be read says nothing, and the CLI says why. */
    static Manifests of(Path project) {
        Map<?, ?> fields = load(project.resolve("Pulumi.yaml"));
        Object runtime = fields.get("runtime");
        String name = String.valueOf(runtime instanceof Map<?, ?> map ? map.get("name") : runtime);
        Map<String, Object> options = new TreeMap<>();
        if (runtime instanceof Map<?, ?> map && map.get("options") instanceof Map<?, ?> given) {
            given.forEach((key, value) -> options.put(String.valueOf(key), value));
        }
        List<String> files = FILES.getOrDefault(name, List.of()).stream()
                .filter(file -> Files.isRegularFile(project.resolve(file)))
                .toList();
        boolean layered = fields.containsKey("main") || fields.containsKey("packages") || fields.containsKey("plugins");
        return new Manifests(project, name, options, files, layered);
    }

    private static Map<?, ?> load(Path file) {
        try {
            Object root = Files.exists(file)
                    ? new Yaml(new SafeConstructor(new LoaderOptions())).load(Files.readString(file))
                    : Map.of();
            return root instanceof Map<?, ?> fields ? fields : Map.of();
        } catch (YAMLException e) {
            return Map.of();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The folder of the project that its virtual environment is in, where it names one. */
    Optional<String> virtualEnvironment() {
        return runtime.equals("python") && options.get("virtualenv") instanceof String name
                ? Optional.of(name)
                : Optional.empty();
    }

    /** Whether the dependencies can be installed from these files alone, away from the project. */
    boolean areSelfContained() {
        return !layered
                && virtualEnvironment().map(PLAIN_NAME::matcher).stream().allMatch(m -> m.matches())
                && files.stream().noneMatch(this::pointsIntoProject)
                && !Files.exists(project.resolve("pnpm-workspace.yaml"))
                && !Files.exists(project.resolve(".yarnrc.yml"));
    }

    private boolean pointsIntoProject(String file) {
        return switch (file) {
            case "requirements.txt" ->
                read(file).lines().map(Manifests::withoutComment).anyMatch(Manifests::isLocalRequirement);
            case "pyproject.toml" -> isLocalPython();
            case "package.json" -> isLocalNode();
            default -> false;
        };
    }

    private static String withoutComment(String line) {
        return line.replaceFirst("(^|\\s)#.*", "").strip();
    }

    private static boolean isLocalRequirement(String line) {
        if (line.startsWith("-")) {
            return !HARMLESS_PIP_OPTIONS.contains(line.split("[\\s=]", 2)[0]);
        }
        return line.startsWith(".")
                || line.contains("file:")
                || (line.contains("/") && !line.contains("://"))
                || line.matches("[^;]*\\.(whl|zip|tar\\.gz)\\s*(;.*)?") && !line.contains("://");
    }

    /** A project that is itself a package, or has a package beside it. */
    private boolean isLocalPython() {
        String text = read("pyproject.toml");
        boolean resolved = files.contains("requirements.txt")
                || files.contains("uv.lock")
                || files.contains("poetry.lock")
                || options.get("toolchain") instanceof String toolchain && !toolchain.equals("pip");
        return !resolved
                || Pattern.compile("\\bpath\\s*=|workspace\\s*=|\\[build-system]|file:")
                                .matcher(text)
                                .find()
                        && !files.contains("requirements.txt");
    }

    private boolean isLocalNode() {
        try {
            JsonNode root = JSON.readTree(read("package.json"));
            for (String script : List.of("preinstall", "install", "postinstall", "prepare")) {
                if (root.path("scripts").has(script)) {
                    return true;
                }
            }
            for (String section : NODE_DEPENDENCIES) {
                for (JsonNode version : root.path(section)) {
                    if (LOCAL_NODE_VERSIONS.stream().anyMatch(version.asText()::startsWith)) {
                        return true;
                    }
                }
            }
            return root.has("workspaces") || root.path("pnpm").has("patchedDependencies");
        } catch (JsonProcessingException e) {
            return true;
        }
    }

    /** A Pulumi.yaml with nothing but the runtime: what else is in the project's own decides nothing here. */
    String installFile() {
        Map<String, Object> all = new TreeMap<>(options);
        if (runtime.equals("python") && "pip".equals(all.getOrDefault("toolchain", "pip"))) {
            // Without it, language hosts install into the Python that everybody shares.
            all.putIfAbsent("virtualenv", "venv");
        }
        try {
            return JSON.writeValueAsString(
                    new TreeMap<>(Map.of("name", "dependencies", "runtime", Map.of("name", runtime, "options", all))));
        } catch (JsonProcessingException e) {
            throw new UncheckedIOException(e);
        }
    }

    private String read(String file) {
        try {
            return Files.readString(project.resolve(file));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
