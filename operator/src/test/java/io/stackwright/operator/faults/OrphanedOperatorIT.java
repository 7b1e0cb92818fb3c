package io.stackwright.operator.faults;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.stackwright.operator.Scenario;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A test whose JVM is killed leaves nothing behind that works on. */
@Timeout(300)
class OrphanedOperatorIT {

    @TempDir
    private Path folder;

    @Test
    void itEndsWithAllThatItHasStarted() {
        try (World world = World.in(Oracle.of(OrphanedOperatorIT.class), folder.resolve("world"))) {
            // given
            Play play = new Play(world, "orphan", false);
            play.apply(Workload.inline("v1", "60", "no"));
            play.await("a create", () -> !play.ledger().existing("orphan").isEmpty());
            List<CliSteps.Call> commands = world.cli().alive("orphan");
            assertThat(commands).isNotEmpty();

            // when
            world.operator().orphan();

            // then
            assertThat(world.operator().await(60)).isTrue();
            await().atMost(Scenario.PATIENCE).until(() -> commands.stream().noneMatch(CliSteps.Call::isAlive));
        }
    }
}
