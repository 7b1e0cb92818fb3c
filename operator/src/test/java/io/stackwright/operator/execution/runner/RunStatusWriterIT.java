package io.stackwright.operator.execution.runner;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import io.stackwright.api.v1alpha1.ExecutorStatus;
import io.stackwright.api.v1alpha1.Operation;
import io.stackwright.api.v1alpha1.Phase;
import io.stackwright.api.v1alpha1.RunStatus;
import io.stackwright.api.v1alpha1.Update;
import io.stackwright.api.v1alpha1.UpdateSpec;
import io.stackwright.operator.execution.RunRequest.RunKey;
import io.stackwright.operator.execution.runner.RunReporter.ClaimLostException;
import io.stackwright.operator.faults.ApiProxy;
import io.stackwright.operator.faults.ApiRequest;
import io.stackwright.operator.source.StackKey;
import io.stackwright.operator.telemetry.Metrics;
import io.stackwright.operator.update.Updates;
import io.stackwright.testkit.ControlPlane;
import io.stackwright.testkit.Toolchain;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Who may run an Update: one executor, once. */
class RunStatusWriterIT {

    private static final int RIVALS = 8;

    private static KubernetesClient client;
    private static String namespace;
    private static int made;

    @BeforeAll
    static void prepare() {
        ControlPlane plane = ControlPlane.shared();
        plane.applyCrds(Toolchain.root().resolve("crds/manifests"));
        client = plane.client();
        namespace = plane.createNamespace("claims");
    }

    @Test
    void whatIsClaimedIsNotClaimedAgain() {
        // given
        Update update = create();
        writer(update, "first").claim();

        // then
        assertThatThrownBy(() -> writer(update, "second").claim()).isInstanceOf(ClaimLostException.class);
        assertThat(executor(update)).isEqualTo("first");
    }

    @Test
    void whatHasEndedIsNotClaimed() {
        // given
        Update update = create();
        updates().end(update, Phase.Superseded, Optional.empty(), "something newer is wanted");

        // then
        assertThatThrownBy(() -> writer(update, "late").claim()).isInstanceOf(ClaimLostException.class);
    }

    @Test
    void whatWasMadeAgainUnderItsNameIsNotClaimed() {
        // given
        Update update = create();
        client.resource(update).delete();
        Update again = new Update();
        again.setMetadata(new ObjectMetaBuilder()
                .withName(update.getMetadata().getName())
                .withNamespace(namespace)
                .build());
        again.setSpec(update.getSpec());
        client.resource(again).create();

        // then
        assertThatThrownBy(() -> writer(update, "late").claim()).isInstanceOf(ClaimLostException.class);
    }

    @Test
    void aClaimWhoseAnswerGotLostIsStillOurs(@TempDir Path folder) {
        // given
        Update update = create();
        AtomicInteger claims = new AtomicInteger();
        try (ApiProxy proxy = new ApiProxy(ControlPlane.shared().config(), cuttingFirstPatch(claims));
                KubernetesClient cut = new KubernetesClientBuilder()
                        .withConfig(
                                Config.fromKubeconfig(proxy.kubeconfig(folder).toFile()))
                        .build()) {

            // when
            writer(cut, update, "first").claim();
        }

        // then it was asked for again
        assertThat(claims.get()).isGreaterThan(1);
        assertThat(executor(update)).isEqualTo("first");
    }

    private static ApiProxy.Listener cuttingFirstPatch(AtomicInteger claims) {
        return new ApiProxy.Listener() {

            @Override
            public boolean before(ApiRequest request) {
                return true;
            }

            @Override
            public boolean answered(ApiRequest request) {
                return !request.method().equals("PATCH") || claims.incrementAndGet() > 1;
            }

            @Override
            public void replied(ApiRequest request) {}
        };
    }

    @RepeatedTest(10)
    void ofManyAtOnceOneGetsIt() throws Exception {
        // given
        Update update = create();
        CountDownLatch start = new CountDownLatch(1);
        List<Future<Boolean>> claims = new ArrayList<>();
        try (ExecutorService rivals = Executors.newFixedThreadPool(RIVALS)) {
            for (int i = 0; i < RIVALS; i++) {
                RunStatusWriter writer = writer(update, "rival-" + i);
                claims.add(rivals.submit(() -> {
                    start.await();
                    return claims(writer);
                }));
            }

            // when
            start.countDown();
        }

        // then
        List<String> winners = new ArrayList<>();
        for (int i = 0; i < RIVALS; i++) {
            if (claims.get(i).get()) {
                winners.add("rival-" + i);
            }
        }
        assertThat(winners).containsExactly(executor(update));
    }

    private static boolean claims(RunStatusWriter writer) {
        try {
            writer.claim();
            return true;
        } catch (ClaimLostException e) {
            return false;
        }
    }

    private static Update create() {
        Update update = new Update();
        update.setMetadata(new ObjectMetaBuilder()
                .withName("claimed-" + ++made)
                .withNamespace(namespace)
                .build());
        update.setSpec(new UpdateSpec("claimed", Operation.Up, null, null, null, null));
        return client.resource(update).create();
    }

    private static RunStatusWriter writer(Update update, String instance) {
        return writer(client, update, instance);
    }

    private static RunStatusWriter writer(KubernetesClient client, Update update, String instance) {
        RunKey run = new RunKey(
                new StackKey(namespace, "claimed"),
                "uid",
                update.getMetadata().getName(),
                update.getMetadata().getUid());
        return new RunStatusWriter(
                client, client, claimed -> {}, run, new ExecutorStatus(instance, "host", 1L, "data"));
    }

    private static Updates updates() {
        return new Updates(client, Clock.systemUTC(), new Metrics());
    }

    private static String executor(Update update) {
        RunStatus run = client.resource(update).get().getStatus().run();
        return run.executor().instance();
    }
}
