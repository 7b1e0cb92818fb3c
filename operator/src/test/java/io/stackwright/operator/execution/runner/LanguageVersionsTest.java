package io.stackwright.operator.execution.runner;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.stackwright.api.v1alpha1.Reason;
import io.stackwright.operator.engine.CancelToken;
import io.stackwright.operator.engine.EngineException;
import io.stackwright.operator.engine.Failure;
import io.stackwright.operator.engine.RecordingCli;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

class LanguageVersionsTest {

    @TempDir
    private Path folder;

    private final LanguageVersions versions = new LanguageVersions();
    private final CancelToken cancel = new CancelToken();

    @Test
    void theFirstOnThePathAnswersAndIsAskedOnce() throws IOException {
        // given
        Path first = Files.createDirectory(folder.resolve("first"));
        Path second = Files.createDirectory(folder.resolve("second"));
        RecordingCli.script(first.resolve("node"), "#!/bin/sh\necho one; echo x >> '%s/asked'\n".formatted(folder));
        RecordingCli.script(second.resolve("node"), "#!/bin/sh\necho two\n");

        // then
        Map<String, String> environment = Map.of("PATH", "/nowhere:" + first + ":" + second);
        assertThat(versions.of("nodejs", environment, cancel)).isEqualTo("one");
        assertThat(versions.of("nodejs", environment, cancel)).isEqualTo("one");
        assertThat(folder.resolve("asked")).hasContent("x");
        assertThat(versions.of("nodejs", Map.of("PATH", second + ":" + first), cancel))
                .isEqualTo("two");
    }

    @Test
    void aLanguageThatIsNotThereIsNamed() {
        assertThatThrownBy(() -> versions.of("python", Map.of("PATH", folder.toString()), cancel))
                .isInstanceOfSatisfying(EngineException.class, e -> {
                    assertThat(e.failure().reason()).isEqualTo(Reason.RuntimeMissing);
                    assertThat(e.failure().message()).contains("python3 is not on the PATH where Pulumi runs");
                });
    }

    @Test
    void aLanguageThatDoesNotWorkIsNamed() {
        // given
        RecordingCli.script(folder.resolve("python3"), "#!/bin/sh\nexit 3\n");

        // then
        assertThatThrownBy(() -> versions.of("python", Map.of("PATH", folder.toString()), cancel))
                .isInstanceOfSatisfying(
                        EngineException.class,
                        e -> assertThat(e.failure().message())
                                .contains("python3 on the PATH where Pulumi runs does not work"));
    }

    @Test
    @Timeout(60)
    void oneThatNeverStopsTalkingIsEnded() throws IOException {
        // given
        script("python3", "echo $$ > '%1$s/pid'; yes | cat".formatted(folder));

        // then
        assertThatThrownBy(() -> ask("python")).isInstanceOfSatisfying(EngineException.class, e -> {
            assertThat(e.failure().reason()).isEqualTo(Reason.RuntimeMissing);
            assertThat(e.failure().message())
                    .contains("python3 on the PATH where Pulumi runs says more than a version");
        });
        awaitEnd("pid");
    }

    @Test
    @Timeout(60)
    void oneThatHangsIsEndedWithAllThatItStarted() throws IOException {
        // given
        script("node", """
            sleep 600 & echo $! > '%1$s/child'
            echo $$ > '%1$s/pid'
            wait\
            """.formatted(folder));
        LanguageVersions impatient = new LanguageVersions(Duration.ofSeconds(3));

        // then
        assertThatThrownBy(() -> impatient.of("nodejs", path(), cancel))
                .isInstanceOfSatisfying(
                        EngineException.class,
                        e -> assertThat(e.failure().message())
                                .contains("node on the PATH where Pulumi runs does not answer within 3 s"));
        awaitEnd("pid");
        awaitEnd("child");
    }

    @Test
    @Timeout(60)
    void oneThatHangsIsEndedWhenTheRunIsCancelledAndAskedAgainByTheNext() throws Exception {
        // given
        script("node", "echo $$ > '%1$s/pid'; exec sleep 600".formatted(folder));
        CompletableFuture<String> asked = new CompletableFuture<>();
        Thread.ofVirtual().start(() -> {
            try {
                asked.complete(ask("nodejs"));
            } catch (EngineException e) {
                asked.completeExceptionally(e);
            }
        });
        await().atMost(Duration.ofSeconds(60)).until(() -> Files.exists(folder.resolve("pid")));

        // when
        cancel.cancel();

        // then
        assertThatThrownBy(asked::get)
                .cause()
                .isInstanceOfSatisfying(
                        EngineException.class,
                        e -> assertThat(e.failure().kind()).isEqualTo(Failure.Kind.CANCELLED));
        awaitEnd("pid");

        // and
        script("node", "echo fine");
        assertThat(versions.of("nodejs", path(), new CancelToken())).isEqualTo("fine");
    }

    @Test
    void aHomeAndTheFolderAroundSayNothingToPython() throws IOException {
        // given
        script("python3", "echo \"$1\"");

        // then
        assertThat(ask("python")).isEqualTo("-I");
    }

    private String ask(String runtime) {
        return versions.of(runtime, path(), cancel);
    }

    /** Ours first, and what scripts need. */
    private Map<String, String> path() {
        return Map.of("PATH", folder + ":/usr/bin:/bin");
    }

    private void script(String name, String text) {
        RecordingCli.script(folder.resolve(name), "#!/bin/sh\n" + text + "\n");
    }

    private void awaitEnd(String file) throws IOException {
        if (!Files.exists(folder.resolve(file))) {
            // It was ended before it got that far.
            return;
        }
        long pid = Long.parseLong(Files.readString(folder.resolve(file)).strip());
        await().atMost(Duration.ofSeconds(60))
                .until(() ->
                        ProcessHandle.of(pid).filter(ProcessHandle::isAlive).isEmpty());
    }
}
