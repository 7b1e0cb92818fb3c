package io.stackwright.operator.stack;

import io.stackwright.api.v1alpha1.ExecutionSpec;
import io.stackwright.api.v1alpha1.Reason;
import io.stackwright.api.v1alpha1.Stack;
import io.stackwright.api.v1alpha1.StackStatus.StackIdentity;
import io.stackwright.operator.engine.StackId;
import io.stackwright.operator.execution.job.JobBackends;
import io.stackwright.operator.stack.decide.Problem;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Which Pulumi stack a Stack means, and whether that may change. */
final class Identities {

    private final String defaultBackend;
    private final FileBackends fileBackends;
    private final SharedBackends sharedBackends;
    private final boolean jobs;

    /**
     * @param data the operator's data directory
     * @param jobs whether runs are Jobs: then a folder is one of a pod, and this process has none to do with it
     */
    Identities(String defaultBackend, Path data, boolean jobs) {
        this.defaultBackend = defaultBackend;
        this.fileBackends = new FileBackends(data, defaultBackend);
        this.sharedBackends = new SharedBackends(defaultBackend);
        this.jobs = jobs;
    }

    /** Full URL of the Stack's backend. */
    String backendUrl(Stack stack) {
        String url = stack.getSpec().backend() == null
                ? defaultBackend
                : stack.getSpec().backend().url();
        return url.replace("{namespace}", stack.getMetadata().getNamespace());
    }

    /** Why the backend that the Stack names cannot be used. */
    Optional<Problem> refusedBackend(Stack stack) {
        String namespace = stack.getMetadata().getNamespace();
        String url = backendUrl(stack);
        Optional<Problem> shared =
                stack.getSpec().backend() == null ? Optional.empty() : sharedBackends.problem(namespace, url);
        if (shared.isPresent()) {
            return shared;
        }
        if (jobs) {
            ExecutionSpec execution = stack.getSpec().execution();
            return JobBackends.refusal(url, execution == null ? null : execution.podTemplate())
                    .map(why -> new Problem(Reason.BackendRequired, why));
        }
        return stack.getSpec().backend() == null ? Optional.empty() : fileBackends.problem(namespace, url);
    }

    /** The identity that spec and source mean; not yet established. */
    StackIdentity wanted(Stack stack, String project) {
        String name = Optional.ofNullable(stack.getSpec().stackName())
                .orElse(stack.getMetadata().getName());
        int slash = name.indexOf('/');
        String organization = slash < 0 ? StackId.DEFAULT_ORGANIZATION : name.substring(0, slash);
        return new StackIdentity(
                organization, project, name.substring(slash + 1), withoutCredentials(backendUrl(stack)), null);
    }

    /** Why the wanted identity may not be used: it is not the one that is pinned. */
    static Optional<Problem> changed(StackIdentity pinned, StackIdentity wanted) {
        if (pinned == null) {
            return Optional.empty();
        }
        List<String> differences = new ArrayList<>();
        compare(differences, "organization (spec.stackName)", pinned.organization(), wanted.organization());
        compare(differences, "project (`name` of Pulumi.yaml)", pinned.project(), wanted.project());
        compare(differences, "stack (spec.stackName)", pinned.name(), wanted.name());
        compare(
                differences,
                "backend (spec.backend.url or the operator's default)",
                pinned.backend(),
                wanted.backend());
        if (differences.isEmpty()) {
            return Optional.empty();
        }
        return Optional.of(new Problem(
                Reason.IdentityChanged,
                String.join("; ", differences)
                        + ". The identity of a Stack cannot change once it has run: nothing is done until it is put"
                        + " back. To manage another Pulumi stack create another Stack"));
    }

    private static void compare(List<String> differences, String what, String pinned, String wanted) {
        if (!pinned.equals(wanted)) {
            differences.add(what + " is '" + wanted + "', pinned is '" + pinned + "'");
        }
    }

    /** {@code scheme://user:password@host} without what stands before the at sign. */
    static String withoutCredentials(String url) {
        return url.replaceFirst("^([a-z]+://)[^/@]*@", "$1");
    }

    /** One text per identity, for indexes. A folder of pods is one of their namespace: its volumes are. */
    String key(String namespace, StackIdentity identity) {
        String scope = jobs && identity.backend().startsWith("file://") ? namespace + "|" : "";
        return scope + identity.backend() + "|" + identity.qualifiedName();
    }
}
