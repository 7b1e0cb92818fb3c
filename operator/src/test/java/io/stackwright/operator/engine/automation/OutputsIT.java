package io.stackwright.operator.engine.automation;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.stackwright.operator.engine.CancelToken;
import io.stackwright.operator.engine.OperationOptions;
import io.stackwright.operator.engine.OperationResult;
import io.stackwright.operator.engine.OutputValue;
import io.stackwright.operator.engine.PulumiEngine;
import io.stackwright.operator.engine.RealPulumi;
import io.stackwright.operator.engine.RecordingCli;
import io.stackwright.operator.engine.Workspace;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Outputs of every JSON type, and which of them are secret. */
class OutputsIT {

    @TempDir
    Path root;

    private RealPulumi pulumi;
    private RecordingCli cli;
    private PulumiEngine engine;

    @BeforeEach
    void start() {
        pulumi = RealPulumi.in(root);
        cli = RecordingCli.of(RealPulumi.cli(), root);
        engine = new AutomationEngine(cli.command(), RealPulumi.searchPath());
    }

    @Test
    void everyTypeComesOutAsItWent() throws Exception {
        // given
        String large = "x".repeat(100_000);
        Workspace workspace = applied("""
            runtime: yaml
            outputs:
              object: {a: {b: [1, [2, {c: d}]]}}
              array: [1, two, 3.5, true, null]
              integer: 42
              negative: -7
              fraction: 1.25
              truth: true
              lie: false
              nothing: null
              unicode: "ünï 🔑 \\u2028 \\" \\\\ 日本"
              empty: ""
              emptyObject: {}
              emptyArray: []
              numberText: "42"
              large: %s
            """.formatted(large));

        // when
        OperationResult result = up(workspace);

        // then
        assertThat(result.failure()).isEmpty();
        Map<String, OutputValue> outputs = result.outputs().orElseThrow();
        assertThat(outputs.get("object").value()).isEqualTo(json("{\"a\":{\"b\":[1,[2,{\"c\":\"d\"}]]}}"));
        assertThat(outputs.get("array").value()).isEqualTo(json("[1,\"two\",3.5,true,null]"));
        assertThat(outputs.get("integer").value()).isEqualTo(json("42"));
        assertThat(outputs.get("negative").value()).isEqualTo(json("-7"));
        assertThat(outputs.get("fraction").value()).isEqualTo(json("1.25"));
        assertThat(outputs.get("truth").value()).isEqualTo(json("true"));
        assertThat(outputs.get("lie").value()).isEqualTo(json("false"));
        assertThat(outputs).as("Pulumi has no output without a value").doesNotContainKey("nothing");
        assertThat(outputs.get("unicode").value().textValue()).isEqualTo("ünï 🔑 \u2028 \" \\ 日本");
        assertThat(outputs.get("empty").value().textValue()).isEmpty();
        assertThat(outputs.get("emptyObject").value()).isEqualTo(json("{}"));
        assertThat(outputs.get("emptyArray").value()).isEqualTo(json("[]"));
        assertThat(outputs.get("numberText").value().textValue()).isEqualTo("42");
        assertThat(outputs.get("large").value().textValue()).isEqualTo(large);
        assertThat(outputs.values()).noneMatch(OutputValue::secret);
        assertThat(cli.calls()).as("no secret, no second process").hasSize(1);
        assertThat(engine.outputs(workspace)).isEqualTo(outputs);
    }

    @Test
    void aSecretAtAnyDepthMakesTheOutputSecret() throws Exception {
        // given
        Workspace workspace = applied("""
            runtime: yaml
            config: {token: {type: string, secret: true}}
            outputs:
              open: fine
              token: ${token}
              generated: {fn::secret: {a: 1, b: [null]}}
              nested: {a: [1, {b: {fn::secret: deep}}]}
              literal: "[secret]"
              secretLiteral: {fn::secret: "[secret]"}
            """);
        Files.writeString(
                RealPulumi.settings(workspace),
                "encryptionsalt: " + pulumi.crypter().encryptionSalt() + "\nconfig:\n  shop:token:\n    secure: "
                        + pulumi.crypter().encrypt("hunter2 ünï") + "\n");

        // when
        OperationResult result = up(workspace);

        // then
        assertThat(result.failure()).isEmpty();
        Map<String, OutputValue> outputs = result.outputs().orElseThrow();
        assertThat(outputs)
                .containsEntry("open", new OutputValue(json("\"fine\""), false))
                .containsEntry("token", new OutputValue(json("\"hunter2 ünï\""), true))
                .containsEntry("generated", new OutputValue(json("{\"a\":1,\"b\":[null]}"), true))
                .containsEntry("nested", new OutputValue(json("{\"a\":[1,{\"b\":\"deep\"}]}"), true))
                .containsEntry("literal", new OutputValue(json("\"[secret]\""), false))
                .containsEntry("secretLiteral", new OutputValue(json("\"[secret]\""), true));
        assertThat(cli.calls()).as("one more process for the values of secrets").hasSize(2);

        // and nothing of it stays behind or shows
        assertThat(pulumi.scratch()).isEmptyDirectory();
        assertThat(result.toString()).doesNotContain("hunter2", "deep");
        assertThat(cli.calls().toString()).doesNotContain("hunter2", "deep", RealPulumi.PASSPHRASE);
        assertThat(filesWith("hunter2")).isEmpty();

        // when
        cli.forget();
        OperationResult refresh =
                engine.refresh(workspace, OperationOptions.defaults(), (progress, changes) -> {}, new CancelToken());

        // then
        assertThat(refresh.outputs()).contains(outputs);
        assertThat(cli.calls()).hasSize(2);
    }

    @Test
    void whatTheCliMasksInItsEventsIsSecretAndWhole() throws Exception {
        // given secret configuration that is put out without Pulumi's mark
        Workspace workspace = applied("""
            runtime: yaml
            config: {token: {type: string, secret: true}}
            outputs:
              open: fine
              literal: "[secret]"
              text: it is hunter22, is it not
              deep: {list: [{a: hunter22}]}
              key: {hunter22: a}
            """);
        Files.writeString(
                RealPulumi.settings(workspace),
                "encryptionsalt: " + pulumi.crypter().encryptionSalt() + "\nconfig:\n  shop:token:\n    secure: "
                        + pulumi.crypter().encrypt("hunter22") + "\n");

        // when
        Map<String, OutputValue> outputs = up(workspace).outputs().orElseThrow();

        // then
        assertThat(outputs)
                .containsEntry("open", new OutputValue(json("\"fine\""), false))
                .containsEntry("literal", new OutputValue(json("\"[secret]\""), false))
                .containsEntry("text", new OutputValue(json("\"it is hunter22, is it not\""), true))
                .containsEntry("deep", new OutputValue(json("{\"list\":[{\"a\":\"hunter22\"}]}"), true));
        assertThat(outputs.get("key").value()).isEqualTo(json("{\"hunter22\":\"a\"}"));
        assertThat(cli.calls()).hasSize(2);

        // when
        OperationResult refresh =
                engine.refresh(workspace, OperationOptions.defaults(), (progress, changes) -> {}, new CancelToken());

        // then
        assertThat(refresh.outputs()).contains(outputs);
    }

    @Test
    void removedOutputsAreGone() throws Exception {
        // given
        Workspace workspace = applied("runtime: yaml\noutputs: {a: 1, b: 2}\n");
        up(workspace);
        pulumi.program("shop", "dev", "runtime: yaml\n");

        // when
        OperationResult result = up(workspace);

        // then
        assertThat(result.outputs()).contains(Map.of());
    }

    private Workspace applied(String yaml) {
        Workspace workspace = pulumi.program("shop", "dev", yaml);
        engine.createStack(workspace);
        cli.forget();
        return workspace;
    }

    private OperationResult up(Workspace workspace) {
        return engine.up(workspace, OperationOptions.defaults(), (progress, changes) -> {}, new CancelToken());
    }

    private Stream<Path> filesWith(String secret) throws IOException {
        try (Stream<Path> files = Files.walk(root)) {
            return files.filter(Files::isRegularFile).filter(file -> contains(file, secret)).toList().stream();
        }
    }

    private static boolean contains(Path file, String secret) {
        try {
            return new String(Files.readAllBytes(file), java.nio.charset.StandardCharsets.ISO_8859_1).contains(secret);
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    private static JsonNode json(String text) throws Exception {
        return Json.parse(text);
    }
}
