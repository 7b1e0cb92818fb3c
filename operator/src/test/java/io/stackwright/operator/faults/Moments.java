package io.stackwright.operator.faults;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The moments at which a test can step in: requests to the API server, steps of the CLI, operations of the provider.
 *
 * <p>A moment is known by what happens and how often that has happened since the recording began, not by a number in the
 * order of all: what goes on side by side comes in another order each time.
 */
final class Moments {

    private final Map<String, Integer> counts = new HashMap<>();
    private final List<String> recording = new ArrayList<>();
    private boolean recorded;
    private String subject = "";
    private Optional<String> armed = Optional.empty();
    private Runnable action = () -> {};

    /**
     * From now on moments are counted, from one.
     *
     * @param subject name of the Stack that they are to be about
     */
    synchronized void begin(String subject) {
        this.subject = subject;
        counts.clear();
        recording.clear();
        recorded = true;
        armed = Optional.empty();
    }

    /** Does something at a moment of this recording, once; whoever comes to that moment waits until it is done. */
    synchronized void arm(String moment, Runnable action) {
        this.armed = Optional.of(moment);
        this.action = action;
    }

    /** The Stack that is recorded, or was last. */
    synchronized String subject() {
        return subject;
    }

    /** Whether the armed moment has not come yet. */
    synchronized boolean isArmed() {
        return armed.isPresent();
    }

    /** The recording ends; moments go by. */
    synchronized List<String> end() {
        recorded = false;
        armed = Optional.empty();
        return new ArrayList<>(recording);
    }

    /**
     * Something is about to happen, or has.
     *
     * @return whether this was the armed moment
     */
    boolean at(String what) {
        Optional<Runnable> now = count(what);
        now.ifPresent(Runnable::run);
        return now.isPresent();
    }

    private synchronized Optional<Runnable> count(String what) {
        if (!recorded) {
            return Optional.empty();
        }
        String moment = what + " #" + counts.merge(what, 1, Integer::sum);
        recording.add(moment);
        if (armed.filter(moment::equals).isEmpty()) {
            return Optional.empty();
        }
        armed = Optional.empty();
        return Optional.of(action);
    }
}
