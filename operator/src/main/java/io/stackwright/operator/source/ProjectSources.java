package io.stackwright.operator.source;

import io.stackwright.api.v1alpha1.ProjectSource;
import io.stackwright.api.v1alpha1.Reason;
import io.stackwright.operator.inputs.ReferenceReader;
import io.stackwright.operator.settings.OperatorSettings;
import java.nio.file.Path;
import java.time.Clock;
import java.util.function.Consumer;

/** Every kind of source: hands each Stack to the one that its spec names. */
public final class ProjectSources implements Sources {

    private final InlineProjects inline = new InlineProjects();
    private final ConfigMapProjects configMaps;
    private final GitProjects git;

    /**
     * @param references reads ConfigMaps and credential Secrets; must not block
     * @param waker told of Stacks whose answer changed; called from other threads, must not block
     */
    public ProjectSources(
            OperatorSettings settings, ReferenceReader references, Clock clock, Consumer<StackKey> waker) {
        this.configMaps = new ConfigMapProjects(references);
        this.git = new GitProjects(settings, references, clock, waker);
    }

    @Override
    public SourceState resolve(StackKey stack, ProjectSource project, boolean fresh) {
        try {
            if (project != null && project.git() != null) {
                return git.resolve(stack, project.git(), fresh);
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
        }
    }

    @Override
    public void forget(StackKey stack) {
        git.forget(stack);
    }

    @Override
    public Path fetch(StackKey stack, ProjectSource project, Revision revision, Path target) throws SourceException {
        if (project != null && project.git() != null) {
            return git.fetch(stack, project.git(), revision, target);
        }
        if (project != null && project.inline() != null) {
            return inline.fetch(project.inline(), revision, target);
        }
        if (project != null && project.configMap() != null) {
            return configMaps.fetch(stack.namespace(), project.configMap(), revision, target);
        }
        throw new SourceException(Reason.InvalidSpec, noSource());
    }

    private static String noSource() {
        return "spec.project must have exactly one of inline, git and configMap";
    }

    @Override
    public void close() {
        git.close();
    }
}
