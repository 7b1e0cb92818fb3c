package io.stackwright.operator.execution.job;

import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicBoolean;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Work that is begun again and again: where it takes long it does not pile up, and where it fails it is tried again. */
final class OneAtATime {

    private static final Logger LOG = LoggerFactory.getLogger(OneAtATime.class);

    private final String name;
    private final AtomicBoolean underWay = new AtomicBoolean();

    /** @param name for the log */
    OneAtATime(String name) {
        this.name = name;
    }

    /** Begins it, unless the last one goes on. */
    void begin(Executor threads, Runnable work) {
        if (underWay.compareAndSet(false, true)) {
            threads.execute(() -> {
                try {
                    work.run();
                } catch (RuntimeException e) {
                    LOG.atWarn().setCause(e).log(name + " failed; tried again");
                } finally {
                    underWay.set(false);
                }
            });
        }
    }
}
