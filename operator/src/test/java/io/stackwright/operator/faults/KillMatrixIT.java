package io.stackwright.operator.faults;

import static org.assertj.core.api.Assertions.assertThat;

import io.stackwright.operator.faults.KillPoint.Victim;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Random;
import java.util.function.Predicate;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Whoever is killed, and whenever: everything comes to the same end, nothing is there twice, nothing is lost.
 *
 * <p>The gate tries a few points, chosen by a fixed seed; {@code dev/kill-matrix} tries all, or some, or one.
 */
@Timeout(4 * 60 * 60)
class KillMatrixIT {

    private static final String WHICH = System.getProperty("kills", "gate");
    private static final long SEED = Long.getLong("kills.seed", 4);
    private static final int GATE = 3;

    /** What a run of all must come to; fewer, and something keeps it from trying. */
    private static final int ALL_AT_LEAST = 300;

    private static final double MISSED_AT_MOST = 0.05;

    @Test
    void everythingComesToTheSameEnd() {
        // given
        Path folder = Path.of("target", "kills", Long.toString(System.currentTimeMillis()))
                .toAbsolutePath();
        KillMatrix matrix =
                new KillMatrix(Oracle.of(KillMatrixIT.class), folder, Integer.getInteger("kills.parallel", 2));
        boolean replay = WHICH.matches("[a-z-]+/(OPERATOR|CLI|POD)/[a-z].* #[0-9]+");
        // A replay needs what the undisturbed run comes to.
        List<KillPoint> recorded = matrix.record(workloads());
        List<KillPoint> all = replay ? List.of(KillPoint.parse(WHICH)) : recorded;

        // when
        List<KillPoint> mandatory = WHICH.equals("gate") ? mandatory(all) : List.of();
        List<KillPoint> chosen = replay ? all : chosen(all, mandatory);
        if (chosen.isEmpty()) {
            all.forEach(System.out::println);
        }
        matrix.run(chosen);

        // then
        System.out.println("kill matrix: seed " + SEED + "; " + matrix.report(all));
        if (chosen.size() < all.size()) {
            System.out.println(
                    "kill matrix: skipped " + (all.size() - chosen.size()) + "; all of them: dev/kill-matrix");
        }
        mandatory.forEach(
                point -> System.out.println("kill matrix: mandatory " + point + ": " + matrix.becameOf(point)));
        assertThat(matrix.failures()).isEmpty();
        assertThat(mandatory)
                .as("mandatory points whose moment did not come, so that nobody was killed")
                .allMatch(point -> matrix.becameOf(point).equals("killed"));
        if (WHICH.equals("all") && chosen.size() == all.size()) {
            assertThat(all).as("points").hasSizeGreaterThanOrEqualTo(ALL_AT_LEAST);
            assertThat(matrix.missed()).as("points whose moment did not come").hasSizeLessThanOrEqualTo((int)
                    (all.size() * MISSED_AT_MOST));
        }
    }

    /** Those that may have a chosen point: none is recorded for nothing. */
    private static List<Workload> workloads() {
        String name = WHICH.contains("/") ? WHICH.substring(0, WHICH.indexOf('/')) : "";
        return name.matches("[a-z.*+-]+")
                ? Workload.ALL.stream()
                        .filter(workload -> workload.name().matches(name))
                        .toList()
                : Workload.ALL;
    }

    private static List<KillPoint> chosen(List<KillPoint> all, List<KillPoint> mandatory) {
        if (!WHICH.equals("gate")) {
            List<KillPoint> some = new ArrayList<>(all);
            some.removeIf(point -> !WHICH.equals("all") && !point.id().matches(WHICH));
            Collections.shuffle(some, new Random(SEED));
            return some.subList(0, Math.min(some.size(), Integer.getInteger("kills.count", some.size())));
        }
        List<KillPoint> others = new ArrayList<>(all);
        others.removeAll(mandatory);
        // By the points themselves: the next recording may have some more or some less, and the choice stays.
        others.sort(
                Comparator.comparingLong(point -> new Random(SEED + point.id().hashCode()).nextLong()));
        List<KillPoint> some = new ArrayList<>(mandatory);
        some.addAll(others.subList(0, GATE));
        return some;
    }

    /** Those that the gate always holds. */
    private static List<KillPoint> mandatory(List<KillPoint> all) {
        List<KillPoint> always = new ArrayList<>();
        // In the middle of a create, each of the three.
        for (Victim victim : Victim.values()) {
            always.add(first(
                    all,
                    p -> p.workload().equals("create")
                            && p.victim() == victim
                            && p.moment().equals("ledger create a start #1")));
        }
        // The claim is written, and nobody knows.
        always.add(first(
                all,
                p -> p.workload().equals("create")
                        && p.moment().startsWith("api PATCH updates/*-1/status by stackwright-runner")
                        && p.moment().endsWith(" replied #1")));
        // In the middle of a destroy.
        always.add(first(
                all,
                p -> p.workload().equals("delete")
                        && p.victim() == Victim.POD
                        && p.moment().startsWith("ledger delete")
                        && p.moment().contains(" start ")));
        return always;
    }

    private static KillPoint first(List<KillPoint> all, Predicate<KillPoint> which) {
        return all.stream().filter(which).findFirst().orElseThrow(() -> new AssertionError("not among " + all));
    }
}
