package io.stackwright.operator.telemetry;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.stackwright.api.v1alpha1.Operation;
import io.stackwright.api.v1alpha1.Stack;
import io.stackwright.api.v1alpha1.Update;
import io.stackwright.api.v1alpha1.UpdateSpec;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.slf4j.MDC;

class LogContextTest {

    @AfterEach
    void clear() {
        MDC.clear();
    }

    @Test
    void aStackIsNamedWithItsNamespace() {
        // given
        Stack stack = new Stack();
        stack.setMetadata(
                new ObjectMetaBuilder().withNamespace("team-a").withName("shop").build());

        // then
        assertThat(LogContext.keys(stack)).isEqualTo(Map.of("namespace", "team-a", "stack", "shop"));
    }

    @Test
    void anUpdateIsNamedWithItsStack() {
        // given
        Update update = new Update();
        update.setMetadata(new ObjectMetaBuilder()
                .withNamespace("team-a")
                .withName("shop-7")
                .build());
        update.setSpec(new UpdateSpec("shop", Operation.Up, null, null, null, null));

        // then
        assertThat(LogContext.keys(update))
                .isEqualTo(Map.of("namespace", "team-a", "stack", "shop", "update", "shop-7"));
    }

    @Test
    void closingRestoresWhatWasThere() {
        // given
        MDC.put("stack", "outer");

        // when
        try (LogContext context = LogContext.open(Map.of("stack", "inner", "update", "inner-1"))) {
            assertThat(MDC.getCopyOfContextMap()).isEqualTo(Map.of("stack", "inner", "update", "inner-1"));
        }

        // then
        assertThat(MDC.getCopyOfContextMap()).isEqualTo(Map.of("stack", "outer"));
    }
}
