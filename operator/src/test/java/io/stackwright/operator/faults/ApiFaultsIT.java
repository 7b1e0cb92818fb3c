package io.stackwright.operator.faults;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.fabric8.kubernetes.client.dsl.Resource;
import io.stackwright.api.v1alpha1.Cause;
import io.stackwright.api.v1alpha1.Operation;
import io.stackwright.api.v1alpha1.Reason;
import io.stackwright.api.v1alpha1.Update;
import io.stackwright.api.v1alpha1.UpdateSpec;
import io.stackwright.operator.Scenario;
import io.stackwright.operator.stack.Stacks;
import io.stackwright.testkit.ControlPlane;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** An API server that refuses, hangs, cuts and lies: in the end all is as it should be, and it was not asked too often. */
@Timeout(600)
class ApiFaultsIT {

    private static final Map<String, Fault> FAULTS = new TreeMap<>(Map.of(
            "conflict", Fault.Answer.of(409, "Conflict"),
            "gone", Fault.Answer.of(410, "Gone"),
            "invalid", Fault.Answer.of(422, "Invalid"),
            "throttled", new Fault.Answer(429, "TooManyRequests", Map.of("Retry-After", "1")),
            "broken", Fault.Answer.of(500, "InternalError"),
            "away", Fault.Answer.of(503, "ServiceUnavailable"),
            "hangs", new Fault.Hang(),
            "cut", new Fault.Cut(),
            "deaf", new Fault.CutAnswer()));

    /** Those that reading can meet. */
    private static final List<String> OF_READS = List.of("gone", "throttled", "broken", "cut", "hangs");

    private final Oracle oracle = Oracle.of(ApiFaultsIT.class);

    @TempDir
    private Path folder;

    private World world;

    @BeforeEach
    void start() {
        world = World.in(oracle, folder.resolve("world"));
    }

    @AfterEach
    void stop() {
        world.close();
    }

    @Test
    void everyWriteFailsOnceInOneOfAllWays() {
        // given
        List<Fault> ways = FAULTS.values().stream()
                .filter(fault -> !(fault instanceof Fault.Hang))
                .toList();
        Set<String> seen = ConcurrentHashMap.newKeySet();
        AtomicInteger next = new AtomicInteger();
        world.proxy()
                .faults(request ->
                        isTroubled(request) && seen.add(request.method() + request.object() + next.get() / 40)
                                ? ways.get(next.getAndIncrement() % ways.size())
                                : new Fault.None());

        for (String name : List.of("create", "change-config", "delete")) {
            Workload workload = Workload.named(name);
            Play play = new Play(world, name + "-x", false);

            // when
            workload.given().accept(play);
            workload.when().accept(play);
            workload.awaitEnd(play);

            // then
            oracle.check(play, workload);
            assertThat(play.stalls()).isZero();
        }
        assertThat(next.get()).isGreaterThan(20);
    }

    @Test
    void aConflictWithinARunIsNoMistakeOfTheOperator() {
        // given
        Set<String> once = ConcurrentHashMap.newKeySet();
        world.proxy()
                .faults(request ->
                        request.isMutating() && request.mentions("secret-x-passphrase") && once.add(request.method())
                                ? Fault.Answer.of(409, "Conflict")
                                : new Fault.None());
        Workload create = Workload.named("create");
        Play play = new Play(world, "secret-x", false);

        // when
        create.when().accept(play);
        create.awaitEnd(play);

        // then
        assertThat(play.updates())
                .filteredOn(update -> update.getStatus().failure() != null)
                .isNotEmpty()
                .allSatisfy(update -> {
                    assertThat(update.getStatus().failure().reason()).isEqualTo(Reason.ApiUnavailable.name());
                    assertThat(update.getStatus().failure().retryable()).isTrue();
                });
        assertThat(world.operator().log()).doesNotContain("failed in the operator", "mistake of the operator");
    }

    @Test
    void faultsThatStayAreNotMetWithHaste() {
        // given a Stack for each, which can write nothing
        world.proxy()
                .faults(request -> isTroubled(request)
                        ? FAULTS.entrySet().stream()
                                .filter(fault -> request.mentions("s-" + fault.getKey()))
                                .map(Map.Entry::getValue)
                                .findFirst()
                                .orElse(new Fault.None())
                        : new Fault.None());
        Workload create = Workload.named("create");
        List<Play> plays = new ArrayList<>();
        for (String name : FAULTS.keySet()) {
            Play play = new Play(world, "s-" + name, false);
            create.when().accept(play);
            plays.add(play);
        }

        // when
        passes(RequestRates.WINDOW.multipliedBy(2));

        // then
        RequestRates.of(world).assertNoHaste();

        // when
        world.proxy().heal();

        // then
        for (Play play : plays) {
            create.awaitEnd(play);
            oracle.check(play, create);
            assertThat(play.stalls()).isZero();
        }
        System.out.println("failing writes, requests per second at most: " + RequestRates.of(world));
    }

    @Test
    @Tag("long")
    void readsThatFailAreNotRepeatedWithHaste() {
        // given two Stacks that live
        Workload create = Workload.named("create");
        Workload change = Workload.named("change-config");
        Play changed = new Play(world, "changed", false);
        Play unchanged = new Play(world, "unchanged", false);
        change.given().accept(changed);
        change.given().accept(unchanged);
        change.when().accept(changed);

        // when for a while nothing can be read, in one way after the other, and watches end
        for (String name : OF_READS) {
            world.proxy()
                    .faults(request -> !request.isMutating() && request.isIn(world.namespace())
                            ? FAULTS.get(name)
                            : new Fault.None());
            world.proxy().cutAll();
            passes(RequestRates.WINDOW);
            System.out.println(name + " reads, requests per second at most so far: " + RequestRates.of(world));
        }

        // then
        RequestRates.of(world).assertNoHaste();

        // when
        world.proxy().heal();
        world.proxy().cutAll();

        // then
        change.awaitEnd(changed);
        oracle.check(changed, change);
        create.awaitEnd(unchanged);
        oracle.check(unchanged, create);
    }

    @Test
    void anUpdateWhoseStackCannotBeAskedForIsLookedAtAgain() {
        // given
        AtomicInteger refused = new AtomicInteger();
        world.proxy()
                .faults(request -> request.object().equals("stacks/nobody") && refused.incrementAndGet() <= 2
                        ? Fault.Answer.of(403, "Forbidden")
                        : new Fault.None());
        Update update = new Update();
        update.getMetadata().setName("lonely");
        update.getMetadata().setNamespace(world.namespace());
        update.setSpec(new UpdateSpec("nobody", Operation.Preview, Cause.Requested, null, null, null));

        // when
        Resource<Update> created = ControlPlane.shared().client().resource(update);
        created.create();

        // then
        await().atMost(Scenario.PATIENCE)
                .untilAsserted(() -> assertThat(created.get().getStatus())
                        .isNotNull()
                        .satisfies(status -> assertThat(status.conditions())
                                .anyMatch(condition -> condition.reason().equals(Reason.StackNotFound.name()))));
        assertThat(refused.get()).isGreaterThan(2);
    }

    @Test
    void aReferenceThatMayNotBeReadIsTold() {
        // given
        Stacks stacks = new Stacks(ControlPlane.shared().client(), world.namespace());
        stacks.putConfigMap("program", Map.of("Pulumi.yaml", "{name: shut, runtime: yaml, outputs: {open: 'yes'}}"));
        world.proxy()
                .faults(request -> request.object().equals("secrets/token")
                                || request.object().equals("configmaps/program")
                        ? Fault.Answer.of(403, "Forbidden")
                        : new Fault.None());

        // when
        stacks.create("inputs", """
            project: {inline: {name: inputs, runtime: yaml}}
            configFrom: [{key: token, secretKeyRef: {name: token, key: token}}]
            """);
        stacks.create("source", "project: {configMap: {name: program}}");

        // then
        assertThat(stacks.awaitInProgress("inputs", Reason.ApiRefused).message())
                .contains("spec.configFrom[0].secretKeyRef", "Secret `token`", "permissions");
        assertThat(stacks.awaitInProgress("source", Reason.ApiRefused).message())
                .contains("spec.project.configMap", "ConfigMap `program`", "permissions");

        // when
        world.proxy().heal();

        // then
        stacks.awaitReady("inputs");
        stacks.awaitReady("source");
    }

    /** What must not happen has had the time to happen. */
    private static void passes(Duration time) {
        Instant end = Instant.now().plus(time);
        await().atMost(Scenario.PATIENCE).until(() -> Instant.now().isAfter(end));
    }

    @Test
    void frozenWatchesAndAnOldListAreOvercome() {
        // given
        Workload change = Workload.named("change-config");
        Play play = new Play(world, "frozen", false);
        change.given().accept(play);
        ApiRequest list = world.proxy().seen().stream()
                .map(ApiProxy.Seen::request)
                .filter(request -> request.method().equals("GET") && !request.isWatch())
                .filter(request -> request.path().endsWith("/stacks"))
                .findFirst()
                .orElseThrow();
        byte[] old = world.proxy().ask(list);

        // when nothing comes through, then all connections end, the first watch has expired and the first list is old
        world.proxy().freezeWatches();
        change.when().accept(play);
        Set<String> once = ConcurrentHashMap.newKeySet();
        world.proxy().faults(request -> {
            if (!request.path().endsWith("/stacks") || !request.method().equals("GET")) {
                return new Fault.None();
            }
            if (request.isWatch()) {
                return once.add("watch") ? new Fault.Expired() : new Fault.None();
            }
            return once.add("list") ? new Fault.Replay(old) : new Fault.None();
        });
        world.proxy().cutAll();
        await().atMost(Scenario.PATIENCE).until(() -> once.size() == 2);
        world.proxy().heal();

        // then
        change.awaitEnd(play);
        oracle.check(play, change);
    }

    @Test
    void aWatchThatCannotGoOnWhereItStoppedListsAgain() {
        // given
        Workload change = Workload.named("change-config");
        Play play = new Play(world, "expired", false);
        change.given().accept(play);

        // when all connections end, and no watch of Stacks is taken up again before they have been listed
        AtomicBoolean listed = new AtomicBoolean();
        AtomicInteger refused = new AtomicInteger();
        world.proxy().faults(request -> {
            if (!request.path().endsWith("/stacks") || !request.method().equals("GET")) {
                return new Fault.None();
            }
            if (!request.isWatch()) {
                listed.set(true);
                return new Fault.None();
            }
            if (listed.get()) {
                return new Fault.None();
            }
            refused.incrementAndGet();
            return Fault.Answer.of(410, "Expired");
        });
        world.proxy().cutAll();
        change.when().accept(play);

        // then
        change.awaitEnd(play);
        oracle.check(play, change);
        assertThat(refused.get()).isBetween(1, 30);
    }

    private boolean isTroubled(ApiRequest request) {
        return request.isMutating() && request.isIn(world.namespace());
    }
}
