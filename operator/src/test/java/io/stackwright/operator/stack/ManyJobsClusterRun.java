package io.stackwright.operator.stack;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Many Jobs at once, by command: {@code -Dit.test=ManyJobsClusterRun -Djobs.parallel=20}. */
@Tag("cluster")
class ManyJobsClusterRun {

    @TempDir
    private static Path data;

    private static JobNode node;
    private static Stacks stacks;

    @BeforeAll
    static void have() {
        node = new JobNode(data);
        stacks = node.stacks();
    }

    @BeforeEach
    void start() {
        node.startOperator();
    }

    @AfterEach
    void stop() {
        node.stopOperator();
    }

    /** How many, by {@code -Djobs.parallel}; prints how long it takes from the first apply to the last Ready. */
    @Test
    void manyStacksAtOnceBecomeReady() {
        // given
        int number = Integer.getInteger("jobs.parallel", 4);
        long start = System.nanoTime();

        // when
        for (int i = 0; i < number; i++) {
            stacks.create("many-" + i, JobNode.SPEC);
        }

        // then
        for (int i = 0; i < number; i++) {
            String name = "many-" + i;
            Stacks.patiently()
                    .atMost(Duration.ofMinutes(6))
                    .ignoreExceptions()
                    .untilAsserted(() -> assertThat(stacks.status(name)
                                    .condition("Ready")
                                    .orElseThrow()
                                    .status())
                            .isEqualTo("True"));
        }
        System.out.printf("%d Stacks Ready after %.1f s%n", number, (System.nanoTime() - start) / 1e9);
        for (int i = 0; i < number; i++) {
            assertThat(stacks.updates("many-" + i)).hasSize(1);
        }
    }
}
