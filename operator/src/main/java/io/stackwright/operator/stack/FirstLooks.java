package io.stackwright.operator.stack;

import io.stackwright.api.v1alpha1.Stack;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Predicate;

/**
 * Which Stacks have been looked at since the start. The first look at one follows from the Stack itself and sees all that
 * there is; what wakes it before that would only have it looked at twice, as the framework takes a Stack that waits for its
 * turn for one that is being looked at.
 */
final class FirstLooks {

    private final Set<String> begun = ConcurrentHashMap.newKeySet();

    void begin(Stack stack) {
        begun.add(stack.getMetadata().getUid());
    }

    /** Whether it is still to come. */
    boolean isAhead(Stack stack) {
        return !begun.contains(stack.getMetadata().getUid());
    }

    /**
     * Forgets those that are gone.
     *
     * @param exists by uid; asked one by one, so that none is forgotten that comes meanwhile
     */
    void keep(Predicate<String> exists) {
        begun.removeIf(exists.negate());
    }
}
