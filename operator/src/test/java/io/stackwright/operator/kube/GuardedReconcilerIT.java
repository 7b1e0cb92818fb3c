package io.stackwright.operator.kube;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.fabric8.kubernetes.api.model.ConfigMap;
import io.javaoperatorsdk.operator.api.reconciler.Cleaner;
import io.javaoperatorsdk.operator.api.reconciler.Context;
import io.javaoperatorsdk.operator.api.reconciler.DeleteControl;
import io.javaoperatorsdk.operator.api.reconciler.Reconciler;
import io.javaoperatorsdk.operator.api.reconciler.UpdateControl;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.slf4j.MDC;

class GuardedReconcilerIT {

    private final BoundedVirtualExecutor executor = new BoundedVirtualExecutor("reconcile", 8);
    private final Broken broken = new Broken();
    private final Queue<String> heard = new ConcurrentLinkedQueue<>();
    private final ReconcileGuard guard = new ReconcileGuard(
            "stack",
            object -> Map.of("stack", object.getMetadata().getName()),
            (controller, succeeded) -> heard.add(controller + " " + succeeded));

    @AfterEach
    void stop() {
        executor.shutdownNow();
    }

    @Test
    void unguardedAnErrorStillWedgesTheResource() {
        try (RunningOperator running = new RunningOperator(broken, executor, configuration -> {})) {
            // given
            running.create("bad");
            await().dontCatchUncaughtExceptions().until(() -> broken.calls("bad") == 1);

            // when: it changes, and so does another one that is reconciled
            running.annotate("bad", "stackwright.io/reconcile", "1");
            running.create("good");
            await().dontCatchUncaughtExceptions().until(() -> broken.calls("good") == 1);
            running.annotate("good", "stackwright.io/reconcile", "1");
            await().dontCatchUncaughtExceptions().until(() -> broken.calls("good") == 2);

            // then
            assertThat(broken.calls("bad")).isEqualTo(1);
        }
    }

    @Test
    void guardedItIsTriedAgainAndCounted() {
        try (RunningOperator running = new RunningOperator(
                new GuardedCleaner<ConfigMap>(broken, broken, guard) {},
                executor,
                x -> x.withRetry(new UnlimitedRetry()))) {
            // when: the first call ends with an Error
            running.create("bad");

            // then: retried without any event
            await().until(() -> broken.calls("bad") >= 2);
            await().untilAsserted(() -> assertThat(List.copyOf(heard)).startsWith("stack false", "stack true"));
            assertThat(broken.logged).allSatisfy(keys -> assertThat(keys).containsEntry("stack", "bad"));

            // when: so does the first cleanup
            running.client
                    .configMaps()
                    .inNamespace(running.namespace)
                    .withName("bad")
                    .delete();

            // then
            await().until(() -> running.client
                            .configMaps()
                            .inNamespace(running.namespace)
                            .withName("bad")
                            .get()
                    == null);
            assertThat(broken.calls("cleanup of bad")).isEqualTo(2);
        }
    }

    /** Ends with an Error at the first call for a resource whose name is {@code bad}. */
    private static final class Broken implements Reconciler<ConfigMap>, Cleaner<ConfigMap> {

        private final Map<String, AtomicInteger> calls = new ConcurrentHashMap<>();
        private final Queue<Map<String, String>> logged = new ConcurrentLinkedQueue<>();

        int calls(String what) {
            return count(what).get();
        }

        @Override
        public UpdateControl<ConfigMap> reconcile(ConfigMap object, Context<ConfigMap> context) {
            logged.add(Map.copyOf(MDC.getCopyOfContextMap()));
            failFirst(object.getMetadata().getName(), object);
            return UpdateControl.noUpdate();
        }

        @Override
        public DeleteControl cleanup(ConfigMap object, Context<ConfigMap> context) {
            failFirst("cleanup of " + object.getMetadata().getName(), object);
            return DeleteControl.defaultDelete();
        }

        private void failFirst(String what, ConfigMap object) {
            if (count(what).incrementAndGet() == 1
                    && object.getMetadata().getName().equals("bad")) {
                throw new NoClassDefFoundError("expected in this test");
            }
        }

        private AtomicInteger count(String what) {
            return calls.computeIfAbsent(what, key -> new AtomicInteger());
        }
    }
}
