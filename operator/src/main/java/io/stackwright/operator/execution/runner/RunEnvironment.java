package io.stackwright.operator.execution.runner;

import io.stackwright.operator.inputs.UrlSecrets;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * The environment of the CLI, its language hosts and the program: nothing of the operator's but a short list.
 *
 * <p>What passes from the operator is how this machine reaches the network and its registries (certificate bundles,
 * proxies, package-manager settings); then what the Stack declares; last what must be ours.
 */
final class RunEnvironment {

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

    private final Map<String, String> operator;
    private final Path caches;

    /**
     * Creates the builder.
     *
     * @param operator the operator's own environment
     * @param caches folder that package managers may share between runs
     */
    RunEnvironment(Map<String, String> operator, Path caches) {
        this.operator = Map.copyOf(operator);
        this.caches = caches;
    }

    /**
     * The environment of one run.
     *
     * @param executables folders that go first on the search path
     * @param declared what the Stack declares
     */
    Map<String, String> of(
            RunFolder folder,
            List<Path> executables,
            String backendUrl,
            String passphrase,
            Map<String, String> declared) {
        Map<String, String> environment = operator.entrySet().stream()
                .filter(variable -> passes(variable.getKey()))
                .collect(Collectors.toMap(Map.Entry::getKey, Map.Entry::getValue, (a, b) -> a, HashMap::new));
        environment.put("LANG", "C.UTF-8");
        environment.put("PIP_CACHE_DIR", caches.resolve("pip").toString());
        // An environment in a folder that depends on where the project lies would be found by one run only.
        environment.put("POETRY_VIRTUALENVS_IN_PROJECT", "true");
        environment.put("npm_config_cache", caches.resolve("npm").toString());
        environment.put("npm_config_update_notifier", "false");
        environment.putAll(declared);
        environment.put("PATH", path(executables));
        environment.put("HOME", folder.home().toString());
        environment.put("TMPDIR", folder.temporary().toString());
        environment.put("PULUMI_HOME", folder.pulumiHome().toString());
        environment.put("PULUMI_BACKEND_URL", backendUrl);
        environment.put("PULUMI_CONFIG_PASSPHRASE", passphrase);
        return environment;
    }

    /** Credentials of the operator's in what passes from it: of proxies and registries, in URLs or by themselves. */
    Set<String> secrets() {
        return operator.entrySet().stream()
                .filter(variable -> passes(variable.getKey()))
                .flatMap(variable -> CREDENTIAL.matcher(variable.getKey()).find()
                        ? Stream.of(variable.getValue())
                        : UrlSecrets.of(variable.getValue()).stream())
                .collect(Collectors.toSet());
    }

    /** Virtual environments first: language hosts of any age then find the program's own packages. */
    private String path(List<Path> executables) {
        return Stream.concat(
                        executables.stream().map(Path::toString),
                        Stream.of(operator.getOrDefault("PATH", "/usr/local/bin:/usr/bin:/bin")))
                .collect(Collectors.joining(":"));
    }

    private static boolean passes(String name) {
        return PASSED.contains(name) || PASSED_PREFIXES.stream().anyMatch(name::startsWith);
    }
}
