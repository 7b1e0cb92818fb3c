package io.stackwright.operator.faults;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class StateResourcesTest {

    private static final String STATE = """
        {"manifest": {"time": "2026-11-29T20:53:18Z"}, "resources": [
          {"urn": "urn:pulumi:k3x::kills::pulumi:pulumi:Stack::kills-k3x", "type": "pulumi:pulumi:Stack",
           "outputs": {"value": "v2", "sealed": SECRET}, "created": "2026-11-29T20:53:12Z"},
          {"urn": "urn:pulumi:k3x::kills::ledger:index:Item::a", "type": "ledger:index:Item", "id": "a-1",
           "inputs": {"name": "a", "value": "v2", "token": SECRET},
           "outputs": {"name": "a", "value": "v2", "token": SECRET}, "modified": "2026-11-29T20:53:13Z"}]}
        """.replace("SECRET", """
            {"4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270", "ciphertext": "v1:nonce:text"}\
            """);

    /** What another run of the same program may write. */
    static List<String> alike() {
        return List.of(
                STATE.replace("k3x", "k4x"),
                STATE.replace("a-1", "a-2"),
                STATE.replace("20:53:1", "21:00:0"),
                STATE.replace("nonce:text", "another:one"),
                STATE.replace("{\"name\": \"a\", \"value\": \"v2\",", "{\"value\": \"v2\", \"name\": \"a\","),
                STATE.replace("\"id\": \"a-1\"", "\"id\": \"a-1\", \"parent\": \"somebody\""));
    }

    /** What another end writes. */
    static Stream<String> different() {
        return Stream.of(
                STATE.replace("\"inputs\": {\"name\": \"a\", \"value\": \"v2\"", "\"inputs\": {\"name\": \"a\""),
                STATE.replace(
                        "\"outputs\": {\"name\": \"a\", \"value\": \"v2\"",
                        "\"outputs\": {\"name\": \"a\", \"value\": \"v1\""),
                STATE.replace("\"outputs\": {\"value\": \"v2\"", "\"outputs\": {\"value\": \"v1\""),
                STATE.replace("Item::a", "Item::b"),
                STATE.replace("\"type\": \"ledger:index:Item\"", "\"type\": \"ledger:index:Thing\""),
                STATE.replace("\"id\": \"a-1\"", "\"id\": \"a-1\", \"delete\": true"),
                STATE.replace("1b47061264138c4ac30d75fd1eb44270", "0def7320c3a5731c473e5ecbe6d01bc7"),
                STATE.replace("]}", ", {\"urn\": \"urn:pulumi:k3x::kills::ledger:index:Item::c\"}]}"));
    }

    @ParameterizedTest
    @MethodSource("alike")
    void whatIsAnotherOneEachTimeIsNotCompared(String other) {
        assertThat(other).isNotEqualTo(STATE);
        assertThat(of(other, other.contains("k4x") ? "k4x" : "k3x")).isEqualTo(of(STATE, "k3x"));
    }

    @ParameterizedTest
    @MethodSource("different")
    void whatDiffersIsSeen(String other) {
        assertThat(other).isNotEqualTo(STATE);
        assertThat(of(other, "k3x")).isNotEqualTo(of(STATE, "k3x"));
    }

    @Test
    void theOrderOfResourcesIsNotCompared() throws IOException {
        // given
        JsonNode state = new ObjectMapper().readTree(STATE);
        JsonNode first = ((com.fasterxml.jackson.databind.node.ArrayNode) state.path("resources")).remove(0);
        ((com.fasterxml.jackson.databind.node.ArrayNode) state.path("resources")).add(first);

        // when, then
        assertThat(StateResources.of(state, "k3x")).isEqualTo(of(STATE, "k3x")).hasSize(2);
    }

    private static List<String> of(String state, String stack) {
        try {
            return StateResources.of(new ObjectMapper().readTree(state), stack);
        } catch (IOException e) {
            throw new IllegalArgumentException(state, e);
        }
    }
}
