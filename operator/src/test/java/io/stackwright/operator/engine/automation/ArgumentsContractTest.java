package io.stackwright.operator.engine.automation;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import io.stackwright.operator.engine.CancelToken;
import io.stackwright.operator.engine.OperationOptions;
import io.stackwright.operator.engine.ProgressListener;
import io.stackwright.operator.engine.PulumiEngine;
import io.stackwright.operator.engine.RecordingCli;
import io.stackwright.operator.engine.StackId;
import io.stackwright.operator.engine.Workspace;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Pins the command line of every call, so that another version of the Automation API cannot change it unseen.
 *
 * <p>The CLI is a double that answers well-formed nothings.
 */
class ArgumentsContractTest {

    private static final ProgressListener SILENT = (progress, changes) -> {};
    private static final String STACK = "--stack organization/shop/dev --non-interactive";

    @TempDir
    Path root;

    private RecordingCli cli;
    private PulumiEngine engine;
    private Workspace workspace;

    @BeforeEach
    void start() throws Exception {
        Path answers = RecordingCli.script(root.resolve("pulumi-that-does-nothing"), """
            #!/bin/sh
            [ "$1" = version ] && echo v3.250.0 && exit
            while [ $# -gt 1 ]; do
              [ "$1" = --event-log ] && echo '{"summaryEvent":{"result":"succeeded"}}' >> "$2"
              shift
            done
            echo '{"a":"1"}'
            """);
        cli = RecordingCli.of(answers, root);
        engine = new AutomationEngine(cli.command(), System.getenv("PATH"));
        workspace = new Workspace(
                Files.createDirectory(root.resolve("work")),
                new StackId("organization", "shop", "dev"),
                Map.of("PATH", System.getenv("PATH")),
                Files.createDirectory(root.resolve("scratch")));
    }

    @Test
    void theVersion() {
        // when
        engine.version();

        // then
        assertThat(commandLines()).containsExactly("version --non-interactive");
    }

    @Test
    void operations() {
        // when
        engine.up(workspace, OperationOptions.defaults(), SILENT, new CancelToken());
        engine.preview(workspace, OperationOptions.defaults(), SILENT, new CancelToken());
        engine.refresh(workspace, OperationOptions.defaults(), SILENT, new CancelToken());
        engine.destroy(workspace, OperationOptions.defaults(), SILENT, new CancelToken());

        // then
        String events = "--suppress-progress --event-log EVENTS ";
        assertThat(commandLines())
                .containsExactly(
                        "up --yes --skip-preview --color never --exec-kind auto.local " + events + STACK,
                        // This CLI tells no outputs in its events, so they are asked for.
                        "stack output --json " + STACK,
                        "stack output --json --show-secrets " + STACK,
                        "preview --color never --exec-kind auto.local " + events + STACK,
                        "refresh --yes --skip-preview --color never --exec-kind auto.local " + events + STACK,
                        "stack output --json " + STACK,
                        "stack output --json --show-secrets " + STACK,
                        "destroy --yes --skip-preview --color never --exec-kind auto.local " + events + STACK);
    }

    @Test
    void everyOption() {
        // given
        OperationOptions all = new OperationOptions(
                OptionalInt.of(4),
                true,
                true,
                true,
                List.of("--help", "urn:x"),
                Duration.ofMinutes(1),
                Duration.ofSeconds(1));

        // when
        engine.up(workspace, all, SILENT, new CancelToken());
        engine.preview(workspace, all, SILENT, new CancelToken());
        engine.refresh(workspace, all, SILENT, new CancelToken());
        engine.destroy(workspace, all, SILENT, new CancelToken());

        // then
        String common = "--parallel 4 --target --help --target urn:x --color never --exec-kind auto.local ";
        String events = "--suppress-progress --event-log EVENTS ";
        assertThat(commandLines().stream().filter(line -> !line.startsWith("stack")))
                .containsExactly(
                        "up --yes --skip-preview --continue-on-error " + common + "--refresh " + events + STACK,
                        "preview " + common + "--refresh " + events + STACK,
                        "refresh --yes --skip-preview " + common + events + STACK,
                        "destroy --yes --skip-preview --continue-on-error " + common + "--remove " + events + STACK);
    }

    @Test
    void everythingElse() {
        // when
        engine.createStack(workspace);
        engine.tags(workspace);
        engine.setTag(workspace, "--name", "-v");
        engine.removeTag(workspace, "-h");
        engine.export(workspace);
        engine.importState(workspace, JsonNodeFactory.instance.objectNode());
        engine.releaseLocks(workspace);
        engine.refresh(
                workspace,
                OperationOptions.defaults().with(new OperationOptions.PendingCreates(true, Map.of())),
                SILENT,
                new CancelToken());
        engine.install(workspace, Duration.ofMinutes(1), new CancelToken());

        // then
        assertThat(commandLines())
                .containsExactly(
                        "stack init --no-select --secrets-provider passphrase " + STACK,
                        "stack tag ls --json " + STACK,
                        "stack tag set " + STACK + " -- --name -v",
                        "stack tag rm " + STACK + " -- -h",
                        "stack export " + STACK,
                        "stack import --file IMPORT " + STACK,
                        "cancel --yes " + STACK,
                        "refresh --yes --skip-preview --color never --exec-kind auto.local --clear-pending-creates"
                                + " --suppress-progress --event-log EVENTS " + STACK,
                        "stack output --json " + STACK,
                        "stack output --json --show-secrets " + STACK,
                        "install --non-interactive");
    }

    private List<String> commandLines() {
        return cli.calls().stream()
                .map(call -> String.join(" ", call))
                .map(line -> line.replaceFirst("--event-log \\S+/scratch/events-\\d+\\.ndjson", "--event-log EVENTS"))
                .map(line -> line.replaceFirst("--file \\S+/scratch/import-\\d+\\.json", "--file IMPORT"))
                .toList();
    }
}
