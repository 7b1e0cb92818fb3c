package io.stackwright.operator.kube;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.ConfigMapBuilder;
import io.fabric8.kubernetes.api.model.coordination.v1.Lease;
import io.fabric8.kubernetes.api.model.coordination.v1.LeaseBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import io.stackwright.testkit.ControlPlane;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What leaves a fenced client, and what does not, against a real API server. */
@Timeout(60)
class FenceIT {

    private static final long SECOND = Duration.ofSeconds(1).toNanos();

    private final AtomicLong now = new AtomicLong();
    private final String namespace = ControlPlane.shared().createNamespace("fence");
    private final Leadership leadership = Leadership.elected(
            new Leadership.Terms(
                    namespace, "lease", "me", Duration.ofSeconds(15), Duration.ofSeconds(10), Duration.ofSeconds(2)),
            now::get);
    private KubernetesClient client;

    @BeforeEach
    void open() {
        client = new KubeClients(ControlPlane.shared().config(), "test").createFenced(leadership);
        leadership.election().orElseThrow().getLeaderCallbacks().orElseThrow().onStartLeading();
    }

    @AfterEach
    void close() {
        client.close();
    }

    @Test
    void writingTheLeaseOpensTheFenceUntilTheDeadlineCloses() {
        // given: nothing may be written before the lease is
        assertThatThrownBy(this::create).isInstanceOf(NotLeadingException.class);

        // when
        renew();

        // then
        ConfigMap written = create();

        // when the process stands still for ten seconds
        now.addAndGet(10 * SECOND);

        // then no verb gets through
        PatchContext apply = new PatchContext.Builder()
                .withPatchType(PatchType.SERVER_SIDE_APPLY)
                .withFieldManager("test")
                .withForce(true)
                .build();
        ConfigMap changed =
                new ConfigMapBuilder(object()).withData(Map.of("a", "2")).build();
        assertThatThrownBy(() -> client.resource(changed).patch(apply, changed))
                .isInstanceOf(NotLeadingException.class);
        assertThatThrownBy(() -> client.resource(changed).update()).isInstanceOf(NotLeadingException.class);
        assertThatThrownBy(() -> client.resource(written).delete()).isInstanceOf(NotLeadingException.class);
        assertThat(client.configMaps()
                        .inNamespace(namespace)
                        .withName("it")
                        .get()
                        .getMetadata()
                        .getResourceVersion())
                .isEqualTo(written.getMetadata().getResourceVersion());
    }

    @Test
    void aRenewalCountsFromTheReadingOfTheLease() {
        // given
        renew();

        // when the lease is read, and written nine seconds later with the time of the reading
        Lease lease = client.leases().inNamespace(namespace).withName("lease").get();
        now.addAndGet(9 * SECOND);
        client.resource(lease).patch(PatchContext.of(PatchType.JSON_MERGE), lease);

        // then
        now.addAndGet(SECOND);
        assertThatThrownBy(this::create).isInstanceOf(NotLeadingException.class);
    }

    @Test
    void aRefusedRenewalIsNone() {
        // given
        renew();
        now.addAndGet(8 * SECOND);

        // when
        Lease stale = new LeaseBuilder(
                        client.leases().inNamespace(namespace).withName("lease").get())
                .editMetadata()
                .withResourceVersion("1")
                .endMetadata()
                .build();
        assertThatThrownBy(() -> client.resource(stale).patch(PatchContext.of(PatchType.JSON_MERGE), stale));

        // then
        now.addAndGet(2 * SECOND);
        assertThatThrownBy(this::create).isInstanceOf(NotLeadingException.class);
    }

    private void renew() {
        client.leases().inNamespace(namespace).withName("lease").get();
        client.resource(new LeaseBuilder()
                        .withNewMetadata()
                        .withName("lease")
                        .withNamespace(namespace)
                        .endMetadata()
                        .withNewSpec()
                        .withHolderIdentity("me")
                        .endSpec()
                        .build())
                .create();
    }

    private ConfigMap object() {
        return new ConfigMapBuilder()
                .withNewMetadata()
                .withName("it")
                .withNamespace(namespace)
                .endMetadata()
                .addToData("a", "1")
                .build();
    }

    private ConfigMap create() {
        return client.resource(object()).create();
    }
}
