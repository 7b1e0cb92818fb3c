package io.stackwright.operator.execution.job;

import com.fasterxml.jackson.databind.node.NullNode;
import io.stackwright.api.v1alpha1.Reason;
import io.stackwright.api.v1alpha1.RunStatus;
import io.stackwright.operator.engine.Failure;
import io.stackwright.operator.engine.OutputValue;
import io.stackwright.operator.execution.RunOutcome;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.regex.Pattern;

/**
 * What a Job leaves for the operator; holds secrets.
 *
 * <p>It comes from a pod that the tenant's code ran in: read leniently, within bounds, and believed no more than the
 * tenant is.
 *
 * @param version of this format
 * @param outcome how the run ended
 * @param omittedOutputs size of the outputs in bytes, when they do not fit a Secret and are left out of the outcome
 * @param foreignOwner whose mark the Pulumi stack carries, when that stopped the run
 */
public record RunResult(
        int version, RunOutcome outcome, OptionalLong omittedOutputs, Optional<ForeignOwner> foreignOwner) {

    /** The version that is written. */
    public static final int VERSION = 1;

    /** What a Secret takes, less room for its other key. */
    static final int MAX_BYTES = (1 << 20) - (64 << 10);

    private static final int MESSAGE_LENGTH = 4096;
    private static final int MAX_TAGS = 128;
    private static final int TAG_LENGTH = 1024;

    /** The Stack that a mark on a Pulumi stack names, of this installation. */
    public record ForeignOwner(String namespace, String stackUid) {

        private static final Pattern NAMESPACE = Pattern.compile("[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?");
        private static final Pattern UID = Pattern.compile("[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}");

        /** Whether there can be such a Stack: its uid is kept for the next run, and must be none of a million letters. */
        boolean isPossible() {
            return namespace != null
                    && NAMESPACE.matcher(namespace).matches()
                    && stackUid != null
                    && UID.matcher(stackUid).matches();
        }
    }

    public RunResult {
        Objects.requireNonNull(outcome, "outcome");
        Objects.requireNonNull(outcome.result(), "result");
        outcome = whole(outcome);
        foreignOwner = foreignOwner.filter(ForeignOwner::isPossible);
    }

    /** Of this version. */
    public RunResult(RunOutcome outcome, Optional<ForeignOwner> foreignOwner) {
        this(VERSION, outcome, OptionalLong.empty(), foreignOwner);
    }

    /** For the key {@link RunObjects#OUTCOME}; without the outputs if it would not fit with them. */
    public byte[] toBytes() {
        byte[] json = Wire.json(this);
        byte[] document = Wire.packed(json);
        boolean fits = document.length <= MAX_BYTES && read(document).isPresent();
        if (fits || outcome.outputs().isEmpty()) {
            return document;
        }
        RunOutcome bare = new RunOutcome(
                outcome.result(),
                outcome.failure(),
                outcome.adopted(),
                Optional.empty(),
                outcome.resources(),
                outcome.tags());
        return Wire.write(new RunResult(version, bare, OptionalLong.of(json.length), foreignOwner));
    }

    /** Reads what a Job wrote; empty when that is nothing of the kind. */
    public static Optional<RunResult> read(byte[] document) {
        try {
            return Optional.of(Wire.readOfStranger(document, RunResult.class));
        } catch (IOException | RuntimeException e) {
            return Optional.empty();
        }
    }

    /** A failure belongs to what did not succeed, and to nothing else; a reason that we do not know is a failed run. */
    private static RunOutcome whole(RunOutcome told) {
        boolean succeeded = told.result() == RunStatus.Result.Succeeded;
        return new RunOutcome(
                told.result(),
                succeeded
                        ? Optional.empty()
                        : Optional.of(told.failure()
                                .map(RunResult::whole)
                                .orElseGet(() -> whole(new Failure(null, null, "the run did not say why")))),
                told.adopted(),
                told.outputs().filter(outputs -> succeeded).map(RunResult::whole),
                told.resources().isPresent() && told.resources().getAsInt() < 0
                        ? OptionalInt.empty()
                        : told.resources(),
                bounded(told.tags()));
    }

    /** What has no value is null, as it is in JSON. */
    private static Map<String, OutputValue> whole(Map<String, OutputValue> told) {
        Map<String, OutputValue> outputs = new LinkedHashMap<>();
        told.forEach((name, output) -> outputs.put(
                name,
                output != null && output.value() != null
                        ? output
                        : new OutputValue(NullNode.instance, output != null && output.secret())));
        return outputs;
    }

    private static Failure whole(Failure told) {
        String message = told.message() == null ? "" : told.message();
        return new Failure(
                told.kind() == null ? Failure.Kind.FAILED : told.kind(),
                told.reason() == null ? Reason.UpdateFailed : told.reason(),
                message.length() <= MESSAGE_LENGTH ? message : message.substring(0, MESSAGE_LENGTH - 1) + "…");
    }

    private static Map<String, String> bounded(Map<String, String> tags) {
        boolean fits = tags.size() <= MAX_TAGS
                && tags.entrySet().stream()
                        .allMatch(tag -> tag.getValue() != null
                                && tag.getKey().length() + tag.getValue().length() <= TAG_LENGTH);
        return fits ? tags : Map.of();
    }

    /** Outputs can be secret. */
    @Override
    public String toString() {
        return "RunResult[" + outcome.result() + "]";
    }
}
