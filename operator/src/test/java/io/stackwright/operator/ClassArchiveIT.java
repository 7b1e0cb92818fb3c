package io.stackwright.operator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.fabric8.kubernetes.api.model.batch.v1.Job;
import io.stackwright.api.v1alpha1.Stack;
import io.stackwright.operator.execution.job.LocalKubelet;
import io.stackwright.testkit.ControlPlane;
import io.stackwright.testkit.GitServer;
import io.stackwright.testkit.Toolchain;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Whether {@code dev/images/classes.txt} still lists what an operator and a runner load, when they start and do what they
 * are for. The image's archive is made from that list, and so is the one that processes of tests use.
 *
 * <p>With {@code -Dclasses=write} it makes the list: embedded runs begin it anew, those in Jobs add to it.
 */
@Tag("both-modes")
@Timeout(300)
class ClassArchiveIT {

    private static final Path LIST = Toolchain.root().resolve("dev/images/classes.txt");

    /** Some classes are always different: those of other JDKs, of other ways through the same work. */
    private static final double LEAST = 0.9;

    private static final Pattern ARCHIVED = Pattern.compile("source: shared objects file");

    /** Out of the runtime or a jar; neither the tests' own nor one that is made while Java runs. */
    private static final Pattern READ = Pattern.compile("source: (jrt:|file:\\S+\\.jar)");

    /**
     * Entry of a constant pool that is resolved when the archive is made: {@code HashMap.treeifyBin}. Whether it is called
     * until then depends on the name of the folder of the jars, and the archive would have other bytes. The number is JDK
     * 25's ({@code javap -v java.util.HashMap}); Java ignores a wrong one.
     */
    private static final String RESOLVED = "@cp java/util/HashMap 194";

    private static final String SPEC = """
        project: {git: {url: "%s", branch: main, secretRef: {name: git}}}
        config: {plain: {of: [1, two]}}
        configFrom: [{key: word, secretKeyRef: {name: git, key: ca.crt}}]
        env: [{name: WORD, value: said}]
        """;

    private static final String PROJECT = """
        name: shop
        runtime: yaml
        config: {word: {type: string}, plain: {type: object}}
        resources: {kept: {type: "pulumi:index:Stash", properties: {input: "${word}"}}}
        outputs: {word: "${kept.input}", plain: "${plain}"}
        """;

    @TempDir
    private Path folder;

    @Test
    void mostOfWhatIsLoadedComesOutOfIt() throws Exception {
        // given
        ControlPlane plane = ControlPlane.shared();
        plane.applyCrds(Toolchain.root().resolve("crds/manifests"));
        String namespace = plane.createNamespace("classes");
        Path state = Files.createDirectories(folder.resolve("state"));
        Scenario people = new Scenario(plane.client(), namespace, state, stack -> fitted(stack, state));

        // when
        try (GitServer git = GitServer.start();
                LocalKubelet node =
                        new LocalKubelet(plane.client(), namespace, Toolchain.pulumi(), environment("runner"))) {
            live(people, git, namespace);
        }

        // then
        if ("write".equals(System.getProperty("classes"))) {
            write();
            return;
        }
        for (Path log : files(".loaded")) {
            assertThat(share(Files.readAllLines(log)))
                    .as("the share of archived classes of %s; make the list anew (see AGENTS.md)", log.getFileName())
                    .isGreaterThan(LEAST);
        }
    }

    private void live(Scenario people, GitServer git, String namespace) throws Exception {
        git.create("shop").commit(Map.of("Pulumi.yaml", PROJECT));
        people.trust(git, "git");
        Process operator = operator(namespace);
        try {
            people.apply("shop", SPEC.formatted(git.url("shop")));
            people.awaitReady("shop");
            people.patch("shop", "{\"spec\": {\"config\": {\"plain\": {\"of\": [2]}}}}");
            people.awaitReady("shop");
            if (Mode.current() == Mode.JOBS) {
                await().untilAsserted(() -> assertThat(jobs(namespace))
                        .isNotEmpty()
                        .allSatisfy(job ->
                                assertThat(job.getStatus().getSucceeded()).isEqualTo(1)));
            } else {
                people.delete("shop");
                people.awaitGone("shop");
            }
        } finally {
            operator.destroy();
            assertThat(operator.waitFor(60, TimeUnit.SECONDS)).isTrue();
        }
    }

    private static List<Job> jobs(String namespace) {
        return ControlPlane.shared()
                .client()
                .batch()
                .v1()
                .jobs()
                .inNamespace(namespace)
                .list()
                .getItems();
    }

    private static Stack fitted(Stack stack, Path state) {
        return Mode.current() == Mode.JOBS ? new StateVolume(state).mountedBy(stack) : stack;
    }

    private Process operator(String namespace) throws IOException {
        ProcessBuilder builder = JavaProcess.builder(
                ChildOperator.class,
                "--data-dir=" + folder.resolve("data"),
                "--operator-namespace=" + namespace,
                "--watch-namespaces=" + namespace,
                "--backend-url=file://" + folder.resolve("state"),
                "--pulumi=" + Toolchain.pulumi(),
                "--source-allowed-hosts=localhost,127.0.0.1",
                "--http-port=0");
        if (Mode.current() == Mode.JOBS) {
            builder.command()
                    .addAll(List.of("--execution=Job", "--runner-image=stackwright:1", "--job-image=pulumi:1"));
        }
        builder.environment().clear();
        builder.environment().putAll(environment("operator"));
        builder.environment()
                .put("KUBECONFIG", ControlPlane.shared().kubeconfig().toString());
        return builder.redirectErrorStream(true)
                .redirectOutput(folder.resolve("operator.log").toFile())
                .start();
    }

    /** The last runner's files stay: all have the same process id in their pods. */
    private Map<String, String> environment(String who) {
        String name = folder.resolve(who) + "-%p";
        return Map.of(
                "PATH",
                RunningOperator.environment().get("PATH"),
                "JDK_JAVA_OPTIONS",
                "-Xlog:class+load:file=%s.loaded -XX:DumpLoadedClassList=%s.list".formatted(name, name));
    }

    private double share(List<String> log) {
        long archived = log.stream().filter(ARCHIVED.asPredicate()).count();
        long read = log.stream().filter(READ.asPredicate()).count();
        return (double) archived / (archived + read);
    }

    /** Without the numbers that Java gives the classes, and without the tests' own. */
    private void write() throws IOException {
        TreeSet<String> classes = new TreeSet<>(Mode.current() == Mode.JOBS ? Files.readAllLines(LIST) : List.of());
        classes.add(RESOLVED);
        for (Path list : files(".list")) {
            for (String line : Files.readAllLines(list)) {
                if (!line.startsWith("#")
                        && !line.startsWith("@cp ")
                        && !line.contains(ChildOperator.class.getSimpleName())) {
                    classes.add(line.replaceFirst(" id: .*", ""));
                }
            }
        }
        Files.write(LIST, classes);
    }

    private List<Path> files(String suffix) throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            List<Path> found =
                    files.filter(file -> file.toString().endsWith(suffix)).toList();
            assertThat(found).hasSize(Mode.current() == Mode.JOBS ? 2 : 1);
            return found;
        }
    }
}
