package io.stackwright.operator.execution.job;

import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.stackwright.api.v1alpha1.ExecutorStatus;
import io.stackwright.api.v1alpha1.Reason;
import io.stackwright.api.v1alpha1.RunStatus;
import io.stackwright.api.v1alpha1.Update;
import io.stackwright.api.v1alpha1.UpdateStatus;
import io.stackwright.operator.engine.EngineException;
import io.stackwright.operator.engine.Failure;
import io.stackwright.operator.execution.RunFinalizer;
import io.stackwright.operator.execution.RunOutcome;
import io.stackwright.operator.execution.RunRequest.RunKey;
import io.stackwright.operator.execution.RunState.Hindrance;
import io.stackwright.operator.execution.runner.ApiFailures;
import io.stackwright.operator.kube.NotLeadingException;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.function.Function;
import java.util.regex.Pattern;

/**
 * Takes up what a Job has left. All of it was in reach of the tenant's code: it is read within bounds, and counts for the
 * tenant's own Stack alone.
 */
final class JobReports {

    /** Pulumi's {@code encryptionsalt} of a passphrase. */
    private static final Pattern SALT =
            Pattern.compile("v1:[A-Za-z0-9+/=]{8,64}:v1:[A-Za-z0-9+/=]{8,64}:[A-Za-z0-9+/=]{8,256}");

    private final JobMaker objects;
    private final RunInputs inputs;

    JobReports(JobMaker objects, RunInputs inputs) {
        this.objects = objects;
        this.inputs = inputs;
    }

    /**
     * What is known of a run's end besides its own report.
     *
     * @param over what its Job and pod tell; empty while they do not say that it is over
     * @param stopped why it was stopped, if it was and not by us
     * @param doubt why it cannot be said that the pod which the Update names has ended; empty when it is proven
     * @param cancelled whether we have asked it to stop
     * @param givenPassphrase whether its Stack refers to a passphrase of its own
     */
    record Circumstances(
            Optional<Failure> over,
            Failure stopped,
            Function<ExecutorStatus, Optional<String>> doubt,
            boolean cancelled,
            boolean givenPassphrase) {}

    /** What has come of taking a report up. */
    sealed interface Report {

        /** This is how the run ended. */
        record Told(RunOutcome outcome) implements Report {}

        /** Only the Update tells how it ended, or nobody asks: there is no Update any more, or it is not ours. */
        record Elsewhere() implements Report {}

        /** Its Job is over, but not provably the pod that has claimed it. */
        record Lost(String why) implements Report {}

        /** Nothing yet. */
        record None() implements Report {}

        /** Trouble that may pass; what the run has left stays where it is. */
        record Untaken(RuntimeException cause) implements Report {

            /** What the Stack is told. */
            Hindrance why() {
                Failure failure = ApiFailures.of(cause);
                return new Hindrance(
                        failure.reason(),
                        "the run has ended, and its report cannot be taken up yet, which is tried again: "
                                + failure.message());
            }
        }
    }

    /** Reads the report. The salt is kept first: an outcome must not count while its state could not be decrypted. */
    Report take(RunKey run, Circumstances known) {
        try {
            Report report = read(run, known);
            return report instanceof Report.Told && !isOurs(run) ? new Report.Elsewhere() : report;
        } catch (NotLeadingException e) {
            // Whoever leads takes it up.
            return new Report.None();
        } catch (RuntimeException e) {
            return new Report.Untaken(e);
        }
    }

    /** Whoever takes our finalizer off an Update has nobody wait for its end any more. */
    private boolean isOurs(RunKey run) {
        return objects.update(run).filter(RunFinalizer::isOn).isPresent();
    }

    private Report read(RunKey run, Circumstances known) {
        Optional<Secret> secret = objects.result(run);
        Optional<Failure> unkept = secret.flatMap(found -> value(found, RunObjects.ENCRYPTION_SALT))
                .map(bytes -> new String(bytes, StandardCharsets.UTF_8))
                .filter(salt -> SALT.matcher(salt).matches())
                .flatMap(salt -> keep(run, known.givenPassphrase(), salt));
        Optional<RunResult> result = secret.flatMap(this::read);
        if (result.isPresent()) {
            RunOutcome told = told(run, result.get(), known);
            return new Report.Told(unkept.map(failure -> with(told, RunStatus.Result.Failed, failure))
                    .orElse(told));
        }
        if (known.over().isEmpty()) {
            return new Report.None();
        }
        Optional<Update> update = objects.update(run);
        RunStatus status = update.map(Update::getStatus).map(UpdateStatus::run).orElse(null);
        if (update.isEmpty() || status != null && status.result() != null) {
            return new Report.Elsewhere();
        }
        Optional<ExecutorStatus> claimed = Optional.ofNullable(status).map(RunStatus::executor);
        Optional<String> doubt = claimed.flatMap(known.doubt());
        return doubt.isPresent()
                ? new Report.Lost(doubt.get())
                : new Report.Told(unreported(known.over().get(), claimed.isPresent(), known.cancelled()));
    }

    /**
     * Why it could not be kept: where it belongs there is something of somebody else, or the API server will not have it.
     * The run has failed then, and the next one takes the salt from the state. Until it ends its own Secrets are in the
     * way of a quota.
     *
     * @throws KubernetesClientException when that is worth another try
     */
    private Optional<Failure> keep(RunKey run, boolean given, String salt) {
        try {
            inputs.keepSalt(run, given, salt);
            return Optional.empty();
        } catch (EngineException e) {
            return Optional.of(e.failure());
        } catch (KubernetesClientException e) {
            return Optional.of(JobTroubles.refusal(e).orElseThrow(() -> e));
        }
    }

    /** One at a time: what many tenants have left at once must not fill the memory. */
    private synchronized Optional<RunResult> read(Secret secret) {
        return value(secret, RunObjects.OUTCOME).flatMap(RunResult::read);
    }

    private static Optional<byte[]> value(Secret secret, String key) {
        String encoded = secret.getData() == null ? null : secret.getData().get(key);
        try {
            return Optional.ofNullable(encoded).map(Base64.getDecoder()::decode);
        } catch (IllegalArgumentException e) {
            return Optional.empty();
        }
    }

    private RunOutcome told(RunKey run, RunResult result, Circumstances known) {
        RunOutcome outcome = result.outcome();
        if (result.omittedOutputs().isPresent()) {
            return with(
                    outcome,
                    RunStatus.Result.Failed,
                    new Failure(
                            Failure.Kind.INVALID,
                            Reason.OutputsTooLarge,
                            "the outputs take " + result.omittedOutputs().getAsLong()
                                    + " bytes and do not fit a Secret; the resources are applied"));
        }
        if (result.foreignOwner().filter(owner -> inputs.isReleased(run, owner)).isPresent()) {
            return with(
                    outcome,
                    RunStatus.Result.Failed,
                    new Failure(
                            Failure.Kind.TRANSIENT,
                            Reason.UpdateFailed,
                            "the Stack that had this Pulumi stack is gone; the next attempt takes it over"));
        }
        if (outcome.result() != RunStatus.Result.Interrupted) {
            return outcome;
        }
        return known.cancelled()
                ? with(
                        outcome,
                        RunStatus.Result.Cancelled,
                        new Failure(Failure.Kind.CANCELLED, Reason.Cancelled, "cancelled on request" + how(outcome)))
                : with(
                        outcome,
                        RunStatus.Result.Interrupted,
                        new Failure(
                                known.stopped().kind(),
                                known.stopped().reason(),
                                known.stopped().message() + how(outcome)));
    }

    /** The runner hears of a request, and not whose it was. */
    private static String how(RunOutcome outcome) {
        String said = outcome.failure().map(Failure::message).orElse("").replaceFirst("^cancelled on request(; )?", "");
        return said.isEmpty() ? "" : "; " + said;
    }

    private static RunOutcome with(RunOutcome outcome, RunStatus.Result result, Failure failure) {
        return new RunOutcome(
                result, Optional.of(failure), outcome.adopted(), Optional.empty(), outcome.resources(), outcome.tags());
    }

    /**
     * It has said nothing.
     *
     * @param claimed whether it had begun: then nobody knows how far it got
     */
    private static RunOutcome unreported(Failure why, boolean claimed, boolean cancelled) {
        if (cancelled && !claimed) {
            return RunOutcome.cancelled("cancelled before it started");
        }
        Failure failure = cancelled
                ? new Failure(
                        Failure.Kind.CANCELLED,
                        Reason.Cancelled,
                        "cancelled on request; it left no report: " + why.message())
                : why;
        return new RunOutcome(
                claimed ? RunStatus.Result.Interrupted : RunStatus.Result.Failed,
                Optional.of(failure),
                Optional.empty(),
                Optional.empty(),
                OptionalInt.empty(),
                Map.of());
    }
}
