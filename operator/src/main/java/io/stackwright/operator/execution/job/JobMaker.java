package io.stackwright.operator.execution.job;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.api.model.SecretBuilder;
import io.fabric8.kubernetes.api.model.authentication.TokenRequestStatus;
import io.fabric8.kubernetes.api.model.batch.v1.Job;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.dsl.FieldValidateable;
import io.fabric8.kubernetes.client.dsl.Resource;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import io.stackwright.api.v1alpha1.Labels;
import io.stackwright.api.v1alpha1.Reason;
import io.stackwright.api.v1alpha1.Update;
import io.stackwright.operator.engine.EngineException;
import io.stackwright.operator.engine.Failure;
import io.stackwright.operator.execution.RunRequest;
import io.stackwright.operator.execution.RunRequest.RunKey;
import io.stackwright.operator.settings.OperatorSettings;
import java.net.HttpURLConnection;
import java.time.Instant;
import java.util.Optional;

/**
 * Makes and removes the objects of one run. Making goes on where an earlier attempt, of this process or another one, was
 * cut short: everything has a fixed name, and what carries the uid of the run's Update is ours.
 */
final class JobMaker {

    private final KubernetesClient client;
    private final RunInputs inputs;
    private final ApiAccess access;
    private final OperatorSettings.Jobs settings;

    JobMaker(KubernetesClient client, RunInputs inputs, ApiAccess access, OperatorSettings.Jobs settings) {
        this.client = client;
        this.inputs = inputs;
        this.access = access;
        this.settings = settings;
    }

    /**
     * Makes what is not there yet, the Job last: from then on the run takes place.
     *
     * @return false when the Update has ended or is gone meanwhile: no Job was made
     * @throws EngineException when the run cannot be started
     * @throws KubernetesClientException when the API server refuses or fails
     */
    boolean make(RunRequest request) {
        RunKey run = request.run();
        String namespace = run.stack().namespace();
        Job present = client.batch()
                .v1()
                .jobs()
                .inNamespace(namespace)
                .withName(run.update())
                .get();
        if (present != null) {
            requireOurs(run, present);
            return true;
        }
        Job job = job(request);
        createOurs(run, JobObjects.account(run));
        createOurs(run, JobObjects.role(run));
        createOurs(run, JobObjects.binding(run));
        createOurs(run, JobObjects.result(run));
        Secret input = createInput(run, inputs.of(request));
        TokenRequestStatus token = client.serviceAccounts()
                .inNamespace(namespace)
                .withName(RunObjects.account(run.update()))
                .tokenRequest(JobObjects.token(request, input))
                .getStatus();
        JobObjects.shortToken(request, token.getExpirationTimestamp(), Instant.now())
                .ifPresent(why -> {
                    throw invalid(why);
                });
        client.resource(new SecretBuilder(input)
                        .addToData(access.with(token.getToken()))
                        .build())
                .update();
        if (!isOpen(run)) {
            return false;
        }
        create(run, job);
        inputs.given(run);
        return true;
    }

    /** Whether the run has its Job. */
    boolean isMade(RunKey run) {
        return Optional.ofNullable(client.batch()
                        .v1()
                        .jobs()
                        .inNamespace(run.stack().namespace())
                        .withName(run.update())
                        .get())
                .filter(job -> isOurs(run, job))
                .isPresent();
    }

    private Job job(RunRequest request) {
        try {
            return JobObjects.job(request, settings);
        } catch (IllegalArgumentException e) {
            throw invalid(e.getMessage());
        }
    }

    private void create(RunKey run, Job job) {
        try {
            client.resource(job)
                    .fieldValidation(FieldValidateable.Validation.STRICT)
                    .create();
        } catch (KubernetesClientException e) {
            if (e.getCode() == HttpURLConnection.HTTP_CONFLICT) {
                createOurs(run, job);
                return;
            }
            // What the template of the Stack brings in: all the rest is the same for every Job.
            if (e.getCode() == HttpURLConnection.HTTP_BAD_REQUEST || e.getCode() == 422) {
                throw invalid("spec.execution: the API server refuses the Job: "
                        + (e.getStatus() == null
                                ? "code " + e.getCode()
                                : e.getStatus().getMessage()));
            }
            throw e;
        }
    }

    private boolean isOpen(RunKey run) {
        return update(run)
                .filter(update -> update.getStatus() == null
                        || update.getStatus().phase() == null
                        || !update.getStatus().phase().isFinal())
                .isPresent();
    }

    /** The Update of a run as it is now; empty when it is gone. */
    Optional<Update> update(RunKey run) {
        return Optional.ofNullable(client.resources(Update.class)
                        .inNamespace(run.stack().namespace())
                        .withName(run.update())
                        .get())
                .filter(update -> run.updateUid().equals(update.getMetadata().getUid()));
    }

    /** A half-made one has no token, or the token of an attempt that is over. */
    private Secret createInput(RunKey run, RunInput input) {
        Secret secret = JobObjects.input(run, input);
        try {
            return client.resource(secret).create();
        } catch (KubernetesClientException e) {
            if (e.getCode() != HttpURLConnection.HTTP_CONFLICT) {
                throw e;
            }
            requireOurs(run, client.resource(secret).get());
            client.resource(secret).delete();
            return client.resource(secret).create();
        }
    }

    private void createOurs(RunKey run, HasMetadata object) {
        try {
            client.resource(object).create();
        } catch (KubernetesClientException e) {
            if (e.getCode() != HttpURLConnection.HTTP_CONFLICT) {
                throw e;
            }
            requireOurs(run, client.resource(object).get());
        }
    }

    private static void requireOurs(RunKey run, HasMetadata object) {
        if (object != null && !isOurs(run, object)) {
            throw new EngineException(new Failure(
                    Failure.Kind.TRANSIENT,
                    Reason.ApiRefused,
                    object.getKind() + " " + object.getMetadata().getName()
                            + " exists and is not of this run; rename or delete it"));
        }
    }

    static boolean isOurs(RunKey run, HasMetadata object) {
        return object.getMetadata().getLabels() != null
                && run.updateUid().equals(object.getMetadata().getLabels().get(Labels.UPDATE_UID));
    }

    private static EngineException invalid(String message) {
        String bounded = message.length() <= 1024 ? message : message.substring(0, 1023) + "…";
        return new EngineException(new Failure(Failure.Kind.INVALID, Reason.InvalidSpec, bounded));
    }

    /** The run's result Secret; empty when it is gone. */
    Optional<Secret> result(RunKey run) {
        return Optional.ofNullable(client.secrets()
                        .inNamespace(run.stack().namespace())
                        .withName(RunObjects.result(run.update()))
                        .get())
                .filter(secret -> isOurs(run, secret));
    }

    /** The run is over: what it was given, and the right to report, go; with the Secret its token dies. */
    void disarm(RunKey run) {
        String namespace = run.stack().namespace();
        String account = RunObjects.account(run.update());
        delete(
                run,
                client.secrets()
                        .inNamespace(namespace)
                        .withName(RunObjects.input(run.update()))
                        .get());
        delete(
                run,
                client.rbac()
                        .roleBindings()
                        .inNamespace(namespace)
                        .withName(account)
                        .get());
        delete(
                run,
                client.rbac().roles().inNamespace(namespace).withName(account).get());
        delete(
                run,
                client.serviceAccounts()
                        .inNamespace(namespace)
                        .withName(account)
                        .get());
    }

    /** Its end is recorded: the result goes too, and the Job some time after. */
    void forget(RunKey run) {
        disarm(run);
        result(run).ifPresent(secret -> delete(run, secret));
        var job =
                client.batch().v1().jobs().inNamespace(run.stack().namespace()).withName(run.update());
        Job present = job.get();
        if (present != null && isOurs(run, present) && !TrackedRun.isRecorded(present)) {
            keepForAWhile(job, present.getMetadata().getUid());
        }
    }

    private void keepForAWhile(Resource<Job> job, String uid) {
        try {
            // Nothing else of it: its controller writes too when a pod has ended.
            job.patch(
                    PatchContext.of(PatchType.JSON_MERGE),
                    ("{\"metadata\": {\"uid\": \"%s\", \"annotations\": {\"%s\": \"true\"}},"
                                    + " \"spec\": {\"ttlSecondsAfterFinished\": %d}}")
                            .formatted(uid, JobObjects.RECORDED, settings.ttl().toSeconds()));
        } catch (KubernetesClientException e) {
            // It went with its Update, as that goes with a Stack that is deleted.
            if (e.getCode() != HttpURLConnection.HTTP_NOT_FOUND) {
                throw e;
            }
        }
    }

    private void delete(RunKey run, HasMetadata object) {
        if (object != null && isOurs(run, object)) {
            client.resource(object).delete();
        }
    }
}
