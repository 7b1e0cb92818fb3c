package io.stackwright.operator.faults;

import io.fabric8.kubernetes.api.model.SecretBuilder;
import io.stackwright.operator.RunningOperator;
import io.stackwright.operator.Scenario;
import io.stackwright.operator.engine.PythonPulumi;
import io.stackwright.testkit.ControlPlane;
import io.stackwright.testkit.Toolchain;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * A namespace of its own with an operator process, everything that the process talks to in the hands of the test, and
 * somebody who starts the operator again whenever it has died, as Kubernetes does.
 */
final class World implements AutoCloseable {

    private final Oracle oracle;
    private final Path folder;
    private final String namespace;
    private final Moments moments = new Moments();
    private final CliSteps cli;
    private final ApiProxy proxy;
    private final Map<String, String> environment;
    private final List<String> flags = new ArrayList<>();
    private OperatorProcess operator;
    private int starts;

    private World(Oracle oracle, Path folder, List<String> more) throws IOException, InterruptedException {
        ControlPlane plane = ControlPlane.shared();
        plane.applyCrds(Toolchain.root().resolve("crds/manifests"));
        this.oracle = oracle;
        this.folder = Files.createDirectories(folder);
        this.namespace = plane.createNamespace("faults");
        plane.client()
                .resource(new SecretBuilder()
                        .withNewMetadata()
                        .withName("token")
                        .withNamespace(namespace)
                        .endMetadata()
                        .addToStringData("token", Workload.TOKEN)
                        .build())
                .create();
        this.cli = new CliSteps(folder, moments, new Ledger(folder.resolve("ledger")));
        this.proxy = new ApiProxy(plane.config(), new Watcher());
        this.environment = new HashMap<>(PythonPulumi.on(RunningOperator.environment()));
        environment.put("PATH", LedgerProvider.in(folder) + ":" + environment.get("PATH"));
        environment.put("KUBECONFIG", proxy.kubeconfig(folder).toString());
        environment.put("TMPDIR", Files.createDirectories(folder.resolve("tmp")).toString());
        Files.createDirectories(folder.resolve("state"));
        flags.addAll(List.of(
                "--data-dir=" + folder.resolve("data"),
                "--operator-namespace=" + namespace,
                "--watch-namespaces=" + namespace,
                "--backend-url=file://" + folder.resolve("state"),
                "--pulumi=" + cli.command(),
                "--workers=4",
                "--http-port=0",
                "--log-format=text"));
        flags.addAll(more);
    }

    /**
     * Makes one and starts its operator.
     *
     * @param oracle of the test
     */
    static World in(Oracle oracle, Path folder, String... flags) {
        try {
            World world = new World(oracle, folder, List.of(flags));
            world.start();
            return world;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    /** Numbers what the operator does to the Stack of the recording. */
    private final class Watcher implements ApiProxy.Listener {

        @Override
        public boolean before(ApiRequest request) {
            return !at(request, "before");
        }

        @Override
        public boolean answered(ApiRequest request) {
            return !at(request, "answered");
        }

        @Override
        public void replied(ApiRequest request) {
            at(request, "replied");
        }

        private boolean at(ApiRequest request, String position) {
            if (!request.isMutating() || !request.isIn(namespace) || request.isEvent() || request.isLease()) {
                return false;
            }
            String object = request.object().replace(moments.subject(), "*");
            String manager = request.manager().isEmpty() ? "" : " by " + request.manager();
            return moments.at("api " + request.method() + " " + object + manager + " " + position);
        }
    }

    /** Starts the operator; there must be none. */
    synchronized void start() {
        operator = OperatorProcess.launch(flags, environment, folder.resolve("operator.log"));
        starts++;
    }

    synchronized OperatorProcess operator() {
        return operator;
    }

    /** How often an operator was started. */
    synchronized int starts() {
        return starts;
    }

    /** Starts it again if it has ended by itself. */
    synchronized void startIfEnded() {
        if (!operator.isAlive()) {
            start();
        }
    }

    /** SIGTERM of the operator, its end, and a new one; false when it had to be killed. */
    synchronized boolean restartOperator() {
        operator.terminate();
        boolean ended = operator.await(90);
        operator.kill();
        start();
        return ended;
    }

    /**
     * SIGKILL of the operator alone, and a new one.
     *
     * @return how many processes died
     */
    synchronized int killOperator() {
        int died = endOperator();
        start();
        return died;
    }

    /**
     * SIGKILL of the CLI that works on the Stack, alone: what it has started lives on.
     *
     * @return how many processes died; none when it has just ended
     */
    int killCli(String stack) {
        return Processes.kill(cli.alive(stack).stream().map(CliSteps.Call::pid).toList());
    }

    /**
     * SIGKILL of everything that runs in the operator's container, and a new one.
     *
     * @return how many processes died
     */
    synchronized int killPod() {
        int died = endPod();
        start();
        return died;
    }

    /**
     * SIGKILL of everything that runs in the operator's container; nobody starts it again.
     *
     * @return how many processes died
     */
    synchronized int endPod() {
        return endOperator() + killSessions();
    }

    private int endOperator() {
        int died = operator.isAlive() ? 1 : 0;
        operator.kill();
        return died;
    }

    /**
     * The wrapper leads the session of what it starts, whether it has become the CLI or not. In a long test a pid may have
     * been given to somebody else since.
     *
     * <p>Leaders first: the kernel ends all of a container at once, and a CLI that saw its provider die before it would
     * take the create that it was in for one that has failed.
     */
    private int killSessions() {
        List<Long> ours = Processes.withEnvironment(home());
        Set<Long> leaders = cli.pids();
        return Processes.kill(Processes.ofSessions(leaders).stream()
                .filter(ours::contains)
                .sorted(Comparator.comparing((Long pid) -> !leaders.contains(pid)))
                .toList());
    }

    /** What the environment of everything that a run of this world has started holds. */
    String home() {
        return "PULUMI_HOME=" + folder.resolve("data/work") + "/";
    }

    Moments moments() {
        return moments;
    }

    CliSteps cli() {
        return cli;
    }

    ApiProxy proxy() {
        return proxy;
    }

    Ledger ledger() {
        return cli.ledger();
    }

    String namespace() {
        return namespace;
    }

    Oracle oracle() {
        return oracle;
    }

    Path folder() {
        return folder;
    }

    /** Where Pulumi keeps its states. */
    Path backend() {
        return folder.resolve("state/.pulumi");
    }

    /** What people do and see, past the proxy. */
    Scenario people() {
        return new Scenario(ControlPlane.shared().client(), namespace, folder.resolve("state"));
    }

    @Override
    public synchronized void close() {
        operator.close();
        killSessions();
        proxy.close();
        cli.close();
    }
}
