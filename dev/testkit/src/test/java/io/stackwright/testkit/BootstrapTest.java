package io.stackwright.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * {@code dev/toolchain/bootstrap} with a cache of its own and a {@code PATH} that has what any system has, and beyond
 * that only what a test puts there. Nothing is downloaded and nothing is built: {@code curl} and {@code go} are stubs.
 */
class BootstrapTest {

    private static final Path SCRIPT = Toolchain.root().resolve("dev/toolchain/bootstrap");
    private static final List<String> OF_THE_SYSTEM =
            List.of(("basename bash cat chmod cp cut dirname env flock grep gzip head install ln mkdir mktemp mv rm sed"
                            + " sha256sum sleep sort tar touch tr uname")
                    .split(" "));
    private static final List<String> OF_PULUMI = List.of(
            "pulumi-language-yaml",
            "pulumi-language-python",
            "pulumi-language-nodejs",
            "pulumi-resource-pulumi-python",
            "pulumi-language-python-exec",
            "pulumi-resource-pulumi-nodejs");

    /** Writes a program where {@code -o} says, counts how often, and is in the middle of it while there is a {@code wait}. */
    private static final String GO = """
        while [ "$1" != -o ]; do shift; done
        echo "${2##*/}" >> "$STUBS/built"
        echo half > "$2"
        while [ -e "$STUBS/wait" ]; do sleep 0.05; done
        printf '#!/bin/sh\\necho built\\n' > "$2"
        chmod 755 "$2"
        """;

    /** Gives the file of that name, as {@code curl -f} does. */
    private static final String CURL = """
        while [ "$1" != -o ]; do shift; done
        cp "$STUBS/served/${3##*/}" "$2"
        """;

    private static Path system;

    @TempDir
    private Path temporary;

    private final List<Started> running = new ArrayList<>();
    private Path path;
    private Path cache;
    private int runs;

    /** Not below {@link #temporary}: JUnit warns of each link that leads out of there. */
    @BeforeAll
    static void anOrdinarySystem() throws IOException {
        system = Files.createTempDirectory("system");
        for (String program : OF_THE_SYSTEM) {
            Path real = Stream.of("/usr/bin", "/bin", "/usr/local/bin", "/opt/homebrew/bin")
                    .map(folder -> Path.of(folder, program))
                    .filter(Files::isExecutable)
                    .findFirst()
                    .orElseThrow(() -> new IllegalStateException("no " + program));
            Files.createSymbolicLink(system.resolve(program), real);
        }
    }

    @AfterAll
    static void removeIt() throws IOException {
        for (String program : OF_THE_SYSTEM) {
            Files.deleteIfExists(system.resolve(program));
        }
        Files.delete(system);
    }

    @BeforeEach
    void nothingInstalledAndNothingCached() throws IOException {
        path = Files.createDirectory(temporary.resolve("path"));
        cache = temporary.resolve("cache");
        Files.createDirectory(temporary.resolve("served"));
    }

    @AfterEach
    void endThem() {
        for (Started started : running) {
            started.process().descendants().forEach(ProcessHandle::destroyForcibly);
            started.process().destroyForcibly();
        }
    }

    @Test
    void whatIsOnThePathIsTaken() throws Exception {
        // given
        installAllOf(version("PULUMI"));

        // when
        Ended first = bootstrap();
        Ended second = bootstrap();

        // then
        assertThat(first.exit()).as(first.said()).isZero();
        assertThat(first.said()).contains("pulumi " + version("PULUMI") + ": found on PATH in ");
        Path set = first.folder();
        assertThat(set.resolve("bin/pulumi").toRealPath())
                .isEqualTo(path.resolve("pulumi").toRealPath());
        assertThat(names(set.resolve("bin"))).containsAll(OF_PULUMI).contains("etcd", "kube-apiserver", "kubectl");
        assertThat(set.resolve("versions"))
                .hasContent("pulumi=%s\netcd=%s\nkubernetes=%s"
                        .formatted(version("PULUMI"), version("ETCD"), version("KUBERNETES")));
        assertThat(second.folder()).isEqualTo(set);
        assertThat(second.said()).isEmpty();
    }

    @Test
    void aToolThatHasGoneFromThePathIsGotAnew() throws Exception {
        // given
        installAllOf(version("PULUMI"));
        Path before = bootstrap().folder();
        Path elsewhere = Files.createDirectory(temporary.resolve("elsewhere"));
        for (String tool : names(path)) {
            Files.move(path.resolve(tool), elsewhere.resolve(tool));
        }
        path = elsewhere;

        // when
        Ended ended = bootstrap();

        // then
        assertThat(ended.said())
                .contains("pulumi " + version("PULUMI") + " is in the cache, but cannot be run any more")
                .contains("pulumi " + version("PULUMI") + ": found on PATH in ");
        assertThat(ended.folder()).isEqualTo(before);
        assertThat(before.resolve("bin/pulumi").toRealPath())
                .isEqualTo(elsewhere.resolve("pulumi").toRealPath());
        assertNothingHalfDone();
        assertThat(bootstrap().said()).isEmpty();
    }

    @Test
    void aToolOnThePathThatHasBecomeUnsuitableIsReplaced() throws Exception {
        // given
        installPromtool(version("PROMETHEUS"));
        assertThat(bootstrap("--promtool").said()).contains("found on PATH");
        installPromtool("2.1.0");
        stub("go", GO);

        // when
        Ended ended = bootstrap("--promtool");

        // then
        assertThat(ended.said())
                .contains("cannot be run any more")
                .contains("promtool " + version("PROMETHEUS") + ": built from source in ");
        assertThat(ended.folder().resolve("promtool")).isRegularFile().content().contains("echo built");
        assertThat(bootstrap("--promtool").said()).isEmpty();
    }

    @Test
    void anotherEntryOfTheCacheOnThePathIsNoInstalledTool() throws Exception {
        // given
        path = Files.createDirectories(cache.resolve("tools/promtool-" + version("PROMETHEUS") + ".99"));
        installPromtool(version("PROMETHEUS"));
        stub("go", GO);

        // when
        Ended ended = bootstrap("--promtool");

        // then
        assertThat(ended.said()).contains("built from source");
    }

    @Test
    void anArchiveWithThePublishedChecksumIsUnpacked() throws Exception {
        // given
        Path archive = servedArchive();
        Files.writeString(archive.resolveSibling("sha256sums.txt"), sha256(archive) + "  " + archive.getFileName());

        // when
        Ended ended = bootstrap("--promtool");

        // then
        assertThat(ended.said()).contains("promtool " + version("PROMETHEUS") + ": downloaded in ");
        assertThat(names(ended.folder())).containsExactly("promtool");
        assertThat(ended.folder().resolve("promtool")).isExecutable().content().contains("of the vendor");
        assertNothingHalfDone();
    }

    @Test
    void anArchiveWithAnotherChecksumIsRefusedAndNothingElseTried() throws Exception {
        // given
        Path archive = servedArchive();
        Files.writeString(archive.resolveSibling("sha256sums.txt"), "0".repeat(64) + "  " + archive.getFileName());
        stub("go", GO);

        // when
        Ended ended = bootstrap("--promtool");

        // then
        assertThat(ended.exit()).isOne();
        assertThat(ended.said())
                .contains("checksum of https://", archive.getFileName() + " does not match the published one");
        assertThat(temporary.resolve("built")).doesNotExist();
        assertThat(names(cache.resolve("tools"))).isEmpty();
        assertNothingHalfDone();
    }

    @Test
    void whereNothingIsToBeHadItSaysWhatToInstall() throws Exception {
        // given what is too old
        installPromtool("3.0.0");

        // when
        Ended ended = bootstrap("--promtool");

        // then
        assertThat(ended.exit()).isOne();
        assertThat(ended.said())
                .contains("cannot get promtool: it is not on PATH in a suitable version, its release could not be"
                        + " downloaded, and there is no Go to build it with. Install it, or Go ");
        assertThat(names(cache.resolve("tools"))).isEmpty();
        assertNothingHalfDone();
    }

    @Test
    void twoAtOnceBuildOnce() throws Exception {
        // given
        stub("go", GO);
        Files.createFile(temporary.resolve("wait"));
        Started first = start("--promtool");
        awaitBuilding();

        // when
        Started second = start("--promtool");
        await().untilAsserted(() -> assertThat(second.said()).contains("another build is filling the cache"));
        Files.delete(temporary.resolve("wait"));

        // then
        assertThat(first.end().folder()).isEqualTo(second.end().folder());
        assertThat(temporary.resolve("built")).hasContent("promtool");
        assertThat(first.end().folder().resolve("promtool")).content().contains("echo built");
        assertNothingHalfDone();
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void anInterruptedBuildLeavesNothingHalfDone(boolean byForce) throws Exception {
        // given
        stub("go", GO);
        Files.createFile(temporary.resolve("wait"));
        Started first = start("--promtool");
        awaitBuilding();

        // when
        List<ProcessHandle> builds = first.process().descendants().toList();
        if (byForce) {
            first.process().destroyForcibly();
        } else {
            first.process().destroy();
        }
        builds.forEach(ProcessHandle::destroyForcibly);

        // then
        assertThat(first.end().exit()).isNotZero();
        assertThat(names(cache.resolve("tools"))).isEmpty();
        Files.delete(temporary.resolve("wait"));
        Ended next = bootstrap("--promtool");
        assertThat(next.said()).contains("built from source");
        assertThat(next.folder().resolve("promtool")).content().contains("echo built");
        assertNothingHalfDone();
    }

    private void installAllOf(String pulumi) throws IOException {
        stub("pulumi", "echo v" + pulumi);
        for (String tool : OF_PULUMI) {
            stub(tool, "");
        }
        stub("etcd", "echo etcd Version: " + version("ETCD"));
        stub("kube-apiserver", "echo Kubernetes v" + version("KUBERNETES"));
        stub("kubectl", "");
    }

    private void installPromtool(String version) throws IOException {
        stub("promtool", "echo 'promtool, version " + version + " (branch: HEAD)'");
    }

    private void stub(String name, String body) throws IOException {
        Path file = Files.writeString(path.resolve(name), "#!/usr/bin/env bash\n" + body + "\n");
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwxr-xr-x"));
    }

    /** An archive as Prometheus publishes them, and a {@code curl} that gives it. */
    private Path servedArchive() throws Exception {
        String name = "prometheus-" + version("PROMETHEUS") + "." + platform();
        Path content = Files.createDirectories(temporary.resolve("content/" + name));
        Path program = Files.writeString(content.resolve("promtool"), "#!/bin/sh\necho of the vendor\n");
        Files.setPosixFilePermissions(program, PosixFilePermissions.fromString("rwxr-xr-x"));
        Path archive = temporary.resolve("served/" + name + ".tar.gz");
        Run.command(List.of(
                "tar",
                "-czf",
                archive.toString(),
                "-C",
                temporary.resolve("content").toString(),
                name));
        stub("curl", CURL);
        return archive;
    }

    private static String platform() {
        String os = Run.command(List.of("uname", "-s")).toLowerCase(Locale.ROOT);
        return os + (System.getProperty("os.arch").equals("aarch64") ? "-arm64" : "-amd64");
    }

    private static String sha256(Path file) throws Exception {
        byte[] digest = MessageDigest.getInstance("SHA-256").digest(Files.readAllBytes(file));
        return HexFormat.of().formatHex(digest);
    }

    /** What the script wants of it. */
    private static String version(String variable) throws IOException {
        return Pattern.compile("(?m)^" + variable + "=(\\S+)")
                .matcher(Files.readString(SCRIPT))
                .results()
                .findFirst()
                .orElseThrow()
                .group(1);
    }

    private void awaitBuilding() {
        await().untilAsserted(() -> assertThat(temporary.resolve("built")).isNotEmptyFile());
    }

    /** Finished entries have no dot in front. */
    private void assertNothingHalfDone() throws IOException {
        try (Stream<Path> files = Files.list(cache.resolve("tools"))) {
            assertThat(files.map(file -> file.getFileName().toString()).filter(name -> name.startsWith(".")))
                    .containsOnly(".lock");
        }
    }

    private static List<String> names(Path folder) throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            return files.map(file -> file.getFileName().toString())
                    .filter(name -> !name.startsWith("."))
                    .toList();
        }
    }

    private Ended bootstrap(String... options) throws Exception {
        return start(options).end();
    }

    private Started start(String... options) throws IOException {
        runs++;
        Path printed = temporary.resolve("printed-" + runs);
        Path said = temporary.resolve("said-" + runs);
        ProcessBuilder builder = new ProcessBuilder(SCRIPT.toString());
        builder.command().addAll(List.of(options));
        builder.environment().clear();
        builder.environment().put("HOME", temporary.toString());
        builder.environment().put("PATH", path + ":" + system);
        builder.environment().put("STACKWRIGHT_CACHE", cache.toString());
        builder.environment().put("STUBS", temporary.toString());
        Process process = builder.redirectOutput(printed.toFile())
                .redirectError(said.toFile())
                .redirectInput(ProcessBuilder.Redirect.from(Path.of("/dev/null").toFile()))
                .start();
        Started started = new Started(process, printed, said);
        running.add(started);
        return started;
    }

    private record Started(Process process, Path printed, Path messages) {

        String said() throws IOException {
            return Files.readString(messages);
        }

        Ended end() throws Exception {
            assertThat(process.waitFor(1, TimeUnit.MINUTES)).isTrue();
            return new Ended(process.exitValue(), Files.readString(printed).strip(), said());
        }
    }

    private record Ended(int exit, String printed, String said) {

        /** The one line that it printed. */
        Path folder() {
            assertThat(exit).as(said).isZero();
            assertThat(printed).isNotEmpty().doesNotContain("\n");
            return Path.of(printed);
        }
    }
}
