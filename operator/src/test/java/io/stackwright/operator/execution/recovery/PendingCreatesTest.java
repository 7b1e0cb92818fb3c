package io.stackwright.operator.execution.recovery;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.stackwright.api.v1alpha1.OnPendingCreate;
import io.stackwright.api.v1alpha1.Reason;
import io.stackwright.operator.engine.Failure;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.IntStream;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PendingCreatesTest {

    private static final String OPERATIONS = """
        "pending_operations": [
          {"resource": {"inputs": {"urn": "urn:no", "type": "creating"}, "urn": "urn:a"}, "type": "creating"},
          {"type": "creating", "resource": {"urn": "urn:b", "custom": true}},
          {"resource": {"urn": "urn:c"}, "type": "updating"},
          {"resource": {"urn": "urn:d"}, "type": "deleting"}]\
        """;

    @TempDir
    Path folder;

    @Test
    void onlyCreatesOfTheLatestCheckpointCount() throws IOException {
        // given
        Path state = write("s.json", """
            {"version": 3, "checkpoint": {"stack": "x", "config": {"checkpoint": {"latest": 1}},
             "latest": {"resources": [{"urn": "urn:e", "pending_operations": [{"type": "creating"}]}], %s,
                        "metadata": {}}}}
            """.formatted(OPERATIONS));

        // when, then
        assertThat(PendingCreates.in(state)).containsExactly("urn:a", "urn:b");
    }

    @Test
    void aCompressedStateIsTheSame() throws IOException {
        // given
        Path state = folder.resolve("s.json.gz");
        try (OutputStream out = new GZIPOutputStream(Files.newOutputStream(state))) {
            out.write(("{\"checkpoint\": {\"latest\": {" + OPERATIONS + "}}}").getBytes());
        }

        // when, then
        assertThat(PendingCreates.in(state)).containsExactly("urn:a", "urn:b");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{}",
                "{\"checkpoint\": {\"stack\": \"x\"}}",
                "{\"checkpoint\": {\"latest\": null}}",
                "{\"checkpoint\": {\"latest\": {\"pending_operations\": null, \"resources\": []}}}"
            })
    void aStateWithoutAny(String text) throws IOException {
        assertThat(PendingCreates.in(write("s.json", text))).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "[]", "{\"checkpoint\": {\"latest\": {\"pending_operations\": [{\"type\": \"crea"})
    void whatIsNoStateIsNotOneWithoutAny(String text) {
        assertThatThrownBy(() -> PendingCreates.in(write("s.json", text))).isInstanceOf(IOException.class);
    }

    @Test
    void clearingTakesOutTheCreatesAndNothingElse() throws IOException {
        // given
        JsonNode export = new ObjectMapper()
                .readTree("{\"version\": 3, \"deployment\": {\"resources\": [1], " + OPERATIONS + "}}");

        // when
        JsonNode cleared = PendingCreates.without(export);

        // then
        assertThat(PendingCreates.in(export)).containsExactly("urn:a", "urn:b");
        assertThat(PendingCreates.in(cleared)).isEmpty();
        assertThat(cleared.at("/deployment/pending_operations").findValuesAsText("type"))
                .containsExactly("updating", "deleting");
        assertThat(cleared.at("/deployment/resources")).isEqualTo(export.at("/deployment/resources"));
    }

    @Test
    void theMessageNamesThemAndBothRemediesWithinBounds() {
        // given
        List<String> urns = IntStream.range(0, 500)
                .mapToObj(i -> "urn:" + i + "x".repeat(3000))
                .toList();

        // when
        Failure failure = PendingCreates.stall(urns, Requests.up("u", "s3://b", OnPendingCreate.Stall, null), true);

        // then
        assertThat(failure.kind()).isEqualTo(Failure.Kind.INVALID);
        assertThat(failure.reason()).isEqualTo(Reason.PendingCreates);
        assertThat(failure.message())
                .contains("500 resource(s)", "importPendingCreates", "clearPendingCreates", "urn:9x", "and 490 more")
                .contains("somebody's command")
                .hasSizeLessThan(4096);
    }

    private Path write(String name, String text) throws IOException {
        return Files.writeString(folder.resolve(name), text);
    }
}
