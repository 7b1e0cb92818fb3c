package io.stackwright.operator.execution.recovery;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.stackwright.api.v1alpha1.Reason;
import io.stackwright.operator.engine.EngineException;
import io.stackwright.operator.engine.Failure;
import io.stackwright.operator.engine.OperationOptions;
import java.io.IOException;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Creates that were cut short become resources of the state, where a person knows their ids. */
class PendingCreateImportTest {

    @Test
    void aKnownOneBecomesAResource() throws IOException {
        // given
        JsonNode export = export("{'urn': 'a', 'id': 'a-1'}", "b");

        // when
        JsonNode imported = PendingCreates.imported(export, exist("b", "b-1"));

        // then
        JsonNode resources = imported.at("/deployment/resources");
        assertThat(resources).hasSize(2);
        assertThat(resources.get(1))
                .isEqualTo(json("{'urn': 'b', 'inputs': {'x': 1}, 'id': 'b-1', 'outputs': {'x': 1},"
                        + " 'refreshBeforeUpdate': true}"));
        assertThat(PendingCreates.in(imported)).isEmpty();
    }

    /** Whatever is written, the CLI forgets all that are pending: the next up would create the others again. */
    @ParameterizedTest
    @ValueSource(strings = {"b", "z"})
    void nothingIsWrittenWhileOthersArePending(String named) throws IOException {
        // given
        JsonNode export = export("{'urn': 'a', 'id': 'a-1'}", "b", "c", "d");

        // when, then
        assertThatThrownBy(() -> PendingCreates.imported(export, exist(named, "x", "d", "d-1")))
                .isInstanceOfSatisfying(
                        EngineException.class,
                        refused -> assertThat(refused.failure())
                                .returns(Failure.Kind.INVALID, Failure::kind)
                                .returns(Reason.PendingCreates, Failure::reason)
                                .extracting(Failure::message)
                                .asString()
                                .contains("importPendingCreates", "clearPendingCreates: true")
                                .endsWith(named.equals("b") ? ": c" : ": b, c"));
    }

    @Test
    void theOthersAreForgottenWhereThatIsSaid() throws IOException {
        // given
        JsonNode export = export("", "b", "c");

        // when
        JsonNode imported =
                PendingCreates.imported(export, new OperationOptions.PendingCreates(true, Map.of("b", "b-1")));

        // then
        assertThat(imported.at("/deployment/resources"))
                .extracting(resource -> resource.path("urn").asText())
                .containsExactly("b");
        assertThat(PendingCreates.in(imported)).isEmpty();
    }

    @Test
    void whatItWasToReplaceIsToBeDeletedAndComesAfterIt() throws IOException {
        // given
        JsonNode export = export("{'urn': 'a', 'id': 'a-1'}, {'urn': 'z', 'id': 'z-1'}", "a");

        // when
        JsonNode resources = PendingCreates.imported(export, exist("a", "a-2")).at("/deployment/resources");

        // then
        assertThat(resources)
                .extracting(resource -> resource.path("id").asText())
                .containsExactly("a-2", "a-1", "z-1");
        assertThat(resources)
                .extracting(resource -> resource.path("delete").asBoolean())
                .containsExactly(false, true, false);
    }

    /** The replacement was never made, and the person has found the resource that it was to replace. */
    @Test
    void whatTheStateHasAlreadyIsNotDeletedForItsOwnSake() throws IOException {
        // given
        JsonNode export = export("{'urn': 'a', 'id': 'a-1', 'outputs': {'y': 2}}, {'urn': 'z', 'id': 'z-1'}", "a");

        // when
        JsonNode imported = PendingCreates.imported(export, exist("a", "a-1"));

        // then
        assertThat(imported.at("/deployment/resources")).isEqualTo(export.at("/deployment/resources"));
        assertThat(PendingCreates.in(imported)).isEmpty();
        assertThat(PendingCreates.known(export, Map.of("a", "a-1", "b", "b-1"))).containsExactly("a");
    }

    /** It was deleted before its replacement was created, often by the same id: Pulumi would create that once more. */
    @ParameterizedTest
    @ValueSource(strings = {"a-1", "a-2"})
    void whatWasDeletedAlreadyMakesWayForItsReplacement(String id) throws IOException {
        // given
        JsonNode export = export(
                "{'urn': 'y', 'id': 'y-1'}, {'urn': 'a', 'id': 'a-1', 'outputs': {'y': 2}, 'pendingReplacement': true},"
                        + " {'urn': 'z', 'id': 'z-1'}, {'urn': 'a', 'id': 'a-0', 'delete': true}",
                "a");

        // when
        JsonNode imported = PendingCreates.imported(export, exist("a", id));

        // then
        JsonNode resources = imported.at("/deployment/resources");
        assertThat(resources)
                .extracting(resource -> resource.path("id").asText())
                .containsExactly("y-1", id, "z-1", "a-0");
        assertThat(resources)
                .extracting(resource -> resource.path("delete").asBoolean())
                .containsExactly(false, false, false, true);
        assertThat(resources).noneMatch(resource -> resource.has("pendingReplacement"));
        assertThat(resources.get(1).path("outputs")).isEqualTo(json("{'x': 1}"));
        assertThat(PendingCreates.known(export, Map.of("a", id))).isEmpty();
    }

    /** A second one of the same URN was another create, of which nobody has said how it ended. */
    @Test
    void anIdIsTakenOnce() throws IOException {
        // given
        JsonNode export = export("", "a", "a");

        // when, then
        assertThatThrownBy(() -> PendingCreates.imported(export, exist("a", "a-1")))
                .isInstanceOf(EngineException.class)
                .hasMessageEndingWith(": a");

        // when
        JsonNode imported =
                PendingCreates.imported(export, new OperationOptions.PendingCreates(true, Map.of("a", "a-1")));

        // then
        assertThat(imported.at("/deployment/resources"))
                .extracting(resource -> resource.path("id").asText())
                .containsExactly("a-1");
        assertThat(PendingCreates.in(imported)).isEmpty();
    }

    private static OperationOptions.PendingCreates exist(String... urnsAndIds) {
        Map<String, String> ids = new HashMap<>();
        for (int i = 0; i < urnsAndIds.length; i += 2) {
            ids.put(urnsAndIds[i], urnsAndIds[i + 1]);
        }
        return new OperationOptions.PendingCreates(false, ids);
    }

    private static JsonNode export(String resources, String... pending) throws IOException {
        String operations = Arrays.stream(pending)
                .map("{'resource': {'urn': '%s', 'inputs': {'x': 1}}, 'type': 'creating'}"::formatted)
                .collect(Collectors.joining(", "));
        return json("{'deployment': {'resources': [%s], 'pending_operations': [%s]}}".formatted(resources, operations));
    }

    private static JsonNode json(String text) throws IOException {
        return new ObjectMapper().readTree(text.replace('\'', '"'));
    }
}
