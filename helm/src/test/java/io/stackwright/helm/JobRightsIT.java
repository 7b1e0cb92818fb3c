package io.stackwright.helm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertAll;

import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.api.model.rbac.Role;
import io.stackwright.operator.Scenario;
import io.stackwright.testkit.ControlPlane;
import io.stackwright.testkit.Toolchain;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.Consumer;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Takes each single right away that the chart gives an operator that makes Jobs: by the API server's audit log, it is
 * missed, and it alone. One operator tries what a run needs, in as many namespaces as there are such rights, each of which
 * lacks another one, and only until it is missed.
 */
@Timeout(600)
class JobRightsIT {

    /** Runs have rights of their own, and nobody may give rights that they do not have: then it is this that is refused. */
    private static final Right GRANT = new Right("", "rbac.authorization.k8s.io", "roles", "create");

    private static final Set<Right> GRANTED = Set.of(
            new Right("", "stackwright.io", "updates", "get"),
            new Right("", "stackwright.io", "updates/status", "patch"),
            new Right("", "", "secrets", "get"),
            new Right("", "", "secrets", "patch"));

    private static final String OWN = "own";
    private static final String STACKS = "stacks";
    private static final int LIVES_AT_ONCE = 8;
    private static final String LEASES = "coordination.k8s.io";
    private static final Pattern MISSING_VERBS =
            Pattern.compile("No permission to lease resource.*missing required verbs: \\[([a-z, ]+)]");

    @TempDir
    private static Path logs;

    @TempDir
    private Path folder;

    private static Path log;
    private static ControlPlane plane;

    @BeforeAll
    static void start() {
        log = logs.resolve("audit.log");
        plane = ControlPlane.startAudited(log);
        plane.applyCrds(Toolchain.root().resolve("crds/manifests"));
    }

    @AfterAll
    static void stop() {
        plane.close();
    }

    @Test
    void whatARunNeeds() throws Exception {
        // given
        String namespace = plane.createNamespace("operator");
        Map<String, Right> lacking = new LinkedHashMap<>();
        rights(rendered(OWN, List.of(STACKS))).stream()
                .filter(right -> !isNeededToStart(right))
                .map(right -> right.in(plane.createNamespace("without")))
                .forEach(right -> lacking.put(right.namespace(), right));
        OperatorAsInstalled installed =
                installed(namespace, rendered(namespace, List.copyOf(lacking.keySet())), lacking.values());
        Map<String, Life> lives = new LinkedHashMap<>();
        lacking.keySet().forEach(stacks -> lives.put(stacks, installed.life(stacks)));
        lives.values().forEach(Life::before);

        // when
        Audit audit = Audit.of(log, OperatorAsInstalled.user(namespace));
        try (ChartOperator operator = installed.start("operator")) {
            operator.awaitLog("leading");
            sideBySide(lacking.values(), right -> liveUntilRefused(lives.get(right.namespace()), audit, signs(right)));
            operator.stop();
        }

        // then
        assertThat(lacking).hasSizeGreaterThan(30);
        TreeSet<Right> refused = audit.more().refused();
        assertThat(lacking.values())
                .allSatisfy(right -> assertThat(refused)
                        .as("refused without the right to %s", right)
                        .filteredOn(each -> each.namespace().equals(right.namespace()))
                        .isNotEmpty()
                        .isSubsetOf(signs(right)));
        assertThat(refused).extracting(Right::namespace).isSubsetOf(lacking.keySet());
    }

    /** What is refused at one start is given to the next one, so that there need not be as many as there are rights. */
    @Test
    void whatAnOperatorNeedsToStartAndToLead() throws Exception {
        // given
        TreeSet<Right> needed = new TreeSet<>(rights(rendered(OWN, List.of(STACKS))));
        needed.removeIf(right -> !isNeededToStart(right));

        // when
        TreeSet<Right> lacking = new TreeSet<>(needed);
        Set<Right> refused;
        do {
            refused = refusedWithout(lacking);
            assertThat(lacking).containsAll(refused);
            lacking.removeAll(refused);
        } while (!refused.isEmpty());

        // then
        assertThat(needed).hasSizeGreaterThan(15);
        assertThat(lacking).as("rights that are not missed").isEmpty();
    }

    private Set<Right> refusedWithout(Set<Right> lacking) throws IOException {
        String own = plane.createNamespace("operator");
        String stacks = plane.createNamespace("stacks");
        Map<String, String> names = Map.of(OWN, own, STACKS, stacks, own, OWN, stacks, STACKS);
        Right renewal = new Right(own, LEASES, "leases", "patch");
        OperatorAsInstalled installed = installed(
                own,
                rendered(own, List.of(stacks)),
                lacking.stream()
                        .map(right -> right.in(names.get(right.namespace())))
                        .toList());
        Audit audit = Audit.of(log, OperatorAsInstalled.user(own));
        TreeSet<Right> refused;
        try (ChartOperator operator = installed.start("operator")) {
            await().atMost(Scenario.PATIENCE)
                    .until(() -> operator.isOver()
                            || !audit.more().refused().isEmpty()
                            || audit.used().contains(renewal));
            refused = audit.more().refused();
            if (refused.isEmpty()) {
                // The lease is given up.
                operator.stop();
                refused = audit.more().refused();
                refused.addAll(foreseen(operator.log(), own));
            }
        }
        return refused.stream()
                .map(right -> right.in(names.getOrDefault(right.namespace(), right.namespace())))
                .collect(Collectors.toSet());
    }

    /** The framework asks first whether it may have the lease, and does not start if not. */
    private static List<Right> foreseen(String log, String namespace) {
        return MISSING_VERBS
                .matcher(log)
                .results()
                .flatMap(verbs -> Stream.of(verbs.group(1).split(", ")))
                .map(verb -> new Right(namespace, LEASES, "leases", verb))
                .toList();
    }

    private OperatorAsInstalled installed(String namespace, String rendered, Collection<Right> lacking)
            throws IOException {
        return new OperatorAsInstalled(
                plane,
                namespace,
                Chart.objects(rendered).stream()
                        .map(object -> without(lacking, object))
                        .toList(),
                Chart.environment(rendered),
                Files.createDirectories(folder.resolve(namespace)));
    }

    private static GenericKubernetesResource without(Collection<Right> lacking, GenericKubernetesResource object) {
        GenericKubernetesResource less = object;
        for (Right right : lacking) {
            if (object.getKind().equals("Role")
                    && right.namespace().equals(object.getMetadata().getNamespace())) {
                less = right.takenFrom(less);
            }
        }
        return less;
    }

    /** For Stacks in other namespaces, and with a lease: that gives every right that there is. */
    private static String rendered(String namespace, List<String> stacks) {
        return Chart.render(Chart.RELEASE, namespace, "job", command -> {
            command.set("leaderElection.enabled", true);
            for (int i = 0; i < stacks.size(); i++) {
                command.set("watchNamespaces[" + i + "]", stacks.get(i));
            }
            return command;
        });
    }

    private static List<Right> rights(String rendered) {
        return Chart.objects(rendered, Role.class).stream()
                .flatMap(role -> Right.of(role.getMetadata().getNamespace(), role.getRules()).stream())
                .toList();
    }

    /** Events and accounts are listed now and then, all else that is listed is watched. */
    private static boolean isNeededToStart(Right right) {
        return right.namespace().equals(OWN)
                || right.verb().equals("watch")
                || right.verb().equals("list")
                        && !Set.of("events", "serviceaccounts").contains(right.resource());
    }

    /** By which of these one sees that a right is missing. */
    private static Set<Right> signs(Right right) {
        return GRANTED.contains(right.everywhere()) ? Set.of(right, GRANT.in(right.namespace())) : Set.of(right);
    }

    private static void liveUntilRefused(Life life, Audit audit, Set<Right> signs) {
        CompletableFuture<Void> end = new CompletableFuture<>();
        Thread living = Thread.ofVirtual().start(() -> {
            try {
                life.live();
                end.completeExceptionally(new AssertionError("all went well without it"));
            } catch (Throwable e) {
                end.completeExceptionally(e);
            }
        });
        try {
            await().atMost(Scenario.PATIENCE).until(() -> end.isDone() || isRefused(audit, signs));
            if (!isRefused(audit, signs)) {
                end.join();
            }
        } finally {
            living.interrupt();
        }
    }

    private static boolean isRefused(Audit audit, Set<Right> signs) {
        synchronized (audit) {
            return audit.more().refused().stream().anyMatch(signs::contains);
        }
    }

    /** Some at once, and all that fail are told of. */
    private static void sideBySide(Collection<Right> all, Consumer<Right> act) {
        Map<Right, CompletableFuture<Void>> acts = new LinkedHashMap<>();
        try (ExecutorService threads = Executors.newFixedThreadPool(LIVES_AT_ONCE)) {
            all.forEach(one -> acts.put(one, CompletableFuture.runAsync(() -> act.accept(one), threads)));
        }
        assertAll(acts.entrySet().stream().map(entry -> () -> {
            try {
                entry.getValue().join();
            } catch (CompletionException e) {
                throw new AssertionError("without the right to " + entry.getKey() + ": " + e.getCause(), e.getCause());
            }
        }));
    }
}
