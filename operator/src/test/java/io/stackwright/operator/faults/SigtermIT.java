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
            plays.forEach(play -> play.await(
                    "a create", () -> !play.ledger().existing(play.stack()).isEmpty()));

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
                assertThat(play.ledger().of(play.stack()))
                        .extracting(Ledger.Line::name, Ledger.Line::phase)
                        .containsExactly(
                                org.assertj.core.groups.Tuple.tuple("a", "start"),
                                org.assertj.core.groups.Tuple.tuple("a", "end"));
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
}
