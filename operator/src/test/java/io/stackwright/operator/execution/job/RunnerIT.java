package io.stackwright.operator.execution.job;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import io.stackwright.api.v1alpha1.ConfigMapSource;
import io.stackwright.api.v1alpha1.GitSource;
import io.stackwright.api.v1alpha1.LocalRef;
import io.stackwright.api.v1alpha1.Operation;
import io.stackwright.api.v1alpha1.ProjectSource;
import io.stackwright.api.v1alpha1.Reason;
import io.stackwright.api.v1alpha1.RunStatus;
import io.stackwright.api.v1alpha1.Stack;
import io.stackwright.api.v1alpha1.Update;
import io.stackwright.api.v1alpha1.UpdateSpec;
import io.stackwright.operator.engine.OutputValue;
import io.stackwright.operator.inputs.ReferenceReader;
import io.stackwright.testkit.GitServer;
import io.stackwright.testkit.Toolchain;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The Job's side of a run: a process with a mounted Secret and a token of its own, and nothing else. */
@Timeout(600)
class RunnerIT {

    private static final String CANARY = "canary-91c3b7";

    private static final String PROGRAM = """
        name: shop
        runtime: yaml
        config:
          password: {type: string, secret: true}
        outputs:
          text: hello
          number: 7
          yes: true
          list: [1, two]
          map: {deep: {deeper: 1.5}}
          sealed: ${password}
        """;

    /** An output without Pulumi's mark. */
    private static final String TELLING = PROGRAM + "  told: https://shop:" + JobInputs.PASSPHRASE + "@db/\n";

    @TempDir
    private Path folder;

    private JobRig rig;
    private JobInputs shop;

    @BeforeEach
    void prepare() {
        rig = new JobRig(folder);
        shop = new JobInputs(rig, "shop").inline(PROGRAM).secret("password", CANARY);
    }

    @Test
    void anUpThenAPreviewThenADestroy() {
        // given
        shop.inline(TELLING);

        // when
        JobProcess up = run(shop.run(Operation.Up), "pod-1");

        // then
        assertThat(up.await()).as(up.log()).isZero();
        RunResult result = rig.result("shop-1").orElseThrow();
        assertThat(result.outcome().succeeded()).isTrue();
        assertThat(result.outcome().adopted()).contains(false);
        assertThat(result.outcome().resources()).hasValue(0);
        Map<String, OutputValue> outputs = result.outcome().outputs().orElseThrow();
        assertThat(outputs.get("text").value().asText()).isEqualTo("hello");
        assertThat(outputs.get("number").value().isNumber()).isTrue();
        assertThat(outputs.get("yes").value().isBoolean()).isTrue();
        assertThat(outputs.get("list").value()).hasSize(2);
        assertThat(outputs.get("map").value().at("/deep/deeper").asText()).isEqualTo("1.5");
        assertThat(outputs.get("sealed").secret()).isTrue();
        assertThat(outputs.get("sealed").value().asText()).isEqualTo(CANARY);
        assertThat(outputs.get("told").secret()).isTrue();
        assertThat(outputs.get("told").value().asText()).isEqualTo("https://shop:" + JobInputs.PASSPHRASE + "@db/");
        assertThat(outputs.get("text").secret()).isFalse();
        assertThat(new String(rig.result("shop-1", RunObjects.ENCRYPTION_SALT).orElseThrow(), StandardCharsets.UTF_8))
                .startsWith("v1:");
        RunStatus status = rig.update("shop-1").getStatus().run();
        assertThat(status.result()).isEqualTo(RunStatus.Result.Succeeded);
        assertThat(status.executor().instance()).isEqualTo("pod-1");
        assertThat(status.pulumiVersion()).startsWith("3.");
        assertThat(status.log()).isEqualTo("kubectl logs -n " + rig.namespace() + " job/shop-1 -c pulumi");
        assertThat(up.log())
                .contains("Outputs:", "hello", "stack=shop", "update=shop-1", "ended")
                .doesNotContain(CANARY);
        assertThat(leftIn(up.work())).doesNotContain(CANARY).doesNotContain(JobInputs.PASSPHRASE);

        // when
        JobProcess preview = run(shop.after("shop-1").config("shop:new", "1").run(Operation.Preview), "pod-2");

        // then
        assertThat(preview.await()).as(preview.log()).isZero();
        assertThat(rig.result("shop-2").orElseThrow().outcome().outputs()).isEmpty();

        // when
        JobProcess destroy = run(shop.run(Operation.Destroy), "pod-3");

        // then
        assertThat(destroy.await()).as(destroy.log()).isZero();
        assertThat(rig.result("shop-3").orElseThrow().outcome().resources()).hasValue(0);
        assertThat(folder.resolve("state/.pulumi/stacks/shop/shop.json")).doesNotExist();
    }

    @Test
    void aFailingProgramSaysWhy() {
        // given
        shop.inline(
                "name: shop\nruntime: yaml\nvariables: {a: {fn::readFile: /does/not/exist}}\noutputs: {a: '${a}'}\n");

        // when
        JobProcess up = run(shop.run(Operation.Up), "pod-1");

        // then
        assertThat(up.await()).as(up.log()).isEqualTo(ExitCode.FAILED.code());
        RunResult result = rig.result("shop-1").orElseThrow();
        assertThat(result.outcome().failure().orElseThrow().message()).contains("/does/not/exist");
        assertThat(rig.update("shop-1").getStatus().run().result()).isEqualTo(RunStatus.Result.Failed);
        assertThat(up.log()).contains("/does/not/exist");
    }

    /** More than any Secret holds, and by what is encoded in it many times that when it is looked into. */
    @ParameterizedTest
    @ValueSource(strings = {"every word of it: %20 \\\\/ and more that is written as it is", "x\\\"y"})
    void outputsOfMegabytesAreToldToBeTooLarge(String piece) {
        // given
        shop.inline("""
            name: shop
            runtime: yaml
            config:
              password: {type: string, secret: true}
            variables:
              some: "%s"
              more: ${some}${some}${some}${some}
            outputs:
              all: ${more}${more}${more}${more}${more}${more}
            """.formatted(piece.repeat(300_000 / piece.length())));

        // when
        JobProcess up = run(shop.run(Operation.Up), "pod-1");

        // then
        assertThat(up.await()).as(up.log()).isZero();
        RunResult result = rig.result("shop-1").orElseThrow();
        assertThat(result.outcome().succeeded()).isTrue();
        assertThat(result.outcome().outputs()).isEmpty();
        assertThat(result.omittedOutputs().orElseThrow()).isGreaterThan(4_000_000);
    }

    @Test
    void sourcesAnswerFromWhatWasCaptured() {
        // given
        try (GitServer git = GitServer.start()) {
            git.create("private")
                    .commit(Map.of("Pulumi.yaml", "name: from-git\nruntime: yaml\noutputs: {from: git}\n"));
            git.requireBasicAuth("git", "git-" + CANARY);
            SourceReader cluster = new SourceReader(Map.of(
                    "token",
                    "git-" + CANARY,
                    "ca.crt",
                    git.certificate(),
                    "Pulumi.yaml",
                    "name: from-map\nruntime: yaml\noutputs: {from: map}\n"));
            ProjectSource fromGit = new ProjectSource(
                    null,
                    new GitSource(git.url("private"), null, null, null, null, new LocalRef("git"), null),
                    null,
                    null);
            ProjectSource fromMap = new ProjectSource(null, null, new ConfigMapSource("program"), null);
            JobInputs byGit = new JobInputs(rig, "by-git").hosts(git.hostAndPort());

            // when
            JobProcess one = run(byGit.source(fromGit, cluster).run(Operation.Up), "pod-1");
            JobProcess two = run(
                    new JobInputs(rig, "by-map")
                            .source(fromMap, cluster.only("Pulumi.yaml"))
                            .run(Operation.Up),
                    "pod-2");

            // then
            assertThat(one.await()).as(one.log()).isZero();
            assertThat(two.await()).as(two.log()).isZero();
            assertThat(output("by-git-1")).isEqualTo("git");
            assertThat(output("by-map-1")).isEqualTo("map");
            assertThat(one.log()).doesNotContain(CANARY);
            assertThat(leftIn(one.work())).doesNotContain(CANARY);
        }
    }

    @Test
    void whatAnotherPodHasClaimedIsNotRun() {
        // given
        RunInput input = shop.run(Operation.Up);
        Path mount = rig.prepare(input);
        rig.admin()
                .resources(Update.class)
                .inNamespace(rig.namespace())
                .withName("shop-1")
                .subresource("status")
                .patch(
                        PatchContext.of(PatchType.JSON_MERGE),
                        "{\"status\":{\"run\":{\"executor\":{\"instance\":\"pod-0\",\"host\":\"elsewhere\"}}}}");

        // when
        JobProcess second = rig.start(mount, "pod-1");

        // then
        assertThat(second.await()).as(second.log()).isEqualTo(ExitCode.NOT_RUN.code());
        assertThat(rig.update("shop-1").getStatus().run().executor().instance()).isEqualTo("pod-0");
        assertThat(rig.result("shop-1")).isEmpty();
        assertThat(folder.resolve("state/.pulumi")).doesNotExist();
    }

    @Test
    void inputOfAnotherVersionIsNotRun() throws IOException {
        // given
        Path mount = rig.prepare(shop.run(Operation.Up));
        Path run = mount.resolve(RunObjects.RUN);
        String text = Files.readString(run);
        Files.delete(run);
        Files.writeString(run, text.replace("\"version\":1", "\"version\":2"));

        // when
        JobProcess process = rig.start(mount, "pod-1");

        // then
        assertThat(process.await()).isEqualTo(ExitCode.NO_INPUT.code());
        assertThat(process.log()).contains("version 2").doesNotContain(CANARY);
    }

    @Test
    void theTokenIsGoodForOneUpdateAndOneSecretWhileTheInputExists() {
        // given
        Path mount = rig.prepare(shop.run(Operation.Up));
        rig.update("other", new UpdateSpec("other", Operation.Up, null, null, null, null));
        rig.secret("other-run-result", Map.of("key", new byte[] {1}));
        try (KubernetesClient run = rig.as(mount)) {
            var updates = run.resources(Update.class).inNamespace(rig.namespace());
            var secrets = run.secrets().inNamespace(rig.namespace());
            String claim = "{\"status\":{\"run\":{\"executor\":{\"instance\":\"me\"}}}}";
            PatchContext merge = PatchContext.of(PatchType.JSON_MERGE);

            // then
            updates.withName("shop-1").subresource("status").patch(merge, claim);
            refused(403, () -> updates.withName("other").get());
            refused(403, () -> updates.list());
            refused(403, () -> updates.withName("shop-1").patch(merge, "{\"metadata\":{\"labels\":{\"a\":\"b\"}}}"));
            refused(403, () -> updates.withName("shop-1").delete());
            refused(
                    403,
                    () -> run.resources(Stack.class)
                            .inNamespace(rig.namespace())
                            .list());
            assertThat(secrets.withName("shop-1-run-result").get()).isNotNull();
            refused(403, () -> secrets.withName("shop-1-run-input").get());
            refused(403, () -> secrets.withName("other-run-result").get());
            refused(403, () -> secrets.list());
            refused(403, () -> secrets.withName("shop-1-run-result").delete());
            refused(403, () -> run.pods().inNamespace(rig.namespace()).list());

            // when
            rig.admin()
                    .secrets()
                    .inNamespace(rig.namespace())
                    .withName("shop-1-run-input")
                    .delete();

            // then the server knows of the deletion after a moment
            await().atMost(Duration.ofSeconds(60))
                    .untilAsserted(
                            () -> refused(401, () -> updates.withName("shop-1").get()));
        }
    }

    @Test
    void aStackOfSomebodyElseIsToldOfAndTakenOnceTheyAreGone() {
        // given
        JobProcess first = run(shop.run(Operation.Up), "pod-1");
        assertThat(first.await()).as(first.log()).isZero();
        shop.owner("uid-of-another");

        // when
        JobProcess second = run(shop.run(Operation.Up), "pod-2");

        // then
        assertThat(second.await()).as(second.log()).isEqualTo(ExitCode.FAILED.code());
        RunResult claimed = rig.result("shop-2").orElseThrow();
        assertThat(claimed.outcome().failure().orElseThrow().reason()).isEqualTo(Reason.IdentityClaimed);
        assertThat(claimed.foreignOwner()).contains(new RunResult.ForeignOwner(rig.namespace(), JobInputs.UID));

        // when
        shop.owner("uid-of-another", JobInputs.UID).keepingSaltOf("shop-1");
        JobProcess third = run(shop.run(Operation.Up), "pod-3");

        // then
        assertThat(third.await()).as(third.log()).isZero();
    }

    @Test
    void theRunIsTracedToTheOperatorsCollectorAsItsUpdate() throws IOException {
        // given a CLI that writes down its calls, and has a file instead of the collector
        Path bin = Files.createDirectories(folder.resolve("bin"));
        Path cli = Files.writeString(bin.resolve("pulumi"), """
            #!/bin/sh
            echo "${TRACEPARENT:-none} ${OTEL_EXPORTER_OTLP_ENDPOINT:-none} $*" >> %1$s/calls
            first=1
            for argument in "$@"; do
              [ $first = 0 ] || set --
              first=0
              case $argument in grpc://*) argument=file://%1$s/spans.json ;; esac
              set -- "$@" "$argument"
            done
            exec %2$s "$@"
            """.formatted(folder, Toolchain.pulumi()));
        Files.setPosixFilePermissions(cli, PosixFilePermissions.fromString("rwxr-xr-x"));
        rig.environment().merge("PATH", bin.toString(), (path, mine) -> mine + ":" + path);

        // when
        JobProcess up = run(shop.tracedTo("grpc://collector.example.com:4317").run(Operation.Up), "pod-1");

        // then
        assertThat(up.await()).as(up.log()).isZero();
        String trace = rig.update("shop-1").getMetadata().getUid().replace("-", "");
        assertThat(Files.readAllLines(folder.resolve("calls")))
                .filteredOn(call -> call.contains(" up "))
                .singleElement()
                .asString()
                .startsWith("00-" + trace + "-" + trace.substring(16) + "-01 none ")
                .contains(" --otel-traces grpc://collector.example.com:4317");
        assertThat(folder.resolve("spans.json")).content().contains(trace);
    }

    @Test
    void aLockOfADeadPodGoesAndThatOfAnotherStays() throws IOException {
        // given
        JobProcess first = run(shop.run(Operation.Up), "pod-1");
        assertThat(first.await()).as(first.log()).isZero();
        shop.after("shop-1");
        Path locks = Files.createDirectories(folder.resolve("state/.pulumi/locks/organization/shop/shop"));
        Path lock = locks.resolve("6f3b2c0a-8f0e-4a9d-9a57-0c2f4d1e7b11.json");
        Files.writeString(lock, """
            {"pid": 7, "username": "nobody", "hostname": "shop-0-x", "timestamp": "%s"}
            """.formatted(Instant.now()));

        // when
        JobProcess locked = run(shop.run(Operation.Up), "pod-2");

        // then
        assertThat(locked.await()).as(locked.log()).isEqualTo(ExitCode.FAILED.code());
        assertThat(rig.result("shop-2")
                        .orElseThrow()
                        .outcome()
                        .failure()
                        .orElseThrow()
                        .reason())
                .isEqualTo(Reason.Locked);
        assertThat(lock).exists();

        // when
        shop.dead(new RunInput.DeadRun(
                "shop-0", "shop-0-x", Instant.now().minusSeconds(600), Optional.of(Instant.now())));
        JobProcess next = run(shop.run(Operation.Up), "pod-3");

        // then
        assertThat(next.await()).as(next.log()).isZero();
        assertThat(lock).doesNotExist();
    }

    @Test
    void nothingSecretIsSeenOfItFromOutside() {
        // given
        Set<String> leaks = new TreeSet<>();
        Path mount = rig.prepare(shop.run(Operation.Up));
        String token = read(mount.resolve(RunObjects.TOKEN));

        // when
        JobProcess up = rig.start(mount, "pod-1");
        while (up.isAlive()) {
            leaks.addAll(commandLinesAndEnvironments(List.of(CANARY, JobInputs.PASSPHRASE, token)));
        }

        // then
        assertThat(up.await()).as(up.log()).isZero();
        assertThat(leaks).containsOnly("environment with " + JobInputs.PASSPHRASE);
        assertThat(up.log()).doesNotContain(CANARY, JobInputs.PASSPHRASE, token);
        assertThat(rig.update("shop-1").toString()).doesNotContain(CANARY, JobInputs.PASSPHRASE, token);
        assertThat(leftIn(folder.resolve("state"))).doesNotContain(CANARY, JobInputs.PASSPHRASE, token);
        assertThat(leftIn(up.work()) + leftIn(folder.resolve("tmp-pod-1")))
                .doesNotContain(CANARY, JobInputs.PASSPHRASE, token);
    }

    /** The CLI gets its passphrase by its environment, and nobody anything by a command line. */
    private static Set<String> commandLinesAndEnvironments(List<String> secrets) {
        Set<String> found = new TreeSet<>();
        try (DirectoryStream<Path> processes = Files.newDirectoryStream(Path.of("/proc"), "[0-9]*")) {
            for (Path process : processes) {
                String arguments = read(process.resolve("cmdline"));
                String environment = read(process.resolve("environ"));
                for (String secret : secrets) {
                    if (arguments.contains(secret)) {
                        found.add("command line with " + secret);
                    }
                    if (environment.contains(secret)) {
                        found.add("environment with " + secret);
                    }
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return found;
    }

    private JobProcess run(RunInput input, String podUid) {
        return rig.start(rig.prepare(input), podUid);
    }

    private String output(String update) {
        return rig.result(update)
                .orElseThrow()
                .outcome()
                .outputs()
                .orElseThrow()
                .get("from")
                .value()
                .asText();
    }

    private static void refused(int code, org.assertj.core.api.ThrowableAssert.ThrowingCallable call) {
        assertThatThrownBy(call)
                .isInstanceOfSatisfying(
                        KubernetesClientException.class,
                        refusal -> assertThat(refusal.getCode()).isEqualTo(code));
    }

    /** All text below a folder. */
    private static String leftIn(Path folder) {
        try (Stream<Path> files = Files.walk(folder)) {
            return String.join(
                    "\n", files.filter(Files::isRegularFile).map(RunnerIT::read).toList());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String read(Path file) {
        try {
            return new String(Files.readAllBytes(file), StandardCharsets.ISO_8859_1);
        } catch (IOException e) {
            return "";
        }
    }

    /** A cluster in which every Secret and ConfigMap has the same content. */
    private record SourceReader(Map<String, String> texts) implements ReferenceReader {

        SourceReader only(String key) {
            return new SourceReader(Map.of(key, texts.get(key)));
        }

        @Override
        public Optional<Map<String, byte[]>> secret(String namespace, String name) {
            Map<String, byte[]> data = new HashMap<>();
            texts.forEach((key, text) -> data.put(key, text.getBytes(StandardCharsets.UTF_8)));
            return Optional.of(data);
        }

        @Override
        public Optional<Map<String, byte[]>> configMap(String namespace, String name) {
            return secret(namespace, name);
        }
    }
}
