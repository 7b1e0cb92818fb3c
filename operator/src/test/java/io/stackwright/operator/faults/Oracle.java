package io.stackwright.operator.faults;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.client.utils.Serialization;
import io.stackwright.api.v1alpha1.Update;
import io.stackwright.testkit.ControlPlane;
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
import java.util.stream.Stream;
import org.assertj.core.api.SoftAssertions;

/** Says whether all is as if nothing had happened. */
final class Oracle {

    private static final Duration PATIENCE = Duration.ofSeconds(60);

    private Oracle() {}

    /** Whether the Stack, the cloud and the backend are as they must be at the end of the workload. */
    static void check(Play play, Workload workload) {
        try {
            // What is written last may lag behind what is waited for.
            await().atMost(PATIENCE)
                    .pollInterval(Duration.ofMillis(50))
                    .untilAsserted(() -> SoftAssertions.assertSoftly(softly -> check(softly, play, workload)));
        } catch (org.awaitility.core.ConditionTimeoutException e) {
            throw new AssertionError(e.getMessage() + "\n" + play.explain(), e);
        }
        assertThat(play.world().cli().overlaps(play.stack())).as(play.explain()).isEmpty();
    }

    private static void check(SoftAssertions softly, Play play, Workload workload) {
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
            softly.assertThat(secret(play, stack + "-outputs"))
                    .as("outputs")
                    .containsEntry("value", workload.end().get().value())
                    .containsEntry("sealed", Workload.TOKEN);
        } else {
            softly.assertThat(play.people().inBackend("kills", stack))
                    .as("in the backend")
                    .isFalse();
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
        try (Stream<Path> files = Files.walk(world.folder())) {
            files.filter(Files::isRegularFile).filter(Oracle::holdsToken).forEach(file -> places.add(file.toString()));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        if (world.operator().isAlive()) {
            String metrics = world.operator().metrics().orElse("");
            if (metrics.isEmpty() || Workload.SECRET.isIn(metrics)) {
                places.add("metrics: "
                        + metrics.lines().filter(Workload.SECRET::isIn).toList());
            }
        }
        return places;
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
