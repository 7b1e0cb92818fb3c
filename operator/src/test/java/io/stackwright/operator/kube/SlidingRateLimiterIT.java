package io.stackwright.operator.kube;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.fabric8.kubernetes.api.model.ConfigMap;
import io.javaoperatorsdk.operator.api.reconciler.Context;
import io.javaoperatorsdk.operator.api.reconciler.EventSourceContext;
import io.javaoperatorsdk.operator.api.reconciler.Reconciler;
import io.javaoperatorsdk.operator.api.reconciler.UpdateControl;
import io.javaoperatorsdk.operator.processing.event.ResourceID;
import io.javaoperatorsdk.operator.processing.event.source.EventSource;
import io.javaoperatorsdk.operator.processing.event.source.inbound.SimpleInboundEventSource;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class SlidingRateLimiterIT {

    private static final int LIMIT = 3;
    private static final Duration PERIOD = Duration.ofSeconds(1);

    private final SimpleInboundEventSource<ConfigMap> wake = new SimpleInboundEventSource<>("wake");
    private final List<Long> starts = new CopyOnWriteArrayList<>();
    private final AtomicInteger wanted = new AtomicInteger();
    private final AtomicInteger seen = new AtomicInteger();

    @Test
    void aStormOfEventsIsThinnedOutAndItsLastOneIsHandled() {
        BoundedVirtualExecutor executor = new BoundedVirtualExecutor("reconcile", 8);
        try (RunningOperator running = new RunningOperator(
                new Counting(), executor, x -> x.withRateLimiter(new SlidingRateLimiter(LIMIT, PERIOD)))) {
            // given
            running.create("busy");
            await().until(() -> starts.size() == 1);

            // when: hundreds of events, over more than three periods
            ResourceID busy = new ResourceID("busy", running.namespace);
            await().pollInterval(Duration.ofMillis(5)).until(() -> {
                wanted.incrementAndGet();
                wake.propagateEvent(busy);
                return starts.size() >= 4 * LIMIT;
            });

            // then
            await().untilAsserted(() -> assertThat(seen).hasValue(wanted.get()));
            assertThat(wanted.get()).isGreaterThan(100);
            for (int i = LIMIT; i < starts.size(); i++) {
                // Between the permission and the call there is a thread to start.
                assertThat(Duration.ofNanos(starts.get(i) - starts.get(i - LIMIT)))
                        .isGreaterThan(PERIOD.minusMillis(200));
            }
        } finally {
            executor.shutdownNow();
        }
    }

    private final class Counting implements Reconciler<ConfigMap> {

        @Override
        public UpdateControl<ConfigMap> reconcile(ConfigMap object, Context<ConfigMap> context) {
            starts.add(System.nanoTime());
            seen.set(wanted.get());
            return UpdateControl.noUpdate();
        }

        @Override
        public List<EventSource<?, ConfigMap>> prepareEventSources(EventSourceContext<ConfigMap> context) {
            return List.of(wake);
        }
    }
}
