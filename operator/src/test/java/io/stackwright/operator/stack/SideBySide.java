package io.stackwright.operator.stack;

import static org.junit.jupiter.api.Assertions.assertAll;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/** Stories that do not know of each other, told at the same time: each of them waits for pods most of the time. */
final class SideBySide {

    private final Map<String, Runnable> stories = new LinkedHashMap<>();

    /** @param name for the report of a failure */
    SideBySide and(String name, Runnable story) {
        stories.put(name, story);
        return this;
    }

    /** Tells them all, and fails with what every one of them failed of. */
    void happen() {
        Map<String, CompletableFuture<Void>> told = new LinkedHashMap<>();
        try (ExecutorService threads = Executors.newCachedThreadPool()) {
            stories.forEach((name, story) -> told.put(name, CompletableFuture.runAsync(story, threads)));
        }
        assertAll(told.entrySet().stream().map(entry -> () -> {
            try {
                entry.getValue().join();
            } catch (CompletionException e) {
                throw new AssertionError(entry.getKey() + ": " + e.getCause().getMessage(), e.getCause());
            }
        }));
    }
}
