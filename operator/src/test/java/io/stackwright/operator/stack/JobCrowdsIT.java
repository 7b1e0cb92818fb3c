package io.stackwright.operator.stack;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.admissionregistration.v1.ValidatingWebhookConfiguration;
import io.fabric8.kubernetes.api.model.batch.v1.Job;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.utils.Serialization;
import io.stackwright.api.v1alpha1.Phase;
import io.stackwright.api.v1alpha1.Reason;
import io.stackwright.operator.RunningOperator;
import io.stackwright.operator.engine.Failure;
import io.stackwright.operator.execution.RunOutcome;
import io.stackwright.operator.execution.job.RunResult;
import io.stackwright.operator.settings.OperatorSettings;
import io.stackwright.testkit.ControlPlane;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.function.UnaryOperator;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Many runs of one tenant that cannot start, or whose end nobody can prove, must not hold up those of others. */
class JobCrowdsIT {

    private static final String SPEC = """
        project: {inline: {name: hello, runtime: yaml}}
        backend: {url: "s3://state"}
        """;

    /** Calls of one namespace. */
    private static final int AT_ONCE = 4;

    private static final int CROWD = 40;

    @TempDir
    private Path data;

    @Test
    void aCrowdWhoseAdmissionHangsKeepsNoReportFromBeingTakenUpAndNobodyElsesRunFromStarting() throws IOException {
        String others = ControlPlane.shared().createNamespace("others");
        try (Silence silence = new Silence();
                RunningOperator operator = RunningOperator.start(data, jobs(64, others))) {
            // given
            Stacks stacks = new Stacks(operator.client(), operator.namespace());
            KubeletDouble kubelet = new KubeletDouble(operator.client(), operator.namespace());
            stacks.create("fine", SPEC);
            Pod pod = kubelet.run(kubelet.pod(kubelet.awaitJob("fine-1")));
            String rule = "{apiGroups: [batch], apiVersions: [v1], operations: [CREATE], resources: [jobs]}";
            ValidatingWebhookConfiguration webhook = operator.client()
                    .resource(hanging(operator.namespace(), silence.port(), rule))
                    .create();
            try (KubernetesClient run = kubelet.asRun("fine-1")) {
                IntStream.range(0, CROWD).forEach(i -> stacks.create("crowd" + i, SPEC));
                Stacks.patiently().until(() -> silence.calls() == AT_ONCE);

                // when
                kubelet.claim(run, "fine-1", pod);
                kubelet.report(run, "fine-1", failed());
                kubelet.end(pod, "exitCode: 0");
                new Stacks(operator.client(), others).create("theirs", SPEC);

                // then nothing waited for one of the crowd to give up
                stacks.awaitPhase("fine-1", Phase.Failed);
                new KubeletDouble(operator.client(), others).awaitJob("theirs-1");
                assertThat(silence.calls()).isEqualTo(AT_ONCE);
            } finally {
                operator.client().resource(webhook).delete();
            }
        }
    }

    @Test
    void aCrowdWhoseEndHangsInItsAdmissionKeepsNobodyElsesRunFromEnding() throws IOException {
        String others = ControlPlane.shared().createNamespace("others");
        try (Silence silence = new Silence();
                RunningOperator operator = RunningOperator.start(data, jobs(64, others))) {
            // given
            Stacks stacks = new Stacks(operator.client(), others);
            KubeletDouble kubelet = new KubeletDouble(operator.client(), others);
            stacks.create("fine", SPEC);
            stacks.create("cancelled", SPEC);
            Pod pod = kubelet.run(kubelet.pod(kubelet.awaitJob("fine-1")));
            kubelet.awaitJob("cancelled-1");
            List<Pod> crowd = crowd(operator);
            String rule = "{apiGroups: [''], apiVersions: [v1], operations: [UPDATE, DELETE], resources: [secrets]}";
            ValidatingWebhookConfiguration webhook = operator.client()
                    .resource(hanging(operator.namespace(), silence.port(), rule))
                    .create();
            try {
                KubeletDouble theirs = new KubeletDouble(operator.client(), operator.namespace());
                crowd.forEach(each -> theirs.end(each, "exitCode: 1"));
                Stacks.patiently().until(() -> silence.calls() == AT_ONCE);

                // when
                kubelet.end(pod, "exitCode: 1");
                stacks.cancel("cancelled-1");

                // then nothing waited for one of the crowd to give up
                stacks.awaitPhase("fine-1", Phase.Failed);
                stacks.awaitPhase("cancelled-1", Phase.Cancelled);
                assertThat(silence.calls()).isEqualTo(AT_ONCE);
            } finally {
                operator.client().resource(webhook).delete();
            }
        }
    }

    /** Runs of one tenant that are under way. */
    private static List<Pod> crowd(RunningOperator operator) {
        Stacks stacks = new Stacks(operator.client(), operator.namespace());
        KubeletDouble kubelet = new KubeletDouble(operator.client(), operator.namespace());
        IntStream.range(0, CROWD).forEach(i -> stacks.create("crowd" + i, SPEC));
        return IntStream.range(0, CROWD)
                .mapToObj(i -> kubelet.run(kubelet.pod(kubelet.awaitJob("crowd" + i + "-1"))))
                .toList();
    }

    private static UnaryOperator<OperatorSettings> jobs(int workers, String others) {
        return settings -> RunningOperator.jobs(workers)
                .apply(RunningOperator.alsoWatching(others).apply(settings));
    }

    /** Only a person's word ends it, which may never come. */
    @Test
    void aRunWhoseEndNobodyCanProveTakesNoWorker() {
        try (RunningOperator operator = RunningOperator.start(data, RunningOperator.jobs(1))) {
            // given
            Stacks stacks = new Stacks(operator.client(), operator.namespace());
            KubeletDouble kubelet = new KubeletDouble(operator.client(), operator.namespace());
            stacks.create("lost", SPEC);
            Job job = kubelet.awaitJob("lost-1");
            Pod pod = kubelet.run(kubelet.pod(job));
            try (KubernetesClient run = kubelet.asRun("lost-1")) {
                kubelet.claim(run, "lost-1", pod);
            }
            kubelet.remove(pod);
            kubelet.failWithoutPod(job);
            stacks.awaitInProgress("lost", Reason.Interrupted);

            // when
            stacks.create("fine", SPEC);

            // then
            kubelet.awaitJob("fine-1");
            assertThat(stacks.updates("lost")).hasSize(1);
        }
    }

    /** It is found when its own Stack is looked at, which may be the last one. */
    @Test
    void aRunThatIsUnderWayHasItsWorkerAlsoWithTheNextOperator() {
        try (RunningOperator operator = RunningOperator.start(data, RunningOperator.jobs(1))) {
            // given
            Stacks stacks = new Stacks(operator.client(), operator.namespace());
            KubeletDouble kubelet = new KubeletDouble(operator.client(), operator.namespace());
            stacks.create("z-busy", SPEC);
            Pod pod = kubelet.run(kubelet.pod(kubelet.awaitJob("z-busy-1")));
            IntStream.range(0, CROWD).forEach(i -> stacks.create("crowd" + i, SPEC));
            Stacks.patiently()
                    .until(() -> IntStream.range(0, CROWD).allMatch(i -> stacks.update("crowd" + i + "-1") != null));

            // when
            operator.stop();
            operator.start();

            // then
            Stacks.throughout().until(() -> kubelet.jobs().size() == 1);

            // when
            kubelet.end(pod, "exitCode: 1");

            // then
            Stacks.patiently().until(() -> kubelet.jobs().size() == 2);
        }
    }

    private static RunResult failed() {
        Failure failure = new Failure(Failure.Kind.FAILED, Reason.UpdateFailed, "it says so");
        return new RunResult(RunOutcome.failed(failure), Optional.empty());
    }

    /** Takes calls, and answers none. */
    private static final class Silence implements AutoCloseable {

        private final ServerSocket socket = new ServerSocket(0, CROWD, InetAddress.getLoopbackAddress());
        private final Queue<Socket> calls = new ConcurrentLinkedQueue<>();

        Silence() throws IOException {
            Thread.ofVirtual().start(this::accept);
        }

        private void accept() {
            try {
                while (true) {
                    calls.add(socket.accept());
                }
            } catch (IOException e) {
                // Closed.
                return;
            }
        }

        int port() {
            return socket.getLocalPort();
        }

        int calls() {
            return calls.size();
        }

        @Override
        public void close() throws IOException {
            socket.close();
            for (Socket call : calls) {
                call.close();
            }
        }
    }

    /** Somebody listens there, and says nothing. */
    private static ValidatingWebhookConfiguration hanging(String namespace, int port, String rule) {
        return Serialization.unmarshal("""
            apiVersion: admissionregistration.k8s.io/v1
            kind: ValidatingWebhookConfiguration
            metadata: {name: %1$s-hanging}
            webhooks:
              - name: jobs.example.com
                admissionReviewVersions: [v1]
                sideEffects: None
                failurePolicy: Fail
                timeoutSeconds: 30
                clientConfig: {url: "https://127.0.0.1:%2$d/jobs"}
                namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: %1$s}}
                rules: [%3$s]
            """.formatted(namespace, port, rule), ValidatingWebhookConfiguration.class);
    }
}
