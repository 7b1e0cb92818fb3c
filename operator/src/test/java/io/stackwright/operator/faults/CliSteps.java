package io.stackwright.operator.faults;

import io.stackwright.testkit.Toolchain;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Collectors;

/**
 * A wrapper around the real CLI, and a provider, that ask a test whether to go on before each step.
 *
 * <p>The wrapper becomes the CLI, so that pids and signals are what they are without it; only when the test wants to see
 * the end of a call it stays, passes signals on and tells of them.
 */
final class CliSteps implements AutoCloseable {

    private static final String SEPARATOR = "\u001F";
    private static final Duration LOOK = Duration.ofMillis(10);
    private static final Set<String> READING = Set.of("version", "stack output", "stack export", "stack ls");

    private static final String WRAPPER = """
        #!/usr/bin/env bash
        export LEDGER_FILE='%1$s' LEDGER_PORT='%2$s'
        if ! exec 3<>"/dev/tcp/127.0.0.1/$LEDGER_PORT"; then exec '%3$s' "$@"; fi
        IFS=$'\\037'
        arguments=${*//$'\\n'/ }
        IFS=$' \\t\\n'
        names=$(compgen -e)
        printf 'before %%s\\037%%s\\037%%s\\n' "$$" "${names//$'\\n'/ }" "$arguments" >&3
        IFS= read -r answer <&3
        case $answer in
          fail*)
            said=${answer#fail }
            printf '%%b\\n' "${said#* }" >&2
            exit "${said%%%% *}" ;;
          stay) ;;
          *) exec 3>&-; exec '%3$s' "$@" ;;
        esac
        '%3$s' "$@" 3>&- &
        child=$!
        trap 'printf "term\\n" >&3; kill -TERM "$child"' TERM
        printf 'child %%s\\n' "$child" >&3
        wait "$child"
        code=$?
        while kill -0 "$child" 2>/dev/null; do
          wait "$child"
          code=$?
        done
        printf 'after %%s\\n' "$code" >&3
        IFS= read -r answer <&3
        exit "$code"
        """;

    private final Moments moments;
    private final Ledger ledger;
    private final ServerSocket socket;
    private final Path wrapper;
    private final List<Call> calls = new ArrayList<>();
    private final List<String> overlaps = new ArrayList<>();
    private volatile Plan plan = command -> Optional.empty();
    private volatile boolean staying;

    /**
     * A call of the CLI.
     *
     * @param pid of the CLI
     * @param environment names of its variables
     * @param ended completed when it has ended
     */
    record Call(
            Instant at,
            long pid,
            List<String> arguments,
            Set<String> environment,
            List<String> signals,
            CompletableFuture<End> ended) {

        /** The argument after that one. */
        Optional<String> value(String flag) {
            int index = arguments.indexOf(flag);
            return index < 0 || index + 1 == arguments.size()
                    ? Optional.empty()
                    : Optional.of(arguments.get(index + 1));
        }

        /** The words before the first flag: {@code up}, {@code stack tag set}. */
        String command() {
            return String.join(
                    " ",
                    arguments.stream().takeWhile(word -> !word.startsWith("-")).toList());
        }

        /** Whether it is about the Pulumi stack of that name. */
        boolean isAbout(String name) {
            return stack().filter(name::equals).isPresent();
        }

        /** Name of the Pulumi stack that it is about. */
        Optional<String> stack() {
            return arguments.stream()
                    .filter(argument -> argument.matches("[^/]+/[^/]+/[^/]+"))
                    .map(argument -> argument.substring(argument.lastIndexOf('/') + 1))
                    .findFirst();
        }

        boolean isWriting() {
            return !READING.contains(command());
        }

        boolean isAlive() {
            return Processes.isAlive(pid);
        }

        @Override
        public String toString() {
            String end = ended.isDone() ? ended.join().toString() : isAlive() ? "alive" : "has ended";
            return at + " " + pid + " " + arguments + " (" + end + ")";
        }
    }

    /**
     * End of a call.
     *
     * @param exitCode empty when the wrapper had become the CLI: then only its parent knows
     */
    record End(Instant at, Optional<Integer> exitCode) {

        @Override
        public String toString() {
            return "ended " + at + exitCode.map(code -> " with " + code).orElse("");
        }
    }

    /** What the CLI says and ends with instead of being run. */
    record Canned(int exitCode, String stderr) {}

    /** Which calls fail without being run; empty to run it. */
    interface Plan {
        Optional<Canned> failure(Call call);
    }

    CliSteps(Path folder, Moments moments, Ledger ledger) {
        this.moments = moments;
        this.ledger = ledger;
        try {
            this.socket = new ServerSocket(0, 128, InetAddress.getLoopbackAddress());
            this.wrapper = folder.resolve("pulumi-in-steps");
            Files.writeString(wrapper, WRAPPER.formatted(ledger.file(), socket.getLocalPort(), Toolchain.pulumi()));
            Files.setPosixFilePermissions(wrapper, PosixFilePermissions.fromString("rwxr-xr-x"));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        Thread.ofVirtual().start(this::accept);
    }

    Path command() {
        return wrapper;
    }

    Ledger ledger() {
        return ledger;
    }

    /** Canned failures from now on. */
    void plan(Plan plan) {
        this.plan = plan;
    }

    /** Whether wrappers stay from now on, so that exit codes and signals are seen; a kill of them spares the CLI. */
    void stay(boolean staying) {
        this.staying = staying;
    }

    /** All calls so far that are about the stack. */
    synchronized List<Call> calls(String stack) {
        return calls.stream().filter(call -> call.isAbout(stack)).toList();
    }

    /** Calls that wrote while another one on the same Pulumi stack did, or what another one had begun went on. */
    synchronized List<String> overlaps(String stack) {
        List<String> found = new ArrayList<>(overlaps);
        found.removeIf(overlap -> !overlap.startsWith(stack + ":"));
        found.addAll(Overlaps.of(
                ledger.of(stack),
                calls(stack).stream().filter(Call::isWriting).map(Call::at).toList()));
        return found;
    }

    /** The processes of all calls so far. */
    synchronized Set<Long> pids() {
        return calls.stream().map(Call::pid).collect(Collectors.toSet());
    }

    /** Living processes of the CLI that work on the stack. */
    List<Call> alive(String stack) {
        return calls(stack).stream().filter(Call::isAlive).toList();
    }

    private void accept() {
        while (true) {
            try {
                Socket client = socket.accept();
                Thread.ofVirtual().start(() -> converse(client));
            } catch (IOException e) {
                return; // closed
            }
        }
    }

    private void converse(Socket client) {
        try (client) {
            BufferedReader in =
                    new BufferedReader(new InputStreamReader(client.getInputStream(), StandardCharsets.UTF_8));
            Call call = null;
            String line = in.readLine();
            while (line != null) {
                String[] words = line.split(" ", 2);
                String answer = "go";
                switch (words[0]) {
                    case "ledger" -> ledger(words[1].split(" "));
                    case "before" -> {
                        call = remember(words[1].split(SEPARATOR, -1));
                        answer = before(call);
                    }
                    case "after" -> {
                        call.ended().complete(new End(Instant.now(), Optional.of(Integer.parseInt(words[1]))));
                        at(call, "cli", "after");
                    }
                    case "term" -> {
                        call.signals().add("TERM");
                        answer = "";
                    }
                    default -> answer = "";
                }
                if (!answer.isEmpty()) {
                    client.getOutputStream().write((answer + "\n").getBytes(StandardCharsets.UTF_8));
                }
                line = in.readLine();
            }
        } catch (IOException e) {
            // It was killed.
        }
    }

    private synchronized Call remember(String[] fields) {
        Call call = new Call(
                Instant.now(),
                Long.parseLong(fields[0]),
                Arrays.asList(fields).subList(2, fields.length),
                Set.of(fields[1].split(" ")),
                new ArrayList<>(),
                new CompletableFuture<>());
        call.stack()
                .ifPresent(stack -> calls.stream()
                        .filter(other -> other.isAbout(stack) && other.isAlive())
                        .filter(other -> other.isWriting() && call.isWriting())
                        .forEach(other -> overlaps.add(
                                stack + ": " + other.arguments() + " still runs, and now " + call.arguments())));
        call.stack().filter(stack -> call.isWriting()).ifPresent(stack -> providersBefore(call, stack));
        calls.add(call);
        Thread.ofVirtual().start(() -> follow(call));
        return call;
    }

    /** Until its end; whoever is killed at an event is so a moment later, for nobody waits for us there. */
    private void follow(Call call) {
        try (EngineEvents events = new EngineEvents(call.value("--event-log").map(Path::of))) {
            while (call.isAlive()) {
                for (String event : events.next()) {
                    at(call, "event", event);
                }
                Thread.sleep(LOOK);
            }
            call.ended().complete(new End(Instant.now(), Optional.empty()));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** What they are at may have no end in the ledger by now, or ever. */
    private void providersBefore(Call call, String stack) {
        Overlaps.open(ledger.of(stack)).stream()
                .filter(begun -> Processes.commandLine(begun.pid()).contains("pulumi-resource-ledger"))
                .forEach(begun -> overlaps.add(stack + ": " + begun + " has not ended, and now " + call.arguments()));
    }

    private String before(Call call) {
        if (call.command().equals("version")) {
            return "go";
        }
        at(call, "cli", "before");
        return plan.failure(call)
                .map(canned -> "fail " + canned.exitCode() + " "
                        + canned.stderr().replace("\\", "\\\\").replace("\n", "\\n"))
                .orElse(staying ? "stay" : "go");
    }

    private void at(Call call, String kind, String what) {
        if (call.isAbout(moments.subject())) {
            moments.at(kind + " " + call.command() + " " + what);
        }
    }

    /** {@code operation phase stack name id pid value}. */
    private void ledger(String[] words) {
        if (words[2].equals(moments.subject())) {
            moments.at("ledger " + words[0] + " " + words[3] + " " + words[1]);
        }
    }

    @Override
    public void close() {
        try {
            socket.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
