package io.stackwright.helm;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.coordination.v1.Lease;
import io.stackwright.api.v1alpha1.Condition;
import io.stackwright.api.v1alpha1.Stack;
import io.stackwright.operator.stack.JobLedger;
import io.stackwright.operator.stack.JobNode;
import io.stackwright.operator.stack.Stacks;
import io.stackwright.testkit.TestImages;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * The packaged chart as in production, on a real node: two operators, and Jobs in another namespace with the restricted
 * pod security standard. While Jobs run the operators are killed, upgraded, uninstalled and installed again. What the
 * provider has really done is compared with what a single run for each change would have done.
 */
@Tag("cluster")
@Timeout(1800)
class HelmJobsClusterIT {

    private static final List<String> STACKS =
            IntStream.rangeClosed(1, 20).mapToObj("s%02d"::formatted).toList();

    /** Half of them, whose runs the test lets go on when it has done what it wants to do in their middle. */
    private static final List<String> HELD = STACKS.subList(0, 10);

    private static final String DELETED_FIRST = "s20";
    private static final String CHANGED_BEFORE_THE_END = "s01";
    private static final String DELETED_AFTER_THE_END = "s11";
    private static final List<String> UNTOUCHED = STACKS.stream()
            .filter(name -> !Set.of(DELETED_FIRST, CHANGED_BEFORE_THE_END, DELETED_AFTER_THE_END)
                    .contains(name))
            .toList();

    /** As long as it takes to do all that on a busy machine, while the first run waits for it. */
    private static final String SPEC = JobLedger.spec().replace("timeout: 5m", "timeout: 30m");

    private static final String[] KEPT = {"lease.coordination.k8s.io/stackwright", "secret/stackwright-installation"};

    /** What the operator is to get by with where it only decides. */
    private static final long MOST_KIB = 256 << 10;

    /** For all of them together, on a machine that has other things to do. */
    private static final Duration PATIENCE = Duration.ofMinutes(10);

    @TempDir
    private Path folder;

    private JobNode node;
    private JobLedger ledger;
    private Stacks stacks;
    private ChartRelease release;
    private OperatorProcesses operators;
    private long began;

    @BeforeEach
    void prepare() {
        node = new JobNode(folder);
        ledger = new JobLedger(node);
        stacks = node.stacks();
        release = new ChartRelease(node.cluster());
        operators = new OperatorProcesses(release.namespace());
        began = System.nanoTime();
    }

    @AfterEach
    void end() {
        if (operators != null) {
            operators.close();
            // It takes care of all namespaces: of those of other tests too.
            release.uninstall();
        }
    }

    @Test
    void nothingIsLostAndNothingRunsTwice() {
        install();
        Set<String> before = release.objectsIn(node.namespace());
        allBecomeReadyWhileOperatorsAreKilledAndUpgraded();
        oneIsDeleted();
        theReleaseIsUninstalledWhileThereAreStacks();
        anotherReleaseTakesOver();
        allAreDeleted(before);
        theReleaseLeavesNothingBehind();
        assertMemory();
    }

    private void install() {
        // when
        release.install(
                TestImages.operator(),
                values -> values.withValuesFile(Chart.FOLDER.resolve("values-production.yaml"))
                        .set("settings.backendUrl", "s3://unused/{namespace}?region=eu-west-1")
                        .set("settings.jobImage", TestImages.pulumi().name()));

        // then
        assertThat(release.operators()).hasSize(2);
        String name = release.namespace() + "-" + Chart.RELEASE;
        assertThat(release.clusterObjects())
                .contains(
                        "clusterrole.rbac.authorization.k8s.io/" + name,
                        "clusterrolebinding.rbac.authorization.k8s.io/" + name);
        tell("installed");
    }

    private void allBecomeReadyWhileOperatorsAreKilledAndUpgraded() {
        // given
        TestImages next = TestImages.operator("next");
        node.cluster().load(next.archive());
        HELD.forEach(name -> ledger.hold(name, "create.start.a"));

        // when
        String killed = awaitLeaderOtherThan("");
        STACKS.forEach(name -> stacks.create(name, SPEC));
        ledger.awaitHeld(HELD.getFirst(), "create.start.a");
        operators.kill(pod(killed));
        tell("killed the operator that led");

        // then
        awaitLeaderOtherThan(killed);
        tell("another one leads");

        // when
        release.upgrade(values -> values.set("image.tag", next.name().split(":")[1]));
        tell("upgraded");

        // then
        assertThat(release.operators())
                .allSatisfy(pod -> assertThat(
                                pod.getSpec().getContainers().getFirst().getImage())
                        .isEqualTo(next.name()));
        for (String name : HELD) {
            ledger.awaitHeld(name, "create.start.a");
            assertThat(node.pods(name + "-1"))
                    .singleElement()
                    .extracting(pod -> pod.getStatus().getPhase())
                    .isEqualTo("Running");
            ledger.release(name);
        }
        STACKS.forEach(this::awaitReady);
        tell("all are Ready");
        STACKS.forEach(this::assertRunOnce);
    }

    private void oneIsDeleted() {
        // when
        stacks.delete(DELETED_FIRST);

        // then
        ledger.awaitGone(DELETED_FIRST);
        assertThat(ledger.runs(DELETED_FIRST))
                .as("a run that creates, one that destroys")
                .isEqualTo(2);
        tell("one is deleted");
    }

    private void theReleaseIsUninstalledWhileThereAreStacks() {
        // given
        ledger.hold(CHANGED_BEFORE_THE_END, "update.start.a");
        stacks.patch(CHANGED_BEFORE_THE_END, "{\"spec\": {\"config\": {\"value\": \"v2\"}}}");
        ledger.awaitHeld(CHANGED_BEFORE_THE_END, "update.start.a");

        // when
        release.uninstall();

        // then
        release.awaitGoneBut(KEPT);
        tell("uninstalled");

        // when
        stacks.delete(DELETED_AFTER_THE_END);
        ledger.release(CHANGED_BEFORE_THE_END);

        // then
        Stacks.patiently()
                .untilAsserted(() -> assertThat(node.job(CHANGED_BEFORE_THE_END + "-2")
                                .getStatus()
                                .getSucceeded())
                        .as("runs go on without an operator")
                        .isEqualTo(1));
        Stacks.throughout().atMost(PATIENCE).untilAsserted(() -> {
            assertThat(stacks.get(DELETED_AFTER_THE_END).getMetadata().getDeletionTimestamp())
                    .isNotNull();
            for (String name : without(STACKS, DELETED_FIRST)) {
                assertThat(stacks.get(name).getMetadata().getFinalizers()).isNotEmpty();
                assertThat(ledger.existing(name).values()).containsExactlyInAnyOrder("a", "b");
            }
        });
        UNTOUCHED.forEach(this::assertRunOnce);
    }

    private void anotherReleaseTakesOver() {
        // when
        install();

        // then
        assertThat(stacks.awaitReady(CHANGED_BEFORE_THE_END).getStatus().outputs())
                .hasToString("{value=\"v2\"}");
        ledger.awaitWhole(CHANGED_BEFORE_THE_END);
        assertThat(stacks.updates(CHANGED_BEFORE_THE_END)).hasSize(2);
        assertThat(ledger.runs(CHANGED_BEFORE_THE_END)).isEqualTo(2);
        ledger.awaitGone(DELETED_AFTER_THE_END);
        UNTOUCHED.forEach(this::assertRunOnce);
        tell("taken over");
    }

    private void allAreDeleted(Set<String> before) {
        // given
        List<String> left = without(STACKS, DELETED_FIRST, DELETED_AFTER_THE_END);

        // when
        left.forEach(stacks::delete);

        // then
        Stacks.patiently()
                .atMost(PATIENCE)
                .untilAsserted(() -> assertThat(left).noneMatch(name -> stacks.get(name) != null));
        left.forEach(ledger::awaitGone);
        Stacks.patiently()
                .untilAsserted(
                        () -> assertThat(release.objectsIn(node.namespace())).isEqualTo(before));
        tell("all are deleted");
    }

    private void theReleaseLeavesNothingBehind() {
        // when
        release.uninstall();

        // then
        release.awaitGoneBut(KEPT);
        tell("uninstalled for good");
    }

    private void assertMemory() {
        Map<String, Long> peaks = operators.peaks();
        System.out.println("Most resident memory of each operator, in KiB: " + peaks);
        assertThat(peaks).as("two for each installation and upgrade").hasSizeGreaterThanOrEqualTo(6);
        assertThat(peaks.values()).allSatisfy(peak -> assertThat(peak).isLessThan(MOST_KIB));
    }

    private void awaitReady(String name) {
        Stacks.patiently()
                .atMost(PATIENCE)
                .untilAsserted(() -> assertThat(stacks.status(name).condition(Condition.READY))
                        .hasValueSatisfying(ready -> assertThat(ready.status())
                                .as("%s: %s", name, ready.message())
                                .isEqualTo(Condition.TRUE)));
    }

    /** That its one run has made each thing once, and that what it has made is known. */
    private void assertRunOnce(String name) {
        ledger.awaitWhole(name);
        assertThat(ledger.runs(name)).as(name).isEqualTo(1);
        assertThat(stacks.updates(name)).as(name).hasSize(1);
        assertThat(node.pods(name + "-1")).as(name).hasSize(1);
        Stack stack = stacks.get(name);
        assertThat(stack.getStatus().outputs()).as(name).hasToString("{value=\"v1\"}");
        assertThat(stacks.secret(name + "-outputs")).as(name).containsEntry("value", "v1");
    }

    /** The process that leads: its pod's name, and after a dash something that no other process has. */
    private String awaitLeaderOtherThan(String former) {
        return Stacks.patiently().until(this::leader, leader -> !leader.isEmpty() && !leader.equals(former));
    }

    private String leader() {
        Lease lease = node.client()
                .leases()
                .inNamespace(release.namespace())
                .withName(Chart.RELEASE)
                .get();
        String holder = lease == null ? null : lease.getSpec().getHolderIdentity();
        return holder == null ? "" : holder;
    }

    private String pod(String leader) {
        return release.operators().stream()
                .map(Pod::getMetadata)
                .map(pod -> pod.getName())
                .filter(name -> leader.startsWith(name + "-"))
                .findFirst()
                .orElseThrow();
    }

    private static List<String> without(List<String> names, String... some) {
        return names.stream().filter(name -> !List.of(some).contains(name)).toList();
    }

    private void tell(String what) {
        System.out.printf("%6.1f s: %s%n", (System.nanoTime() - began) / 1e9, what);
    }
}
