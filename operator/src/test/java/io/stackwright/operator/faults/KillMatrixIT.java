package io.stackwright.operator.faults;

import static org.assertj.core.api.Assertions.assertThat;

import io.stackwright.operator.faults.KillPoint.Victim;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
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
    private static final int GATE = 8;

    @Test
    void everythingComesToTheSameEnd() {
        // given
        Path folder = Path.of("target", "kills", Long.toString(System.currentTimeMillis()))
                .toAbsolutePath();
        KillMatrix matrix = new KillMatrix(folder, Integer.getInteger("kills.parallel", 2));
        boolean replay = WHICH.matches("[a-z-]+/(OPERATOR|CLI|POD)/[a-z].* #[0-9]+");
        List<KillPoint> all = replay ? List.of(KillPoint.parse(WHICH)) : matrix.record(Workload.ALL);

        // when
        List<KillPoint> chosen = replay ? all : chosen(all);
        matrix.run(chosen);

        // then
        System.out.println("kill matrix: " + matrix.report(all));
        if (chosen.size() < all.size()) {
            System.out.println(
                    "kill matrix: skipped " + (all.size() - chosen.size()) + "; all of them: dev/kill-matrix");
        }
        assertThat(matrix.failures()).isEmpty();
    }

    private static List<KillPoint> chosen(List<KillPoint> all) {
        Random random = new Random(SEED);
        if (!WHICH.equals("gate")) {
            List<KillPoint> some = new ArrayList<>(all);
            some.removeIf(point -> !WHICH.equals("all") && !point.id().matches(WHICH));
            Collections.shuffle(some, random);
            return some.subList(0, Math.min(some.size(), Integer.getInteger("kills.count", some.size())));
        }
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
        List<KillPoint> others = new ArrayList<>(all);
        others.removeAll(always);
        Collections.shuffle(others, random);
        always.addAll(others.subList(0, GATE));
        return always;
    }

    private static KillPoint first(List<KillPoint> all, Predicate<KillPoint> which) {
        return all.stream().filter(which).findFirst().orElseThrow(() -> new AssertionError("not among " + all));
    }
}
