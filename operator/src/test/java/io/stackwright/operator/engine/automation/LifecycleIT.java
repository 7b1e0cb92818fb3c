package io.stackwright.operator.engine.automation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.stackwright.api.v1alpha1.Reason;
import io.stackwright.api.v1alpha1.RunStatus.Changes;
import io.stackwright.operator.engine.CancelToken;
import io.stackwright.operator.engine.EngineException;
import io.stackwright.operator.engine.OperationOptions;
import io.stackwright.operator.engine.OperationResult;
import io.stackwright.operator.engine.ProgressListener;
import io.stackwright.operator.engine.PulumiEngine;
import io.stackwright.operator.engine.RealPulumi;
import io.stackwright.operator.engine.RecordingCli;
import io.stackwright.operator.engine.Workspace;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The life of a stack on the real CLI, and how many processes each step costs. */
class LifecycleIT {

    private static final ProgressListener SILENT = (progress, changes) -> {};

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
    void wholeCycle() throws IOException {
        // given
        Workspace workspace = pulumi.program("shop", "dev", stashes("a", "b"));
        byte[] settings = Files.readAllBytes(RealPulumi.settings(workspace));

        // when created
        assertThat(engine.createStack(workspace)).isTrue();
        assertThat(engine.createStack(workspace)).isFalse();

        // then
        assertThat(cli.calls()).hasSize(2);
        assertThat(RealPulumi.settings(workspace)).hasBinaryContent(settings);

        // when tagged
        cli.forget();
        engine.setTag(workspace, "owner", "me");
        assertThat(cli.calls()).hasSize(1);
        assertThat(engine.tags(workspace)).isEqualTo(Map.of("owner", "me"));
        assertThat(cli.calls()).hasSize(2);
        engine.removeTag(workspace, "owner");
        engine.removeTag(workspace, "owner");
        assertThat(engine.tags(workspace)).isEmpty();

        // when applied
        cli.forget();
        OperationResult first = up(workspace);

        // then
        assertThat(first.failure()).isEmpty();
        assertThat(first.changes()).isEqualTo(new Changes(2, 0, 0, 0, 0));
        assertThat(first.resources()).isEqualTo(OptionalInt.of(2));
        assertThat(first.steps()).extracting("operation", "name").contains(tuple("create", "a"), tuple("create", "b"));
        assertThat(first.outputs()).isPresent();
        assertThat(first.log()).contains("Resources:").contains("created");
        assertThat(cli.calls()).hasSize(1);

        // when nothing changed
        cli.forget();
        OperationResult second = up(workspace);
        assertThat(second.changes()).isEqualTo(new Changes(0, 0, 0, 0, 2));
        assertThat(second.steps()).isEmpty();
        assertThat(second.outputs()).isEqualTo(first.outputs());
        assertThat(cli.calls()).hasSize(1);

        // when something changed: previewed, then applied
        pulumi.program("shop", "dev", stashes("a", "c"));
        cli.forget();
        OperationResult preview = engine.preview(workspace, OperationOptions.defaults(), SILENT, new CancelToken());
        assertThat(preview.failure()).isEmpty();
        assertThat(preview.changes()).isEqualTo(new Changes(1, 0, 0, 1, 1));
        assertThat(preview.outputs()).isEmpty();
        assertThat(cli.calls()).hasSize(1);
        OperationResult third = up(workspace);
        assertThat(third.changes()).isEqualTo(new Changes(1, 0, 0, 1, 1));
        assertThat(third.resources()).isEqualTo(OptionalInt.of(2));

        // when refreshed
        cli.forget();
        OperationResult refresh = engine.refresh(workspace, OperationOptions.defaults(), SILENT, new CancelToken());
        assertThat(refresh.failure()).isEmpty();
        assertThat(refresh.changes()).isEqualTo(new Changes(0, 0, 0, 0, 2));
        assertThat(refresh.resources()).isEqualTo(OptionalInt.of(2));
        assertThat(refresh.outputs()).isEqualTo(third.outputs());
        assertThat(cli.calls()).hasSize(1);
        assertThat(engine.outputs(workspace)).isEqualTo(third.outputs().get());
        assertThat(engine.export(workspace).path("deployment").path("resources"))
                .isNotEmpty();

        // when destroyed
        cli.forget();
        OperationResult destroy = destroy(workspace);
        assertThat(destroy.failure()).isEmpty();
        assertThat(destroy.changes()).isEqualTo(new Changes(0, 0, 0, 2, 0));
        assertThat(destroy.resources()).isEqualTo(OptionalInt.of(0));
        assertThat(cli.calls()).hasSize(1);

        // then
        assertThatThrownBy(() -> engine.tags(workspace))
                .isInstanceOfSatisfying(
                        EngineException.class,
                        e -> assertThat(e.failure().reason()).isEqualTo(Reason.StackNotFound));
        assertThat(pulumi.scratch()).isEmptyDirectory();
    }

    private OperationResult up(Workspace workspace) {
        return engine.up(workspace, OperationOptions.defaults(), SILENT, new CancelToken());
    }

    private OperationResult destroy(Workspace workspace) {
        OperationOptions remove = new OperationOptions(
                OptionalInt.empty(), false, false, true, List.of(), Duration.ofMinutes(5), Duration.ofSeconds(10));
        return engine.destroy(workspace, remove, SILENT, new CancelToken());
    }

    private static String stashes(String... names) {
        StringBuilder yaml = new StringBuilder("runtime: yaml\nresources:\n");
        for (String name : names) {
            yaml.append("  ").append(name).append(": {type: 'pulumi:index:Stash', properties: {input: x}}\n");
        }
        return yaml.append("outputs: {first: '${" + names[0] + ".output}', count: " + names.length + "}\n")
                .toString();
    }

    private static org.assertj.core.groups.Tuple tuple(Object... values) {
        return org.assertj.core.api.Assertions.tuple(values);
    }
}
