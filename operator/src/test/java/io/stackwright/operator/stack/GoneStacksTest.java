package io.stackwright.operator.stack;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.client.KubernetesClientException;
import io.stackwright.api.v1alpha1.ProjectSource;
import io.stackwright.operator.engine.processes.LinuxProcesses;
import io.stackwright.operator.execution.recovery.EvidenceStore;
import io.stackwright.operator.execution.runner.RunPaths;
import io.stackwright.operator.source.Revision;
import io.stackwright.operator.source.SourceState;
import io.stackwright.operator.source.Sources;
import io.stackwright.operator.source.StackKey;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is dropped of Stacks that are not there any more, and what is not. */
class GoneStacksTest {

    private static final StackKey SHOP = new StackKey("team", "shop");

    @TempDir
    private Path data;

    private final Followers sources = new Followers();
    private final List<StackKey> woken = new ArrayList<>();

    @BeforeEach
    void keepThingsOfAStack() throws IOException {
        sources.followed.add(SHOP);
        Files.createDirectories(data.resolve("logs/team/shop"));
        Files.createDirectories(data.resolve("programs/team/shop"));
    }

    @Test
    void whatIsKeptOfOneThatIsGoneIsDropped() {
        // when
        sweep(stack -> false, stack -> true);

        // then
        assertThat(sources.followed).isEmpty();
        assertThat(data.resolve("logs/team/shop")).doesNotExist();
        assertThat(data.resolve("programs/team/shop")).doesNotExist();
        assertThat(woken).isEmpty();
    }

    @Test
    void whatTheCacheOrTheApiServerHasStays() {
        // when
        sweep(stack -> true, stack -> true);
        sweep(stack -> false, stack -> false);
        sweep(stack -> false, stack -> {
            throw new KubernetesClientException("403");
        });

        // then
        assertAllIsKept();
    }

    /** Also of one that was let go by force while it ran: its end is still to be written. */
    @Test
    void nothingIsDroppedWhileARunGoesOn() throws IOException {
        // given
        Path run = Files.createDirectories(data.resolve("evidence/open/4e1c"));
        Files.writeString(run.resolve("run.json"), """
            {"namespace": "team", "stack": "shop", "update": "shop-1", "uid": "4e1c", "identity": "file:///s|o/p/s",
             "host": "h", "scope": "s", "from": "2026-05-01T12:00:00Z", "grace": "PT1M"}
            """);

        // when
        sweep(stack -> false, stack -> true);

        // then
        assertAllIsKept();
        assertThat(run).exists();
    }

    @Test
    void oneThatComesBackMeanwhileIsLookedAtAgain() {
        // given one that is made anew just when the former one is found to be gone
        boolean[] made = {false};

        // when
        sweep(stack -> made[0], stack -> made[0] = true);

        // then
        assertThat(woken).containsExactly(SHOP);
    }

    private void sweep(Predicate<StackKey> known, Predicate<StackKey> gone) {
        EvidenceStore evidence = new EvidenceStore(data, new LinuxProcesses(), Clock.systemUTC());
        Departure departure = new Departure(null, null, sources, new RunPaths(data), evidence, null, null);
        new GoneStacks(departure, gone).sweep(known, woken::add);
    }

    private void assertAllIsKept() {
        assertThat(sources.followed).containsExactly(SHOP);
        assertThat(data.resolve("logs/team/shop")).exists();
        assertThat(data.resolve("programs/team/shop")).exists();
    }

    /** Sources that know no more than who follows them. */
    private static final class Followers implements Sources {

        private final Set<StackKey> followed = new HashSet<>();

        @Override
        public SourceState resolve(StackKey stack, ProjectSource project, Optional<String> request) {
            throw new UnsupportedOperationException();
        }

        @Override
        public void forget(StackKey stack) {
            followed.remove(stack);
        }

        @Override
        public Set<StackKey> followers() {
            return Set.copyOf(followed);
        }

        @Override
        public Path fetch(StackKey stack, ProjectSource project, Revision revision, Path target) {
            throw new UnsupportedOperationException();
        }

        @Override
        public void close() {}
    }
}
