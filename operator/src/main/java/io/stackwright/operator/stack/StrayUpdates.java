package io.stackwright.operator.stack;

import io.fabric8.kubernetes.client.KubernetesClientException;
import io.stackwright.api.v1alpha1.RunStatus;
import io.stackwright.api.v1alpha1.Update;
import io.stackwright.operator.execution.Executor;
import io.stackwright.operator.execution.RunOutcome;
import io.stackwright.operator.execution.RunState;
import io.stackwright.operator.update.StrayRecords;
import io.stackwright.operator.update.Updates;
import java.time.Duration;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Updates that name a Stack that does not exist: people are told, and what the operator itself has recorded is let go if
 * it never started, has ended, or has died with its executor. Nobody else looks at them, and one with our finalizer would
 * keep its namespace from going.
 */
final class StrayUpdates {

    private static final Logger LOG = LoggerFactory.getLogger(StrayUpdates.class);

    /** The client has repeated by then what is worth it at once. */
    private static final Duration FIRST_PAUSE = Duration.ofSeconds(5);

    private static final Duration LONGEST_PAUSE = Duration.ofMinutes(5);

    private final StrayRecords records;
    private final Runs runs;
    private final Executor executor;
    private final Set<String> inHand = ConcurrentHashMap.newKeySet();

    StrayUpdates(StrayRecords records, Runs runs, Executor executor) {
        this.records = records;
        this.runs = runs;
        this.executor = executor;
    }

    /**
     * Returns at once; the Stack may turn out to exist after all, when caches are just being filled. What the API server
     * does not let be done, and a run that goes on, are looked at again, since nothing else would come back to them.
     */
    void found(Update update) {
        boolean untold = update.getStatus() == null || update.getStatus().phase() == null;
        String namespace = update.getMetadata().getNamespace();
        String name = update.getMetadata().getName();
        if (untold && Runs.waits(update)) {
            aside(update, () -> {
                records.report(namespace, name);
                return true;
            });
        } else if (update.getMetadata().getFinalizers().contains(Updates.FINALIZER)) {
            aside(
                    update,
                    () -> !isAtWork(namespace, name, update.getMetadata().getUid()) && lookAfter(namespace, name));
        }
    }

    /** Of such a run nothing need be asked but its executor; its Stack may just not have been seen yet. */
    private boolean isAtWork(String namespace, String name, String uid) {
        RunState state = executor.state(namespace, name, uid);
        return state instanceof RunState.Waiting || state instanceof RunState.Running;
    }

    /** Says whether nothing more is to come of it. What may still be at work is looked at again, however long it lasts. */
    private boolean lookAfter(String namespace, String name) {
        // Before it is asked what has become of it: what is claimed in between has changed, and is not ended as it was.
        Optional<Update> left = records.left(namespace, name);
        if (left.isEmpty()) {
            return true;
        }
        Update update = left.get();
        boolean over = switch (runs.standing(update)) {
            case Runs.Standing.Ended(RunOutcome outcome) -> records.end(update, outcome.result());
            case Runs.Standing.Reported(RunStatus.Result result) -> records.end(update, result);
            case Runs.Standing.Interrupted interrupted -> records.end(update, RunStatus.Result.Interrupted);
            case Runs.Standing.Unstarted unstarted -> records.endUnstarted(update);
            case Runs.Standing.Closed closed -> records.letGo(update);
            case Runs.Standing.Active active -> false;
            case Runs.Standing.Lost lost -> false;
        };
        if (over) {
            executor.acknowledge(update.getMetadata().getUid());
        }
        return over;
    }

    /** @param act says whether that was all there is to do */
    private void aside(Update update, BooleanSupplier act) {
        if (inHand.add(update.getMetadata().getUid())) {
            onThread(() -> attempt(update, act, FIRST_PAUSE));
        }
    }

    private static void onThread(Runnable attempt) {
        Thread.ofVirtual().name("stray-updates").start(attempt);
    }

    private void attempt(Update update, BooleanSupplier act, Duration pause) {
        boolean done = true;
        try {
            done = act.getAsBoolean();
        } catch (KubernetesClientException e) {
            done = false;
            LOG.atWarn()
                    .setCause(e)
                    .addKeyValue("update", update.getMetadata().getName())
                    .log("an Update whose Stack does not exist cannot be looked after now");
        } catch (IllegalStateException e) {
            // The client is closed: the next operator finds it again.
            LOG.atDebug().setCause(e).log("no Update is looked after any more");
        } finally {
            if (!done) {
                CompletableFuture.delayedExecutor(pause.toMillis(), TimeUnit.MILLISECONDS, StrayUpdates::onThread)
                        .execute(() -> attempt(update, act, longer(pause)));
            } else {
                inHand.remove(update.getMetadata().getUid());
            }
        }
    }

    private static Duration longer(Duration pause) {
        return Collections.min(List.of(pause.multipliedBy(2), LONGEST_PAUSE));
    }
}
