package io.stackwright.testkit;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.fabric8.kubernetes.api.model.NodeBuilder;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What dev/node promises; nothing to test where another kind of cluster is used. */
class LocalNodeIT {

    private static final Duration PATIENCE = Duration.ofSeconds(120);
    private static final Path CGROUPS = Path.of("/sys/fs/cgroup");
    private static final List<String> SYSCTLS =
            List.of("vm/overcommit_memory", "kernel/panic", "kernel/panic_on_oops", "net/ipv4/ip_forward");

    private static TestCluster cluster;
    private static LocalNode node;

    @BeforeAll
    static void onlyWhereALocalNodeIsUsed() {
        cluster = TestCluster.withinReach();
        var local = cluster.localNode();
        Assumptions.assumeTrue(local.isPresent(), "the cluster is " + cluster.description());
        node = local.get();
    }

    @Test
    void twoMoreStartAtOnceAndLeaveNothingHoweverTheyEnd(@TempDir Path folder) throws Exception {
        // given
        List<String> sysctls = sysctls();
        Process owner = new ProcessBuilder("sleep", "600").start();
        Path owned = folder.resolve("owned");
        Path ownerless = folder.resolve("ownerless");
        var first = CompletableFuture.runAsync(
                () -> Run.command(List.of(script("up"), "--owner", Long.toString(owner.pid()), owned.toString())));
        var second = CompletableFuture.runAsync(() -> Run.command(List.of(script("up"), ownerless.toString())));
        CompletableFuture.allOf(first, second).join();
        String slotOfOwned = Files.readString(owned.resolve("slot")).strip();
        String slotOfOwnerless = Files.readString(ownerless.resolve("slot")).strip();
        assertThat(slotOfOwned).isNotEqualTo(slotOfOwnerless);
        assertThat(traces(owned, slotOfOwned)).isNotEmpty();

        // when
        owner.destroyForcibly().waitFor();
        String keeper = Files.readString(ownerless.resolve("keeper.pid")).strip();
        Run.command(List.of("kill", "-KILL", keeper));

        // then
        await().atMost(PATIENCE).untilAsserted(() -> {
            assertThat(owned).doesNotExist();
            assertThat(traces(owned, slotOfOwned)).isEmpty();
            assertThat(traces(ownerless, slotOfOwnerless)).allMatch(trace -> trace.startsWith("cgroup"));
        });

        // when
        Run.command(List.of(script("down"), ownerless.toString()));

        // then
        assertThat(ownerless).doesNotExist();
        assertThat(traces(ownerless, slotOfOwnerless)).isEmpty();
        assertThat(sysctls()).isEqualTo(sysctls);
    }

    @Test
    void aKilledKubeletComesBack() {
        // given
        var nodes = cluster.client().nodes();
        nodes.withName("node")
                .edit(n -> new NodeBuilder(n)
                        .editMetadata()
                        .addToLabels("kubernetes.io/hostname", "wrong")
                        .endMetadata()
                        .build());

        // when
        node.signal("kubelet", "KILL");

        // then the new one has put its label right
        nodes.withName("node")
                .waitUntilCondition(
                        n -> "node".equals(n.getMetadata().getLabels().get("kubernetes.io/hostname")),
                        PATIENCE.toSeconds(),
                        SECONDS);
    }

    /** What is on the machine of the node with this folder and number. */
    private static List<String> traces(Path scratch, String slot) {
        var processes = ProcessHandle.allProcesses()
                .filter(p -> read(Path.of("/proc/" + p.pid() + "/cmdline")).contains(scratch + "/"))
                .map(p -> "process " + p.pid());
        var mounts = Stream.of("/proc/mounts")
                .map(f -> read(Path.of(f)))
                .filter(m -> m.contains(scratch.toString()))
                .map(m -> "mount");
        var links = Stream.of("stkw" + slot)
                .filter(l -> Files.exists(Path.of("/sys/class/net", l)))
                .map(l -> "interface " + l);
        return Stream.of(processes, mounts, links, cgroups(slot))
                .flatMap(s -> s)
                .toList();
    }

    private static Stream<String> cgroups(String slot) {
        String name = "stackwright-node-" + slot;
        try (Stream<Path> roots = Files.list(CGROUPS)) {
            return Stream.concat(Stream.of(CGROUPS), roots.toList().stream())
                    .map(root -> root.resolve(name))
                    .filter(Files::exists)
                    .map(group -> "cgroup " + group);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static List<String> sysctls() {
        return SYSCTLS.stream().map(name -> read(Path.of("/proc/sys", name))).toList();
    }

    private static String read(Path file) {
        try {
            return Files.readString(file, StandardCharsets.ISO_8859_1);
        } catch (IOException e) {
            return ""; // it has gone
        }
    }

    private static String script(String name) {
        return Toolchain.root().resolve("dev/node").resolve(name).toString();
    }
}
