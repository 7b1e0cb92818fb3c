package io.stackwright.bench;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.batch.v1.Job;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.dsl.ExecWatch;
import io.stackwright.api.v1alpha1.Stack;
import io.stackwright.testkit.TestCluster;
import io.stackwright.testkit.TestImages;
import io.stackwright.testkit.Toolchain;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * A real node with the operator's image in a pod that has 256 MiB, one namespace with a volume for state, and what is
 * measured there: Stacks in Job mode, and bare Jobs that run the same program on the same volume.
 */
final class JobRig implements AutoCloseable {

    static final Duration PATIENCE = Duration.ofMinutes(5);

    private static final String OPERATOR = """
        apiVersion: v1
        kind: ServiceAccount
        metadata: {name: operator, namespace: NAMESPACE}
        ---
        apiVersion: rbac.authorization.k8s.io/v1
        kind: ClusterRoleBinding
        metadata: {name: NAMESPACE}
        roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: cluster-admin}
        subjects: [{kind: ServiceAccount, name: operator, namespace: NAMESPACE}]
        ---
        apiVersion: v1
        kind: PersistentVolumeClaim
        metadata: {name: state, namespace: NAMESPACE}
        spec: {accessModes: [ReadWriteOnce], resources: {requests: {storage: 1Gi}}}
        ---
        apiVersion: v1
        kind: ConfigMap
        metadata: {name: program, namespace: NAMESPACE}
        data:
          Pulumi.yaml: |
        PROGRAM
        ---
        apiVersion: v1
        kind: Pod
        metadata: {name: operator, namespace: NAMESPACE}
        spec:
          serviceAccountName: operator
          securityContext: {runAsNonRoot: true, fsGroup: 65532, seccompProfile: {type: RuntimeDefault}}
          containers:
            - name: operator
              image: OPERATOR_IMAGE
              imagePullPolicy: IfNotPresent
              args:
                - --watch-namespaces=NAMESPACE
                - --operator-namespace=NAMESPACE
                - --execution=Job
                - --runner-image=OPERATOR_IMAGE
                - --job-image=JOB_IMAGE
                - --workers=64
                - --log-level=LEVEL
              env: [{name: JDK_JAVA_OPTIONS, value: "-XX:TieredStopAtLevel=1 -XX:MaxRAMPercentage=20 -XX:MinRAMPercentage=20"}] # as the chart
              securityContext: {allowPrivilegeEscalation: false, readOnlyRootFilesystem: true, capabilities: {drop: [ALL]}}
              resources: {requests: {memory: 256Mi}, limits: {memory: 512Mi}}
              readinessProbe: {httpGet: {path: /readyz, port: 8080}, periodSeconds: 1}
              volumeMounts: [{name: data, mountPath: /var/lib/stackwright}, {name: tmp, mountPath: /tmp}]
          volumes: [{name: data, emptyDir: {}}, {name: tmp, emptyDir: {}}]
        """;

    private static final String EXECUTION = """
        backend: {url: "file:///state"}
        execution:
          podTemplate:
            spec:
              volumes: [{name: state, persistentVolumeClaim: {claimName: state}}]
              containers: [{name: pulumi, volumeMounts: [{name: state, mountPath: /state}]}]
        """;

    /** What a person's quickest script would do: no preview, no prompts, no update check. */
    private static final String BARE = """
        apiVersion: batch/v1
        kind: Job
        metadata: {name: NAME, namespace: NAMESPACE, labels: {bench: bare}}
        spec:
          backoffLimit: 0
          template:
            metadata: {labels: {bench: bare}}
            spec:
              restartPolicy: Never
              enableServiceLinks: false
              securityContext: {runAsNonRoot: true, runAsUser: 65532, runAsGroup: 65532, fsGroup: 65532, seccompProfile: {type: RuntimeDefault}}
              containers:
                - name: pulumi
                  image: JOB_IMAGE
                  imagePullPolicy: IfNotPresent
                  command:
                    - sh
                    - -ec
                    - >-
                      mkdir /scratch/program; cp /program/Pulumi.yaml /scratch/program; cd /scratch/program;
                      pulumi login file:///state;
                      pulumi stack init NAME --non-interactive;
                      pulumi up --yes --skip-preview --stack NAME --non-interactive
                  env:
                    - {name: HOME, value: /scratch}
                    - {name: USER, value: bench}
                    - {name: PULUMI_CONFIG_PASSPHRASE, value: bench}
                    - {name: PULUMI_SKIP_UPDATE_CHECK, value: "true"}
                  securityContext: {allowPrivilegeEscalation: false, readOnlyRootFilesystem: true, capabilities: {drop: [ALL]}}
                  resources: {requests: {cpu: 50m, memory: 192Mi}, limits: {memory: 2Gi}}
                  volumeMounts:
                    - {name: state, mountPath: /state}
                    - {name: program, mountPath: /program}
                    - {name: work, mountPath: /scratch}
                    - {name: tmp, mountPath: /tmp}
              volumes:
                - {name: state, persistentVolumeClaim: {claimName: state}}
                - {name: program, configMap: {name: program}}
                - {name: work, emptyDir: {}}
                - {name: tmp, emptyDir: {}}
        """;

    private final TestCluster cluster;
    private final KubernetesClient client;
    private final String namespace;
    private final Observer observer;

    /** @param logLevel of the operator and its runs */
    JobRig(String logLevel) throws InterruptedException {
        cluster = TestCluster.shared();
        client = cluster.client();
        cluster.load(TestImages.pulumi().archive());
        cluster.load(TestImages.operator().archive());
        cluster.applyCrds(Toolchain.root().resolve("crds/manifests"));
        namespace = cluster.createNamespace("bench", Map.of("pod-security.kubernetes.io/enforce", "restricted"));
        observer = Observer.withJobs(client, namespace);
        apply(OPERATOR.replace("LEVEL", logLevel).replace("PROGRAM\n", Rig.PROGRAM.indent(4)));
        observer.await("the operator is ready", sight -> sight.object() instanceof Pod pod && isReady(pod), PATIENCE);
    }

    private static boolean isReady(Pod pod) {
        return pod.getMetadata().getName().equals("operator")
                && pod.getStatus().getConditions().stream()
                        .anyMatch(it ->
                                it.getType().equals("Ready") && it.getStatus().equals("True"));
    }

    private void apply(String yaml) {
        String text = yaml.replace("NAMESPACE", namespace)
                .replace("OPERATOR_IMAGE", TestImages.operator().name())
                .replace("JOB_IMAGE", TestImages.pulumi().name());
        client.load(new ByteArrayInputStream(text.getBytes(StandardCharsets.UTF_8)))
                .create();
    }

    TestCluster cluster() {
        return cluster;
    }

    KubernetesClient client() {
        return client;
    }

    Observer observer() {
        return observer;
    }

    String namespace() {
        return namespace;
    }

    Stack stack(String name) {
        return Rig.stack(namespace, name, EXECUTION);
    }

    /** Creates a bare Job that has a stack of its own. */
    void createBare(String name) {
        apply(BARE.replace("NAMESPACE", "\0").replace("NAME", name).replace("\0", "NAMESPACE"));
    }

    /** When the Job was seen complete. */
    Instant awaitComplete(String name) throws InterruptedException {
        return observer.await(name + " complete", sight -> isComplete(sight.object(), name), PATIENCE);
    }

    private static boolean isComplete(HasMetadata object, String name) {
        return object instanceof Job job
                && job.getMetadata().getName().equals(name)
                && job.getStatus() != null
                && job.getStatus().getConditions().stream()
                        .anyMatch(it -> it.getType().equals("Complete")
                                && it.getStatus().equals("True"));
    }

    /** What is gone takes no part in what is measured next. */
    void remove(Stack stack) throws InterruptedException {
        client.resource(stack).delete();
        observer.awaitGone(stack, PATIENCE);
    }

    void removeBare(String name) throws InterruptedException {
        Job job =
                client.batch().v1().jobs().inNamespace(namespace).withName(name).get();
        client.resource(job).delete();
        observer.await(name + " gone", sight -> sight.deleted() && sight.is(job), PATIENCE);
    }

    /** A line of the operator's {@code /proc/self/status}, in bytes: {@code VmHWM} is the most it has taken. */
    long operatorMemory(String line) throws InterruptedException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        try (ExecWatch exec = client.pods()
                .inNamespace(namespace)
                .withName("operator")
                .writingOutput(out)
                .exec("cat", "/proc/1/status")) {
            exec.exitCode().get(30, TimeUnit.SECONDS);
        } catch (ExecutionException | TimeoutException e) {
            throw new IllegalStateException(e);
        }
        return out.toString(StandardCharsets.UTF_8)
                .lines()
                .filter(text -> text.startsWith(line + ":"))
                .mapToLong(text -> Long.parseLong(text.replaceAll("\\D", "")) * 1024)
                .sum();
    }

    @Override
    public void close() {
        observer.close();
        client.rbac().clusterRoleBindings().withName(namespace).delete();
    }
}
