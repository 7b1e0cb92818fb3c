package io.stackwright.operator.faults;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.stackwright.operator.Scenario;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
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

    /** Long enough to tell what is repeated without end. */
    private static final Duration WINDOW = Duration.ofSeconds(10);

    private static final int PER_SECOND = 5;

    @TempDir
    private Path folder;

    private World world;

    @BeforeEach
    void start() {
        world = World.in(folder.resolve("world"));
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
            Oracle.check(play, workload);
            assertThat(play.stalls()).isZero();
        }
        assertThat(next.get()).isGreaterThan(20);
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
        Instant end = Instant.now().plus(WINDOW.multipliedBy(2));
        await().atMost(Scenario.PATIENCE).until(() -> Instant.now().isAfter(end));

        // then
        assertThat(mostPerSecond())
                .allSatisfy((object, rate) -> assertThat(rate).as(object).isLessThanOrEqualTo((double) PER_SECOND));

        // when
        world.proxy().heal();

        // then
        for (Play play : plays) {
            create.awaitEnd(play);
            Oracle.check(play, create);
            assertThat(play.stalls()).isZero();
        }
        System.out.println("requests per second at most: " + mostPerSecond());
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
        Oracle.check(play, change);
    }

    private boolean isTroubled(ApiRequest request) {
        return request.isMutating() && request.isIn(world.namespace()) && !request.isEvent();
    }

    /** Requests per second about one object, over the worst {@link #WINDOW}. */
    private Map<String, Double> mostPerSecond() {
        Map<String, List<ApiProxy.Seen>> byObject = world.proxy().seen().stream()
                .filter(seen -> seen.request().isIn(world.namespace())
                        && !seen.request().isWatch())
                .filter(seen -> !seen.request().isEvent())
                .collect(Collectors.groupingBy(seen -> seen.request().about(), TreeMap::new, Collectors.toList()));
        Map<String, Double> most = new TreeMap<>();
        byObject.forEach((object, requests) -> most.put(
                object,
                requests.stream()
                                .mapToLong(first -> requests.stream()
                                        .filter(other -> !other.at().isBefore(first.at())
                                                && other.at()
                                                        .isBefore(first.at().plus(WINDOW)))
                                        .count())
                                .max()
                                .orElse(0)
                        / (double) WINDOW.toSeconds()));
        return most;
    }
}
