package io.stackwright.operator.source;

import io.stackwright.api.v1alpha1.ProjectSource;
import java.nio.file.Path;
import java.util.Optional;
import java.util.Set;

/** Resolves and fetches the projects of Stacks. */
public interface Sources extends AutoCloseable {

    /**
     * What is known now; never waits for a network. A Stack that asks is watched from then on and woken when the answer
     * changes.
     *
     * @param request what a person asks for, if anything. A new text is answered {@link SourceState.Looking} until a look
     *     at the remote has ended that began after the text was first seen; one that takes too long is not waited for
     */
    SourceState resolve(StackKey stack, ProjectSource project, Optional<String> request);

    /** Stops watching for a Stack that is gone. */
    void forget(StackKey stack);

    /** Stacks that something is watched for. */
    Set<StackKey> followers();

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
