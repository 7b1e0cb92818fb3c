package io.stackwright.operator.gitops;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.stackwright.testkit.GitOpsTools;
import java.io.IOException;
import java.net.InetAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * The committed samples are what real runs give, and Flux, Helm and Argo CD see in them what the table says.
 *
 * <p>{@code -Dgitops.samples=write} makes what this run gave the committed ones.
 */
@Timeout(900)
class SamplesIT {

    @TempDir
    private static Path folder;

    private static SampledRuns runs;
    private static final Map<State, Path> FILES = new EnumMap<>(State.class);

    @BeforeAll
    static void sample() throws IOException {
        runs = new SampledRuns(folder);
        runs.drive();
        Samples samples = new Samples(Map.of(
                runs.namespace(), "team-a",
                runs.jobsNamespace(), "team-a",
                folder.toString(), "/var/lib/stackwright",
                InetAddress.getLocalHost().getHostName(), "stackwright-0"));
        boolean write = "write".equals(System.getProperty("gitops.samples"));
        for (Map.Entry<State, JsonNode> sampled : runs.objects().entrySet()) {
            State state = sampled.getKey();
            String yaml = samples.scrubbed(sampled.getValue());
            FILES.put(state, Files.writeString(folder.resolve(state.name() + ".yaml"), yaml));
            if (write) {
                Files.createDirectories(state.sample().getParent());
                Files.writeString(state.sample(), yaml);
            }
        }
    }

    @AfterAll
    static void stop() {
        runs.close();
    }

    @TestFactory
    Stream<DynamicTest> theCommittedSampleHasTheShapeOfARealRuns() {
        assertThat(FILES).containsOnlyKeys(State.values());
        return each(state -> assertThat(Samples.shape(Samples.read(state.sample())))
                .as("run this test with -Dgitops.samples=write when the difference is meant")
                .isEqualTo(Samples.shape(Samples.read(FILES.get(state)))));
    }

    @TestFactory
    Stream<DynamicTest> kstatusSeesWhatTheTableSays() {
        List<Path> files = List.copyOf(FILES.values());
        JsonNode seen = GitOpsTools.judge("kstatus", files.getFirst(), files.subList(1, files.size()));
        return each(state -> assertThat(
                        seen.path(FILES.get(state).toString()).path("status").asText())
                .isEqualTo(state.kstatus().word()));
    }

    @TestFactory
    Stream<DynamicTest> argoCdShowsWhatTheTableSays() {
        return Stream.of(State.Kind.values()).flatMap(kind -> {
            List<Path> files = kind.states().stream().map(FILES::get).toList();
            JsonNode seen = GitOpsTools.judge("health", kind.healthScript(), files);
            return kind.states().stream()
                    .map(state -> DynamicTest.dynamicTest(
                            state.name(),
                            () -> assertThat(seen.path(FILES.get(state).toString())
                                            .path("status")
                                            .asText())
                                    .isEqualTo(state.argo().word())));
        });
    }

    /** Content with what is True of this generation, and with nothing else. */
    @TestFactory
    Stream<DynamicTest> kubectlWaitBelievesWhatIsTrueOfThePresentGeneration() {
        return each(state -> {
            JsonNode object = runs.objects().get(state);
            String type = state.kind() == State.Kind.STACK ? "Ready" : "Complete";
            boolean expected = StreamSupport.stream(
                            object.at("/status/conditions").spliterator(), false)
                    .anyMatch(condition -> condition.path("type").asText().equals(type)
                            && condition.path("status").asText().equals("True")
                            && condition.path("observedGeneration").asLong()
                                    == object.at("/metadata/generation").asLong());
            assertThat(runs.waits().get(state)).isEqualTo(expected);
        });
    }

    private static Stream<DynamicTest> each(Consumer<State> check) {
        return Stream.of(State.values()).map(state -> DynamicTest.dynamicTest(state.name(), () -> check.accept(state)));
    }
}
