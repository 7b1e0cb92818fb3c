package io.stackwright.operator.execution.job;

import io.fabric8.kubernetes.client.KubernetesClientException;
import java.net.HttpURLConnection;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tries again while the API server is away: what a run has done must become known.
 *
 * <p>A server that has just come back can refuse a good token for a moment. One that goes on refusing it means it: the
 * run was given up, and its rights with it.
 */
final class Patience {

    private static final Logger LOG = LoggerFactory.getLogger(Patience.class);
    private static final Duration REFUSED = Duration.ofMinutes(1);
    private static final Duration FIRST_PAUSE = Duration.ofMillis(200);
    private static final Duration LONGEST_PAUSE = Duration.ofSeconds(5);

    private final Duration limit;
    private final BooleanSupplier inVain;

    Patience(Duration limit) {
        this(limit, () -> false);
    }

    /** @param inVain whether it is not worth while any more */
    Patience(Duration limit, BooleanSupplier inVain) {
        this.limit = limit;
        this.inVain = inVain;
    }

    /**
     * Does it until it works.
     *
     * @param what for the log
     * @throws KubernetesClientException when there is no hope, or no patience, any more
     */
    void insist(String what, Runnable action) {
        long start = System.nanoTime();
        Duration pause = FIRST_PAUSE;
        while (true) {
            try {
                action.run();
                return;
            } catch (KubernetesClientException e) {
                Duration spent = Duration.ofNanos(System.nanoTime() - start);
                if (inVain.getAsBoolean() || spent.compareTo(patienceWith(e.getCode())) >= 0) {
                    throw e;
                }
                LOG.atWarn()
                        .addKeyValue("code", e.getCode())
                        .addKeyValue("cause", e.getMessage())
                        .log("{} failed; it is tried again", what);
                pause(pause);
                pause = pause.multipliedBy(2).compareTo(LONGEST_PAUSE) < 0 ? pause.multipliedBy(2) : LONGEST_PAUSE;
            }
        }
    }

    private Duration patienceWith(int code) {
        return switch (code) {
            case HttpURLConnection.HTTP_UNAUTHORIZED, HttpURLConnection.HTTP_FORBIDDEN ->
                limit.compareTo(REFUSED) < 0 ? limit : REFUSED;
            case HttpURLConnection.HTTP_NOT_FOUND,
                    HttpURLConnection.HTTP_BAD_REQUEST,
                    HttpURLConnection.HTTP_ENTITY_TOO_LARGE,
                    422 -> Duration.ZERO;
            default -> limit;
        };
    }

    private static void pause(Duration pause) {
        try {
            new CountDownLatch(1).await(pause.toMillis(), TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while waiting for the API server", e);
        }
    }
}
