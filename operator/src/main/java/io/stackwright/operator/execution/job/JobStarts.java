package io.stackwright.operator.execution.job;

import io.fabric8.kubernetes.client.KubernetesClientException;
import io.stackwright.api.v1alpha1.Reason;
import io.stackwright.operator.engine.EngineException;
import io.stackwright.operator.engine.Failure;
import io.stackwright.operator.execution.RunRequest;
import io.stackwright.operator.execution.RunRequest.RunKey;
import io.stackwright.operator.execution.RunState.Hindrance;
import io.stackwright.operator.execution.runner.ApiFailures;
import io.stackwright.operator.kube.NotLeadingException;
import java.util.Optional;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One attempt to make the Job of a run, and what its refusal means. */
final class JobStarts {

    private static final Logger LOG = LoggerFactory.getLogger(JobStarts.class);

    private final JobMaker maker;

    JobStarts(JobMaker maker) {
        this.maker = maker;
    }

    /** What has come of an attempt. */
    sealed interface Attempt {

        /** The run has its Job. */
        record Made() implements Attempt {}

        /** It is not ours to start: its Update has ended, or another process leads. */
        record NotOurs() implements Attempt {}

        /** It cannot be started. */
        record Failed(Failure failure) implements Attempt {}

        /** Trouble that may pass. */
        record Again(Hindrance why) implements Attempt {}

        /** It has no Job, and gets none any more. */
        record GivenUp() implements Attempt {}
    }

    Attempt make(RunRequest request) {
        return attempt(request.run(), () -> maker.make(request) ? new Attempt.Made() : new Attempt.NotOurs());
    }

    /** It is not to start any more; but an attempt whose answer got lost may have made the Job all the same. */
    Attempt giveUp(RunKey run) {
        return attempt(run, () -> maker.isMade(run) ? new Attempt.Made() : new Attempt.GivenUp());
    }

    /** Whether it has no Job for certain. */
    boolean hasNone(RunKey run) {
        return giveUp(run) instanceof Attempt.GivenUp;
    }

    private static Attempt attempt(RunKey run, Supplier<Attempt> act) {
        try {
            return act.get();
        } catch (EngineException e) {
            return new Attempt.Failed(e.failure());
        } catch (NotLeadingException e) {
            return new Attempt.NotOurs();
        } catch (KubernetesClientException e) {
            return refused(run, e);
        } catch (RuntimeException e) {
            LOG.atError().setCause(e).addKeyValue("update", run.update()).log("a Job could not be made");
            return new Attempt.Failed(new Failure(
                    Failure.Kind.TRANSIENT, Reason.InternalError, e.getClass().getSimpleName()));
        }
    }

    private static Attempt refused(RunKey run, KubernetesClientException e) {
        Optional<Failure> refusal = JobTroubles.isTerminating(e) ? Optional.of(terminating()) : JobTroubles.refusal(e);
        if (refusal.isPresent()) {
            return new Attempt.Failed(refusal.get());
        }
        LOG.atWarn().setCause(e).addKeyValue("update", run.update()).log("a Job is not made yet; tried again");
        Failure failure = ApiFailures.of(e);
        return new Attempt.Again(
                new Hindrance(failure.reason(), "the Job cannot be made, and is tried again: " + failure.message()));
    }

    /** Nothing can be made in a namespace that is being deleted. */
    static Failure terminating() {
        return new Failure(
                Failure.Kind.TRANSIENT,
                Reason.NamespaceTerminating,
                "the namespace is being deleted, and no pod can be started in it any more to destroy the resources;"
                        + " destroy the Pulumi stack with the CLI, then let go of this Stack");
    }
}
