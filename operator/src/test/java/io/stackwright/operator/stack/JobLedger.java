package io.stackwright.operator.stack;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.client.utils.Serialization;
import io.stackwright.api.v1alpha1.Condition;
import io.stackwright.api.v1alpha1.Phase;
import io.stackwright.api.v1alpha1.Reason;
import io.stackwright.api.v1alpha1.Update;
import io.stackwright.operator.faults.Ledger;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;

/**
 * Stacks in Jobs whose provider writes down, on the volume with their state, what it has really done: the truth that state
 * and status are compared with.
 */
public final class JobLedger {

    private static final String ALL = "rwxrwxrwx";
    private static final String PROJECT = "ledger";
    private static final ObjectMapper JSON = new ObjectMapper();

    private final JobNode node;
    private final Path folder;
    private final Path holds;
    private final Ledger ledger;

    /** For the local node only. */
    public JobLedger(JobNode node) {
        this.node = node;
        this.folder = node.state();
        this.holds = folder.resolve("holds");
        this.ledger = new Ledger(folder.resolve("ledger"));
        try (InputStream source = Ledger.class.getResourceAsStream("/faults/ledger_provider.py")) {
            Files.createDirectory(holds, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString(ALL)));
            Files.setPosixFilePermissions(holds, PosixFilePermissions.fromString(ALL));
            String provider = new String(source.readAllBytes(), StandardCharsets.UTF_8);
            node.stacks()
                    .putConfigMap("ledger", Map.of("pulumi-resource-ledger", "#!/usr/bin/env python3\n" + provider));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** What stands below {@code spec:} of a Stack with the items {@code a} and, after it, {@code b}. */
    public static String spec() {
        return """
            project:
              inline:
                name: ledger
                runtime: yaml
                config: {value: {type: string}}
                resources:
                  a:
                    type: ledger:Item
                    properties: {name: a, value: "${value}", seconds: "0.1"}
                  b:
                    type: ledger:Item
                    properties: {name: b, value: "${value}", seconds: "0.1"}
                    options: {dependsOn: ["${a}"]}
                outputs: {value: "${value}"}
            config: {value: v1}
            env: [{name: LEDGER_FILE, value: /state/ledger}, {name: LEDGER_HOLDS, value: /state/holds}]
            backend: {url: "file:///state"}
            updates: {timeout: 5m, grace: 60s, retry: {initial: 1s, max: 2s}}
            execution:
              podTemplate:
                spec:
                  volumes:
                    - {name: state, persistentVolumeClaim: {claimName: state}}
                    - {name: ledger, configMap: {name: ledger, defaultMode: 365}}
                  containers:
                    - name: pulumi
                      volumeMounts:
                        - {name: state, mountPath: /state}
                        - {name: ledger, mountPath: /usr/local/sbin} # the first folder of PATH
            """;
    }

    /** Creates a Stack whose first run waits in the middle of the create of {@code a}; its pod, when it is there. */
    Pod createAndHold(String stack) {
        hold(stack, "create.start.a");
        node.stacks().create(stack, spec());
        awaitHeld(stack, "create.start.a");
        return node.pods(stack + "-1").getFirst();
    }

    /** @param point operation, {@code before}, {@code start} or {@code end}, and item, with dots between them */
    public void hold(String stack, String point) {
        hold(stack, point, "");
    }

    /** The same of a provider that takes so much memory there. */
    void takeMemory(String stack, String point, int bytes) {
        hold(stack, point, String.valueOf(bytes));
    }

    private void hold(String stack, String point, String text) {
        try {
            Files.writeString(holds.resolve(stack + "." + point), text, StandardOpenOption.CREATE_NEW);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Until a provider waits there. */
    public void awaitHeld(String stack, String point) {
        awaitTold(stack, point + ".reached");
    }

    /** Until the CLI has told the provider that waits there to come to an end: it begins nothing new then. */
    void awaitCancelled(String stack, String point) {
        awaitTold(stack, point + ".cancelled");
    }

    private void awaitTold(String stack, String what) {
        Stacks.patiently()
                .atMost(Duration.ofMinutes(10))
                .failFast(() -> assertThat(node.stacks().status(stack))
                        .matches(status -> status == null
                                || status.condition(Condition.STALLED).isEmpty()))
                .untilAsserted(() -> assertThat(holds.resolve(stack + "." + what))
                        .as("%s", node.stacks().status(stack))
                        .exists());
    }

    /** What waits goes on, and nothing of the Stack waits any more. */
    public void release(String stack) {
        try (DirectoryStream<Path> points = Files.newDirectoryStream(holds, stack + ".*")) {
            for (Path point : points) {
                Files.deleteIfExists(point);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    public Map<String, String> existing(String stack) {
        return ledger.existing(stack);
    }

    /** The id of the one item of that name. */
    String id(String stack, String name) {
        return existing(stack).entrySet().stream()
                .filter(item -> item.getValue().equals(name))
                .reduce((one, other) -> {
                    throw new AssertionError(name + " exists twice: " + one + ", " + other);
                })
                .orElseThrow()
                .getKey();
    }

    boolean hasEnded(String stack, String operation, String name) {
        return ledger.of(stack).stream()
                .anyMatch(line -> line.is(operation, "end") && line.name().equals(name));
    }

    Path checkpoint(String stack) {
        return folder.resolve(".pulumi/stacks/" + PROJECT + "/" + stack + ".json");
    }

    private JsonNode latest(String stack) {
        try {
            return JSON.readTree(checkpoint(stack).toFile()).at("/checkpoint/latest");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Ids of the items in Pulumi's state. */
    List<String> recorded(String stack) {
        return StreamSupport.stream(latest(stack).path("resources").spliterator(), false)
                .filter(resource -> resource.path("type").asText().equals("ledger:index:Item"))
                .map(resource -> resource.path("id").asText())
                .toList();
    }

    List<String> locks(String stack) {
        Path locks = folder.resolve(".pulumi/locks/organization/" + PROJECT + "/" + stack);
        if (!Files.exists(locks)) {
            return List.of();
        }
        try (Stream<Path> files = Files.list(locks)) {
            return files.map(Path::toString)
                    .filter(name -> name.endsWith(".json"))
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Until the Stack is Ready and everything is as if nothing had happened. */
    public void awaitWhole(String stack) {
        node.stacks().awaitReady(stack);
        Stacks.patiently().ignoreException(UncheckedIOException.class).untilAsserted(() -> {
            assertThat(existing(stack).values()).as("items that exist").containsExactlyInAnyOrder("a", "b");
            assertThat(recorded(stack))
                    .as("state and ledger")
                    .containsExactlyInAnyOrderElementsOf(existing(stack).keySet());
            assertThat(latest(stack).path("pending_operations")).isEmpty();
            assertThat(locks(stack)).isEmpty();
            assertEnded(stack);
        });
        assertOneAtATime(stack);
    }

    /** Until the Stack and all that it made are gone. */
    public void awaitGone(String stack) {
        node.stacks().awaitGone(stack);
        assertThat(existing(stack)).as("items that exist").isEmpty();
        assertThat(checkpoint(stack)).doesNotExist();
        assertThat(locks(stack)).isEmpty();
        assertOneAtATime(stack);
        Stacks.patiently().untilAsserted(() -> assertThat(node.leftOf(stack)).isEmpty());
    }

    /** Until the Stack is stalled by the one create that nobody knows the end of, and by nothing else. */
    void awaitPendingCreate(String stack) {
        assertThat(node.stacks().awaitStalled(stack, Reason.PendingCreates).message())
                .contains(urn(stack, "a"))
                .doesNotContain(urn(stack, "b"));
        assertThat(existing(stack).values()).containsExactly("a");
        release(stack);
    }

    /** As the Stack's message says: it was created, and its id is known. */
    void importPendingCreate(String stack) {
        node.stacks()
                .createUpdate(
                        stack + "-import",
                        "{stack: %s, operation: Refresh, importPendingCreates: [{urn: \"%s\", id: \"%s\"}]}"
                                .formatted(stack, urn(stack, "a"), id(stack, "a")));
        node.stacks().awaitPhase(stack + "-import", Phase.Succeeded);
    }

    private void assertEnded(String stack) {
        for (Update update : node.stacks().updates(stack)) {
            String name = update.getMetadata().getName();
            assertThat(update.getMetadata().getFinalizers()).as(name).isEmpty();
            assertThat(update.getStatus().phase()).as(name).matches(phase -> phase != null && phase.isFinal());
            node.assertDisarmed(name);
        }
    }

    /** No pod has done anything after another one had begun to. */
    void assertOneAtATime(String stack) {
        Set<Long> over = new HashSet<>();
        List<Long> pods = new ArrayList<>();
        for (Ledger.Line line : ledger.of(stack)) {
            if (pods.isEmpty() || pods.getLast() != line.pid()) {
                assertThat(over.add(line.pid()))
                        .as("pods that have worked on %s: %s", stack, ledger.of(stack))
                        .isTrue();
                pods.add(line.pid());
            }
        }
    }

    /** Pulumi's URN of an item. */
    static String urn(String stack, String name) {
        return "urn:pulumi:" + stack + "::" + PROJECT + "::ledger:index:Item::" + name;
    }

    /** How many pods have done something for the Stack. */
    public long runs(String stack) {
        return ledger.of(stack).stream().map(Ledger.Line::pid).distinct().count();
    }

    /** A process of a pod's container, seen from this machine. */
    static ProcessHandle runner(Pod pod) {
        String own = "POD_UID=" + pod.getMetadata().getUid();
        return ProcessHandle.allProcesses()
                .filter(process -> read("/proc/" + process.pid() + "/environ").contains(own))
                .filter(process -> commandLine(process).contains("RunnerMain"))
                .findFirst()
                .orElseThrow(() -> new AssertionError("no process of " + Serialization.asYaml(pod.getStatus())));
    }

    /** What a pod's runner has started whose command line has the text. */
    static List<ProcessHandle> started(Pod pod, String text) {
        return runner(pod)
                .descendants()
                .filter(process -> commandLine(process).contains(text))
                .toList();
    }

    static String commandLine(ProcessHandle process) {
        return read("/proc/" + process.pid() + "/cmdline").replace('\0', ' ');
    }

    private static String read(String file) {
        try {
            return Files.readString(Path.of(file), StandardCharsets.ISO_8859_1);
        } catch (IOException e) {
            return ""; // It is gone.
        }
    }
}
