package io.stackwright.operator.execution.runner;

import io.stackwright.api.v1alpha1.Reason;
import io.stackwright.operator.engine.CancelToken;
import io.stackwright.operator.engine.EngineException;
import io.stackwright.operator.engine.Failure;
import io.stackwright.operator.engine.PulumiEngine;
import io.stackwright.operator.engine.StackId;
import io.stackwright.operator.engine.Workspace;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Installs a program's language dependencies once for each set of manifests, lock files and language version.
 *
 * <p>{@code pulumi install} runs in a folder of the cache that holds the manifests alone. Node finds what it made there
 * through a link, Python through the search path: nothing of an environment gets among the program's own files. A
 * manifest that points into the project itself (a local path, a script) cannot be shared: such a project is installed
 * in place.
 */
final class DependencyInstaller {

    private static final Logger LOG = LoggerFactory.getLogger(DependencyInstaller.class);
    /** How long an installation may take. */
    static final Duration TIMEOUT = Duration.ofMinutes(15);

    private static final Duration LOOK_FOR_CANCEL = Duration.ofMillis(200);
    private static final int DIGITS = 32;
    /** What changes the result without being in a manifest: where from and by which interpreter. */
    private static final List<String> SETTINGS =
            List.of("PIP_", "UV_", "POETRY_", "NPM_CONFIG_", "npm_config_", "PULUMI_PYTHON_CMD", "PYENV_VERSION");

    private final PulumiEngine engine;
    private final List<DependencyCache> caches;
    private final LanguageVersions versions = new LanguageVersions();
    private final Map<String, ReentrantLock> locks = new ConcurrentHashMap<>();

    /** @param caches looked through in this order; one that can be filled is the last */
    DependencyInstaller(PulumiEngine engine, List<DependencyCache> caches) {
        this.engine = engine;
        this.caches = List.copyOf(caches);
    }

    /**
     * Makes the dependencies of the project present; does nothing for programs that have none to install.
     *
     * @param environment whose search path has nothing on it that the project brings: others share what is installed
     * @return folders that go first on the search path
     * @throws EngineException {@code InstallFailed}, {@code RuntimeMissing}, {@code Cancelled}
     */
    List<Path> install(Path project, Map<String, String> environment, Places places, CancelToken cancel) {
        Manifests manifests = Manifests.of(project);
        if (manifests.files().isEmpty() || bringsItsOwn(manifests)) {
            return executables(project);
        }
        if (!manifests.areSelfContained()) {
            engine.install(workspace(project, environment, places), TIMEOUT, cancel);
            return executables(project);
        }
        String key = key(manifests, environment, cancel);
        ReentrantLock lock = locks.computeIfAbsent(key, name -> new ReentrantLock());
        acquire(lock, cancel);
        try {
            Optional<Path> known = find(key);
            Path shared = known.isPresent() ? known.get() : fill(key, manifests, environment, places, cancel);
            link(shared, manifests);
            return Stream.concat(executables(shared).stream(), environmentOf(shared, manifests.virtualEnvironment()))
                    .distinct()
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } finally {
            lock.unlock();
        }
    }

    /** Folders of executables that a project has in virtual environments. */
    static List<Path> executables(Path folder) {
        // A program's own bin folder is none of them.
        Stream<Path> itself =
                Files.exists(folder.resolve("pyvenv.cfg")) ? Stream.of(folder.resolve("bin")) : Stream.empty();
        return Stream.concat(Stream.of(folder.resolve("venv/bin"), folder.resolve(".venv/bin")), itself)
                .filter(Files::isDirectory)
                .toList();
    }

    private static Stream<Path> environmentOf(Path folder, Optional<String> name) {
        return name.map(environment -> folder.resolve(environment).resolve("bin")).filter(Files::isDirectory).stream();
    }

    private static void acquire(ReentrantLock lock, CancelToken cancel) {
        try {
            while (!lock.tryLock(LOOK_FOR_CANCEL.toMillis(), TimeUnit.MILLISECONDS)) {
                if (cancel.isCancelled()) {
                    throw cancelled();
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw cancelled();
        }
    }

    private static EngineException cancelled() {
        return new EngineException(new Failure(
                Failure.Kind.CANCELLED,
                Reason.Cancelled,
                "cancelled while it waited for an installation of the same dependencies"));
    }

    private Optional<Path> find(String key) throws IOException {
        for (DependencyCache cache : caches) {
            Optional<Path> known = cache.find(key);
            if (known.isPresent()) {
                return known;
            }
        }
        return Optional.empty();
    }

    private Path fill(
            String key, Manifests manifests, Map<String, String> environment, Places places, CancelToken cancel)
            throws IOException {
        for (DependencyCache cache : caches.subList(0, caches.size() - 1)) {
            if (!cache.canBeFilled()) {
                continue;
            }
            try {
                return fill(cache, key, manifests, environment, places, cancel);
            } catch (IOException e) {
                withoutCache(e.toString());
            } catch (EngineException e) {
                if (e.failure().reason() != Reason.DiskFull) {
                    throw e;
                }
                // Its message is what a package manager said, and not masked yet.
                withoutCache(e.failure().reason().name());
            }
        }
        return fill(caches.getLast(), key, manifests, environment, places, cancel);
    }

    private static void withoutCache(String cause) {
        LOG.atWarn()
                .addKeyValue("cause", cause)
                .log("dependencies could not be kept in the cache and are installed for this run alone");
    }

    private Path fill(
            DependencyCache cache,
            String key,
            Manifests manifests,
            Map<String, String> environment,
            Places places,
            CancelToken cancel)
            throws IOException {
        Path shared = cache.begin(key);
        boolean complete = false;
        try {
            Files.writeString(shared.resolve("Pulumi.yaml"), manifests.installFile());
            for (String file : manifests.files()) {
                Files.copy(manifests.project().resolve(file), shared.resolve(file));
            }
            engine.install(workspace(shared, environment, places), TIMEOUT, cancel);
            cache.complete(shared);
            complete = true;
            return shared;
        } finally {
            if (!complete) {
                cache.discard(shared);
            }
        }
    }

    private static void link(Path shared, Manifests manifests) throws IOException {
        Stream<String> products = manifests.runtime().equals("nodejs")
                ? Stream.of("node_modules")
                : Stream.concat(Stream.of(".venv"), manifests.virtualEnvironment().stream());
        for (String product : products.distinct().toList()) {
            Path place = manifests.project().resolve(product);
            if (Files.isDirectory(shared.resolve(product)) && !Files.exists(place, LinkOption.NOFOLLOW_LINKS)) {
                Files.createSymbolicLink(place, shared.resolve(product));
            }
        }
    }

    /** A project that brings its environment along is left alone. */
    private static boolean bringsItsOwn(Manifests manifests) {
        Stream<String> products = manifests.runtime().equals("nodejs")
                ? Stream.of("node_modules")
                : Stream.concat(Stream.of("venv", ".venv", "pyvenv.cfg"), manifests.virtualEnvironment().stream());
        return products.anyMatch(product -> Files.exists(manifests.project().resolve(product)));
    }

    private String key(Manifests manifests, Map<String, String> environment, CancelToken cancel) {
        try {
            MessageDigest digest = MessageDigest.getInstance("SHA-256");
            add(digest, versions.of(manifests.runtime(), environment, cancel).getBytes(StandardCharsets.UTF_8));
            add(digest, manifests.installFile().getBytes(StandardCharsets.UTF_8));
            for (String file : manifests.files()) {
                add(digest, file.getBytes(StandardCharsets.UTF_8));
                add(digest, Files.readAllBytes(manifests.project().resolve(file)));
            }
            new TreeMap<>(environment).forEach((name, value) -> {
                if (SETTINGS.stream().anyMatch(name::startsWith) && !isPlaceOfDownloads(name)) {
                    add(digest, (name + "=" + value).getBytes(StandardCharsets.UTF_8));
                }
            });
            return manifests.runtime()
                    + "-"
                    + HexFormat.of().formatHex(digest.digest()).substring(0, DIGITS);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java has SHA-256", e);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Changes nothing of the result, and differs between a pod's own folder, a claim and the build of an image. */
    private static boolean isPlaceOfDownloads(String name) {
        return name.endsWith("_CACHE_DIR") || name.equalsIgnoreCase("npm_config_cache");
    }

    private static void add(MessageDigest digest, byte[] content) {
        digest.update((content.length + ":").getBytes(StandardCharsets.UTF_8));
        digest.update(content);
    }

    private static Workspace workspace(Path directory, Map<String, String> environment, Places places) {
        return new Workspace(
                directory,
                new StackId("organization", "install", "install"),
                environment,
                places.scratch(),
                UnaryOperator.identity(),
                places.record());
    }

    /**
     * Where a run keeps files that are not its program's.
     *
     * @param scratch folder of our own files
     * @param record where processes are written down
     */
    record Places(Path scratch, Optional<Path> record) {}
}
