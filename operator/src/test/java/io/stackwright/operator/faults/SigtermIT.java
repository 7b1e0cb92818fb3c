package io.stackwright.operator.faults;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.stackwright.api.v1alpha1.Phase;
import io.stackwright.operator.Scenario;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * SIGTERM of the operator's process in the middle of creates.
 *
 * <p>They take eight seconds; {@code -Dsigterm.seconds=30} makes it more.
 */
@Timeout(600)
class SigtermIT {

    private static final int SIGTERM_EXIT = 143;

    @TempDir
    private Path folder;

    @Test
    void eachCommandGetsOneAndFinishesWhatItIsAt() {
        // given
        String seconds = System.getProperty("sigterm.seconds", "8");
        try (World world = World.in(Oracle.of(SigtermIT.class), folder.resolve("world"))) {
            world.cli().stay(true);
            List<Play> plays = List.of(new Play(world, "first", false), new Play(world, "second", false));
            plays.forEach(play -> play.apply(Workload.inline("v1", seconds, "no")));
            // On a slow machine the first one may be at its second create when the second one begins its first.
            plays.forEach(play -> play.await("a create", () -> begun(play) > 0));
            plays.forEach(play -> play.await("a create that goes on", () -> begun(play) > ended(play)));
            List<Long> begun = plays.stream().map(SigtermIT::begun).toList();

            // when
            world.operator().terminate();

            // then
            assertThat(world.operator().await(Long.parseLong(seconds) + 60)).isTrue();
            assertThat(world.operator().exitValue()).isEqualTo(SIGTERM_EXIT);
            for (Play play : plays) {
                CliSteps.Call up = world.cli().calls(play.stack()).getLast();
                assertThat(up.command()).isEqualTo("up");
                assertThat(up.signals()).containsExactly("TERM");
                assertThat(up.isAlive()).isFalse();
                assertThat(play.people().locks()).isEmpty();
                assertThat(play.people().state("kills", play.stack()).path("pending_operations"))
                        .isEmpty();
                assertThat(begun(play))
                        .as("creates, of which none began afterwards")
                        .isEqualTo(begun.get(plays.indexOf(play)));
                assertThat(ended(play)).as("creates that were finished").isEqualTo(begun(play));
                assertThat(play.unrecorded()).isEmpty();
            }

            // when
            world.cli().stay(false);
            world.startIfEnded();

            // then
            Workload create = Workload.named("create");
            for (Play play : plays) {
                create.awaitEnd(play);
                world.oracle().check(play, create);
                assertThat(play.stalls()).isZero();
                await().atMost(Scenario.PATIENCE)
                        .untilAsserted(() -> assertThat(play.people().updates(play.stack()))
                                .extracting(update -> update.getStatus().phase())
                                .containsExactly(Phase.Interrupted, Phase.Succeeded));
            }
        }
    }

    private static long begun(Play play) {
        return lines(play, "start");
    }

    private static long ended(Play play) {
        return lines(play, "end");
    }

    private static long lines(Play play, String phase) {
        return play.ledger().of(play.stack()).stream()
                .filter(line -> line.phase().equals(phase))
                .count();
    }
}
