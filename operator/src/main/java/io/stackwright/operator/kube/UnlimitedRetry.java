package io.stackwright.operator.kube;

import io.javaoperatorsdk.operator.processing.retry.Retry;
import io.javaoperatorsdk.operator.processing.retry.RetryExecution;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.DoubleSupplier;

/**
 * Retries failed reconciles for ever, after 1 s, 2 s, 4 s … 60 s, each a quarter shorter or longer at random. The
 * framework's own retry gives up after five attempts and has no jitter.
 */
public final class UnlimitedRetry implements Retry {

    private static final Duration FIRST = Duration.ofSeconds(1);
    private static final Duration LONGEST = Duration.ofSeconds(60);
    private static final int MAX_DOUBLINGS = 6;
    private static final double SPREAD = 0.5;

    private final DoubleSupplier random;

    public UnlimitedRetry() {
        this(() -> ThreadLocalRandom.current().nextDouble());
    }

    /** @param random from 0 to 1, on any thread */
    UnlimitedRetry(DoubleSupplier random) {
        this.random = random;
    }

    @Override
    public RetryExecution initExecution() {
        return new Execution();
    }

    private final class Execution implements RetryExecution {

        private int attempts;

        @Override
        public Optional<Long> nextDelay() {
            long delay = FIRST.toMillis() << Math.min(attempts, MAX_DOUBLINGS);
            attempts++;
            double factor = 1 - SPREAD / 2 + SPREAD * random.getAsDouble();
            return Optional.of(Math.round(Math.min(delay, LONGEST.toMillis()) * factor));
        }

        @Override
        public int getAttemptCount() {
            return attempts;
        }

        @Override
        public boolean isLastAttempt() {
            return false;
        }
    }
}
