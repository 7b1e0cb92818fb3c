package io.stackwright.operator.stack;

import static io.stackwright.operator.stack.Stacks.patiently;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.stackwright.api.v1alpha1.Condition;
import io.stackwright.api.v1alpha1.Reason;
import io.stackwright.operator.RunningOperator;
import io.stackwright.operator.Scenario;
import io.stackwright.operator.engine.PythonPulumi;
import io.stackwright.testkit.Toolchain;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Runs that take resources out of the state and then fail: the state is as they left it, and not lost. */
@Timeout(300)
class RemovedResourcesIT {

    /**
     * Resources that are files: one cannot be created while there is another of its name that ends in "refused", and waits
     * for as long as one ends in "held".
     */
    private static final String PROGRAM = """
        import os
        import time
        from pulumi.dynamic import CreateResult, ReadResult, Resource, ResourceProvider

        class Files(ResourceProvider):
            def create(self, props):
                if os.path.exists(props["path"] + ".refused"):
                    raise ValueError("not now")
                while os.path.exists(props["path"] + ".held"):
                    open(props["path"] + ".begun", "w").close()
                    time.sleep(0.1)
                open(props["path"], "w").close()
                return CreateResult(props["path"], props)

            def read(self, id, props):
                return ReadResult(id, props) if os.path.exists(id) else ReadResult("", {})

        class File(Resource):
            def __init__(self, name):
                super().__init__(Files(), name, {"path": os.path.join("%s", name)})

        File("a")
        File("b")
        """;

    @TempDir
    private Path folder;

    @Test
    void whatARefreshHasFoundRemovedIsCreatedAnewAlsoWhenThatFailsAtFirst() throws Exception {
        try (RunningOperator operator = start()) {
            // given
            Stacks stacks = new Stacks(operator);
            putProgram(operator);
            stacks.create("drifts", """
                project: {configMap: {name: files}, install: Never}
                updates: {refresh: true, retry: {initial: 1s, max: 1s}}
                """);
            stacks.awaitReady("drifts");
            assertThat(stacks.status("drifts").resources()).isEqualTo(2);

            // when both are removed outside of Pulumi and cannot be created for a while
            for (String name : List.of("a", "b")) {
                Files.move(folder.resolve(name), folder.resolve(name + ".refused"));
            }
            stacks.annotate("drifts", Requests.RECONCILE, "1");

            // then the failed run has saved what its refresh found, and it is tried again
            patiently()
                    .failFast(() -> assertThat(stacks.status("drifts").condition(Condition.STALLED))
                            .isEmpty())
                    .until(() -> stacks.status("drifts").failures() != null
                            && stacks.status("drifts").failures().count() >= 3);
            assertThat(stacks.status("drifts").failures().reason()).isEqualTo(Reason.UpdateFailed.name());
            assertThat(urns(operator, "drifts")).noneMatch(urn -> urn.endsWith("::a") || urn.endsWith("::b"));

            // when
            for (String name : List.of("a", "b")) {
                Files.delete(folder.resolve(name + ".refused"));
            }

            // then
            stacks.awaitReady("drifts");
            assertThat(folder.resolve("a")).exists();
            assertThat(stacks.status("drifts").resources()).isEqualTo(2);
        }
    }

    private RunningOperator start() throws Exception {
        return RunningOperator.start(
                folder.resolve("data"), Toolchain.pulumi().toString(), PythonPulumi.on(RunningOperator.environment()));
    }

    private void putProgram(RunningOperator operator) {
        new Scenario(operator)
                .configMap(
                        "files",
                        Map.of(
                                "Pulumi.yaml",
                                "name: files\nruntime: python\n",
                                "__main__.py",
                                PROGRAM.formatted(folder)));
    }

    /** In a bucket, where nothing can be read as a file. */
    @Test
    void whatARefreshHasFoundRemovedIsNoLossAfterARunThatWasStopped() throws Exception {
        try (Bucket bucket = Bucket.start();
                RunningOperator operator = start()) {
            // given
            Stacks stacks = new Stacks(operator);
            putProgram(operator);
            stacks.create("stops", """
                project: {configMap: {name: files}, install: Never}
                backend: {url: "%s"}
                env: [{name: AWS_ACCESS_KEY_ID, value: any}, {name: AWS_SECRET_ACCESS_KEY, value: any}]
                updates: {refresh: true, grace: 1s}
                """.formatted(bucket.url()));
            stacks.awaitReady("stops");
            assertThat(stacks.status("stops").resources()).isEqualTo(2);

            // when both are removed outside of Pulumi, and a person stops the run that makes them anew
            for (String name : List.of("a", "b")) {
                Files.move(folder.resolve(name), folder.resolve(name + ".held"));
            }
            stacks.annotate("stops", Requests.RECONCILE, "1");
            patiently().until(() -> Files.exists(folder.resolve("a.begun")) || Files.exists(folder.resolve("b.begun")));
            stacks.cancel("stops-2");

            // then
            stacks.awaitStalled("stops", Reason.Cancelled);
            assertThat(stacks.status("stops").resources()).isZero();

            // when it is to go on
            stacks.annotate("stops", Requests.RECONCILE, "2");

            // then the state is not lost: only what was being created is in doubt
            stacks.awaitStalled("stops", Reason.PendingCreates);
        }
    }

    /** URNs in the state. */
    private static List<String> urns(RunningOperator operator, String stack) throws IOException {
        Path file = operator.state().resolve(".pulumi/stacks/files/" + stack + ".json");
        return new ObjectMapper()
                .readTree(file.toFile())
                .path("checkpoint")
                .path("latest")
                .findValuesAsText("urn");
    }
}
