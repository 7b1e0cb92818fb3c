package io.stackwright.operator.stack;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import io.fabric8.kubernetes.client.utils.Serialization;
import io.stackwright.api.v1alpha1.Phase;
import io.stackwright.api.v1alpha1.Reason;
import io.stackwright.api.v1alpha1.StackSpec;
import io.stackwright.api.v1alpha1.Update;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What keeps a Job from starting, or from going on: it is said within seconds, and put right where the message says. */
@Tag("cluster")
class JobTroublesClusterIT {

    /** A label of nodes, and the name of a priority, that nothing else of the cluster has. */
    private static final String OWN = "stackwright-test-" + System.nanoTime();

    /** Of some runs, from the start of the CLI: enough for it to come to its first create. */
    private static final Duration TIMEOUT = Duration.ofSeconds(20);

    /** How soon the Stack says what the cluster shows: seconds, on a machine that has much else to do. */
    private static final Duration SOON = Duration.ofSeconds(30);

    private static final String NODE_SELECTOR = "{\"metadata\": {\"labels\": {\"" + OWN + "-%s\": %s}}}";

    @TempDir
    private static Path data;

    private static JobNode node;
    private static JobLedger ledger;
    private static Stacks stacks;

    @BeforeAll
    static void start() {
        node = new JobNode(data);
        stacks = node.stacks();
        ledger = new JobLedger(node);
        node.startOperator();
    }

    @AfterAll
    static void stop() {
        if (node != null) {
            node.stopOperator();
            node.client().resource(priority()).delete();
            for (String label : List.of("patient", "late")) {
                labelNodes(label, "null");
            }
        }
    }

    @Test
    void itIsSaidAndCanBePutRight() {
        new SideBySide()
                .and(
                        "image",
                        () -> aChangedSpecPutsItRight("image", Reason.ImagePullFailed, "image: nowhere.invalid/a:1"))
                .and(
                        "account",
                        () -> aChangedSpecPutsItRight(
                                "account", Reason.ServiceAccountNotFound, "serviceAccountName: nobody"))
                .and("quota", this::aQuotaThatIsRaisedLetsItStart)
                .and("patience", this::theTimeoutCountsFromTheStartOfTheCli)
                .and("cancel", this::aRunThatNeverStartedIsCancelled)
                .and("deadline", this::aJobOverItsDeadlineSaysWhatItWaitedFor)
                .happen();
    }

    @Test
    void whatIsCutShortIsSaidAndTakenUp() {
        new SideBySide()
                .and("memory", this::aPodThatIsShortOfMemorySaysSo)
                .and("provider", this::aRunThatLosesAProviderForWantOfMemorySaysSo)
                .and("pressure", this::aPodThatItsNodeEvictsLeavesAPendingCreate)
                .and("timeout", this::aRunOverItsTimeoutStopsInOrder)
                .and("deadline", this::aRunOverItsDeadlineStopsInOrder)
                .and("cancel", this::aCancelledRunStopsInOrder)
                .happen();
    }

    private void aChangedSpecPutsItRight(String name, Reason reason, String trouble) {
        // given
        stacks.create(name, with("podTemplate:", trouble + "\n  podTemplate:"));
        awaitSaidSoon(name, reason);

        // when
        stacks.patch(name, "{\"spec\": {\"execution\": {\"image\": null, \"serviceAccountName\": null}}}");

        // then
        ledger.awaitWhole(name);
        assertThat(stacks.update(name + "-1").getStatus().phase()).isEqualTo(Phase.Superseded);
    }

    private void aQuotaThatIsRaisedLetsItStart() {
        // given
        node.client().resource(priority()).create();
        node.client().resource(quota("0")).create();
        stacks.create("quota", with("    spec:", "    spec:\n      priorityClassName: " + OWN));
        awaitSaidSoon("quota", Reason.QuotaExceeded);

        // when
        node.client().resource(quota("5")).update();

        // then
        ledger.awaitWhole("quota");
        assertThat(stacks.updates("quota")).hasSize(1);
    }

    private void theTimeoutCountsFromTheStartOfTheCli() {
        // given
        stacks.create("patient", onNodes("patient").replace("timeout: 5m", "timeout: " + TIMEOUT.toSeconds() + "s"));
        awaitSaidSoon("patient", Reason.Unschedulable);

        // when it has waited for longer than it may run
        Instant made = Instant.parse(node.job("patient-1").getMetadata().getCreationTimestamp());
        Stacks.patiently().until(() -> Instant.now().isAfter(made.plus(TIMEOUT)));
        labelNodes("patient", "\"true\"");

        // then
        ledger.awaitWhole("patient");
        assertThat(stacks.updates("patient")).hasSize(1);
    }

    private void aRunThatNeverStartedIsCancelled() {
        // given
        stacks.create("never", onNodes("never"));
        awaitSaidSoon("never", Reason.Unschedulable);

        // when
        Instant asked = Instant.now();
        stacks.cancel("never-1");

        // then
        Update cancelled = stacks.awaitPhase("never-1", Phase.Cancelled);
        assertThat(cancelled.getStatus().failure().message()).contains("before it started");
        assertThat(Instant.parse(stacks.awaitStalled("never", Reason.Cancelled).lastTransitionTime()))
                .isBefore(asked.plus(SOON));
        node.awaitDisarmed("never-1");
        assertThat(ledger.existing("never")).isEmpty();
    }

    private void aJobOverItsDeadlineSaysWhatItWaitedFor() {
        // given
        stacks.create("late", onNodes("late"));
        awaitSaidSoon("late", Reason.Unschedulable);

        // when
        deadlineIsOver("late-1");

        // then
        Update late = stacks.awaitPhase("late-1", Phase.Failed);
        assertThat(late.getStatus().failure().reason()).isEqualTo(Reason.Unschedulable.name());
        assertThat(late.getStatus().failure().message()).contains("deadline").contains("no node takes the pod");
        assertSaidSoon("late", Reason.Unschedulable);
        node.awaitDisarmed("late-1");

        // when
        labelNodes("late", "\"true\"");

        // then
        ledger.awaitWhole("late");
    }

    private void aPodThatIsShortOfMemorySaysSo() {
        // given
        stacks.create(
                "memory",
                with(
                        "- name: pulumi",
                        "- name: pulumi\n          resources: {limits: {memory: 24Mi}, requests: {memory: 24Mi}}"));
        Stacks.patiently()
                .ignoreExceptions()
                .untilAsserted(() ->
                        assertThat(stacks.status("memory").failures().reason()).isEqualTo(Reason.OOMKilled.name()));
        assertSaidSoon("memory", Reason.OOMKilled);

        // when
        withoutResources("memory");

        // then
        ledger.awaitWhole("memory");
    }

    /** The runner lives, and the pod ends as if nothing had been. */
    private void aRunThatLosesAProviderForWantOfMemorySaysSo() {
        // given
        ledger.takeMemory("provider", "create.before.a", 600_000_000);

        // when the kernel takes the provider, and mostly the CLI too
        stacks.create(
                "provider",
                with("- name: pulumi", "- name: pulumi\n          resources: {limits: {memory: 512Mi}}")
                        .replace("updates: {", "updates: {onPendingCreate: Clear, "));

        // then
        Update killed = stacks.awaitPhase("provider-1", Phase.Failed);
        assertThat(killed.getStatus().failure().reason()).isEqualTo(Reason.OOMKilled.name());
        assertThat(killed.getStatus().failure().message()).contains("spec.execution.podTemplate");

        // when
        ledger.release("provider");

        // then
        ledger.awaitWhole("provider");
    }

    private void aPodThatItsNodeEvictsLeavesAPendingCreate() {
        // given
        ledger.hold("pressure", "create.start.a");
        stacks.create(
                "pressure",
                with("- name: pulumi", "- name: pulumi\n          resources: {limits: {ephemeral-storage: 600Mi}}"));
        ledger.awaitHeld("pressure", "create.start.a");

        // when its program fills the disk of its node
        node.kubectl(
                "exec", "job/pressure-1", "-c", "pulumi", "--", "sh", "-c", "head -c 700000000 /dev/zero > /tmp/large");

        // then
        assertThat(stacks.awaitPhase("pressure-1", Phase.Interrupted)
                        .getStatus()
                        .failure()
                        .reason())
                .isEqualTo(Reason.Evicted.name());
        assertSaidSoon("pressure", Reason.Evicted);

        // when
        withoutResources("pressure");

        // then
        ledger.awaitPendingCreate("pressure");
        ledger.importPendingCreate("pressure");
        ledger.awaitWhole("pressure");
    }

    private static void withoutResources(String stack) {
        var execution =
                Serialization.unmarshal(JobLedger.spec(), StackSpec.class).execution();
        stacks.patch(stack, "{\"spec\": {\"execution\": " + Serialization.asJson(execution) + "}}");
    }

    private void aRunOverItsTimeoutStopsInOrder() {
        // given
        ledger.hold("slow", "create.start.a");
        stacks.create("slow", JobLedger.spec().replace("timeout: 5m", "timeout: " + TIMEOUT.toSeconds() + "s"));
        ledger.awaitHeld("slow", "create.start.a");

        // when
        Instant held = Instant.now();
        Stacks.patiently().until(() -> Instant.now().isAfter(held.plus(TIMEOUT)));
        ledger.release("slow");

        // then
        Update late = stacks.awaitPhase("slow-1", Phase.Failed);
        assertThat(late.getStatus().failure().reason()).isEqualTo(Reason.TimedOut.name());
        assertSaidSoon("slow", Reason.TimedOut);
        stacks.patch("slow", "{\"spec\": {\"updates\": {\"timeout\": \"5m\"}}}");
        ledger.awaitWhole("slow");
    }

    private void aRunOverItsDeadlineStopsInOrder() {
        // given
        Pod pod = ledger.createAndHold("overdue");

        // when
        deadlineIsOver("overdue-1");
        node.awaitAsked(pod);
        ledger.release("overdue");

        // then
        Update late = stacks.awaitPhase("overdue-1", Phase.Interrupted);
        assertThat(late.getStatus().failure().reason()).isEqualTo(Reason.DeadlineExceeded.name());
        assertSaidSoon("overdue", Reason.DeadlineExceeded);
        ledger.awaitWhole("overdue");
    }

    private void aCancelledRunStopsInOrder() {
        // given
        ledger.createAndHold("cancelled");

        // when
        stacks.cancel("cancelled-1");
        ledger.awaitCancelled("cancelled", "create.start.a");
        ledger.release("cancelled");

        // then
        stacks.awaitPhase("cancelled-1", Phase.Cancelled);
        stacks.awaitStalled("cancelled", Reason.Cancelled);
        assertThat(stacks.updates("cancelled")).hasSize(1);
        assertThat(ledger.recorded("cancelled")).containsExactly(ledger.id("cancelled", "a"));
        assertThat(ledger.locks("cancelled")).isEmpty();
        node.awaitDisarmed("cancelled-1");
    }

    /**
     * Until the Stack says why its first run does not start, soon after the cluster has begun to show that. By this test's
     * own clock: the condition does not change its status, and so not its time, with the reason.
     */
    private static void awaitSaidSoon(String stack, Reason reason) {
        Stacks.patiently().until(() -> isShown(stack + "-1", reason));
        Instant shown = Instant.now();
        stacks.awaitInProgress(stack, reason);
        assertThat(Instant.now()).as(stack + " " + reason).isBefore(shown.plus(SOON));
    }

    private static boolean isShown(String update, Reason reason) {
        return switch (reason) {
            case Unschedulable ->
                node.pods(update).stream()
                        .flatMap(pod -> pod.getStatus().getConditions().stream())
                        .anyMatch(condition -> condition.getType().equals("PodScheduled")
                                && condition.getStatus().equals("False"));
            case ImagePullFailed ->
                node.pods(update).stream()
                        .flatMap(pod -> pod.getStatus().getContainerStatuses().stream())
                        .map(container -> container.getState().getWaiting())
                        .anyMatch(waiting -> waiting != null
                                && waiting.getReason() != null
                                && waiting.getReason().contains("ImagePull"));
            default ->
                !node.client()
                        .v1()
                        .events()
                        .inNamespace(node.namespace())
                        .withField("involvedObject.name", update)
                        .withField("reason", "FailedCreate")
                        .list()
                        .getItems()
                        .isEmpty();
        };
    }

    /** That the Stack says why its last run has failed, and has since soon after the Job of that run was over. */
    private static void assertSaidSoon(String stack, Reason reason) {
        var said = stacks.status(stack).failures();
        assertThat(said).as("%s, Update and Stack say the same", stack).isNotNull();
        assertThat(said.reason()).as(said.message()).isEqualTo(reason.name());
        Instant over = Stacks.patiently()
                .until(() -> over(said.update()), Optional::isPresent)
                .orElseThrow();
        assertThat(Instant.parse(said.lastAt())).as(stack + " " + reason).isBefore(over.plus(SOON));
    }

    private static Optional<Instant> over(String job) {
        return node.job(job).getStatus().getConditions().stream()
                .filter(condition -> Set.of("Complete", "Failed").contains(condition.getType()))
                .map(condition -> Instant.parse(condition.getLastTransitionTime()))
                .findFirst();
    }

    private static String with(String place, String replacement) {
        assertThat(JobLedger.spec()).contains(place);
        return JobLedger.spec().replace(place, replacement);
    }

    /** On nodes that are labelled so, of which there is none. */
    private static String onNodes(String label) {
        return with("    spec:", "    spec:\n      nodeSelector: {" + OWN + "-" + label + ": 'true'}");
    }

    private static void labelNodes(String label, String value) {
        node.client()
                .nodes()
                .list()
                .getItems()
                .forEach(each -> node.client()
                        .resource(each)
                        .patch(PatchContext.of(PatchType.JSON_MERGE), NODE_SELECTOR.formatted(label, value)));
    }

    /** As after hours. */
    private static void deadlineIsOver(String job) {
        node.client()
                .batch()
                .v1()
                .jobs()
                .inNamespace(node.namespace())
                .withName(job)
                .patch(PatchContext.of(PatchType.JSON_MERGE), "{\"spec\": {\"activeDeadlineSeconds\": 1}}");
    }

    private static HasMetadata priority() {
        return Serialization.unmarshal("""
            apiVersion: scheduling.k8s.io/v1
            kind: PriorityClass
            metadata: {name: %s}
            value: 1
            """.formatted(OWN));
    }

    /** Of pods of that priority. */
    private static HasMetadata quota(String pods) {
        return Serialization.unmarshal("""
            apiVersion: v1
            kind: ResourceQuota
            metadata: {name: own, namespace: %s}
            spec:
              hard: {pods: "%s"}
              scopeSelector: {matchExpressions: [{scopeName: PriorityClass, operator: In, values: [%s]}]}
            """.formatted(node.namespace(), pods, OWN));
    }
}
