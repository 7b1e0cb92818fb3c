package io.stackwright.operator.engine.automation;

import io.stackwright.api.v1alpha1.Reason;
import io.stackwright.operator.engine.CancelToken;
import io.stackwright.operator.engine.EngineException;
import io.stackwright.operator.engine.Failure;
import io.stackwright.operator.engine.FailureClassifier;
import io.stackwright.operator.engine.automation.CliRunner.Bounds;
import io.stackwright.operator.engine.automation.CliRunner.Call;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;

/** The installed Pulumi CLI: where it is and which version it has, each found out once. */
final class PulumiCli {

    /** The oldest CLI whose texts, events and flags this adapter was tested with. */
    static final CliVersion MINIMUM = new CliVersion(3, 250, 0);

    private static final Duration VERSION_TIMEOUT = Duration.ofMinutes(1);
    private static final int VERSION_LIMIT = 4 * 1024;

    private static final int SIGNAL_BASE = 128;

    /** EAGAIN, ENOMEM, EMFILE: the machine has no more to give, which passes. */
    private static final Pattern SHORTAGE = Pattern.compile("\\berror=(11|12|23|24)\\b");

    private final String command;
    private final String searchPath;
    private final Optional<CliRunner> runner;
    private CliVersion version;

    /**
     * @param command path of the CLI, or a name looked up on PATH
     * @param searchPath the PATH of this process: the operator, or a Job's
     * @param listener told of each process
     */
    PulumiCli(String command, String searchPath, CliListener listener) {
        this.command = command;
        this.searchPath = searchPath;
        ProcessSessions sessions = new ProcessSessions(find("setsid", searchPath));
        this.runner = find(command, searchPath).map(path -> new CliRunner(path, sessions, listener));
    }

    /** @throws EngineException {@code UnsupportedPulumi} when there is no CLI */
    CliRunner runner() {
        return runner.orElseThrow(() -> unsupported("there is no Pulumi CLI '" + command
                + "' on the PATH where Pulumi runs. With Jobs, that is the image of"
                + " spec.execution.image or --job-image"));
    }

    /** @throws EngineException {@code UnsupportedPulumi} when there is no CLI or it is too old */
    synchronized CliVersion version() {
        if (version == null) {
            version = ask();
        }
        if (version.compareTo(MINIMUM) < 0) {
            throw unsupported("Pulumi CLI " + version + " is too old: " + MINIMUM + " or newer is needed");
        }
        return version;
    }

    private CliVersion ask() {
        try {
            Path home = Files.createTempDirectory("pulumi-version-");
            try {
                Map<String, String> environment = new HashMap<>();
                environment.put("PATH", searchPath);
                environment.put("HOME", home.toString());
                environment.put("PULUMI_HOME", home.toString());
                environment.put("PULUMI_SKIP_UPDATE_CHECK", "true");
                CliRunner.Result result = runner().run(
                                new Call(Arguments.version(), home, environment, VERSION_LIMIT, 0),
                                new Bounds(VERSION_TIMEOUT, Duration.ZERO, new CancelToken()));
                if (result.ending().stop().isPresent() || result.exitCode() > SIGNAL_BASE) {
                    throw unavailable("'" + command + " version' was cut short");
                }
                return CliVersion.parse(result.stdout().text())
                        .filter(parsed -> result.succeeded())
                        .orElseThrow(() -> unsupported("'" + command + " version' does not tell a version"));
            } finally {
                ScratchFiles.delete(home);
            }
        } catch (IOException e) {
            Failure failure = FailureClassifier.ofOperator(e);
            if (failure.reason() == Reason.DiskFull) {
                throw new EngineException(failure, e);
            }
            if (SHORTAGE.matcher(String.valueOf(e.getMessage())).find()) {
                throw unavailable("the Pulumi CLI cannot be run: " + e.getMessage());
            }
            throw new EngineException(
                    new Failure(
                            Failure.Kind.INVALID,
                            Reason.UnsupportedPulumi,
                            "the Pulumi CLI '" + command + "' cannot be run: " + e.getMessage()),
                    e);
        }
    }

    private static EngineException unavailable(String message) {
        return new EngineException(new Failure(Failure.Kind.TRANSIENT, Reason.InternalError, message));
    }

    private static EngineException unsupported(String message) {
        return new EngineException(new Failure(Failure.Kind.INVALID, Reason.UnsupportedPulumi, message));
    }

    private static Optional<Path> find(String command, String searchPath) {
        try {
            if (command.contains(File.separator)) {
                Path path = Path.of(command).toAbsolutePath();
                return Files.isExecutable(path) ? Optional.of(path) : Optional.empty();
            }
            for (String folder : searchPath.split(File.pathSeparator)) {
                Path path = Path.of(folder).resolve(command).toAbsolutePath();
                if (!folder.isEmpty() && Files.isRegularFile(path) && Files.isExecutable(path)) {
                    return Optional.of(path);
                }
            }
        } catch (InvalidPathException e) {
            return Optional.empty();
        }
        return Optional.empty();
    }
}
