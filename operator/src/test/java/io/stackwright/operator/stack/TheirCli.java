package io.stackwright.operator.stack;

import static org.awaitility.Awaitility.await;

import io.stackwright.operator.Scenario;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/** A bare CLI of somebody else, on this machine, that has been creating a resource for a long time and holds its lock. */
final class TheirCli implements AutoCloseable {

    static final String STACK = "other";

    /** The passphrase that they share with the operator. */
    static final Map<String, String> SECRET = Map.of("passphrase", "known to both");

    /** In the spec of a Stack, where it is in a Secret called {@code theirs}. */
    static final String PASSPHRASE_OF_SECRET =
            "secretsProvider: {passphrase: {secretKeyRef: {name: theirs, key: passphrase}}}";

    private static final String PULUMI_STACK = "organization/python-ledger/" + STACK;

    private final Process process;
    private final Path lock;

    private TheirCli(Process process, Path lock) {
        this.process = process;
        this.lock = lock;
    }

    /**
     * Starts it, and waits until the create is under way.
     *
     * @param folder where the ledger lies, under the name of the stack
     * @param state folder of the backend
     * @param path where it finds Python
     * @param program that of {@code python-ledger}
     */
    static TheirCli start(Path folder, Path state, String path, Map<String, String> program) throws IOException {
        Path project = folder.resolve("theirs");
        Cli cli = Cli.in(project, state, SECRET.get("passphrase"));
        for (Map.Entry<String, String> file : program.entrySet()) {
            Files.writeString(project.resolve(file.getKey()), file.getValue());
        }
        Path ledger = folder.resolve(STACK);
        cli.run("stack", "init", PULUMI_STACK);
        for (List<String> value :
                List.of(List.of("ledger", ledger.toString()), List.of("items", "a=1"), List.of("seconds", "3600"))) {
            cli.run("config", "set", value.getFirst(), value.getLast(), "-s", PULUMI_STACK);
        }
        Process process = cli.start(path, "up", "--yes", "--skip-preview", "--non-interactive", "-s", PULUMI_STACK);
        await().atMost(Scenario.PATIENCE)
                .until(() -> !process.isAlive() || Scenario.ledger(ledger).contains("create a start"));
        Path locks = state.resolve(".pulumi/locks").resolve(PULUMI_STACK);
        try (Stream<Path> files = Files.list(locks)) {
            return new TheirCli(
                    process,
                    files.filter(file -> file.toString().endsWith(".json"))
                            .findFirst()
                            .orElseThrow());
        }
    }

    long pid() {
        return process.pid();
    }

    Path lock() {
        return lock;
    }

    boolean isAlive() {
        return process.isAlive();
    }

    /** SIGKILL, of what it has started too. */
    void kill() {
        List<ProcessHandle> started = process.descendants().toList();
        process.destroyForcibly();
        started.forEach(ProcessHandle::destroyForcibly);
        process.onExit().join();
    }

    @Override
    public void close() {
        kill();
    }
}
