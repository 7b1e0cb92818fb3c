package io.stackwright.operator.execution.job;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.BinaryNode;
import com.fasterxml.jackson.databind.node.DecimalNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.NullNode;
import com.fasterxml.jackson.databind.node.TextNode;
import io.stackwright.api.v1alpha1.Reason;
import io.stackwright.api.v1alpha1.RunStatus;
import io.stackwright.operator.engine.Failure;
import io.stackwright.operator.engine.OutputValue;
import io.stackwright.operator.execution.RunOutcome;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class RunResultTest {

    private static final String UID = "7d0c8c5e-9c5b-4c58-8e4b-0f4ed3ad2f01";

    @Test
    void everyPartArrives() {
        // given
        Map<String, OutputValue> outputs = new LinkedHashMap<>();
        outputs.put("z", new OutputValue(TextNode.valueOf("first 😀 \u0000"), false));
        outputs.put("a", new OutputValue(DecimalNode.valueOf(new BigDecimal("12345678901234567890.10")), true));
        outputs.put("none", new OutputValue(NullNode.instance, false));
        outputs.put(
                "deep",
                new OutputValue(
                        JsonNodeFactory.instance
                                .objectNode()
                                .set(
                                        "list",
                                        JsonNodeFactory.instance
                                                .arrayNode()
                                                .add(true)
                                                .add(1L << 60)),
                        false));
        RunResult result = new RunResult(
                outcome(RunStatus.Result.Succeeded, Optional.empty(), outputs),
                Optional.of(new RunResult.ForeignOwner("team-b", UID)));

        // when
        RunResult read = RunResult.read(result.toBytes()).orElseThrow();

        // then
        assertThat(read).isEqualTo(result);
        assertThat(read.outcome().outputs().orElseThrow().keySet()).containsExactly("z", "a", "none", "deep");
        assertThat(read.outcome().outputs().orElseThrow().get("a").value().toString())
                .isEqualTo("12345678901234567890.10");
    }

    @ParameterizedTest
    @EnumSource
    void everyFailureArrives(Reason reason) {
        for (Failure.Kind kind : Failure.Kind.values()) {
            Failure failure = new Failure(kind, reason, "what happened");
            RunResult result = new RunResult(
                    new RunOutcome(
                            RunStatus.Result.Failed,
                            Optional.of(failure),
                            Optional.empty(),
                            Optional.empty(),
                            OptionalInt.empty(),
                            Map.of()),
                    Optional.empty());
            assertThat(RunResult.read(result.toBytes())).contains(result);
        }
    }

    @Test
    void whatANewerRunnerSaysIsUnderstoodAsFarAsItGoes() {
        // when
        RunResult read = read("""
            {"version": 9, "new": 1, "outcome": {"result": "Failed", "more": [],
             "failure": {"kind": "KindOfTomorrow", "reason": "ReasonOfTomorrow", "message": "m", "x": 1}}}
            """).orElseThrow();

        // then
        assertThat(read.outcome().failure()).contains(new Failure(Failure.Kind.FAILED, Reason.UpdateFailed, "m"));
        assertThat(read.outcome().tags()).isEmpty();
        assertThat(read.foreignOwner()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "null",
                "[]",
                "{}",
                "{\"outcome\":{}}",
                "{\"outcome\":{\"result\":\"Better\"}}",
                "no JSON",
                "{\"outcome\":"
            })
    void whatIsNoResultIsNone(String text) {
        assertThat(read(text)).isEmpty();
    }

    @Test
    void whatDoesNotFitTogetherIsPutRight() {
        // when
        RunOutcome failed = read("{\"outcome\":{\"result\":\"Failed\",\"outputs\":{\"a\":{\"value\":1}}}}")
                .orElseThrow()
                .outcome();
        RunOutcome succeeded =
                read("{\"outcome\":{\"result\":\"Succeeded\",\"failure\":{\"message\":\"m\"},\"resources\":-4}}")
                        .orElseThrow()
                        .outcome();

        // then
        assertThat(failed.failure()).isPresent();
        assertThat(failed.outputs()).isEmpty();
        assertThat(succeeded.failure()).isEmpty();
        assertThat(succeeded.resources()).isEmpty();
    }

    @Test
    void anOutputWithoutAValueIsNull() {
        // when
        RunOutcome read =
                read("{\"outcome\":{\"result\":\"Succeeded\",\"outputs\":{\"a\":null,\"b\":{\"secret\":true}}}}")
                        .orElseThrow()
                        .outcome();

        // then
        assertThat(read.outputs().orElseThrow())
                .containsEntry("a", new OutputValue(NullNode.instance, false))
                .containsEntry("b", new OutputValue(NullNode.instance, true));
    }

    @Test
    void whatIsMuchTooLongIsCut() {
        // given
        String message = "x".repeat(100_000);
        StringBuilder tags = new StringBuilder();
        for (int i = 0; i < 1000; i++) {
            tags.append(i == 0 ? "" : ",").append("\"t").append(i).append("\":\"v\"");
        }

        // when
        RunOutcome read = read("{\"outcome\":{\"result\":\"Failed\",\"failure\":{\"message\":\"" + message
                        + "\"},\"tags\":{" + tags + "}}}")
                .orElseThrow()
                .outcome();

        // then
        assertThat(read.failure().orElseThrow().message()).hasSize(4096);
        assertThat(read.tags()).isEmpty();
    }

    /** Each line: a namespace and a uid that no Stack can have. The uid would be kept for the next run. */
    @ParameterizedTest
    @CsvSource({
        "team-a, shop",
        "team-a, ",
        ", " + UID,
        "team/a, " + UID,
        "Team-a, " + UID,
        "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa, " + UID,
        "team-a, " + UID + UID
    })
    void anOwnerThatNoStackCanBeIsNone(String namespace, String uid) {
        RunResult read = read("{\"outcome\":{\"result\":\"Failed\"},\"foreignOwner\":{\"namespace\":" + json(namespace)
                        + ",\"stackUid\":" + json(uid) + "}}")
                .orElseThrow();
        assertThat(read.foreignOwner()).isEmpty();
    }

    private static String json(String text) {
        return text == null ? "null" : '"' + text + '"';
    }

    @Test
    void aDocumentThatUnpacksToGigabytesIsNone() throws Exception {
        // given
        var bytes = new java.io.ByteArrayOutputStream();
        try (var gzip = new java.util.zip.GZIPOutputStream(bytes)) {
            byte[] spaces = " ".repeat(1 << 20).getBytes(StandardCharsets.UTF_8);
            for (int i = 0; i < 64; i++) {
                gzip.write(spaces);
            }
        }

        // when, then
        assertThat(RunResult.read(bytes.toByteArray())).isEmpty();
    }

    /** A thousandfold in memory of what it takes in the Secret: the operator would die of a few of these. */
    @ParameterizedTest
    @ValueSource(strings = {"[],", "{\"a\":{}},", "1,"})
    void aDocumentThatFillsTheMemoryIsNone(String piece) throws Exception {
        // given
        String document = "{\"outcome\":{\"result\":\"Succeeded\",\"outputs\":{\"a\":{\"value\":["
                + piece.repeat((3 << 20) / piece.length()) + "1]}}}}";
        var bytes = new java.io.ByteArrayOutputStream();
        try (var gzip = new java.util.zip.GZIPOutputStream(bytes)) {
            gzip.write(document.getBytes(StandardCharsets.UTF_8));
        }

        // when, then
        assertThat(RunResult.read(bytes.toByteArray())).isEmpty();
    }

    @Test
    void outputsThatTheOperatorWouldNotReadAreLeftOutAndCounted() {
        // given what takes little in a Secret
        var list = JsonNodeFactory.instance.arrayNode();
        for (int i = 0; i < 300_000; i++) {
            list.add(1);
        }
        RunResult result = new RunResult(
                outcome(RunStatus.Result.Succeeded, Optional.empty(), Map.of("list", new OutputValue(list, false))),
                Optional.empty());

        // when
        RunResult read = RunResult.read(result.toBytes()).orElseThrow();

        // then
        assertThat(read.outcome().outputs()).isEmpty();
        assertThat(read.omittedOutputs().orElseThrow()).isGreaterThan(600_000);
    }

    @Test
    void outputsThatDoNotFitASecretAreLeftOutAndCounted() {
        // given what cannot be compressed
        byte[] noise = new byte[2 << 20];
        new Random(1).nextBytes(noise);
        RunResult result = new RunResult(
                outcome(
                        RunStatus.Result.Succeeded,
                        Optional.empty(),
                        Map.of(
                                "noise",
                                new OutputValue(
                                        TextNode.valueOf(Base64.getEncoder().encodeToString(noise)), true))),
                Optional.empty());

        // when
        byte[] document = result.toBytes();

        // then
        assertThat(document).hasSizeLessThan(RunResult.MAX_BYTES);
        RunResult read = RunResult.read(document).orElseThrow();
        assertThat(read.outcome().outputs()).isEmpty();
        assertThat(read.omittedOutputs().orElseThrow()).isGreaterThan(RunResult.MAX_BYTES);
        assertThat(read.outcome().resources()).hasValue(3);
    }

    @Test
    void noTextOfItShowsASecret() {
        RunResult result = new RunResult(
                outcome(
                        RunStatus.Result.Succeeded,
                        Optional.empty(),
                        Map.of("password", new OutputValue(BinaryNode.valueOf(new byte[] {1, 2, 3}), true))),
                Optional.empty());
        assertThat(result.toString()).doesNotContain("AQID");
        assertThat(result.outcome().toString()).doesNotContain("AQID");
    }

    private static RunOutcome outcome(
            RunStatus.Result how, Optional<Failure> failure, Map<String, OutputValue> outputs) {
        return new RunOutcome(
                how, failure, Optional.of(true), Optional.of(outputs), OptionalInt.of(3), Map.of("team", "shop"));
    }

    private static Optional<RunResult> read(String text) {
        return RunResult.read(text.getBytes(StandardCharsets.UTF_8));
    }
}
