package io.stackwright.operator.engine.automation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.stackwright.operator.engine.CancelToken;
import io.stackwright.operator.engine.FailureClassifier.Stop;
import io.stackwright.operator.engine.RecordingCli;
import io.stackwright.operator.engine.automation.CliRunner.Bounds;
import io.stackwright.operator.engine.automation.CliRunner.Call;
import io.stackwright.operator.engine.automation.CliRunner.Result;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** How processes are ended, on shell scripts that behave as the CLI does, or does not. */
class ProcessSupervisorTest {

    private static final Duration LONG = Duration.ofMinutes(2);
    private static final Optional<Path> SETSID = Optional.of(Path.of("/usr/bin/setsid"));

    @TempDir
    Path folder;

    @Test
    void tellsExitCodeAndBothStreams() throws IOException {
        // when
        Result result = run("echo out; echo err >&2; exit 7", new Bounds(LONG, LONG, new CancelToken()), SETSID);

        // then
        assertThat(result.exitCode()).isEqualTo(7);
        assertThat(result.ending().stop()).isEmpty();
        assertThat(result.stdout().text()).isEqualTo("out\n");
        assertThat(result.stderr().text()).isEqualTo("err\n");
    }

    @Test
    void theEnvironmentIsOnlyWhatIsGivenAndInputIsEmpty() throws IOException {
        // when
        Result result = run("env; cat; echo end", new Bounds(LONG, LONG, new CancelToken()), SETSID);

        // then
        assertThat(result.stdout().text().lines().filter(line -> !line.matches("(PWD|SHLVL|_|OLDPWD)=.*")))
                .containsExactlyInAnyOrder("GIVEN=1", "PATH=" + System.getenv("PATH"), "end");
    }

    @Test
    void theProcessWeKnowLeadsASessionOfItsOwn() throws IOException {
        // when
        Result result =
                run("cut -d' ' -f1,6 /proc/$$/stat; echo $$", new Bounds(LONG, LONG, new CancelToken()), SETSID);

        // then
        String pid = result.stdout().text().lines().toList().getLast();
        assertThat(result.stdout().text()).startsWith(pid + " " + pid + "\n");
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void aCancelIsOneSigtermAndPatience(boolean interrupt) throws Exception {
        // given
        CancelToken cancel = new CancelToken();
        AtomicBoolean stillInterrupted = new AtomicBoolean();
        CompletableFuture<Result> result = new CompletableFuture<>();
        Thread caller = Thread.ofPlatform().start(() -> {
            try {
                result.complete(run("""
                    trap 'echo TERM >> terms' TERM
                    sleep 5 & echo $! > child; touch ready
                    n=0; while [ ! -f terms ] || [ $n -lt 10 ]; do n=$((n + 1)); sleep 0.05; done
                    echo cleaned up; kill $(cat child); exit 1\
                    """, new Bounds(LONG, LONG, cancel), SETSID));
            } catch (IOException e) {
                result.completeExceptionally(e);
            }
            stillInterrupted.set(Thread.currentThread().isInterrupted());
        });
        await().until(() -> Files.exists(folder.resolve("ready")));

        // when
        if (interrupt) {
            caller.interrupt();
        } else {
            cancel.cancel();
            cancel.cancel();
        }
        caller.join();

        // then
        assertThat(result.get().ending().stop()).contains(Stop.CANCELLED);
        assertThat(result.get().ending().killed()).isFalse();
        assertThat(result.get().exitCode()).isEqualTo(1);
        assertThat(result.get().stdout().text()).as("output after the signal").contains("cleaned up");
        assertThat(Files.readAllLines(folder.resolve("terms"))).hasSize(1);
        assertThat(stillInterrupted.get()).isEqualTo(interrupt);
    }

    @Test
    void aTimeoutStopsToo() throws IOException {
        // when
        Result result = run("exec sleep 60", new Bounds(Duration.ofMillis(200), LONG, new CancelToken()), SETSID);

        // then
        assertThat(result.ending().stop()).contains(Stop.TIMED_OUT);
        assertThat(result.ending().killed()).isFalse();
        assertThat(result.exitCode()).isEqualTo(143);
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void afterTheGraceItAndAllItStartedIsKilled(boolean sessions) throws Exception {
        // given a CLI that does not listen, a child of it, and in its session a process with another parent
        String script = "trap '' TERM\n"
                + "sleep 60 & echo $! > child\n"
                + (sessions ? "sh -c 'sleep 60 & echo $! > stray'\n" : "")
                + "while true; do sleep 0.1; done";

        // when
        Result result = run(
                script,
                new Bounds(Duration.ofMillis(500), Duration.ofMillis(300), new CancelToken()),
                sessions ? SETSID : Optional.empty());

        // then
        assertThat(result.ending().killed()).isTrue();
        assertThat(result.exitCode()).isEqualTo(137);
        await().until(() -> !alive("child"));
        if (sessions) {
            await().until(() -> !alive("stray"));
        }
    }

    @Test
    void whatACrashedCliLeavesIsKilledButNotWhatAFinishedOneLeaves() throws Exception {
        // when
        run("sleep 3 & echo $! > child; kill -9 $$", new Bounds(LONG, LONG, new CancelToken()), SETSID);
        run("sleep 3 >/dev/null 2>&1 & echo $! > other; exit 0", new Bounds(LONG, LONG, new CancelToken()), SETSID);

        // then
        assertThat(alive("child")).isFalse();
        assertThat(alive("other")).isTrue();
        ProcessHandle.of(pid("other")).ifPresent(ProcessHandle::destroyForcibly);
    }

    @Test
    void aDetachedRunThatFloodsItsFilesIsStoppedInGoodOrder() throws IOException {
        // given a limit, and a CLI that writes on until it is asked to stop
        Path command = RecordingCli.script(folder.resolve("flood"), """
            #!/bin/sh
            trap 'touch asked; exit 1' TERM
            while :; do head -c 65536 /dev/zero; done
            """);
        CliRunner runner = new CliRunner(command, new ProcessSessions(SETSID), name -> {}, 1 << 20);
        Path events = Files.createFile(folder.resolve("events"));
        Map<String, String> environment = Map.of("PATH", System.getenv("PATH"));

        // when
        Result result = runner.runDetached(
                new Call(List.of(), folder, environment, 1024, 1024),
                new Bounds(LONG, LONG, new CancelToken()),
                folder,
                events);

        // then
        assertThat(result.ending().stop()).contains(Stop.TOO_MUCH_OUTPUT);
        assertThat(result.ending().killed()).isFalse();
        assertThat(folder.resolve("asked")).exists();
        assertThat(folder).isDirectoryNotContaining("glob:**.log");
    }

    private Result run(String script, Bounds bounds, Optional<Path> setsid) throws IOException {
        Path command =
                RecordingCli.script(folder.resolve("script-" + script.hashCode()), "#!/bin/sh\n" + script + "\n");
        CliRunner runner = new CliRunner(command, new ProcessSessions(setsid), name -> {});
        Map<String, String> environment = Map.of("GIVEN", "1", "PATH", System.getenv("PATH"));
        return runner.run(new Call(List.of(), folder, environment, 1024, 1024), bounds);
    }

    private boolean alive(String file) throws IOException {
        // A killed process whose new parent has not reaped it yet is no longer alive.
        Path status = Path.of("/proc", String.valueOf(pid(file)), "stat");
        try {
            String stat = Files.readString(status);
            return !stat.substring(stat.lastIndexOf(')') + 2).startsWith("Z");
        } catch (IOException e) {
            return false;
        }
    }

    private long pid(String file) throws IOException {
        return Long.parseLong(Files.readString(folder.resolve(file)).strip());
    }
}
