package io.stackwright.operator.badinput;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.stackwright.api.v1alpha1.Condition;
import io.stackwright.api.v1alpha1.Reason;
import io.stackwright.api.v1alpha1.Update;
import io.stackwright.operator.badinput.Row.Expectation;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** What a program does while it runs: rows 35 to 37. */
final class ProgramRows {

    /**
     * {@code -Dbadinput.full=true} for the sizes that the list names, the first of which is more than a run may write; a
     * fiftieth of them otherwise.
     */
    private static final boolean FULL = Boolean.getBoolean("badinput.full");

    private static final long FLOOD = FULL ? 1L << 30 : 20L << 20;
    private static final long LINE = FULL ? 100L << 20 : 2L << 20;

    /** A quarter of a GiB through the CLI and back from its files takes a while. */
    private static final Duration FLOODED = Duration.ofMinutes(8);

    /** What is kept of it all. */
    private static final long LOG = 80 << 10;

    static final String FORGED = "f0rg3d-by-a-program";

    private ProgramRows() {}

    static List<Row> rows() {
        return List.of(
                new Row(
                        35,
                        "a program that prints " + (FLOOD >> 20) + " MiB",
                        world -> flooding(world, "r35-flood", """
                            import sys
                            line = ("x" * 1023 + "\\n") * 64
                            for _ in range(%d // len(line)):
                                sys.stdout.write(line)
                            """.formatted(FLOOD))),
                new Row(
                        35,
                        "a line of " + (LINE >> 20) + " MiB",
                        world -> talkative(world, "r35-line", """
                            import sys
                            sys.stdout.write("y" * %d + "\\n")
                            sys.stderr.write("z" * %d + "\\n")
                            """.formatted(LINE, LINE))),
                new Row(35, "forged log lines and events, binary, terminal control", ProgramRows::forged),
                new Row(36, "a program that ignores SIGTERM", ProgramRows::stubborn),
                new Row(
                        37,
                        "a program that opens all files",
                        world -> failing(world, "r37-files", """
                            import resource
                            resource.setrlimit(resource.RLIMIT_NOFILE, (4096, 4096))
                            files = []
                            while True:
                                files.append(open("/dev/null"))
                            """, "Too many open files")),
                new Row(
                        37,
                        "a program that takes all memory",
                        world -> failing(world, "r37-memory", """
                            import resource
                            resource.setrlimit(resource.RLIMIT_AS, (1 << 31, 1 << 31))
                            blocks = []
                            while True:
                                blocks.append(bytearray(1 << 26))
                            """, "MemoryError")),
                new Row(37, "a program that is killed for its memory", world -> failing(world, "r37-killed", """
                    import os, signal
                    os.kill(os.getpid(), signal.SIGKILL)
                    """, "")),
                new Row(
                        37,
                        "a program that finds the disk full",
                        world -> failing(world, "r37-disk", """
                            import resource, signal
                            signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
                            resource.setrlimit(resource.RLIMIT_FSIZE, (1 << 20, 1 << 20))
                            with open("large", "wb") as file:
                                while True:
                                    file.write(b"x" * (1 << 16))
                            """, "File too large")),
                new Row(37, "a program that leaves a daemon behind", ProgramRows::daemon));
    }

    private static void python(World world, String name, String program, String more) {
        world.configMap(
                name,
                Map.of(
                        "Pulumi.yaml",
                        "name: " + name + "\nruntime: python\n",
                        "__main__.py",
                        "import pulumi\n" + program + "pulumi.export('out', 'fine')\n"));
        world.apply(name, "project: {configMap: {name: " + name + "}, install: Never}\n" + more);
    }

    private static Expectation talkative(World world, String name, String program) {
        python(world, name, program, "updates: {timeout: 10m}");
        return () -> {
            world.scenario().awaitReady(name);
            assertThat(world.scenario().output(name, "out").asText()).isEqualTo("fine");
            assertThat(Files.size(log(world, name))).isLessThan(LOG);
        };
    }

    private static Expectation flooding(World world, String name, String program) {
        if (!FULL) {
            return talkative(world, name, program);
        }
        python(world, name, program, "updates: {timeout: 10m, retry: {initial: 1h}}");
        return () -> {
            assertStopped(world, name);
            assertThat(Files.size(log(world, name))).isLessThan(LOG);
        };
    }

    /** It was stopped, says why, and has left nothing behind. */
    private static void assertStopped(World world, String name) {
        Condition ready = await().atMost(FLOODED)
                .until(
                        () -> world.scenario().condition(name, Condition.READY),
                        condition -> condition.reason().equals(Reason.UpdateFailed.name()));
        assertThat(ready.message()).contains("wrote more than 256 MiB of output", "stopped in good order");
        String uid = world.scenario().updates(name).getLast().getMetadata().getUid();
        await().atMost(World.PATIENCE)
                .until(() ->
                        !Files.exists(world.operator().data().resolve("work").resolve(uid)));
        assertThat(world.scenario().locks()).noneMatch(lock -> lock.toString().contains("/" + name + "/"));
    }

    private static Path log(World world, String name) {
        List<Update> updates = world.scenario().updates(name);
        return Path.of(updates.getLast().getStatus().run().log());
    }

    private static Expectation forged(World world) {
        python(world, "r35-forged", """
            import sys
            forged = '{"timestamp":"2026-01-01T00:00:00Z","level":"ERROR","message":"%1$s","stack":"good-1"}'
            event = '{"sequence":9,"timestamp":1,"summaryEvent":{"result":"failed"}}'
            output = ('{"sequence":8,"timestamp":1,"resOutputsEvent":{"metadata":{"op":"same","urn":"u",'
                '"type":"pulumi:pulumi:Stack","new":{"outputs":{"out":"%1$s"}}}}}')
            for stream in (sys.stdout, sys.stderr):
                for line in (forged, "\\r\\n" + forged, event, output, "\\x1b[2J\\x1b]0;%1$s\\x07\\x1b[31mred\\x1b[0m"):
                    stream.write(line + "\\n")
                stream.flush()
                stream.buffer.write(bytes(range(256)) * 8 + b"\\n")
                stream.buffer.flush()
            """.formatted(FORGED), "");
        return () -> {
            world.scenario().awaitReady("r35-forged");
            assertThat(world.scenario().output("r35-forged", "out").asText()).isEqualTo("fine");
            assertThat(Files.readString(log(world, "r35-forged")))
                    .contains("red")
                    .doesNotContain("\u001b", "\u0007", "\r", "\0");
            assertThat(world.scenario()
                            .updates("r35-forged")
                            .getLast()
                            .getStatus()
                            .run()
                            .diagnostics())
                    .isNotEmpty()
                    .allSatisfy(diagnostic -> assertThat(diagnostic.message()).doesNotContain("\u001b", "\r"));
            assertThat(BadInputsIT.logs()).doesNotContain(FORGED);
        };
    }

    /** Its timeout is long enough for the program to have begun, among all the others. */
    private static Expectation stubborn(World world) {
        String mark = "stubborn-" + System.nanoTime();
        python(world, "r36-term", """
            import os, signal, sys, time
            for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
                signal.signal(number, signal.SIG_IGN)
            if os.fork() == 0:
                os.execvpe("sh", ["sh", "-c", "trap '' TERM INT HUP; while true; do sleep 1; done # %1$s"], os.environ)
            time.sleep(600)
            """.formatted(mark), "updates: {timeout: 60s, grace: 1s, retry: {initial: 1h}}");
        return () -> {
            assertThat(world.scenario()
                            .awaitNotReady("r36-term", Reason.TimedOut.name())
                            .message())
                    .contains("took longer than its timeout", "did not stop in time and was killed");
            await().atMost(World.PATIENCE).until(() -> processes(mark).isEmpty());
        };
    }

    private static Expectation failing(World world, String name, String program, String message) {
        python(world, name, program, "updates: {retry: {initial: 1h}}");
        return () -> assertThat(world.scenario()
                        .awaitNotReady(name, Reason.UpdateFailed.name())
                        .message())
                .isNotEmpty()
                .contains(message);
    }

    private static Expectation daemon(World world) {
        String mark = "daemon-" + System.nanoTime();
        python(world, "r37-daemon", """
            import os
            if os.fork() == 0:
                os.setsid()
                if os.fork() == 0:
                    null = os.open("/dev/null", os.O_RDWR)
                    for fd in (0, 1, 2):
                        os.dup2(null, fd)
                    os.chdir("/")
                    os.execvpe("sh", ["sh", "-c", "trap '' TERM HUP; while true; do sleep 1; done # %1$s"], os.environ)
                os._exit(0)
            """.formatted(mark), "");
        return () -> {
            world.scenario().awaitReady("r37-daemon");
            await().atMost(World.PATIENCE).until(() -> processes(mark).isEmpty());
        };
    }

    /** Command lines with the mark in them. */
    private static List<String> processes(String mark) throws IOException {
        List<String> found = new ArrayList<>();
        try (DirectoryStream<Path> all = Files.newDirectoryStream(Path.of("/proc"), "[0-9]*")) {
            for (Path process : all) {
                try {
                    String line = new String(Files.readAllBytes(process.resolve("cmdline")), StandardCharsets.UTF_8);
                    if (line.contains(mark)) {
                        found.add(line);
                    }
                } catch (IOException e) {
                    continue; // It ended while we looked.
                }
            }
        }
        return found;
    }
}
