package io.stackwright.operator.faults;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.client.utils.Serialization;
import io.stackwright.api.v1alpha1.Update;
import io.stackwright.testkit.ControlPlane;
import io.stackwright.testkit.LiveFiles;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicReference;
import org.assertj.core.api.SoftAssertions;
import org.awaitility.core.ConditionTimeoutException;

/**
 * Says whether all is as if nothing had happened.
 *
 * <p>A build runs tests that failed once more, in the same process. That is for what took too long; a promise that was
 * broken in one of two runs is broken. So what an oracle has found is kept, and there is no other one for the same class
 * of tests any more.
 */
final class Oracle {

    private static final Duration PATIENCE = Duration.ofSeconds(60);

    /** The first of each class of tests. */
    private static final Map<Class<?>, AssertionError> VIOLATIONS = new ConcurrentHashMap<>();

    private final Class<?> test;
    private final Map<String, List<String>> resources = new ConcurrentHashMap<>();

    private Oracle(Class<?> test) {
        this.test = test;
    }

    /** For one run of a test. Throws what a former one of the same class has found to be violated. */
    static Oracle of(Class<?> test) {
        AssertionError former = VIOLATIONS.get(test);
        if (former != null) {
            throw new AssertionError("a former run has found: " + former.getMessage(), former);
        }
        return new Oracle(test);
    }

    /** Keeps what is violated; to be thrown. */
    AssertionError violated(String what) {
        AssertionError violation = new AssertionError(what);
        VIOLATIONS.putIfAbsent(test, violation);
        return violation;
    }

    /** The state that an undisturbed run of the workload has come to is what all others must come to. */
    void learn(Play play, Workload workload) {
        if (workload.end().isPresent()) {
            resources.put(workload.name(), resources(play));
        }
    }

    private static List<String> resources(Play play) {
        return StateResources.of(play.people().state("kills", play.stack()), play.stack());
    }

    /** Whether the Stack, the cloud and the backend are as they must be at the end of the workload. */
    void check(Play play, Workload workload) {
        AtomicReference<AssertionError> last = new AtomicReference<>();
        try {
            // What is written last may lag behind what is waited for.
            await().atMost(PATIENCE).pollInterval(Duration.ofMillis(50)).until(() -> {
                last.set(wrong(play, workload));
                return last.get() == null;
            });
        } catch (ConditionTimeoutException e) {
            if (last.get() == null) {
                throw e;
            }
            throw violated(last.get().getMessage() + "\n" + play.explain());
        }
        List<String> overlaps = play.world().cli().overlaps(play.stack());
        if (!overlaps.isEmpty()) {
            throw violated("runs that overlap: " + overlaps + "\n" + play.explain());
        }
    }

    /** Null when nothing is. */
    private AssertionError wrong(Play play, Workload workload) {
        try {
            SoftAssertions.assertSoftly(softly -> check(softly, play, workload));
            return null;
        } catch (AssertionError e) {
            return e;
        }
    }

    private void check(SoftAssertions softly, Play play, Workload workload) {
        String stack = play.stack();
        Map<String, String> existing = play.ledger().existing(stack);
        List<String> recorded = play.recorded();
        softly.assertThat(play.world().cli().alive(stack))
                .as("CLI that still runs")
                .isEmpty();
        softly.assertThat(recorded).as("state and ledger").containsExactlyInAnyOrderElementsOf(existing.keySet());
        softly.assertThat(existing.values())
                .as("items that exist")
                .containsExactlyInAnyOrderElementsOf(
                        workload.end().map(Workload.End::items).orElse(java.util.Set.of()));
        softly.assertThat(play.people().locks())
                .as("locks")
                .noneMatch(lock -> lock.toString().contains("/" + stack + "/"));
        for (Update update : play.updates()) {
            softly.assertThat(update.getMetadata().getFinalizers())
                    .as(update.getMetadata().getName())
                    .isEmpty();
            softly.assertThat(update.getStatus().phase())
                    .as(update.getMetadata().getName())
                    .matches(phase -> phase != null && phase.isFinal());
        }
        if (workload.end().isPresent()) {
            softly.assertThat(play.people().state("kills", stack).path("pending_operations"))
                    .as("pending operations")
                    .isEmpty();
            softly.assertThat(play.ledger().values(stack).values())
                    .as("values of the items that exist")
                    .allMatch(workload.end().get().value()::equals);
            if (resources.containsKey(workload.name())) {
                softly.assertThat(resources(play))
                        .as("resources of the state, beside those of an undisturbed run")
                        .isEqualTo(resources.get(workload.name()));
            }
            softly.assertThat(secret(play, stack + "-outputs"))
                    .as("outputs")
                    .containsEntry("value", workload.end().get().value())
                    .containsEntry("sealed", Workload.TOKEN);
        } else {
            softly.assertThat(play.people().inBackend("kills", stack))
                    .as("in the backend")
                    .isFalse();
            softly.assertThat(traces(play)).as("left in the backend").isEmpty();
            softly.assertThat(secret(play, stack + "-outputs"))
                    .as("outputs Secret")
                    .isNull();
            softly.assertThat(secret(play, stack + "-passphrase"))
                    .as("passphrase Secret")
                    .isNull();
        }
        softly.assertThat(Serialization.asJson(play.updates()) + Serialization.asJson(play.get()))
                .as("objects")
                .satisfies(objects -> assertThat(Workload.SECRET.isIn(objects)).isFalse());
        play.world()
                .cli()
                .calls(stack)
                .forEach(call -> softly.assertThat(call.arguments()).noneMatch(Workload.SECRET::isIn));
    }

    /** Files, Events and metrics of a world that hold what must stay secret, however it is spelled. */
    static List<String> leaks(World world) {
        List<String> places = new ArrayList<>();
        ControlPlane.shared().client().events().v1().events().inNamespace(world.namespace()).list().getItems().stream()
                .filter(event -> Workload.SECRET.isIn(Serialization.asJson(event)))
                .forEach(event -> places.add("Event " + event.getMetadata().getName()));
        ControlPlane.shared().client().configMaps().inNamespace(world.namespace()).list().getItems().stream()
                .filter(map -> Workload.SECRET.isIn(Serialization.asJson(map)))
                .forEach(map -> places.add("ConfigMap " + map.getMetadata().getName()));
        LiveFiles.under(world.folder()).stream()
                .filter(Oracle::holdsToken)
                .forEach(file -> places.add(file.toString()));
        if (world.operator().isAlive()) {
            String metrics = world.operator().metrics().orElse("");
            if (metrics.isEmpty() || Workload.SECRET.isIn(metrics)) {
                places.add("metrics: "
                        + metrics.lines().filter(Workload.SECRET::isIn).toList());
            }
        }
        return places;
    }

    private static List<Path> traces(Play play) {
        try {
            return BackendTraces.of(play.world().backend(), play.stack()::equals);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static boolean holdsToken(Path file) {
        try {
            return Workload.SECRET.isIn(Files.readString(file, StandardCharsets.ISO_8859_1));
        } catch (IOException e) {
            return false; // It is gone.
        }
    }

    private static Map<String, String> secret(Play play, String name) {
        Secret secret = play.client()
                .secrets()
                .inNamespace(play.world().namespace())
                .withName(name)
                .get();
        if (secret == null || secret.getMetadata().getDeletionTimestamp() != null) {
            return null;
        }
        Map<String, String> data = new java.util.TreeMap<>();
        secret.getData()
                .forEach((key, value) ->
                        data.put(key, new String(Base64.getDecoder().decode(value), StandardCharsets.UTF_8)));
        return data;
    }
}
