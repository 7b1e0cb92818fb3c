package io.stackwright.operator.stack;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.ServiceAccountBuilder;
import io.fabric8.kubernetes.api.model.authentication.TokenRequestBuilder;
import io.fabric8.kubernetes.api.model.rbac.ClusterRoleBindingBuilder;
import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.stackwright.operator.RunningOperator;
import io.stackwright.operator.faults.ApiProxy;
import io.stackwright.operator.faults.ApiRequest;
import io.stackwright.operator.faults.OperatorProcess;
import io.stackwright.testkit.TestImages;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The operator is killed while it makes the objects of a run, when it makes the Jobs of an up and of a destroy, and while
 * an end is taken up: before the API server has what it writes then, or when it has.
 *
 * <p>{@code -Djobs.kills=1-30} kills at the n-th thing that it writes for the n-th Stack, ten Stacks at a time, which takes
 * minutes.
 */
@Tag("cluster")
class JobOperatorKillsClusterIT {

    private static final int AT_ONCE = 10;

    /** What the gate kills at, for the Stack of that name. */
    private static final Map<String, Point> POINTS = Map.of(
            "token", Point.first("POST serviceaccounts/.*/token"),
            "job", Point.first("POST jobs"),
            "disarm", Point.first("DELETE .*"),
            "kept", Point.first("PATCH jobs/.*"),
            "destroy", new Point(Pattern.compile("POST jobs"), 2));

    /** @param time at which time that something like this is written, from 1 on */
    private record Point(Pattern what, int time) {

        static Point first(String what) {
            return new Point(Pattern.compile(what), 1);
        }
    }

    @TempDir
    private Path folder;

    private JobNode node;
    private JobLedger ledger;
    private ApiProxy proxy;
    private String account;
    private final List<String> flags = new ArrayList<>();
    private final Map<String, String> environment = new HashMap<>(RunningOperator.environment());
    private final Map<String, Integer> writes = new ConcurrentHashMap<>();
    private final Map<String, String> killedAt = new ConcurrentHashMap<>();
    private OperatorProcess operator;

    @BeforeEach
    void start() throws IOException {
        node = new JobNode(folder);
        ledger = new JobLedger(node);
        account = node.namespace() + "-operator";
        proxy = new ApiProxy(administrator(), new Killer());
        Config config = node.cluster().config();
        Path kubeconfig = proxy.kubeconfig(folder);
        // What runs recognise the API server by; the proxy itself speaks plain HTTP.
        Files.writeString(
                kubeconfig,
                Files.readString(kubeconfig)
                        .replace("server: ", "certificate-authority-data: " + config.getCaCertData() + ", server: "));
        environment.put("KUBECONFIG", kubeconfig.toString());
        flags.addAll(List.of(
                "--data-dir=" + folder.resolve("operator"),
                "--operator-namespace=" + node.namespace(),
                "--watch-namespaces=" + node.namespace(),
                "--execution=Job",
                "--runner-image=" + TestImages.operator().name(),
                "--job-image=" + TestImages.pulumi().name(),
                "--http-port=0",
                "--log-format=text"));
        launch();
    }

    @AfterEach
    void stop() {
        if (operator != null) {
            operator.kill();
        }
        if (proxy != null) {
            proxy.close();
            node.client().rbac().clusterRoleBindings().withName(account).delete();
        }
    }

    private synchronized void launch() {
        operator = OperatorProcess.launch(flags, environment, folder.resolve("operator.log"));
    }

    private synchronized void killAndLaunch() {
        operator.kill();
        launch();
    }

    @Test
    void nothingRunsTwiceAndNothingIsLost() {
        List<String> names = places().stream()
                .flatMap(place -> Stream.of(place + "-before", place + "-after"))
                .toList();
        for (int i = 0; i < names.size(); i += AT_ONCE) {
            List<String> some = names.subList(i, Math.min(names.size(), i + AT_ONCE));
            // when
            some.forEach(name -> node.stacks().create(name, JobLedger.spec()));

            // then
            SideBySide stories = new SideBySide();
            some.forEach(name -> stories.and(name, () -> assertRunOnce(name)));
            stories.happen();
        }
        System.out.println("killed at " + killedAt);
        if (numbers().isEmpty()) {
            assertThat(killedAt).as("at which the operator was killed").containsOnlyKeys(names);
        }
    }

    private void assertRunOnce(String name) {
        ledger.awaitWhole(name);
        assertThat(ledger.runs(name))
                .as(name + " was killed at " + killedAt.get(name))
                .isEqualTo(1);
        node.stacks().delete(name);
        ledger.awaitGone(name);
        assertThat(ledger.runs(name))
                .as(name + " was killed at " + killedAt.get(name))
                .isEqualTo(2);
    }

    private static List<String> places() {
        return numbers().isEmpty()
                ? List.copyOf(POINTS.keySet())
                : numbers().stream().map("k%02d"::formatted).toList();
    }

    /** None for the gate. */
    private static List<Integer> numbers() {
        String[] range = System.getProperty("jobs.kills", "").split("-");
        return range.length != 2
                ? List.of()
                : IntStream.rangeClosed(Integer.parseInt(range[0]), Integer.parseInt(range[1]))
                        .boxed()
                        .toList();
    }

    /** Ends the operator when it writes what it is to be ended at. */
    private final class Killer implements ApiProxy.Listener {

        @Override
        public boolean before(ApiRequest request) {
            return !isDue(request, "-before");
        }

        @Override
        public boolean answered(ApiRequest request) {
            return !isDue(request, "-after");
        }

        @Override
        public void replied(ApiRequest request) {}

        private boolean isDue(ApiRequest request, String position) {
            if (!request.isMutating() || request.isEvent() || request.isLease()) {
                return false;
            }
            String what = request.method() + " " + request.object();
            List<String> due = places().stream()
                    .filter(place -> request.mentions(place + position))
                    .filter(place -> isDue(place, place + position, what))
                    .toList();
            due.forEach(place -> killedAt.put(place + position, what));
            if (!due.isEmpty()) {
                killAndLaunch();
            }
            return !due.isEmpty();
        }

        private boolean isDue(String place, String name, String what) {
            Point point = POINTS.get(place);
            return point == null
                    ? writes.merge(name, 1, Integer::sum) == Integer.parseInt(place.substring(1))
                    : point.what().matcher(what).matches() && writes.merge(name, 1, Integer::sum) == point.time();
        }
    }

    /** An administrator with a token, which is what the proxy can hand on. */
    private Config administrator() {
        KubernetesClient client = node.client();
        client.resource(new ServiceAccountBuilder()
                        .withNewMetadata()
                        .withName("operator")
                        .withNamespace(node.namespace())
                        .endMetadata()
                        .build())
                .create();
        client.resource(new ClusterRoleBindingBuilder()
                        .withNewMetadata()
                        .withName(account)
                        .endMetadata()
                        .withNewRoleRef("rbac.authorization.k8s.io", "ClusterRole", "cluster-admin")
                        .addNewSubject()
                        .withKind("ServiceAccount")
                        .withName("operator")
                        .withNamespace(node.namespace())
                        .endSubject()
                        .build())
                .create();
        Config config = node.cluster().config();
        config.setAutoOAuthToken(client.serviceAccounts()
                .inNamespace(node.namespace())
                .withName("operator")
                .tokenRequest(new TokenRequestBuilder()
                        .withNewSpec()
                        .withExpirationSeconds(7200L)
                        .endSpec()
                        .build())
                .getStatus()
                .getToken());
        return config;
    }
}
