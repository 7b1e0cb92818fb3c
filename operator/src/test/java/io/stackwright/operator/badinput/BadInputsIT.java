package io.stackwright.operator.badinput;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import io.fabric8.kubernetes.client.utils.Serialization;
import io.stackwright.api.v1alpha1.Stack;
import io.stackwright.api.v1alpha1.Update;
import io.stackwright.operator.RecordedPulumi;
import io.stackwright.operator.RunningOperator;
import io.stackwright.operator.badinput.Row.Expectation;
import io.stackwright.operator.engine.PythonPulumi;
import io.stackwright.operator.source.LogCapture;
import io.stackwright.operator.source.SshGitServer;
import io.stackwright.operator.stack.Leaks;
import io.stackwright.testkit.GitServer;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.apache.sshd.common.config.keys.PublicKeyEntry;
import org.apache.sshd.common.config.keys.writer.openssh.OpenSSHKeyPairResourceWriter;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.io.TempDir;

/**
 * The list of bad inputs, row by row, on one operator that gets all of them at the same time: each is blocked or
 * contained and says why, and the Stacks beside them go on.
 */
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class BadInputsIT {

    static final long MAX_SOURCE = 4 << 20;

    /** What the operator's own environment has and no run may get. */
    static final Map<String, String> OPERATORS = Map.of(
            "KUBERNETES_SERVICE_HOST", "operators-api-server",
            "OPERATORS_CLOUD_KEY", "c4n4ry-of-the-operator");

    private static final int ROWS = 51;
    private static final List<String> NEIGHBOURS = List.of("good-1", "good-2", "good-3");

    @TempDir
    private static Path folder;

    private static GitServer git;
    private static GitServer slow;
    private static SshGitServer ssh;
    private static RunningOperator operator;
    private static World world;
    private static Leaks leaks;
    private static LogCapture logs;
    private static final Map<Row, Expectation> expectations = new HashMap<>();
    private static final Map<Row, Exception> failures = new HashMap<>();

    private static List<Row> rows() {
        return Stream.of(
                        SourceRows.rows(),
                        ArchiveRows.rows(),
                        ContentRows.rows(),
                        ProgramRows.rows(),
                        ReachRows.rows(),
                        SpecRows.rows(),
                        BackendRows.rows(),
                        ObjectRows.rows())
                .flatMap(List::stream)
                .toList();
    }

    private static List<Row> all;

    @BeforeAll
    static void applyAll() throws Exception {
        folder = folder.toRealPath();
        git = GitServer.start();
        slow = GitServer.start();
        slow.answer(GitServer.Answer.ONE_BYTE_A_SECOND);
        KeyPair user = rsa();
        ssh = new SshGitServer(rsa(), user.getPublic());
        RecordedPulumi pulumi = RecordedPulumi.in(Files.createDirectories(folder.resolve("cli")));
        Map<String, String> environment = PythonPulumi.on(RunningOperator.environment());
        environment.putAll(OPERATORS);
        operator = RunningOperator.start(
                folder.resolve("data"),
                settings -> RunningOperator.sourceLimits(MAX_SOURCE, Duration.ofSeconds(10))
                        .apply(RunningOperator.sourcesFrom(
                                        Set.of(git.hostAndPort(), slow.hostAndPort(), "localhost:" + ssh.port()))
                                .apply(RunningOperator.pulumi(pulumi.command())
                                        .apply(RunningOperator.backend(
                                                        "file://" + folder.resolve("data") + "/state/{namespace}")
                                                .apply(settings)))),
                environment);
        logs = LogCapture.at(Level.DEBUG);
        leaks = new Leaks(
                operator.client(),
                operator.namespace(),
                folder.resolve("data"),
                operator.httpPort(),
                List.of(SpecRows.CANARY, SourceRows.TOKEN, OPERATORS.get("OPERATORS_CLOUD_KEY")));
        world = new World(operator, pulumi, git, folder);
        world.secret("ssh", Map.of("identity", privateKey(user), "known_hosts", anotherHostKey()));
        world.secret("git", Map.of("ca.crt", git.certificate().getBytes(StandardCharsets.UTF_8)));
        NEIGHBOURS.forEach(name -> world.apply(name, """
            project:
              inline:
                name: %s
                runtime: yaml
                config: {greeting: {type: string, default: hi}}
                outputs: {out: "${greeting}"}
            """.formatted(name)));
        all = rows();
        for (Row row : all) {
            try {
                expectations.put(row, row.input().apply(world));
            } catch (Exception | AssertionError e) {
                failures.put(row, new IllegalStateException("could not be applied", e));
            }
        }
        world.admitTheRefused();
    }

    @AfterAll
    static void stop() {
        leaks.close();
        logs.close();
        operator.close();
        ssh.close();
        git.close();
        slow.close();
    }

    private static KeyPair rsa() throws GeneralSecurityException {
        return KeyPairGenerator.getInstance("RSA").generateKeyPair();
    }

    private static byte[] privateKey(KeyPair key) throws IOException, GeneralSecurityException {
        ByteArrayOutputStream text = new ByteArrayOutputStream();
        OpenSSHKeyPairResourceWriter.INSTANCE.writePrivateKey(key, "bad inputs", null, text);
        return text.toByteArray();
    }

    /** What somebody else in the way would have to show instead of the server's own. */
    private static byte[] anotherHostKey() throws GeneralSecurityException {
        String line = "[localhost]:" + ssh.port() + " " + PublicKeyEntry.toString(rsa().getPublic()) + "\n";
        return line.getBytes(StandardCharsets.UTF_8);
    }

    /** What the operator has logged so far, from debug up. */
    static String logs() {
        return logs.text();
    }

    static GitServer slow() {
        return slow;
    }

    static SshGitServer ssh() {
        return ssh;
    }

    @Test
    @Order(1)
    void everyRowIsThere() {
        assertThat(rows().stream().map(Row::number).collect(Collectors.toSet()))
                .containsExactlyInAnyOrderElementsOf(
                        IntStream.rangeClosed(1, ROWS).boxed().toList());
    }

    @TestFactory
    @Order(2)
    Stream<DynamicTest> row() {
        return all.stream()
                .map(row -> DynamicTest.dynamicTest(row.displayName(), () -> {
                    if (failures.containsKey(row)) {
                        throw failures.get(row);
                    }
                    expectations.get(row).check();
                }));
    }

    @Test
    @Order(3)
    void theStacksBesideThemAreReadyAndGoOn() {
        for (String name : NEIGHBOURS) {
            world.scenario().awaitReady(name);
            world.scenario().patch(name, "{\"spec\": {\"config\": {\"greeting\": \"hello\"}}}");
        }
        for (String name : NEIGHBOURS) {
            world.scenario().awaitReady(name);
            assertThat(world.scenario().output(name, "out").asText()).isEqualTo("hello");
        }
    }

    @Test
    @Order(4)
    void everythingStaysSmall() {
        List<String> large = new ArrayList<>();
        for (Stack stack : operator.client()
                .resources(Stack.class)
                .inNamespace(operator.namespace())
                .list()
                .getItems()) {
            if (Serialization.asJson(stack.getStatus()).length() > 64 << 10) {
                large.add(stack.getMetadata().getName());
            }
        }
        for (Update update : operator.client()
                .resources(Update.class)
                .inNamespace(operator.namespace())
                .list()
                .getItems()) {
            if (Serialization.asJson(update.getStatus()).length() > 64 << 10) {
                large.add(update.getMetadata().getName());
            }
        }
        assertThat(large).isEmpty();
    }

    @Test
    @Order(5)
    void nothingWasTold() {
        assertThat(logs().lines().filter(line -> line.contains("c4n4ry") || line.contains("YzRuNHJ5")))
                .isEmpty();
        assertThat(leaks
                        .places(Set.of(
                                "r41-env",
                                "r43-later",
                                "r43-other",
                                "r43-during",
                                "r43-missing-outputs",
                                "r43-key-outputs"))
                        // what a person wrote into a spec is in it
                        .stream()
                        .filter(place -> !place.equals("Stack r08-token")))
                .isEmpty();
    }
}
