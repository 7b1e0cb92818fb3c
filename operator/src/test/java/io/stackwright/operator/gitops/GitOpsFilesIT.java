package io.stackwright.operator.gitops;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.stackwright.testkit.GitOpsTools;
import io.stackwright.testkit.Toolchain;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What the libraries of Flux and Argo CD make of the committed samples, with the committed scripts and examples. */
class GitOpsFilesIT {

    private static final Path KUSTOMIZATION = Toolchain.root().resolve("examples/gitops/flux/stacks.yaml");

    @TempDir
    private Path folder;

    @BeforeAll
    static void write() {
        if ("write".equals(System.getProperty("gitops.files"))) {
            GitOpsFiles.write();
        }
    }

    @TestFactory
    Stream<DynamicTest> theCommittedFilesAreTheGeneratedOnes() {
        return GitOpsFiles.generated().entrySet().stream()
                .map(file -> DynamicTest.dynamicTest(
                        Toolchain.root().relativize(file.getKey()).toString(),
                        () -> assertThat(file.getKey())
                                .as("run this test with -Dgitops.files=write")
                                .content()
                                .isEqualTo(file.getValue())));
    }

    @Test
    void theConfigMapHoldsTheScriptsAsTheyAre() throws IOException {
        JsonNode data = Samples.read(Toolchain.root().resolve("gitops/argocd/argocd-cm.yaml"))
                .path("data");
        for (State.Kind kind : State.Kind.values()) {
            String key = "resource.customizations.%s.stackwright.io_" + kind.title();
            assertThat(kind.healthScript())
                    .content()
                    .isEqualTo(data.path(key.formatted("health")).asText());
            JsonNode actions = Samples.parse(data.path(key.formatted("actions")).asText());
            assertThat(kind.folder().resolve("actions/discovery.lua"))
                    .content()
                    .isEqualTo(actions.path("discovery.lua").asText());
            Map<String, Path> scripts = GitOpsFiles.actions(kind);
            assertThat(actions.path("definitions")).hasSameSizeAs(scripts.keySet());
            for (JsonNode definition : actions.path("definitions")) {
                assertThat(scripts.get(definition.path("name").asText()))
                        .content()
                        .isEqualTo(definition.path("action.lua").asText());
            }
        }
    }

    @TestFactory
    Stream<DynamicTest> kstatusSeesWhatTheTableSays() {
        List<Path> samples = Arrays.stream(State.values()).map(State::sample).toList();
        JsonNode seen = GitOpsTools.judge("kstatus", samples.getFirst(), samples.subList(1, samples.size()));
        return each(
                EnumSet.allOf(State.class),
                state -> assertThat(status(seen, state))
                        .isEqualTo(state.kstatus().word()));
    }

    @TestFactory
    Stream<DynamicTest> argoCdShowsWhatTheTableSays() {
        return Arrays.stream(State.Kind.values()).flatMap(kind -> {
            JsonNode seen = GitOpsTools.judge(
                    "health",
                    kind.healthScript(),
                    kind.states().stream().map(State::sample).toList());
            return each(Set.copyOf(kind.states()), state -> {
                assertThat(status(seen, state)).isEqualTo(state.argo().word());
                assertThat(seen.at("/" + state.sample().toString().replace("/", "~1") + "/message")
                                .asText())
                        .isNotBlank();
            });
        });
    }

    /** The example adds one rule to kstatus: what fails again and again fails the Kustomization, as with Argo CD. */
    @TestFactory
    Stream<DynamicTest> fluxDecidesByTheExampleAsByKstatusButGivesUpOnRepeatedFailures() {
        Set<State> states = EnumSet.copyOf(State.Kind.STACK.states());
        // Flux waits for objects that are being deleted to be gone; it asks no expression about them.
        states.removeIf(state -> state.kstatus() == State.Kstatus.TERMINATING);
        JsonNode seen = GitOpsTools.judge(
                "flux", KUSTOMIZATION, states.stream().map(State::sample).toList());
        return each(
                states,
                state -> assertThat(status(seen, state))
                        .isEqualTo(
                                state == State.FAILED_REPEATEDLY || state == State.RETRYING
                                        ? State.Kstatus.FAILED.word()
                                        : state.kstatus().word()));
    }

    @Test
    void anActionSetsItsAnnotationAndNothingElse() {
        for (State state : State.values()) {
            for (Map.Entry<String, Path> action :
                    GitOpsFiles.actions(state.kind()).entrySet()) {
                // when
                JsonNode patch = GitOpsTools.judge("act", action.getValue(), List.of(state.sample()))
                        .path("patch");

                // then
                String annotation = "stackwright.io/" + action.getKey();
                if (Samples.read(state.sample()).at("/metadata/annotations").has(annotation)) {
                    assertThat(patch).as("%s", state).isEmpty();
                } else {
                    assertThat(Samples.shape(patch))
                            .as("%s: %s", state, patch)
                            .containsOnlyKeys(".metadata.annotations." + annotation);
                }
            }
        }
    }

    /** Argo CD sends what Lua made of the whole object, and Lua has no such values. */
    @ParameterizedTest
    @ValueSource(strings = {"{\"big\": 12345678901234567890}", "{\"list\": [{}]}", "{\"deep\": [{\"a\": [[]]}]}"})
    void anActionThatWouldChangeTheSpecIsRefused(String config) throws IOException {
        // given
        ObjectNode stack = (ObjectNode) Samples.read(State.APPLIED.sample());
        ((ObjectNode) stack.get("spec")).set("config", Samples.parse(config));
        Path file = Files.writeString(folder.resolve("stack.yaml"), Samples.yaml(stack));

        // when
        JsonNode answer =
                GitOpsTools.judge("act", GitOpsFiles.actions(State.Kind.STACK).get("reconcile"), List.of(file));

        // then
        assertThat(answer.path("error").asText()).contains("annotate it with kubectl instead");
        assertThat(answer.has("patch")).isFalse();
    }

    private static String status(JsonNode seen, State state) {
        return seen.path(state.sample().toString()).path("status").asText();
    }

    private static Stream<DynamicTest> each(Set<State> states, Consumer<State> check) {
        return states.stream().map(state -> DynamicTest.dynamicTest(state.name(), () -> check.accept(state)));
    }
}
