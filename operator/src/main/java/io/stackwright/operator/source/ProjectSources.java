package io.stackwright.operator.source;

import io.stackwright.api.v1alpha1.ProjectSource;
import io.stackwright.api.v1alpha1.Reason;
import io.stackwright.operator.inputs.ReadRefusedException;
import io.stackwright.operator.inputs.ReferenceReader;
import io.stackwright.operator.telemetry.Metrics.SourceKind;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;

/** Every kind of source: hands each Stack to the one that its spec names. */
public final class ProjectSources implements Sources {

    private final InlineProjects inline = new InlineProjects();
    private final ConfigMapProjects configMaps;
    private final GitProjects git;
    private final FetchListener listener;

    /**
     * @param limits where sources are kept, and what is fetched at most
     * @param references reads ConfigMaps and credential Secrets; must not block
     * @param waker told of Stacks whose answer changed; called from other threads, must not block
     */
    public ProjectSources(
            SourceLimits limits,
            ReferenceReader references,
            Clock clock,
            Consumer<StackKey> waker,
            FetchListener listener) {
        this.listener = listener;
        this.configMaps = new ConfigMapProjects(references);
        this.git = GitProjects.open(limits, references, clock, waker, listener);
    }

    @Override
    public SourceState resolve(StackKey stack, ProjectSource project, Optional<String> request) {
        try {
            if (project != null && project.git() != null) {
                return git.resolve(stack, project.git(), request);
            }
            git.forget(stack);
            if (project != null && project.inline() != null) {
                return new SourceState.Resolved(inline.resolve(project.inline()));
            }
            if (project != null && project.configMap() != null) {
                return configMaps.resolve(stack.namespace(), project.configMap());
            }
            return new SourceState.Unresolved(Reason.InvalidSpec, noSource());
        } catch (SourceException e) {
            return new SourceState.Unresolved(e.reason(), e.getMessage());
        } catch (ReadRefusedException e) {
            return new SourceState.Unresolved(Reason.ApiRefused, refused(project, e));
        }
    }

    /** What to tell of a source that refers to what the operator may not read. */
    public static String refused(ProjectSource project, ReadRefusedException e) {
        return (project.git() != null ? "spec.project.git.secretRef: " : "spec.project.configMap: ") + e.getMessage();
    }

    @Override
    public void forget(StackKey stack) {
        git.forget(stack);
    }

    @Override
    public Set<StackKey> followers() {
        return git.followers();
    }

    @Override
    public Path fetch(StackKey stack, ProjectSource project, Revision revision, Path target) throws SourceException {
        try {
            return fetchReadable(stack, project, revision, target);
        } catch (ReadRefusedException e) {
            throw new SourceException(Reason.ApiRefused, refused(project, e), e);
        }
    }

    private Path fetchReadable(StackKey stack, ProjectSource project, Revision revision, Path target)
            throws SourceException {
        if (project != null && project.git() != null) {
            return git.fetch(stack, project.git(), revision, target);
        }
        if (project != null && project.inline() != null) {
            return counted(SourceKind.Inline, () -> inline.fetch(project.inline(), revision, target));
        }
        if (project != null && project.configMap() != null) {
            return counted(
                    SourceKind.ConfigMap,
                    () -> configMaps.fetch(stack.namespace(), project.configMap(), revision, target));
        }
        throw new SourceException(Reason.InvalidSpec, noSource());
    }

    private Path counted(SourceKind kind, Fetch fetch) throws SourceException {
        boolean succeeded = false;
        long start = System.nanoTime();
        try {
            Path directory = fetch.run();
            succeeded = true;
            return directory;
        } finally {
            listener.fetched(kind, succeeded, Duration.ofNanos(System.nanoTime() - start));
        }
    }

    private interface Fetch {
        Path run() throws SourceException;
    }

    private static String noSource() {
        return "spec.project must have exactly one of inline, git and configMap";
    }

    @Override
    public void close() {
        git.close();
    }
}
