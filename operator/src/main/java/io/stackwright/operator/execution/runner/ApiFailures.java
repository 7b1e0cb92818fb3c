package io.stackwright.operator.execution.runner;

import io.fabric8.kubernetes.client.KubernetesClientException;
import io.stackwright.api.v1alpha1.Reason;
import io.stackwright.operator.engine.Failure;
import io.stackwright.operator.engine.FailureClassifier;
import java.net.HttpURLConnection;
import java.util.Optional;

/** What kept a run from going on outside Pulumi: the API server, or the operator itself. */
public final class ApiFailures {

    private static final int UNPROCESSABLE = 422;
    private static final int MAX_WHY = 300;
    private static final int MAX_DEPTH = 10;

    private ApiFailures() {}

    /** The failure that the run ends with; all of them are tried again. */
    public static Failure of(Throwable e) {
        return find(e).map(ApiFailures::failure).orElseGet(() -> FailureClassifier.ofOperator(e));
    }

    /** Whether it is trouble of the API server's, which is no mistake of the operator. */
    public static boolean isApiTrouble(Throwable e) {
        return find(e).isPresent();
    }

    private static Optional<KubernetesClientException> find(Throwable e) {
        Throwable cause = e;
        for (int depth = 0; cause != null && depth < MAX_DEPTH; cause = cause.getCause(), depth++) {
            if (cause instanceof KubernetesClientException api) {
                return Optional.of(api);
            }
        }
        return Optional.empty();
    }

    private static Failure failure(KubernetesClientException e) {
        String said = e.getStatus() == null || e.getStatus().getMessage() == null
                ? String.valueOf(e.getMessage())
                : e.getStatus().getMessage();
        String why = said.substring(0, Math.min(said.length(), MAX_WHY));
        return switch (e.getCode()) {
            case HttpURLConnection.HTTP_FORBIDDEN, UNPROCESSABLE ->
                new Failure(
                        Failure.Kind.TRANSIENT,
                        Reason.ApiRefused,
                        "the API server refuses what the run has to read or write (code " + e.getCode() + "): " + why
                                + "; see quota, admission policies and the operator's permissions");
            case HttpURLConnection.HTTP_CONFLICT ->
                unavailable("somebody else changed an object that the run has to write: " + why);
            default ->
                unavailable("a request of the run to the API server failed"
                        + (e.getCode() > 0 ? " (code " + e.getCode() + "): " : ": ") + why);
        };
    }

    private static Failure unavailable(String message) {
        return new Failure(Failure.Kind.TRANSIENT, Reason.ApiUnavailable, message);
    }
}
