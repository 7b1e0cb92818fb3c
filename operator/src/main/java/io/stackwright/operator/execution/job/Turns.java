package io.stackwright.operator.execution.job;

import java.util.List;
import java.util.function.Function;
import java.util.stream.Stream;

/**
 * Goes through what may be many a few at a time, each time from where it stopped: none of them is kept waiting by those
 * before it, however many come anew.
 *
 * @param <T> what it goes through
 */
final class Turns<T> {

    private final int atOnce;
    private final Function<T, String> place;
    private String after = "";

    /** @param place where each is, in their order */
    Turns(int atOnce, Function<T, String> place) {
        this.atOnce = atOnce;
        this.place = place;
    }

    /** The next ones; after the last one it begins anew. */
    List<T> next(Stream<T> inOrder) {
        List<T> next = inOrder.filter(each -> place.apply(each).compareTo(after) > 0)
                .limit(atOnce)
                .toList();
        after = next.size() < atOnce ? "" : place.apply(next.getLast());
        return next;
    }

    /** Whether those that came last were at the end. */
    boolean isThrough() {
        return after.isEmpty();
    }
}
