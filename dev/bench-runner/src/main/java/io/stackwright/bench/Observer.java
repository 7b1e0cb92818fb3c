package io.stackwright.bench;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.informers.ResourceEventHandler;
import io.fabric8.kubernetes.client.informers.SharedIndexInformer;
import io.stackwright.api.v1alpha1.Condition;
import io.stackwright.api.v1alpha1.Stack;
import io.stackwright.api.v1alpha1.Update;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;

/** Watches Stacks and Updates and remembers when it saw what. */
final class Observer implements AutoCloseable {

    private final SharedIndexInformer<Stack> stacks;
    private final SharedIndexInformer<Update> updates;
    private final List<SharedIndexInformer<?>> more;
    private final List<Sight> sights = new ArrayList<>();

    /** An object as it was seen at a time. */
    record Sight(Instant at, HasMetadata object, boolean deleted) {

        boolean is(HasMetadata other) {
            return object.getClass() == other.getClass()
                    && object.getMetadata().getName().equals(other.getMetadata().getName())
                    && object.getMetadata()
                            .getNamespace()
                            .equals(other.getMetadata().getNamespace());
        }
    }

    Observer(KubernetesClient client) {
        more = List.of();
        stacks = client.resources(Stack.class).inAnyNamespace().inform(handler());
        updates = client.resources(Update.class).inAnyNamespace().inform(handler());
    }

    private Observer(KubernetesClient client, String namespace) {
        stacks = client.resources(Stack.class).inNamespace(namespace).inform(handler());
        updates = client.resources(Update.class).inNamespace(namespace).inform(handler());
        more = List.of(
                client.batch().v1().jobs().inNamespace(namespace).inform(handler()),
                client.pods().inNamespace(namespace).inform(handler()));
    }

    /** One that sees Jobs and pods too, of one namespace. */
    static Observer withJobs(KubernetesClient client, String namespace) {
        return new Observer(client, namespace);
    }

    private <R extends HasMetadata> ResourceEventHandler<R> handler() {
        return new ResourceEventHandler<>() {
            @Override
            public void onAdd(R added) {
                see(added, false);
            }

            @Override
            public void onUpdate(R before, R now) {
                see(now, false);
            }

            @Override
            public void onDelete(R deleted, boolean unknown) {
                see(deleted, true);
            }
        };
    }

    private synchronized void see(HasMetadata object, boolean deleted) {
        sights.add(new Sight(Instant.now(), object, deleted));
        notifyAll();
    }

    /** Forgets what was seen; returns the time from which on it is remembered. */
    synchronized Instant mark() {
        sights.clear();
        return Instant.now();
    }

    /** All that was seen since the mark. */
    synchronized List<Sight> sights() {
        return List.copyOf(sights);
    }

    /** When something like this was first seen since the mark, waiting for it if need be. */
    synchronized Instant await(String what, Predicate<Sight> wanted, Duration patience) throws InterruptedException {
        long deadline = System.nanoTime() + patience.toNanos();
        int looked = 0;
        while (true) {
            for (; looked < sights.size(); looked++) {
                if (wanted.test(sights.get(looked))) {
                    return sights.get(looked).at();
                }
            }
            long millis = (deadline - System.nanoTime()) / 1_000_000;
            if (millis <= 0) {
                throw new IllegalStateException("not seen within " + patience + ": " + what + "; last "
                        + (sights.isEmpty() ? "nothing" : describe(sights.getLast())));
            }
            wait(millis);
        }
    }

    private static String describe(Sight sight) {
        String name = sight.object().getMetadata().getName();
        return sight.object() instanceof Stack stack && stack.getStatus() != null
                ? name + ": " + stack.getStatus().condition(Condition.READY)
                : name;
    }

    Instant awaitReady(Stack stack, long generation, Duration patience) throws InterruptedException {
        return await(
                stack.getMetadata().getName() + " ready",
                sight -> sight.is(stack) && isReady((Stack) sight.object(), generation),
                patience);
    }

    Instant awaitGone(Stack stack, Duration patience) throws InterruptedException {
        return await(stack.getMetadata().getName() + " gone", sight -> sight.deleted() && sight.is(stack), patience);
    }

    long readyNow() {
        return stacks.getStore().list().stream()
                .filter(stack -> isReady(stack, stack.getMetadata().getGeneration()))
                .count();
    }

    private static boolean isReady(Stack stack, long generation) {
        return stack.getStatus() != null
                && stack.getStatus().observedGeneration() >= generation
                && stack.getStatus()
                        .condition(Condition.READY)
                        .filter(ready -> Condition.TRUE.equals(ready.status()))
                        .isPresent();
    }

    @Override
    public void close() {
        stacks.close();
        updates.close();
        more.forEach(SharedIndexInformer::close);
    }
}
