package io.stackwright.operator.stack;

import io.stackwright.api.v1alpha1.Durations;
import io.stackwright.api.v1alpha1.OnPendingCreate;
import io.stackwright.api.v1alpha1.OnSpecChange;
import io.stackwright.api.v1alpha1.Reason;
import io.stackwright.api.v1alpha1.StackSpec;
import io.stackwright.api.v1alpha1.UpdatesSpec;
import io.stackwright.operator.engine.OperationOptions;
import io.stackwright.operator.stack.decide.Problem;
import io.stackwright.operator.stack.decide.RetryPolicy;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * What a spec means, defaults filled in, and what the schema cannot check.
 *
 * <p>The API server refuses most bad input; objects that an older schema let in get here all the same.
 */
final class SpecRules {

    static final Duration DEFAULT_TIMEOUT = Duration.ofHours(1);
    static final Duration DEFAULT_GRACE = Duration.ofMinutes(10);

    private SpecRules() {}

    static Optional<Problem> problem(StackSpec spec) {
        if (spec == null || spec.project() == null) {
            return invalid("spec cannot be read: it has a field of an unknown shape, or spec.project is missing; "
                    + "compare it with `kubectl explain stack.spec`");
        }
        if (spec.backend() != null && spec.backend().url() == null) {
            return invalid("spec.backend.url is missing");
        }
        if (spec.stackName() != null && !spec.stackName().matches(StackSpec.STACK_NAME_PATTERN)) {
            return invalid("spec.stackName must be `stack` or `org/stack` of letters, digits, '-', '_' and '.'");
        }
        if (isOutside(spec.historyLimit(), 1, 100)) {
            return invalid("spec.historyLimit must be from 1 to 100");
        }
        if (spec.updates() != null && isOutside(spec.updates().parallel(), 1, 256)) {
            return invalid("spec.updates.parallel must be from 1 to 256");
        }
        try {
            options(spec, false, List.of());
            retry(spec);
        } catch (IllegalArgumentException e) {
            return invalid("spec.updates: " + e.getMessage());
        }
        return Optional.empty();
    }

    private static boolean isOutside(Integer number, int least, int most) {
        return number != null && (number < least || number > most);
    }

    private static Optional<Problem> invalid(String message) {
        return Optional.of(new Problem(Reason.InvalidSpec, message));
    }

    static OperationOptions options(StackSpec spec, boolean remove, List<String> targets) {
        UpdatesSpec updates = spec.updates();
        if (updates == null) {
            return new OperationOptions(
                    OptionalInt.empty(), false, false, remove, targets, DEFAULT_TIMEOUT, DEFAULT_GRACE);
        }
        return new OperationOptions(
                updates.parallel() == null ? OptionalInt.empty() : OptionalInt.of(updates.parallel()),
                Boolean.TRUE.equals(updates.refresh()),
                Boolean.TRUE.equals(updates.continueOnError()),
                remove,
                targets,
                duration("timeout", updates.timeout(), DEFAULT_TIMEOUT),
                duration("grace", updates.grace(), DEFAULT_GRACE));
    }

    /** What is done about creates that were cut short. */
    static OnPendingCreate onPendingCreate(StackSpec spec) {
        boolean unsaid =
                spec == null || spec.updates() == null || spec.updates().onPendingCreate() == null;
        return unsaid ? OnPendingCreate.Stall : spec.updates().onPendingCreate();
    }

    /** Whether an up that is no longer what is wanted is stopped for the one that is. */
    static boolean supersedes(StackSpec spec) {
        return spec != null
                && spec.updates() != null
                && spec.updates().onSpecChangeWhileRunning() == OnSpecChange.Cancel;
    }

    /** For the destroy of a Stack whose spec cannot be read. */
    static OperationOptions destroyOptions() {
        return new OperationOptions(OptionalInt.empty(), false, false, true, List.of(), DEFAULT_TIMEOUT, DEFAULT_GRACE);
    }

    static RetryPolicy retry(StackSpec spec) {
        UpdatesSpec.Retry retry = spec.updates() == null ? null : spec.updates().retry();
        if (retry == null) {
            return RetryPolicy.DEFAULT;
        }
        if (isOutside(retry.factor(), 1, 10)) {
            throw new IllegalArgumentException("retry.factor must be from 1 to 10");
        }
        return new RetryPolicy(
                duration("retry.initial", retry.initial(), RetryPolicy.DEFAULT.initial()),
                retry.factor() == null ? RetryPolicy.DEFAULT.factor() : retry.factor(),
                Optional.ofNullable(retry.max()).map(max -> duration("retry.max", max, null)));
    }

    /** The policy of a spec that may be unreadable. */
    static RetryPolicy retryOrDefault(StackSpec spec) {
        return problem(spec).isPresent() ? RetryPolicy.DEFAULT : retry(spec);
    }

    private static Duration duration(String field, String text, Duration otherwise) {
        if (text == null) {
            return otherwise;
        }
        Duration duration;
        try {
            duration = Durations.parse(text);
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException(field + ": " + e.getMessage(), e);
        }
        if (duration.isZero()) {
            throw new IllegalArgumentException(field + " must be longer than zero");
        }
        return duration;
    }
}
