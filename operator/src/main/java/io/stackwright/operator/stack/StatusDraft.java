package io.stackwright.operator.stack;

import com.fasterxml.jackson.databind.JsonNode;
import io.stackwright.api.v1alpha1.Condition;
import io.stackwright.api.v1alpha1.StackStatus;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;

/** A Stack's status while it is being worked out; starts as the one that was last written. */
final class StatusDraft {

    private StackStatus status;

    StatusDraft(StackStatus written) {
        this.status = written == null ? StackStatus.empty() : written;
    }

    StackStatus status() {
        return status;
    }

    void stack(StackStatus.StackIdentity stack) {
        replace(new Parts(status).stack(stack));
    }

    void source(StackStatus.SourceStatus source) {
        replace(new Parts(status).source(source));
    }

    void applied(StackStatus.AppliedStatus applied) {
        replace(new Parts(status).applied(applied));
    }

    void current(StackStatus.CurrentStatus current) {
        replace(new Parts(status).current(current));
    }

    void lastUpdate(String name) {
        replace(new Parts(status).lastUpdate(name));
    }

    void failures(StackStatus.FailureStatus failures) {
        replace(new Parts(status).failures(failures));
    }

    void resources(Integer resources) {
        replace(new Parts(status).resources(resources));
    }

    void outputs(Map<String, JsonNode> plain, List<String> secret, List<String> omitted, String secretName) {
        replace(new Parts(status).outputs(plain, secret, omitted, secretName));
    }

    void tagsInDoubt(List<String> names) {
        replace(new Parts(status).tagsInDoubt(names));
    }

    /** Marks on-demand requests as taken up. */
    void handled(Map<String, String> requests) {
        if (requests.isEmpty()) {
            return;
        }
        Map<String, String> all = new HashMap<>(status.handled() == null ? Map.of() : status.handled());
        all.putAll(requests);
        replace(new Parts(status).handled(all));
    }

    /** Marks them as not taken up after all. */
    void unhandled(Set<String> requests) {
        if (status.handled() != null) {
            Map<String, String> left = new HashMap<>(status.handled());
            left.keySet().removeAll(requests);
            replace(new Parts(status).handled(left.isEmpty() ? null : left));
        }
    }

    void observed(long generation, List<Condition> conditions) {
        replace(new Parts(status).observed(generation, conditions));
    }

    /** Whether something but transition times differs from what was written. */
    boolean differsFrom(StackStatus written) {
        return !Objects.equals(status, written);
    }

    private void replace(Parts parts) {
        status = parts.build();
    }

    /** The components of a status, each replaceable. */
    private static final class Parts {
        private Long observedGeneration;
        private List<Condition> conditions;
        private StackStatus.StackIdentity stack;
        private StackStatus.SourceStatus source;
        private StackStatus.AppliedStatus applied;
        private StackStatus.CurrentStatus current;
        private String lastUpdate;
        private Map<String, JsonNode> outputs;
        private List<String> secretOutputs;
        private List<String> omittedOutputs;
        private String outputsSecret;
        private Integer resources;
        private StackStatus.FailureStatus failures;
        private Map<String, String> handled;
        private String lastHandledReconcileAt;
        private List<String> tagsInDoubt;

        Parts(StackStatus s) {
            observedGeneration = s.observedGeneration();
            conditions = s.conditions();
            stack = s.stack();
            source = s.source();
            applied = s.applied();
            current = s.current();
            lastUpdate = s.lastUpdate();
            outputs = s.outputs();
            secretOutputs = s.secretOutputs();
            omittedOutputs = s.omittedOutputs();
            outputsSecret = s.outputsSecret();
            resources = s.resources();
            failures = s.failures();
            handled = s.handled();
            lastHandledReconcileAt = s.lastHandledReconcileAt();
            tagsInDoubt = s.tagsInDoubt();
        }

        Parts stack(StackStatus.StackIdentity value) {
            stack = value;
            return this;
        }

        Parts source(StackStatus.SourceStatus value) {
            source = value;
            return this;
        }

        Parts applied(StackStatus.AppliedStatus value) {
            applied = value;
            return this;
        }

        Parts current(StackStatus.CurrentStatus value) {
            current = value;
            return this;
        }

        Parts lastUpdate(String value) {
            lastUpdate = value;
            return this;
        }

        Parts failures(StackStatus.FailureStatus value) {
            failures = value;
            return this;
        }

        Parts resources(Integer value) {
            resources = value;
            return this;
        }

        Parts handled(Map<String, String> value) {
            handled = value;
            lastHandledReconcileAt = value == null ? null : value.get(Requests.FLUX_RECONCILE);
            return this;
        }

        Parts outputs(Map<String, JsonNode> plain, List<String> secret, List<String> omitted, String secretName) {
            outputs = plain;
            secretOutputs = secret == null || secret.isEmpty() ? null : secret;
            omittedOutputs = omitted == null || omitted.isEmpty() ? null : omitted;
            outputsSecret = secretName;
            return this;
        }

        Parts tagsInDoubt(List<String> value) {
            tagsInDoubt = value.isEmpty() ? null : value;
            return this;
        }

        Parts observed(long generation, List<Condition> value) {
            observedGeneration = generation;
            conditions = value;
            return this;
        }

        StackStatus build() {
            return new StackStatus(
                    observedGeneration,
                    conditions,
                    stack,
                    source,
                    applied,
                    current,
                    lastUpdate,
                    outputs,
                    secretOutputs,
                    omittedOutputs,
                    outputsSecret,
                    resources,
                    failures,
                    handled,
                    lastHandledReconcileAt,
                    tagsInDoubt);
        }
    }
}
