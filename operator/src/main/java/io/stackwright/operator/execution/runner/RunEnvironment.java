package io.stackwright.operator.execution.runner;

import io.stackwright.operator.inputs.UrlSecrets;
import io.stackwright.operator.telemetry.Tracing;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * The environment of the CLI, its language hosts and the program.
 *
 * <p>In the operator's pod nothing of the operator's own passes but a short list: how this machine reaches the network
 * and its registries (certificate bundles, proxies, package-manager settings). In the pod of a Job everything passes but
 * what is ours: the image, the pod template, and whoever injects a cloud identity into pods have put it there for the
 * program. Then comes what the Stack declares; last what must be ours.
 */
public final class RunEnvironment {

    private static final List<String> PASSED = List.of(
            "TZ",
            "SSL_CERT_FILE",
            "SSL_CERT_DIR",
            "CURL_CA_BUNDLE",
            "REQUESTS_CA_BUNDLE",
            "NODE_EXTRA_CA_CERTS",
            "HTTP_PROXY",
            "HTTPS_PROXY",
            "NO_PROXY",
            "http_proxy",
            "https_proxy",
            "no_proxy",
            "GOPROXY",
            "GOSUMDB",
            "GOTOOLCHAIN",
            "JAVA_HOME");
    private static final List<String> PASSED_PREFIXES = List.of("PIP_", "UV_", "POETRY_", "NPM_CONFIG_", "npm_config_");

    /** Such as UV_INDEX_PRIVATE_PASSWORD, POETRY_PYPI_TOKEN_PRIVATE and npm_config_//registry.example.com/:_authToken. */
    private static final Pattern CREDENTIAL = Pattern.compile("(?i)password|passwd|token|_auth|secret|credential");

    /** Files are named by variables, and are no secret: AWS_WEB_IDENTITY_TOKEN_FILE. */
    private static final Pattern NAMES_FILE =
            Pattern.compile("(?i).*(_FILE|_PATH|_DIR|_URL)|GOOGLE_APPLICATION_CREDENTIALS");

    /** Identity of the pod, which is the runner's business; what would hide state or passphrase from us. */
    private static final Set<String> NOT_FROM_POD =
            Set.of("POD_NAME", "POD_UID", "PULUMI_CONFIG_PASSPHRASE_FILE", "PULUMI_SKIP_CHECKPOINTS");

    private final Map<String, String> passed;
    private final Set<String> confidential;
    private final String searchPath;
    private final Path caches;
    private final Tracing tracing;

    private RunEnvironment(
            Map<String, String> process,
            Predicate<String> passes,
            Set<String> confidential,
            Path caches,
            Tracing tracing) {
        this.confidential = Set.copyOf(confidential);
        this.passed = process.entrySet().stream()
                .filter(variable -> passes.test(variable.getKey()))
                .collect(Collectors.toUnmodifiableMap(Map.Entry::getKey, Map.Entry::getValue));
        this.searchPath = process.getOrDefault("PATH", "/usr/local/bin:/usr/bin:/bin");
        this.caches = caches;
        this.tracing = tracing;
    }

    /** Of runs in the operator's own pod. */
    public static RunEnvironment ofOperator(Map<String, String> process, RunPaths paths) {
        return new RunEnvironment(
                process,
                name -> PASSED.contains(name) || PASSED_PREFIXES.stream().anyMatch(name::startsWith),
                Set.of(),
                paths.caches(),
                Tracing.of(process));
    }

    /**
     * Of a run in a pod of its own.
     *
     * @param confidential what else the program could get hold of and print
     * @param tracing what the pod says of it, or else the operator
     */
    public static RunEnvironment ofPod(
            Map<String, String> process, RunPaths paths, Set<String> confidential, Tracing tracing) {
        return new RunEnvironment(process, name -> !NOT_FROM_POD.contains(name), confidential, paths.caches(), tracing);
    }

    /**
     * The environment of one run.
     *
     * @param updateUid of the Update
     * @param executables folders that go first on the search path
     * @param declared what the Stack declares
     */
    Map<String, String> of(
            RunFolder folder,
            String updateUid,
            List<Path> executables,
            String backendUrl,
            String passphrase,
            Map<String, String> declared) {
        Map<String, String> environment = new HashMap<>(passed);
        // Who runs this may be a number without a name, and the CLI cannot write a lock without one.
        environment.putIfAbsent("USER", "stackwright");
        environment.put("LANG", "C.UTF-8");
        environment.put("PIP_CACHE_DIR", caches.resolve("pip").toString());
        // An environment in a folder that depends on where the project lies would be found by one run only.
        environment.put("POETRY_VIRTUALENVS_IN_PROJECT", "true");
        environment.put("npm_config_cache", caches.resolve("npm").toString());
        environment.put("npm_config_update_notifier", "false");
        environment.putAll(tracing.environment(updateUid));
        environment.putAll(declared);
        environment.put("PATH", path(executables));
        environment.put("HOME", folder.home().toString());
        environment.put("TMPDIR", folder.temporary().toString());
        environment.put("PULUMI_HOME", folder.pulumiHome().toString());
        environment.put("PULUMI_BACKEND_URL", backendUrl);
        environment.put("PULUMI_CONFIG_PASSPHRASE", passphrase);
        return environment;
    }

    /** Credentials in what passes: of proxies and registries, in URLs or by themselves. */
    Set<String> secrets() {
        Stream<String> credentials = passed.entrySet().stream()
                .flatMap(variable -> isCredential(variable.getKey())
                        ? Stream.of(variable.getValue())
                        : UrlSecrets.of(variable.getValue()).stream());
        return Stream.concat(confidential.stream(), credentials).collect(Collectors.toSet());
    }

    private static boolean isCredential(String name) {
        return CREDENTIAL.matcher(name).find() && !NAMES_FILE.matcher(name).matches();
    }

    /** Virtual environments first: language hosts of any age then find the program's own packages. */
    private String path(List<Path> executables) {
        return Stream.concat(executables.stream().map(Path::toString), Stream.of(searchPath))
                .collect(Collectors.joining(":"));
    }
}
