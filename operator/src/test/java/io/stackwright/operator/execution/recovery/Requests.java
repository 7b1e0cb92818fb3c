package io.stackwright.operator.execution.recovery;

import io.stackwright.api.v1alpha1.Cause;
import io.stackwright.api.v1alpha1.OnPendingCreate;
import io.stackwright.api.v1alpha1.Operation;
import io.stackwright.api.v1alpha1.StackStatus.StackIdentity;
import io.stackwright.operator.engine.OperationOptions;
import io.stackwright.operator.execution.RunRequest;
import io.stackwright.operator.inputs.ResolvedInputs;
import io.stackwright.operator.source.StackKey;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;

/** Requests of runs on {@code organization/p/s}. */
final class Requests {

    private Requests() {}

    static RunRequest up(String uid, String backend, OnPendingCreate onPendingCreate, String unlock) {
        return up(uid, backend, onPendingCreate, unlock, Duration.ofMinutes(10));
    }

    static RunRequest up(String uid, String backend, OnPendingCreate onPendingCreate, String unlock, Duration grace) {
        return new RunRequest(
                new RunRequest.RunKey(new StackKey("team", "s"), "stack-uid", "s-" + uid, uid),
                Operation.Up,
                Cause.FirstRun,
                new StackIdentity("organization", "p", "s", backend, false),
                backend,
                Optional.empty(),
                new ResolvedInputs(List.of(), Map.of(), Set.of(), Optional.empty()),
                new OperationOptions(OptionalInt.empty(), false, false, false, List.of(), Duration.ofHours(1), grace),
                new RunRequest.Tags(Map.of(), Map.of()),
                OptionalInt.empty(),
                new RunRequest.Leftovers(onPendingCreate, Optional.ofNullable(unlock)));
    }
}
