package io.stackwright.operator.execution.runner;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.stackwright.api.v1alpha1.Cause;
import io.stackwright.api.v1alpha1.OnPendingCreate;
import io.stackwright.api.v1alpha1.Operation;
import io.stackwright.api.v1alpha1.Reason;
import io.stackwright.api.v1alpha1.RunStatus;
import io.stackwright.api.v1alpha1.StackStatus.StackIdentity;
import io.stackwright.operator.engine.EngineException;
import io.stackwright.operator.engine.Failure;
import io.stackwright.operator.engine.OperationOptions;
import io.stackwright.operator.engine.OperationResult;
import io.stackwright.operator.engine.StackId;
import io.stackwright.operator.engine.Workspace;
import io.stackwright.operator.execution.RunRequest;
import io.stackwright.operator.inputs.ResolvedInputs;
import io.stackwright.operator.source.StackKey;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What a run that failed has left is counted: a stale number would hide a loss, or make one of what is none. */
class StateGuardTest {

    private static final Workspace WORKSPACE =
            new Workspace(Path.of("."), new StackId("organization", "p", "s"), Map.of(), Path.of("."));

    private static final String BUCKET = "s3://states";
    private static final OptionalInt UNKNOWN = OptionalInt.empty();
    private static final RunStatus.Changes NOTHING = new RunStatus.Changes(0, 0, 0, 0, 0);
    private static final RunStatus.Changes CREATES = new RunStatus.Changes(2, 0, 0, 0, 0);
    private static final RunStatus.Changes REPLACES = new RunStatus.Changes(0, 0, 1, 0, 0);

    @TempDir
    private Path folder;

    private final StateGuard guard = new StateGuard();
    private final AtomicInteger exports = new AtomicInteger();

    @ParameterizedTest
    @ValueSource(ints = {-1, 0, 1})
    void whatAFailedRunHasCreatedIsCounted(int known) {
        // when
        OptionalInt counted = counted(Operation.Up, of(known), failed(Failure.Kind.FAILED, CREATES));

        // then
        assertThat(counted).hasValue(3);
        assertThat(exports).hasValue(1);
    }

    @Test
    void whatAFailedRunHasReplacedIsCounted() {
        assertThat(counted(Operation.Up, of(1), failed(Failure.Kind.FAILED, REPLACES)))
                .hasValue(3);
    }

    /** A create that fails may leave a resource all the same: one that was made and did not get ready. */
    @Test
    void whatMayBeTheFirstResourcesIsCounted() {
        // given
        OperationResult failed = failed(Failure.Kind.TIMED_OUT, NOTHING, List.of(step()));

        // then
        assertThat(counted(Operation.Up, of(0), failed)).hasValue(3);
        assertThat(counted(Operation.Up, UNKNOWN, failed)).hasValue(3);
        assertThat(exports).hasValue(2);
        assertThat(counted(Operation.Up, of(2), failed)).isEmpty();
        assertThat(exports).hasValue(2);
    }

    @Test
    void whatCostsNoProcessIsCountedHoweverLittleTheRunHasDone() throws IOException {
        // given
        Path states = Files.createDirectories(folder.resolve(".pulumi/stacks/p"));
        Files.writeString(
                states.resolve("s.json"),
                JsonNodeFactory.instance
                        .objectNode()
                        .set(
                                "checkpoint",
                                JsonNodeFactory.instance.objectNode().set("latest", state(3).path("deployment")))
                        .toString());

        // then
        String backend = "file://" + folder;
        assertThat(counted(backend, Operation.Up, of(0), failed(Failure.Kind.CANCELLED, NOTHING)))
                .hasValue(3);
        assertThat(counted(backend, Operation.Up, UNKNOWN, failed(Failure.Kind.TRANSIENT, NOTHING)))
                .hasValue(3);
        // It is somebody else's at the moment.
        assertThat(counted(backend, Operation.Up, of(0), failed(Failure.Kind.LOCKED, NOTHING)))
                .isEmpty();
        assertThat(exports).hasValue(0);
    }

    @Test
    void noProcessIsSpentOnARunThatDidNothing() {
        // then
        assertThat(counted(Operation.Up, UNKNOWN, failed(Failure.Kind.TRANSIENT, NOTHING)))
                .isEmpty();
        assertThat(counted(Operation.Up, of(0), failed(Failure.Kind.LOCKED, NOTHING)))
                .isEmpty();
        assertThat(exports).hasValue(0);
    }

    @Test
    void noProcessIsSpentOnARunThatWasAskedToStop() {
        // then
        assertThat(counted(Operation.Up, of(0), failed(Failure.Kind.CANCELLED, CREATES)))
                .isEmpty();
        assertThat(counted(Operation.Up, of(1), failed(Failure.Kind.CANCELLED, CREATES)))
                .isEmpty();
        assertThat(exports).hasValue(0);
    }

    /** Else the next up would take what it has emptied for a loss. */
    @ParameterizedTest
    @EnumSource(
            value = Operation.class,
            names = {"Up", "Refresh"})
    void whatARunHasTakenOutBeforeItWasAskedToStopIsCounted(Operation operation) {
        // given
        OperationResult stopped = tookOut(Failure.Kind.CANCELLED);

        // then
        assertThat(counted(operation, of(5), stopped)).hasValue(3);
        assertThat(exports).hasValue(1);
        assertThat(guard.counted(WORKSPACE, request(BUCKET, operation, of(1)), stopped, () -> state(0))
                        .resources())
                .hasValue(0);
        // What is not known is no loss.
        assertThat(counted(operation, of(0), stopped)).isEmpty();
        assertThat(counted(operation, UNKNOWN, stopped)).isEmpty();
        assertThat(exports).hasValue(1);
    }

    @Test
    void noProcessIsSpentOnASuccess() {
        // given
        OperationResult success = new OperationResult(
                Optional.empty(), CREATES, OptionalInt.of(7), false, Optional.empty(), List.of(), 0, List.of(), "");

        // then
        assertThat(counted(Operation.Up, of(0), success)).hasValue(7);
        assertThat(exports).hasValue(0);
    }

    @ParameterizedTest
    @EnumSource(
            value = Operation.class,
            names = {"Preview", "Destroy"})
    void whatCreatesNothingIsNotCounted(Operation operation) {
        // then
        assertThat(counted(operation, of(0), failed(Failure.Kind.FAILED, CREATES)))
                .isEmpty();
        assertThat(exports).hasValue(0);
    }

    @Test
    void aStateThatCannotBeHadIsNoEmptyOne() {
        // given
        OperationResult failed = failed(Failure.Kind.FAILED, CREATES);
        EngineException away =
                new EngineException(new Failure(Failure.Kind.TRANSIENT, Reason.BackendUnavailable, "no such bucket"));

        // then
        assertThat(guard.counted(WORKSPACE, request(BUCKET, Operation.Up, of(0)), failed, () -> {
                            throw away;
                        })
                        .resources())
                .isEmpty();
    }

    /** What a create that was cut short has made is in no state yet. */
    @Test
    void aStateWithPendingCreatesIsNoEmptyOne() {
        // given
        ObjectNode state = state(0);
        state.withObject("/deployment")
                .putArray("pending_operations")
                .addObject()
                .put("type", "creating");

        // then
        assertThat(guard.counted(
                                WORKSPACE,
                                request(BUCKET, Operation.Up, of(0)),
                                failed(Failure.Kind.TIMED_OUT, NOTHING, List.of(step())),
                                () -> state)
                        .resources())
                .isEmpty();
    }

    private OptionalInt counted(Operation operation, OptionalInt known, OperationResult result) {
        return counted(BUCKET, operation, known, result);
    }

    /** Where the state has three resources, and the stack and a default provider. */
    private OptionalInt counted(String backend, Operation operation, OptionalInt known, OperationResult result) {
        return guard.counted(WORKSPACE, request(backend, operation, known), result, () -> {
                    exports.incrementAndGet();
                    return state(3);
                })
                .resources();
    }

    private static OptionalInt of(int known) {
        return known < 0 ? UNKNOWN : OptionalInt.of(known);
    }

    private static ObjectNode state(int count) {
        ObjectNode state = JsonNodeFactory.instance.objectNode();
        var resources = state.putObject("deployment").putArray("resources");
        resources.addObject().put("type", "pulumi:pulumi:Stack");
        resources
                .addObject()
                .put("type", "pulumi:providers:aws")
                .put("urn", "urn:pulumi:s::p::pulumi:providers:aws::default_7_0_0");
        for (int i = 0; i < count; i++) {
            resources.addObject().put("type", "aws:s3/bucket:Bucket").put("urn", "urn:" + i);
        }
        return state;
    }

    private static RunStatus.Step step() {
        return new RunStatus.Step("create", "aws:s3/bucket:Bucket", "b", "urn:b", null, true);
    }

    private static OperationResult tookOut(Failure.Kind kind) {
        return new OperationResult(
                Optional.of(new Failure(kind, Reason.Cancelled, "cancelled on request")),
                NOTHING,
                OptionalInt.empty(),
                true,
                Optional.empty(),
                List.of(),
                0,
                List.of(),
                "");
    }

    private static OperationResult failed(Failure.Kind kind, RunStatus.Changes changes) {
        return failed(kind, changes, List.of());
    }

    private static OperationResult failed(Failure.Kind kind, RunStatus.Changes changes, List<RunStatus.Step> steps) {
        return new OperationResult(
                Optional.of(new Failure(kind, Reason.UpdateFailed, "it broke")),
                changes,
                OptionalInt.empty(),
                false,
                Optional.empty(),
                steps,
                0,
                List.of(),
                "");
    }

    private static RunRequest request(String backend, Operation operation, OptionalInt known) {
        return new RunRequest(
                new RunRequest.RunKey(new StackKey("team", "s"), "stack-uid", "s-1", "uid"),
                operation,
                Cause.SpecChanged,
                new StackIdentity("organization", "p", "s", backend, false),
                backend,
                Optional.empty(),
                new ResolvedInputs(List.of(), Map.of(), Set.of(), Optional.empty()),
                new OperationOptions(
                        OptionalInt.empty(),
                        false,
                        false,
                        false,
                        List.of(),
                        Duration.ofHours(1),
                        Duration.ofMinutes(1)),
                new RunRequest.Tags(Map.of(), Map.of()),
                known,
                new RunRequest.Leftovers(OnPendingCreate.Stall, Optional.empty()));
    }
}
