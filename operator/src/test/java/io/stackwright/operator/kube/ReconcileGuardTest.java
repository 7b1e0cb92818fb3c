package io.stackwright.operator.kube;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.slf4j.MDC;

class ReconcileGuardTest {

    private final List<Boolean> heard = new ArrayList<>();
    private final ReconcileGuard guard = new ReconcileGuard(
            "stack", object -> Map.of("stack", "shop"), (controller, succeeded) -> heard.add(succeeded));

    @AfterEach
    void clear() {
        Thread.interrupted();
        MDC.clear();
    }

    @Test
    void errorsBecomeExceptionsAndExceptionsStayWhatTheyAre() {
        // given
        KubernetesClientException conflict = new KubernetesClientException("conflict", 409, null);
        StackOverflowError error = new StackOverflowError();

        // then
        assertThatThrownBy(() -> guard.call(new ConfigMap(), () -> {
                    throw error;
                }))
                .isInstanceOf(IllegalStateException.class)
                .hasCause(error);
        assertThatThrownBy(() -> guard.call(new ConfigMap(), () -> {
                    throw conflict;
                }))
                .isSameAs(conflict);
        assertThat(heard).containsExactly(false, false);
    }

    @Test
    void anInterruptIsKept() {
        assertThatThrownBy(() -> guard.call(new ConfigMap(), () -> {
                    throw new InterruptedException();
                }))
                .isInstanceOf(IllegalStateException.class);
        assertThat(Thread.interrupted()).isTrue();
    }

    @Test
    void theLogKeysOfTheCallerComeBack() {
        // given
        MDC.put("stack", "outer");

        // when
        String inside = guard.call(new ConfigMap(), () -> MDC.get("stack"));

        // then
        assertThat(inside).isEqualTo("shop");
        assertThat(MDC.getCopyOfContextMap()).isEqualTo(Map.of("stack", "outer"));
        assertThat(heard).containsExactly(true);
    }
}
