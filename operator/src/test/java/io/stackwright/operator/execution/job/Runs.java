package io.stackwright.operator.execution.job;

import com.fasterxml.jackson.databind.node.IntNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.TextNode;
import io.stackwright.api.v1alpha1.Cause;
import io.stackwright.api.v1alpha1.ExecutionSpec;
import io.stackwright.api.v1alpha1.GitSource;
import io.stackwright.api.v1alpha1.InstallPolicy;
import io.stackwright.api.v1alpha1.LocalRef;
import io.stackwright.api.v1alpha1.OnPendingCreate;
import io.stackwright.api.v1alpha1.Operation;
import io.stackwright.api.v1alpha1.ProjectSource;
import io.stackwright.api.v1alpha1.StackStatus.StackIdentity;
import io.stackwright.operator.engine.OperationOptions;
import io.stackwright.operator.execution.RunRequest;
import io.stackwright.operator.execution.runner.EncryptionMaterial.Material;
import io.stackwright.operator.inputs.ConfigEntry;
import io.stackwright.operator.inputs.ResolvedInputs;
import io.stackwright.operator.settings.OperatorSettings.LogFormat;
import io.stackwright.operator.source.Revision;
import io.stackwright.operator.source.StackKey;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;

/** A run of which every part says something. */
final class Runs {

    static final String SECRET = "s3cr3t-canary";

    private Runs() {}

    static RunInput whole() {
        return new RunInput(
                        request(inputs()),
                        new CapturedReferences(
                                Map.of("git", Map.of("password", SECRET.getBytes(StandardCharsets.UTF_8))),
                                Map.of("program", Map.of("Pulumi.yaml", new byte[] {0, -1, 127}))),
                        new Material(SECRET, Optional.of("v1:salt"), true, true),
                        "installation-1",
                        Set.of("gone-1"),
                        List.of(new RunInput.DeadRun(
                                "shop-6",
                                "shop-6-x2x4z",
                                Instant.parse("2026-01-02T03:04:05Z"),
                                Optional.of(Instant.parse("2026-01-02T03:05:05.123Z")))),
                        new RunInput.SourceLimits(Set.of("git.example.com"), 1L << 30, Duration.ofMinutes(2)),
                        new RunInput.Log(LogFormat.TEXT, "debug"))
                .tracedTo(Optional.of("grpc://collector.example.com:4317"));
    }

    static ResolvedInputs inputs() {
        return new ResolvedInputs(
                List.of(
                        new ConfigEntry("aws:region", false, TextNode.valueOf("eu-west-1"), false),
                        new ConfigEntry("endpoints[0].token", true, TextNode.valueOf(SECRET), true)),
                Map.of("TOKEN", SECRET),
                Set.of(SECRET),
                Optional.of(SECRET));
    }

    static RunRequest request(ResolvedInputs inputs) {
        return new RunRequest(
                new RunRequest.RunKey(new StackKey("team-a", "shop"), "stack-uid", "shop-7", "update-uid"),
                Operation.Up,
                Cause.SpecChanged,
                new StackIdentity("organization", "shop", "prod", "s3://state", true),
                "s3://user:" + SECRET + "@state",
                Optional.of(new RunRequest.Program(source(), new Revision("main@sha1:1", "sha1:1", "shop", "yaml"))),
                inputs,
                new OperationOptions(
                        OptionalInt.of(4),
                        true,
                        true,
                        true,
                        List.of("urn:1"),
                        Duration.ofMinutes(61),
                        Duration.ofSeconds(90),
                        new OperationOptions.PendingCreates(true, Map.of("urn:2", "id-2"))),
                new RunRequest.Tags(Map.of("team", "shop"), Map.of("old", "tag")),
                OptionalInt.of(42),
                new RunRequest.Leftovers(OnPendingCreate.Clear, Optional.of("lock-1"), true, true, true));
    }

    /** The same for another run, with another way of execution. */
    static RunRequest request(RunRequest.RunKey run, Optional<ExecutionSpec> execution) {
        RunRequest whole = request(inputs());
        return new RunRequest(
                run,
                whole.operation(),
                whole.cause(),
                whole.identity(),
                whole.backendUrl(),
                whole.program(),
                whole.inputs(),
                whole.options(),
                whole.tags(),
                whole.resources(),
                whole.leftovers(),
                execution);
    }

    private static ProjectSource source() {
        return new ProjectSource(
                JsonNodeFactory.instance.objectNode().set("name", IntNode.valueOf(1)),
                new GitSource(
                        "https://example.com/r.git",
                        "main",
                        "v1",
                        "a".repeat(40),
                        "stacks/shop",
                        new LocalRef("git"),
                        "5m"),
                new io.stackwright.api.v1alpha1.ConfigMapSource("program"),
                InstallPolicy.Never);
    }
}
