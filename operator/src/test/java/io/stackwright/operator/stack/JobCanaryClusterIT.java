package io.stackwright.operator.stack;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import io.stackwright.operator.execution.job.RunObjects;
import io.stackwright.operator.source.LogCapture;
import io.stackwright.testkit.GitServer;
import io.stackwright.testkit.LiveFiles;
import io.stackwright.testkit.TestCluster;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.UUID;
import java.util.concurrent.ConcurrentSkipListSet;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.LoggerFactory;

/**
 * A secret that goes into a Job, or comes out of one, is in Secrets alone: in no other object, in nothing that kubectl
 * shows of one, in no log and on no command line of the whole machine; during the run and after it.
 */
@Tag("cluster")
class JobCanaryClusterIT {

    private static final String PROGRAM = """
        name: canaries
        runtime: yaml
        config:
          token: {type: string, secret: true}
          plain: {type: string, default: ""}
        variables:
          half: {"fn::secret": {"fn::join": ["", ["%1$s", "%2$s"]]}}
        resources:
          kept: {type: "pulumi:index:Stash", properties: {input: "${token}"}}
        outputs:
          token: ${token}
          made: ${half}
          plain: ${plain}
        """;

    @TempDir
    private static Path data;

    private static GitServer git;
    private static JobNode node;
    private static Stacks stacks;

    private static final Map<String, String> canaries = new TreeMap<>();
    private final List<String> texts = new CopyOnWriteArrayList<>();

    @BeforeAll
    static void start() {
        TestCluster cluster = TestCluster.withinReach();
        git = GitServer.startAt(JobNode.local(cluster).hostAddress());
        node = new JobNode(data, cluster, Set.of(git.hostAndPort()), "DEBUG");
        stacks = node.stacks();
        node.startOperator();
    }

    @AfterAll
    static void stop() {
        if (node != null) {
            node.stopOperator();
        }
        if (git != null) {
            git.close();
        }
    }

    @Test
    void nobodySeesASecret() {
        // given
        create("well", PROGRAM);
        create("complains", PROGRAM + "  oops: {\"fn::readFile\": \"/nowhere/${token}\"}\n");
        Set<String> seen = new ConcurrentSkipListSet<>();
        try (LogCapture logs = LogCapture.at(Level.DEBUG)) {
            // when
            new SideBySide()
                    .and("well", () -> {
                        start("well", "");
                        remember("well-1");
                        stacks.awaitReady("well");
                    })
                    .and("complains", () -> {
                        start("complains", "");
                        remember("complains-1");
                        stacks.awaitReady("complains");
                    })
                    .and(
                            "search",
                            () -> Stacks.patiently().until(() -> {
                                seen.addAll(places(logs));
                                return hasEnded("well-1") && hasEnded("complains-1");
                            }))
                    .happen();
            seen.addAll(places(logs));

            // then
            assertThat(stacks.secret("well-outputs"))
                    .containsEntry("token", canaries.get("config"))
                    .containsEntry("made", canaries.get("made"));
            assertThat(texts).as("the tokens of both runs too").hasSize(2 * (canaries.size() + 2));
            assertThat(seen).isEmpty();
            assertThat(node.kubectl("logs", "job/complains-1", "--all-containers"))
                    .contains("/nowhere/[secret]");

            // when the Stack goes
            stacks.delete("well");
            stacks.awaitGone("well");

            // then
            assertThat(places(logs)).isEmpty();
        }
    }

    @Test
    void theSearchFindsWhatIsThere() throws IOException {
        // given one in each place
        create("found", PROGRAM);
        String found = "canary-" + UUID.randomUUID();
        texts.clear();
        texts.add(found);
        Process process = new ProcessBuilder("/bin/sh", "-c", "read line", found).start();
        try (LogCapture logs = LogCapture.at(Level.DEBUG)) {
            start("found", """
                config: {plain: %1$s}
                execution:
                  podTemplate:
                    spec:
                      volumes: [{name: state, persistentVolumeClaim: {claimName: state}}]
                      containers:
                        - name: pulumi
                          env: [{name: FOUND, value: %1$s}]
                          volumeMounts: [{name: state, mountPath: /state}]
                """.formatted(found));
            stacks.awaitReady("found");
            LoggerFactory.getLogger("io.stackwright.operator.test").debug("it is {}", found);

            // then
            assertThat(places(logs))
                    .contains(
                            "get stacks",
                            "get jobs",
                            "get pods",
                            "describe jobs",
                            "describe pods",
                            "logs found-1",
                            "operator's log",
                            "command line",
                            "state")
                    .anyMatch(place -> place.startsWith("node /var/log/pods/"));
        } finally {
            process.destroy();
        }
    }

    private static boolean hasEnded(String update) {
        var found = stacks.update(update);
        return found != null
                && found.getStatus() != null
                && found.getStatus().phase() != null
                && found.getStatus().phase().isFinal();
    }

    private void create(String name, String program) {
        for (String what : List.of("config", "variable", "variables", "passphrase", "credential", "backend", "made")) {
            String canary = canaries.computeIfAbsent(what, each -> "canary-" + UUID.randomUUID());
            if (!texts.contains(canary)) {
                add(canary);
            }
        }
        String made = canaries.get("made");
        git.create(name).commit(Map.of("Pulumi.yaml", program.formatted(made.substring(0, 20), made.substring(20))));
        git.requireBasicAuth("git", canaries.get("credential"));
        stacks.putSecret("inputs", canaries);
        stacks.putSecret(
                "git", Map.of("username", "git", "password", canaries.get("credential"), "ca.crt", git.certificate()));
    }

    private static void start(String name, String more) {
        stacks.create(
                name,
                """
                project: {git: {url: "%s", secretRef: {name: git}}}
                configFrom: [{key: token, secretKeyRef: {name: inputs, key: config}}]
                env:
                  - {name: CANARY, valueFrom: {secretKeyRef: {name: inputs, key: variable}}}
                  - {name: AWS_SECRET_ACCESS_KEY, valueFrom: {secretKeyRef: {name: inputs, key: backend}}}
                envFrom: [{secretRef: {name: inputs}, prefix: ALL_}]
                secretsProvider: {passphrase: {secretKeyRef: {name: inputs, key: passphrase}}}
                """.formatted(git.url(name))
                        + (more.isEmpty()
                                ? JobNode.EXECUTION
                                : JobNode.EXECUTION.replaceAll("(?s)execution:.*", "") + more));
    }

    /** The token that a run reports with. */
    private void remember(String update) {
        Stacks.patiently().until(() -> {
            Map<String, String> input = stacks.secret(RunObjects.input(update));
            return input != null && input.containsKey(RunObjects.TOKEN);
        });
        Map<String, String> input = stacks.secret(RunObjects.input(update));
        if (input != null) {
            add(input.get(RunObjects.TOKEN));
        }
    }

    private void add(String canary) {
        texts.add(canary);
        texts.add(Base64.getEncoder().withoutPadding().encodeToString(canary.getBytes(StandardCharsets.UTF_8)));
    }

    /** All places with one of the texts. */
    private Set<String> places(LogCapture logs) {
        Map<String, String> shown = new TreeMap<>();
        for (String kind : List.of(
                "stacks",
                "updates",
                "jobs",
                "pods",
                "replicasets",
                "events",
                "configmaps",
                "serviceaccounts",
                "roles")) {
            shown.put("get " + kind, node.kubectl("get", kind, "-o", "yaml"));
        }
        for (String kind : List.of("stacks", "updates", "jobs", "pods", "secrets", "events")) {
            shown.put("describe " + kind, node.kubectl("describe", kind));
        }
        for (var job : node.client()
                .batch()
                .v1()
                .jobs()
                .inNamespace(node.namespace())
                .list()
                .getItems()) {
            String name = job.getMetadata().getName();
            shown.put("logs " + name, node.kubectl("logs", "job/" + name, "--all-containers", "--prefix"));
        }
        shown.put("operator's log", logs.text());
        shown.put(
                "command line",
                ProcessHandle.allProcesses().map(JobLedger::commandLine).reduce("", (all, one) -> all + one + "\n"));
        Set<String> places = new ConcurrentSkipListSet<>();
        shown.forEach((place, text) -> {
            if (texts.stream().anyMatch(text::contains)) {
                places.add(place);
            }
        });
        searchFiles(node.state(), "state", places);
        searchFiles(node.local().auditLog().getParent(), "servers' log", places);
        String patterns = String.join("\n", texts);
        node.local()
                .exec("sh", "-c", "grep -rlF \"$0\" /var/log || true", patterns)
                .lines()
                .forEach(file -> places.add("node " + file));
        return places;
    }

    private void searchFiles(Path folder, String place, Set<String> places) {
        LiveFiles.under(folder).stream().filter(this::hasText).forEach(file -> places.add(place));
    }

    private boolean hasText(Path file) {
        try {
            String content = Files.readString(file, StandardCharsets.ISO_8859_1);
            return texts.stream().anyMatch(content::contains);
        } catch (IOException e) {
            return false; // It is gone.
        }
    }
}
