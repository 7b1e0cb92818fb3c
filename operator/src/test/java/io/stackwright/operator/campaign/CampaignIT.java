package io.stackwright.operator.campaign;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.SecretBuilder;
import io.stackwright.api.v1alpha1.Condition;
import io.stackwright.api.v1alpha1.Reason;
import io.stackwright.api.v1alpha1.StackStatus;
import io.stackwright.operator.RecordedPulumi;
import io.stackwright.operator.RunningOperator;
import io.stackwright.operator.Scenario;
import io.stackwright.testkit.GitServer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Takes Stacks through every case of every property of the schema, in an order that a seed decides, and compares after
 * each step all that is to be seen with what the spec alone says.
 *
 * <p>By default a few cases, at least one of each property, which the seed chooses. All of them, in so many orders:
 * {@code -Dcampaign.rounds=20}; the same order again: {@code -Dcampaign.seed=…}, which each run prints; one property:
 * {@code -Dcampaign.rounds=1 -Dcampaign.only=updates.parallel}.
 */
class CampaignIT {

    private static final int CHAINS = 3;
    private static final int TROUBLES = 12;

    @TempDir
    private static Path folder;

    private static RunningOperator operator;
    private static GitServer git;
    private static Scenario scenario;
    private static Site site;

    @BeforeAll
    static void startOperator() throws Exception {
        RecordedPulumi pulumi = RecordedPulumi.in(folder);
        git = GitServer.start();
        operator = RunningOperator.start(
                folder.resolve("data"),
                settings -> RunningOperator.pulumi(pulumi.command())
                        .apply(RunningOperator.sourcesFrom(git.hostAndPort()).apply(settings)));
        scenario = new Scenario(operator);
        Path elsewhere = Files.createDirectories(folder.resolve("elsewhere"));
        site = new Site(operator, pulumi, scenario, git, Echo.put(git, scenario, CampaignIT::putSecret), elsewhere);
    }

    @AfterAll
    static void stopOperator() {
        operator.close();
        git.close();
    }

    @Test
    void everyPropertyShowsWhereItMustAndNowhereElse() throws Exception {
        long seed = Long.getLong("campaign.seed", 4);
        int rounds = Integer.getInteger("campaign.rounds", 0);
        String only = System.getProperty("campaign.only", "");
        List<Case> all = Cases.all().stream()
                .filter(step -> step.toString().startsWith(only))
                .toList();
        List<Case> cases = rounds == 0 ? some(all, new Random(seed)) : all;

        // when, then
        for (int round = 0; round < Math.max(rounds, 1); round++) {
            takeAll(cases, seed + round, round);
        }

        // and it says what it was
        Map<String, Long> tried =
                cases.stream().collect(Collectors.groupingBy(Case::leaf, TreeMap::new, Collectors.counting()));
        System.out.println("campaign: cases by property: " + tried);
        System.out.println("campaign: left to other tests: " + Cases.ELSEWHERE);
        if (rounds == 0) {
            System.out.println("campaign: skipped " + (all.size() - cases.size()) + " of " + all.size()
                    + " cases; -Dcampaign.rounds=1 takes all");
        }
    }

    /** One case of each property that is applied, where there is one, and a few states that are not well. */
    private static List<Case> some(List<Case> all, Random random) {
        List<Case> shuffled = new ArrayList<>(all);
        Collections.shuffle(shuffled, random);
        shuffled.sort(Comparator.comparing(step -> !(step.outcome() instanceof Case.Outcome.Good)));
        Map<String, Case> first = new TreeMap<>();
        shuffled.forEach(step -> first.putIfAbsent(step.leaf(), step));
        List<Case> some = new ArrayList<>(first.values());
        shuffled.stream()
                .filter(step -> !(step.outcome() instanceof Case.Outcome.Good) && !some.contains(step))
                .limit(TROUBLES)
                .forEach(some::add);
        return some;
    }

    /** Each case once, dealt out to the chains; what fails is told at the end, and the chain goes on with another Stack. */
    private static void takeAll(List<Case> cases, long seed, int round) throws Exception {
        List<Case> order = new ArrayList<>(cases);
        Collections.shuffle(order, new Random(seed));
        List<String> wrong = new CopyOnWriteArrayList<>();
        AtomicInteger taken = new AtomicInteger();
        try (ExecutorService threads = Executors.newFixedThreadPool(CHAINS)) {
            List<Callable<Void>> chains = new ArrayList<>();
            for (int i = 0; i < CHAINS; i++) {
                List<Case> share = new ArrayList<>();
                for (int at = i; at < order.size(); at += CHAINS) {
                    share.add(order.get(at));
                }
                String name = "chain-" + round + "-" + i;
                Random random = new Random(seed * CHAINS + i);
                chains.add(() -> {
                    walk(share, name, random, wrong, taken);
                    return null;
                });
            }
            for (Future<Void> chain : threads.invokeAll(chains)) {
                chain.get();
            }
        }
        System.out.printf("campaign: -Dcampaign.seed=%d took %d of %d cases%n", seed, taken.get(), order.size());
        assertThat(wrong).as("with -Dcampaign.seed=%d", seed).isEmpty();
        assertThat(taken.get()).isEqualTo(order.size());
    }

    private static void walk(List<Case> share, String name, Random random, List<String> wrong, AtomicInteger taken) {
        Chain chain = new Chain(site, name, random);
        chain.begin();
        for (Case step : share) {
            taken.incrementAndGet();
            try {
                chain.take(step);
            } catch (AssertionError | RuntimeException e) {
                wrong.add(step + ": " + e);
                chain = new Chain(site, name + "-" + wrong.size(), random);
                chain.begin();
            }
        }
        try {
            chain.end();
        } catch (AssertionError | RuntimeException e) {
            wrong.add("end of " + name + ": " + e + ", " + e.getCause());
        }
    }

    /** Initial, factor and longest delay show in when the next attempt is due. */
    @Test
    void retriesFollowTheSpec() {
        // given
        scenario.apply("retries", """
            project: {inline: {name: retries, runtime: yaml, outputs: {bad: {"fn::readFile": /nowhere}}}}
            updates: {retry: {initial: 100s, factor: 3, max: 4m}}
            """);

        // then
        assertDelay(1, Duration.ofSeconds(100));
        scenario.annotate("retries", "stackwright.io/reconcile", "1");
        assertDelay(2, Duration.ofMinutes(4));

        // when
        scenario.patch("retries", "{\"spec\": {\"updates\": {\"retry\": {\"max\": null}}}}");

        // then a changed spec is tried at once and counts anew, and what it waits for afterwards is its own
        assertDelay(1, Duration.ofSeconds(100));
        scenario.annotate("retries", "stackwright.io/reconcile", "2");
        assertDelay(2, Duration.ofSeconds(300));
    }

    private static void assertDelay(int count, Duration expected) {
        org.awaitility.Awaitility.await().atMost(Scenario.PATIENCE).untilAsserted(() -> {
            assertThat(scenario.condition("retries", Condition.READY).reason()).isEqualTo(Reason.UpdateFailed.name());
            StackStatus.FailureStatus failure =
                    scenario.get("retries").getStatus().failures();
            assertThat(failure.count()).isEqualTo(count);
            Duration delay = Duration.between(Instant.parse(failure.lastAt()), Instant.parse(failure.nextAttemptAt()));
            assertThat(delay.toMillis()).isBetween(expected.toMillis() * 79 / 100, expected.toMillis() * 121 / 100);
        });
    }

    private static void putSecret(String name, Map<String, String> data) {
        operator.client()
                .resource(new SecretBuilder()
                        .withNewMetadata()
                        .withName(name)
                        .withNamespace(operator.namespace())
                        .endMetadata()
                        .withStringData(data)
                        .build())
                .create();
    }
}
