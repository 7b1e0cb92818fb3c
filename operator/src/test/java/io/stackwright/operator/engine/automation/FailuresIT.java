package io.stackwright.operator.engine.automation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpServer;
import io.stackwright.api.v1alpha1.Reason;
import io.stackwright.operator.engine.CancelToken;
import io.stackwright.operator.engine.EngineException;
import io.stackwright.operator.engine.Failure;
import io.stackwright.operator.engine.Failure.Kind;
import io.stackwright.operator.engine.OperationOptions;
import io.stackwright.operator.engine.OperationResult;
import io.stackwright.operator.engine.ProgressListener;
import io.stackwright.operator.engine.PulumiEngine;
import io.stackwright.operator.engine.PythonPulumi;
import io.stackwright.operator.engine.RealPulumi;
import io.stackwright.operator.engine.Workspace;
import io.stackwright.operator.engine.processes.MemoryKills;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Failures provoked on the real CLI: its texts are what classification rests on. */
class FailuresIT {

    private static final ProgressListener SILENT = (progress, changes) -> {};

    @TempDir
    Path root;

    private RealPulumi pulumi;
    private PulumiEngine engine;

    @BeforeEach
    void start() {
        pulumi = RealPulumi.in(root);
        engine = new AutomationEngine(RealPulumi.cli().toString(), RealPulumi.searchPath());
    }

    @ParameterizedTest
    @CsvSource({
        "'{need: {type: string}}', '', is missing configuration value 'need'",
        "'{need: {type: integer}}', '{\"p:need\": abc}', must be of type 'integer'",
        "'{need: {type: string, secret: true}}', '{\"p:need\": plain}', must be encrypted"
    })
    void configuration(String schema, String config, String message) throws Exception {
        // given
        Workspace workspace = created("runtime: yaml\nconfig: " + schema.replaceAll("^'|'$", "") + "\n");
        if (!config.isEmpty()) {
            Files.writeString(
                    RealPulumi.settings(workspace),
                    "encryptionsalt: " + pulumi.crypter().encryptionSalt() + "\nconfig: " + config + "\n");
        }

        // then
        assertFailure(up(workspace), Kind.INVALID, Reason.ConfigInvalid, message.replaceAll("^'|'$", ""));
    }

    @Test
    void anUnknownReferenceIsTheProgramsErrorWithItsLine() {
        // given
        Workspace workspace = created("runtime: yaml\noutputs: {a: '${nope.x}'}\n");

        // when
        OperationResult result = up(workspace);

        // then
        assertFailure(
                result, Kind.FAILED, Reason.UpdateFailed, "resource or variable named \"nope\" could not be found");
        assertThat(result.failure().get().message())
                .contains("on Pulumi.yaml line 3")
                .doesNotContain("no diagnostics");
        assertThat(result.outputs()).isEmpty();
        assertThat(result.log()).contains("Diagnostics:");
    }

    @Test
    void whatALanguageHostOnlyPrintsIsTheMessageToo() {
        // given
        Workspace workspace =
                created("runtime: yaml\nresources: {a: {type: 'pulumi:index:Stash', properties: {wrong: 1}}}\n");

        // then
        assertFailure(
                up(workspace),
                Kind.FAILED,
                Reason.UpdateFailed,
                "pulumi:index:Stash is not assignable",
                "Missing required property 'input'");
    }

    @Test
    void aPythonExceptionComesWithFileAndLine() throws Exception {
        // given
        Map<String, String> environment = PythonPulumi.on(pulumi.environment());
        environment.putAll(Map.of("RAISE", "boom", "FILES", "a=1", "LEDGER", root.toString()));
        Workspace workspace = pythonProgram(environment);

        // then
        assertFailure(
                up(workspace),
                Kind.FAILED,
                Reason.UpdateFailed,
                "Program failed with an unhandled exception",
                "File \"__main__.py\", line 56",
                "KeyError: 'boom'");
    }

    @Test
    void aProgramThatIsKilledWhileTheKernelCountsIsShortOfMemory() throws Exception {
        // given a program that does to itself what the kernel would do, and counts
        Path count = Files.createDirectory(root.resolve("cgroup")).resolve("memory.events");
        Files.writeString(count, "oom_kill 3\n");
        Workspace workspace = pythonProgram(PythonPulumi.on(pulumi.environment()));
        Path program = workspace.directory().resolve("__main__.py");
        PulumiEngine counting = new AutomationEngine(
                RealPulumi.cli().toString(),
                RealPulumi.searchPath(),
                command -> {},
                Optional.empty(),
                new MemoryKills(count.getParent()),
                AutomationEngine.QUERY_TIMEOUT);

        // when it only dies
        Files.writeString(program, "import os\nos.kill(os.getpid(), 9)\n");
        OperationResult died = counting.up(workspace, OperationOptions.defaults(), SILENT, new CancelToken());

        // then
        assertFailure(died, Kind.FAILED, Reason.UpdateFailed, "program exited with non-zero exit code");

        // when
        Files.writeString(
                program,
                "import os\nopen('%s', 'w').write('oom_kill 4\\n')\nos.kill(os.getpid(), 9)\n".formatted(count));
        OperationResult killed = counting.up(workspace, OperationOptions.defaults(), SILENT, new CancelToken());

        // then
        assertFailure(
                killed, Kind.FAILED, Reason.OOMKilled, "memory ran out", "program exited with non-zero exit code");
    }

    @Test
    void aFailedResourceIsNamedAndTheOthersAreDone() throws Exception {
        // given
        Map<String, String> environment = PythonPulumi.on(pulumi.environment());
        environment.putAll(Map.of("FILES", "good=1,broken=bad", "LEDGER", root.toString()));
        Workspace workspace = pythonProgram(environment);

        // when
        OperationResult result = up(workspace);

        // then
        assertFailure(
                result,
                Kind.FAILED,
                Reason.UpdateFailed,
                "pulumi-python:dynamic:Resource broken: ",
                "cannot write broken");
        assertThat(result.steps())
                .filteredOn(step -> Boolean.TRUE.equals(step.failed()))
                .extracting("name")
                .containsExactly("broken");
    }

    @Test
    void passphrase() {
        // given
        Workspace workspace = created("runtime: yaml\nresources: {a: {type: 'pulumi:index:Stash', "
                + "properties: {input: {fn::secret: 1}}}}\n");
        assertThat(up(workspace).failure()).isEmpty();
        Map<String, String> wrong = new HashMap<>(pulumi.environment());
        wrong.put("PULUMI_CONFIG_PASSPHRASE", "another one");
        Map<String, String> missing = new HashMap<>(pulumi.environment());
        missing.remove("PULUMI_CONFIG_PASSPHRASE");

        // then
        for (Map<String, String> environment : List.of(wrong, missing)) {
            Workspace changed = pulumi.workspace("p", "dev", environment);
            assertFailure(up(changed), Kind.INVALID, Reason.PassphraseIncorrect, "passphrase");
            assertFailure(destroy(changed), Kind.INVALID, Reason.PassphraseIncorrect, "passphrase");
            assertThat(up(changed).toString()).doesNotContain("another one");
        }
    }

    @ParameterizedTest
    @CsvSource({
        "'{\"pid\":1,\"username\":\"u\",\"hostname\":\"h\",\"timestamp\":\"2026-01-01T00:00:00Z\"}', created by u@h",
        "torn, invalid character",
        "'', unexpected end of JSON input"
    })
    void locked(String lock, String message) throws Exception {
        // given
        Workspace workspace = created("runtime: yaml\n");
        RealPulumi.write(pulumi.state().resolve(".pulumi/locks/organization/p/dev/1.json"), lock);

        // then
        assertFailure(up(workspace), Kind.LOCKED, Reason.Locked, message);
        assertFailure(destroy(workspace), Kind.LOCKED, Reason.Locked, message);
    }

    @Test
    void backend() throws Exception {
        // given
        pulumi.program("p", "dev", "runtime: yaml\n");
        HttpServer server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        int[] status = {401};
        server.createContext("/", exchange -> {
            exchange.sendResponseHeaders(status[0], -1);
            exchange.close();
        });
        server.start();
        String url = "http://127.0.0.1:" + server.getAddress().getPort();

        // then
        try {
            assertFailure(
                    up(at("file://" + root + "/missing")), Kind.TRANSIENT, Reason.BackendUnavailable, "no such file");
            assertFailure(
                    up(at("http://127.0.0.1:1")), Kind.TRANSIENT, Reason.BackendUnavailable, "connection refused");
            assertFailure(up(at(url)), Kind.INVALID, Reason.BackendAuthenticationFailed, "Unauthorized");
            status[0] = 503;
            assertFailure(up(at(url)), Kind.TRANSIENT, Reason.BackendUnavailable, "503");
            assertThatThrownBy(() -> engine.tags(at("file://" + root + "/missing")))
                    .isInstanceOfSatisfying(
                            EngineException.class,
                            e -> assertThat(e.failure().kind()).isEqualTo(Kind.TRANSIENT));
            Map<String, String> noToken = new HashMap<>(at(url).environment());
            noToken.remove("PULUMI_ACCESS_TOKEN");
            assertFailure(
                    up(pulumi.workspace("p", "dev", noToken)),
                    Kind.INVALID,
                    Reason.BackendAuthenticationFailed,
                    "PULUMI_ACCESS_TOKEN");
        } finally {
            server.stop(0);
        }
    }

    @Test
    void project() {
        // given
        Workspace workspace = created("runtime: yaml\n");

        // then
        pulumi.program("p", "dev", "runtime: cobol\n");
        assertFailure(up(workspace), Kind.INVALID, Reason.RuntimeMissing, "pulumi-language-cobol");
        pulumi.program("p", "dev", "runtime: [\n");
        assertFailure(up(workspace), Kind.INVALID, Reason.SourceInvalid, "could not unmarshal 'Pulumi.yaml'");
        RealPulumi.write(workspace.directory().resolve("Pulumi.yaml"), "runtime: yaml\n");
        assertFailure(up(workspace), Kind.INVALID, Reason.SourceInvalid, "missing a 'name' attribute");
        pulumi.program("p", "dev", "runtime: yaml\nrequiredPulumiVersion: '>=99.0.0'\n");
        assertFailure(up(workspace), Kind.INVALID, Reason.UnsupportedPulumi, "99.0.0");
        assertThat(workspace.directory().resolve("Pulumi.yaml").toFile().delete())
                .isTrue();
        assertFailure(up(workspace), Kind.INVALID, Reason.SourceInvalid, "no Pulumi.yaml project file found");
    }

    @Test
    void install() throws Exception {
        // given
        Workspace cobol = pulumi.program("cobol", "dev", "runtime: cobol\n");
        Map<String, String> environment = PythonPulumi.on(pulumi.environment());
        environment.put("PIP_NO_INDEX", "1");
        Workspace python = PythonPulumi.program(pulumi, "snake", "dev", environment);
        Files.writeString(python.directory().resolve("requirements.txt"), "no-such-package-here==1\n");

        // then
        assertInstallFailure(cobol, Kind.INVALID, Reason.RuntimeMissing, "pulumi-language-cobol");
        assertInstallFailure(python, Kind.FAILED, Reason.InstallFailed, "No matching distribution found");
    }

    private void assertInstallFailure(Workspace workspace, Kind kind, Reason reason, String word) {
        assertThatThrownBy(() -> engine.install(workspace, Duration.ofMinutes(2), new CancelToken()))
                .isInstanceOfSatisfying(
                        EngineException.class,
                        e -> assertThat(e.failure())
                                .returns(kind, Failure::kind)
                                .returns(reason, Failure::reason))
                .hasMessageContaining(word);
    }

    @Test
    void aProtectedResourceStaysAndIsNamed() {
        // given
        Workspace workspace = created("runtime: yaml\nresources: {a: {type: 'pulumi:index:Stash', "
                + "properties: {input: 1}, options: {protect: true}}}\n");
        assertThat(up(workspace).failure()).isEmpty();

        // when
        OperationResult result = destroy(workspace);

        // then
        assertFailure(result, Kind.INVALID, Reason.ProtectedResources, "pulumi:index:Stash::a", "protected");
        assertThat(engine.tags(workspace)).as("the stack is still there").isEmpty();
    }

    @Test
    void aStackThatDoesNotExist() {
        // given
        Workspace workspace = pulumi.program("p", "none", "runtime: yaml\n");

        // then
        assertFailure(up(workspace), Kind.FAILED, Reason.StackNotFound, "no stack named");
        assertFailure(destroy(workspace), Kind.FAILED, Reason.StackNotFound, "no stack named");
    }

    private Workspace at(String backend) {
        Map<String, String> environment = new HashMap<>(pulumi.environment());
        environment.put("PULUMI_BACKEND_URL", backend);
        environment.put("PULUMI_ACCESS_TOKEN", "token");
        return pulumi.workspace("p", "dev", environment);
    }

    private Workspace created(String yaml) {
        Workspace workspace = pulumi.program("p", "dev", yaml);
        engine.createStack(workspace);
        return workspace;
    }

    private Workspace pythonProgram(Map<String, String> environment) throws Exception {
        Workspace workspace = PythonPulumi.program(pulumi, "p", "dev", environment);
        engine.createStack(workspace);
        return workspace;
    }

    private OperationResult up(Workspace workspace) {
        return engine.up(workspace, OperationOptions.defaults(), SILENT, new CancelToken());
    }

    private OperationResult destroy(Workspace workspace) {
        OperationOptions remove = new OperationOptions(
                OptionalInt.empty(), false, false, true, List.of(), Duration.ofMinutes(5), Duration.ofSeconds(10));
        return engine.destroy(workspace, remove, SILENT, new CancelToken());
    }

    private static void assertFailure(OperationResult result, Kind kind, Reason reason, String... words) {
        assertThat(result.failure()).isPresent();
        Failure failure = result.failure().get();
        assertThat(failure.message()).contains(words).hasSizeLessThanOrEqualTo(4096);
        assertThat(failure).returns(kind, Failure::kind).returns(reason, Failure::reason);
    }
}
