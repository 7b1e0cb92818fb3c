package io.stackwright.operator.source;

import io.stackwright.api.v1alpha1.ProjectSource;
import java.nio.file.Path;

/** Resolves and fetches the projects of Stacks. */
public interface Sources extends AutoCloseable {

    /**
     * What is known now; never waits for a network. A Stack that asks is watched from then on and woken when the answer
     * changes.
     *
     * @param fresh look at the remote again soon, even if the interval has not passed (a person asked)
     */
    SourceState resolve(StackKey stack, ProjectSource project, boolean fresh);

    /** Stops watching for a Stack that is gone. */
    void forget(StackKey stack);

    /**
     * Puts exactly this revision into a fresh directory; blocks.
     *
     * @param target does not exist yet; its parent does
     * @return the project directory: {@code target} or a folder below it
     */
    Path fetch(StackKey stack, ProjectSource project, Revision revision, Path target) throws SourceException;

    @Override
    void close();
}
