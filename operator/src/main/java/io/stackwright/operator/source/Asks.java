package io.stackwright.operator.source;

import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * What has been asked of one repository, by Stack: each request wants a listing that began after it was first seen, as one
 * that began before may have missed what it is about. Guarded by the {@link GitPoller}'s lock.
 */
final class Asks {

    /** @param listing number of the listing that answers it; one that was given up needs none */
    private record Ask(String request, long listing) {

        Ask givenUp() {
            return new Ask(request, 0);
        }
    }

    private final Map<StackKey, Ask> asks = new HashMap<>();
    private long begun;
    private long ended;

    /**
     * Takes down what a Stack asks now.
     *
     * @return whether that is new
     */
    boolean note(StackKey stack, Optional<String> request) {
        if (request.isEmpty()) {
            asks.remove(stack);
            return false;
        }
        Ask known = asks.get(stack);
        if (known != null && known.request().equals(request.get())) {
            return false;
        }
        asks.put(stack, new Ask(request.get(), begun + 1));
        return true;
    }

    /** Whether the Stack's request is still to be answered. */
    boolean isOpen(StackKey stack) {
        Ask ask = asks.get(stack);
        return ask != null && ask.listing() > ended;
    }

    /** Whether a listing is wanted that has not begun. */
    boolean wantListing() {
        return asks.values().stream().anyMatch(ask -> ask.listing() > begun);
    }

    void listingBegins() {
        begun++;
    }

    /** Returns the Stacks that have waited for it, whatever it has found. */
    Set<StackKey> listingEnds() {
        ended = begun;
        Set<StackKey> answered = new HashSet<>();
        asks.forEach((stack, ask) -> {
            if (ask.listing() == ended) {
                answered.add(stack);
            }
        });
        return answered;
    }

    /**
     * Waits no longer for this request.
     *
     * @return whether it was still to be answered
     */
    boolean giveUp(StackKey stack, String request) {
        Ask ask = asks.get(stack);
        if (ask == null || !ask.request().equals(request) || !isOpen(stack)) {
            return false;
        }
        asks.put(stack, ask.givenUp());
        return true;
    }

    void forget(StackKey stack) {
        asks.remove(stack);
    }
}
