package io.stackwright.operator.stack;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import io.fabric8.kubernetes.client.utils.Serialization;
import io.stackwright.api.v1alpha1.Condition;
import io.stackwright.api.v1alpha1.Stack;
import io.stackwright.operator.RunningOperator;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.LoggerFactory;

/** How a Stack that has been destroyed is let go. */
@Tag("both-modes-long")
class StackReleaseIT {

    private static final Duration PATIENCE = Duration.ofSeconds(90);

    @Test
    void theFinalizerGoesAtTheFirstAttempt(@TempDir Path data) {
        // given
        Logger framework = (Logger) LoggerFactory.getLogger("io.javaoperatorsdk");
        Level before = framework.getLevel();
        ListAppender<ILoggingEvent> log = new ListAppender<>();
        try (RunningOperator operator = RunningOperator.start(data)) {
            Stack stack = Serialization.unmarshal("""
                apiVersion: stackwright.io/v1alpha1
                kind: Stack
                metadata: {name: brief}
                spec: {project: {inline: {name: brief, runtime: yaml, outputs: {out: 1}}}}
                """, Stack.class);
            stack.getMetadata().setNamespace(operator.namespace());
            operator.client().resource(operator.fitted(stack)).create();
            await().atMost(PATIENCE)
                    .until(() -> operator.client()
                            .resource(stack)
                            .get()
                            .getStatus()
                            .condition(Condition.READY)
                            .filter(ready -> ready.status().equals(Condition.TRUE))
                            .isPresent());
            // The framework tells of attempts that were refused at this level only.
            framework.setLevel(Level.DEBUG);
            framework.setAdditive(false);
            log.start();
            framework.addAppender(log);

            // when
            operator.client().resource(stack).delete();
            await().atMost(PATIENCE)
                    .until(() -> operator.client().resource(stack).get() == null);
        } finally {
            framework.detachAppender(log);
            framework.setAdditive(true);
            framework.setLevel(before);
        }

        // then
        assertThat(log.list)
                .extracting(ILoggingEvent::getFormattedMessage)
                .isNotEmpty()
                .noneMatch(line -> line.contains("HTTP code: "));
    }
}
