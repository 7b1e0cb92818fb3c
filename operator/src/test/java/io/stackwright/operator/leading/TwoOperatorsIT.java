package io.stackwright.operator.leading;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.fabric8.kubernetes.api.model.coordination.v1.LeaseSpec;
import io.stackwright.api.v1alpha1.Condition;
import io.stackwright.api.v1alpha1.Phase;
import io.stackwright.operator.Scenario;
import io.stackwright.testkit.ControlPlane;
import io.stackwright.testkit.Toolchain;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Two operators, real processes, on one backend and one lease. One of them is in trouble while it works on {@code slow};
 * there is {@code quick} beside it, on which nothing runs.
 */
@Timeout(300)
class TwoOperatorsIT {

    private static final Duration LEASE = Duration.ofSeconds(4);
    private static final Duration RETRY = Duration.ofSeconds(1);

    /** For a busy machine; with it a take-over is still sooner than the lease that is set by default allows. */
    private static final Duration MARGIN = Duration.ofSeconds(8);

    private static final String SPEC = """
        project:
          inline:
            name: pair
            runtime: yaml
            config: {word: {type: string}}
            outputs: {word: "${word}"}
        config: {word: "%s"}
        """;

    @TempDir
    private Path folder;

    private final ControlPlane plane = ControlPlane.shared();
    private final List<AutoCloseable> open = new ArrayList<>();
    private String namespace;
    private Scenario scenario;
    private LoggedPulumi pulumi;

    @BeforeEach
    void prepare() throws IOException {
        plane.applyCrds(Toolchain.root().resolve("crds/manifests"));
        namespace = plane.createNamespace("pair");
        Path state = Files.createDirectories(folder.resolve("state"));
        scenario = new Scenario(plane.client(), namespace, state);
        pulumi = new LoggedPulumi(folder);
    }

    @AfterEach
    void closeAll() throws Exception {
        for (AutoCloseable each : open.reversed()) {
            each.close();
        }
    }

    @Test
    void sigtermHandsOverWhenTheRunHasEnded() {
        // given
        OperatorProcess first = start("a", Map.of());
        first.awaitLog("leading");
        OperatorProcess second = start("b", Map.of());
        second.awaitLog("started");
        assertThat(first.readiness()).isEqualTo("200 ok\nleading\n");
        await().untilAsserted(() -> assertThat(second.readiness()).startsWith("200 ok\nstanding by, "));
        quickIsReady();
        pulumi.holdStubbornly("slow", "up");
        slowStarts("up");
        String leader = lease().getHolderIdentity();

        // when
        first.signal("TERM");
        await().atMost(Scenario.PATIENCE)
                .until(() -> pulumi.entries("term", "a", "slow").size() == 1);

        // then it keeps the lease for as long as its run needs
        await().during(LEASE.plus(RETRY.multipliedBy(2)))
                .atMost(Scenario.PATIENCE)
                .until(() -> lease().getHolderIdentity().equals(leader)
                        && second.readiness().startsWith("200 ok\nstanding by, "));

        // when the run ends
        pulumi.release("slow", "up");

        // then
        assertThat(first.awaitExit()).isEqualTo(128 + 15);
        long ended = System.nanoTime();
        assertThat(pulumi.entries("term", "a", "slow")).hasSize(1);
        second.awaitLog("leading");
        System.out.printf(
                "hand-over after the end of the old leader: %d ms%n",
                Duration.ofNanos(System.nanoTime() - ended).toMillis());
        allConverges("b");
        assertThat(scenario.updates("slow"))
                .extracting(update -> update.getStatus().phase())
                .startsWith(Phase.Interrupted, Phase.Succeeded);
    }

    @Test
    void aLeaderThatIsPausedBeyondItsLeaseDoesNothingWhenItGoesOn() {
        // given: the first of several CLI processes of a run is under way, and a retry is due during the pause
        OperatorProcess first = start("a", Map.of());
        first.awaitLog("leading");
        OperatorProcess second = start("b", Map.of());
        second.awaitLog("started");
        quickIsReady();
        scenario.apply(
                "broken",
                SPEC.formatted("x").replace("${word}", "${nothing}") + "updates: {retry: {initial: 3s, factor: 1}}\n");
        scenario.awaitNotReady("broken", "UpdateFailed");
        slowIsHeldIn("stack");

        // when
        first.signal("STOP");
        LeaseSpec left = lease();

        // then control is taken over within the lease
        second.awaitLog("leading");
        assertTakenOverInTime(left);

        // and the stack with the old run waits and says so, the other one goes on
        Condition waiting = scenario.awaitNotReady("slow", "Interrupted");
        assertThat(waiting.message()).contains("still alive");
        change("quick", "two");
        assertThat(scenario.awaitReady("quick")
                        .getStatus()
                        .outputs()
                        .get("word")
                        .asText())
                .isEqualTo("two");
        assertThat(pulumi.entries("start", "b", "quick")).isNotEmpty();

        // when the CLI of the old run ends, and the old leader goes on
        pulumi.release("slow", "stack");
        await().atMost(Scenario.PATIENCE)
                .until(() -> pulumi.entries("end", "a", "slow").size() == 1);
        int before = startsOf("a");
        first.signal("CONT");

        // then
        assertThat(first.awaitExit()).isEqualTo(1);
        assertThat(startsOf("a")).isEqualTo(before);
        scenario.patch("broken", "{\"spec\": {\"project\": {\"inline\": {\"outputs\": {\"word\": \"x\"}}}}}");
        scenario.awaitReady("broken");
        allConverges("b");
    }

    @Test
    void aLeaderThatIsCutOffStopsItsRunsAndItself() {
        // given
        Forwarder network =
                new Forwarder(URI.create(plane.config().getMasterUrl()).getPort());
        open.add(network);
        OperatorProcess first = start("a", Map.of("KUBECONFIG", through(network).toString()));
        first.awaitLog("leading");
        OperatorProcess second = start("b", Map.of());
        second.awaitLog("started");
        quickIsReady();
        slowIsHeldIn("up");

        // when
        network.close();

        // then
        assertThat(first.awaitExit()).isEqualTo(1);
        assertThat(pulumi.entries("term", "a", "slow")).hasSize(1);
        assertThat(pulumi.entries("end", "a", "slow").getLast().command()).startsWith("up");
        second.awaitLog("leading");
        pulumi.release("slow", "up");
        allConverges("b");
    }

    @Test
    void whatAKilledLeaderHasLeftRunningIsWaitedFor() {
        // given
        OperatorProcess first = start("a", Map.of());
        first.awaitLog("leading");
        OperatorProcess second = start("b", Map.of());
        second.awaitLog("started");
        quickIsReady();
        pulumi.holdStubbornly("slow", "up");
        slowStarts("up");

        // when
        first.signal("KILL");
        first.awaitExit();
        LeaseSpec left = lease();

        // then the CLI lives on, and its stack waits for it; the other one does not
        second.awaitLog("leading");
        assertTakenOverInTime(left);
        scenario.awaitNotReady("slow", "Interrupted");
        change("quick", "two");
        awaitWord("quick", "two");
        assertThat(pulumi.entries("start", "b", "slow")).isEmpty();

        // when
        pulumi.release("slow", "up");

        // then
        allConverges("b");
    }

    @Test
    void aRunOfAnotherHostWaitsForProofUntilItsDataDirectoryIsHeldAgain() {
        // given
        OperatorProcess first = start("a", Map.of("HOSTNAME", "host-a"));
        first.awaitLog("leading");
        OperatorProcess second = start("b", Map.of("HOSTNAME", "host-b"));
        second.awaitLog("started");
        quickIsReady();
        slowIsHeldIn("up");

        // when
        first.signal("KILL");
        first.awaitExit();
        LeaseSpec left = lease();

        // then control is taken over, while the stack of the old run waits and says so
        second.awaitLog("leading");
        assertTakenOverInTime(left);
        change("quick", "two");
        assertThat(scenario.awaitReady("quick")
                        .getStatus()
                        .outputs()
                        .get("word")
                        .asText())
                .isEqualTo("two");
        Condition waiting = scenario.awaitNotReady("slow", "Interrupted");
        assertThat(waiting.message()).contains("host-a");
        assertThat(scenario.updates("slow")).hasSize(1);

        // when the run ends by itself, its operator comes back and leads
        pulumi.release("slow", "up");
        await().atMost(Scenario.PATIENCE)
                .until(() -> pulumi.entries("end", "a", "slow").stream()
                        .anyMatch(entry -> entry.command().startsWith("up")));
        OperatorProcess again = start("a", Map.of("HOSTNAME", "host-a"));
        again.awaitLog("started");
        second.signal("TERM");
        again.awaitLog("leading");

        // then
        allConverges("a");
    }

    private LeaseSpec lease() {
        return plane.client()
                .leases()
                .inNamespace(namespace)
                .list()
                .getItems()
                .getFirst()
                .getSpec();
    }

    /** By the lease's own times: not before it had run out, and no later than it is looked at again. */
    private void assertTakenOverInTime(LeaseSpec left) {
        LeaseSpec now = lease();
        Instant end = left.getRenewTime().toInstant().plus(LEASE);
        assertThat(left.getLeaseDurationSeconds()).isEqualTo((int) LEASE.toSeconds());
        assertThat(now.getHolderIdentity()).isNotEqualTo(left.getHolderIdentity());
        assertThat(now.getAcquireTime().toInstant())
                .isBetween(end, end.plus(RETRY).plus(MARGIN));
    }

    private OperatorProcess start(String name, Map<String, String> environment) {
        Map<String, String> all =
                new java.util.HashMap<>(Map.of("KUBECONFIG", plane.kubeconfig().toString(), "HOSTNAME", name));
        all.putAll(environment);
        if (!environment.containsKey("HOSTNAME")) {
            // Both on this host: what proves a process dead is its id. The name is for the log of the runs.
            all.put("HOSTNAME", "this-host");
        }
        OperatorProcess process = OperatorProcess.start(
                folder.resolve(name + "-" + open.size() + ".log"),
                List.of(
                        "--data-dir=" + folder.resolve("data-" + name),
                        "--operator-namespace=" + namespace,
                        "--watch-namespaces=" + namespace,
                        "--backend-url=file://" + folder.resolve("state"),
                        "--pulumi=" + pulumi.command(name),
                        "--leader-election=true",
                        "--lease-duration=" + LEASE.toSeconds() + "s",
                        "--lease-renew-deadline=3s",
                        "--lease-retry-period=" + RETRY.toSeconds() + "s",
                        "--http-port=0",
                        "--log-format=text"),
                all);
        open.add(process);
        return process;
    }

    /** The kubeconfig, by way of the forwarder. */
    private Path through(Forwarder network) {
        try {
            String direct = Files.readString(plane.kubeconfig());
            int port = URI.create(plane.config().getMasterUrl()).getPort();
            return Files.writeString(
                    folder.resolve("kubeconfig-forwarded"), direct.replace(":" + port, ":" + network.port()));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void quickIsReady() {
        scenario.apply("quick", SPEC.formatted("one"));
        scenario.awaitReady("quick");
    }

    private void slowIsHeldIn(String command) {
        pulumi.hold("slow", command);
        slowStarts(command);
    }

    private void slowStarts(String command) {
        scenario.apply("slow", SPEC.formatted("one"));
        await().atMost(Scenario.PATIENCE)
                .until(() -> pulumi.entries("start", "a", "slow").stream()
                        .anyMatch(entry -> entry.command().startsWith(command)));
    }

    private void change(String stack, String word) {
        scenario.patch(stack, "{\"spec\": {\"config\": {\"word\": \"" + word + "\"}}}");
    }

    private void awaitWord(String stack, String word) {
        await().atMost(Scenario.PATIENCE)
                .untilAsserted(() ->
                        assertThat(scenario.output(stack, "word").asText()).isEqualTo(word));
    }

    private int startsOf(String operator) {
        return (int) pulumi.entries().stream()
                .filter(entry ->
                        entry.event().equals("start") && entry.operator().equals(operator))
                .count();
    }

    private void allConverges(String leader) {
        for (String stack : List.of("slow", "quick")) {
            scenario.awaitReady(stack);
            change(stack, "last");
            awaitWord(stack, "last");
            scenario.awaitReady(stack);
            assertThat(pulumi.entries("start", leader, stack)).isNotEmpty();
        }
        await().atMost(Scenario.PATIENCE)
                .untilAsserted(() -> assertThat(scenario.updates("slow"))
                        .allMatch(update -> update.getStatus().phase().isFinal()));
        assertThat(scenario.locks()).isEmpty();
        pulumi.assertNoOverlap();
    }
}
