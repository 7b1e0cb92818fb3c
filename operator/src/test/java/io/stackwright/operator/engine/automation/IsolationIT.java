package io.stackwright.operator.engine.automation;

import static org.assertj.core.api.Assertions.assertThat;

import io.stackwright.api.v1alpha1.Reason;
import io.stackwright.operator.engine.CancelToken;
import io.stackwright.operator.engine.OperationOptions;
import io.stackwright.operator.engine.OperationResult;
import io.stackwright.operator.engine.ProgressListener;
import io.stackwright.operator.engine.PulumiEngine;
import io.stackwright.operator.engine.RealPulumi;
import io.stackwright.operator.engine.RecordingCli;
import io.stackwright.operator.engine.StackId;
import io.stackwright.operator.engine.Workspace;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Runs do not see each other, the operator, or more than they need. */
class IsolationIT {

    private static final ProgressListener SILENT = (progress, changes) -> {};

    @TempDir
    Path root;

    private RealPulumi pulumi;
    private PulumiEngine engine;

    @BeforeEach
    void start() {
        pulumi = RealPulumi.in(root);
        engine = new AutomationEngine(RealPulumi.cli().toString(), RealPulumi.searchPath());
    }

    @Test
    void twoStacksInOneFolderNeverMix() throws Exception {
        // given
        String yaml = "runtime: yaml\nconfig: {who: {type: string}}\noutputs: {who: '${who}'}\n";
        Workspace alpha = pulumi.program("shop", "alpha", yaml);
        Workspace beta = pulumi.program("shop", "beta", yaml);
        for (Workspace workspace : List.of(alpha, beta)) {
            Files.writeString(
                    RealPulumi.settings(workspace),
                    "encryptionsalt: " + pulumi.crypter().encryptionSalt() + "\nconfig: {\"shop:who\": "
                            + workspace.stack().name() + "}\n");
            engine.createStack(workspace);
        }

        // when
        var both = List.of(alpha, beta, alpha).stream()
                .map(workspace -> CompletableFuture.supplyAsync(
                        () -> engine.preview(workspace, OperationOptions.defaults(), SILENT, new CancelToken())))
                .toList();
        assertThat(both).allSatisfy(run -> assertThat(run.get().failure()).isEmpty());
        OperationResult first = up(alpha);
        OperationResult second = up(beta);

        // then
        assertThat(first.outputs().get()).hasToString("{who=\"alpha\"}");
        assertThat(second.outputs().get()).hasToString("{who=\"beta\"}");
        assertThat(engine.outputs(alpha)).hasToString("{who=\"alpha\"}");
        engine.setTag(alpha, "owner", "a");
        assertThat(engine.tags(beta)).isEmpty();
        assertThat(destroy(alpha).failure()).isEmpty();
        assertThat(engine.outputs(beta)).hasToString("{who=\"beta\"}");
    }

    @Test
    void destroyNeedsNoProgram() throws Exception {
        // given
        Workspace workspace = pulumi.program(
                "shop",
                "dev",
                "runtime: yaml\nresources: {a: {type: 'pulumi:index:Stash', properties: {input: {fn::secret: 1}}}}\n");
        engine.createStack(workspace);
        assertThat(up(workspace).failure()).isEmpty();
        Workspace empty = new Workspace(
                Files.createDirectory(root.resolve("empty")),
                workspace.stack(),
                workspace.environment(),
                workspace.scratch());

        // when
        OperationResult result = destroy(empty);

        // then
        assertThat(result.failure()).isEmpty();
        assertThat(result.changes().delete()).isEqualTo(1);
        assertThat(destroy(empty).failure().orElseThrow().reason())
                .as("already gone")
                .isEqualTo(Reason.StackNotFound);
        assertThat(empty.directory()).isEmptyDirectory();
    }

    @Test
    void theProgramSeesExactlyItsEnvironment() throws Exception {
        // given a CLI that writes down what it gets, and a variable that only this JVM has
        assertThat(System.getenv()).isNotEmpty();
        Path seen = root.resolve("environment");
        Path spy = RecordingCli.script(
                root.resolve("environment-writing-pulumi"),
                "#!/bin/sh\nenv -0 > '" + seen + "'\nexec '" + RealPulumi.cli() + "' \"$@\"\n");
        engine = new AutomationEngine(spy.toString(), RealPulumi.searchPath());
        Workspace workspace = pulumi.program("shop", "dev", "runtime: yaml\n");
        engine.createStack(workspace);

        // when
        assertThat(up(workspace).failure()).isEmpty();

        // then
        List<String> names = List.of(Files.readString(seen).split("\0")).stream()
                .map(variable -> variable.substring(0, variable.indexOf('=')))
                .filter(name -> !List.of("PWD", "SHLVL", "_", "OLDPWD").contains(name)) // the shell's own
                .toList();
        assertThat(names)
                .containsExactlyInAnyOrder(
                        "PATH",
                        "HOME",
                        "PULUMI_HOME",
                        "PULUMI_BACKEND_URL",
                        "PULUMI_CONFIG_PASSPHRASE",
                        "PULUMI_SKIP_UPDATE_CHECK",
                        "PULUMI_AUTOMATION_API",
                        "PULUMI_DEBUG_COMMANDS");
    }

    @Test
    void nothingThatComesFromAStackIsTakenForAFlag() throws Exception {
        // given
        Workspace workspace = pulumi.program("shop", "dev", "runtime: yaml\n");
        engine.createStack(workspace);
        OperationOptions targeted = new OperationOptions(
                OptionalInt.empty(),
                false,
                false,
                false,
                List.of("--help"),
                Duration.ofMinutes(1),
                Duration.ofSeconds(10));

        // when
        OperationResult result = engine.up(workspace, targeted, SILENT, new CancelToken());
        engine.setTag(workspace, "--help", "-v");

        // then
        assertThat(result.failure().get().message()).contains("Target '--help' could not be found");
        assertThat(engine.tags(workspace)).isEqualTo(Map.of("--help", "-v"));
        engine.removeTag(workspace, "--help");
        assertThat(engine.tags(workspace)).isEmpty();
        Workspace hostile = new Workspace(
                workspace.directory(),
                new StackId("organization", "shop", "--help"),
                workspace.environment(),
                workspace.scratch());
        assertThat(up(hostile).failure()).isPresent();
    }

    @Test
    void installRunsWithoutAStack() throws IOException {
        // given
        Workspace workspace = pulumi.program("shop", "dev", "runtime: yaml\n");

        // when
        engine.install(workspace, Duration.ofMinutes(1), new CancelToken());

        // then
        assertThat(engine.version()).isEqualTo("3.250.0");
    }

    private OperationResult up(Workspace workspace) {
        return engine.up(workspace, OperationOptions.defaults(), SILENT, new CancelToken());
    }

    private OperationResult destroy(Workspace workspace) {
        OperationOptions remove = new OperationOptions(
                OptionalInt.empty(), false, false, true, List.of(), Duration.ofMinutes(5), Duration.ofSeconds(10));
        return engine.destroy(workspace, remove, SILENT, new CancelToken());
    }
}
