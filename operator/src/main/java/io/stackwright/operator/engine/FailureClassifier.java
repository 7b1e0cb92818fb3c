package io.stackwright.operator.engine;

import io.stackwright.api.v1alpha1.Reason;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.function.UnaryOperator;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * Turns what is left of a failed CLI run into a {@link Failure}.
 *
 * <p>The CLI's exit code is 1 for almost everything, so the text decides. Texts that come from the CLI itself (its
 * standard error: the engine did not start, or could not go on) are told apart from texts of the program and its
 * resources (error diagnostics): a provider that reports "connection refused" says nothing about the backend. What no
 * rule knows is a failure of the program, which is tried again.
 */
public final class FailureClassifier {

    private static final int SIGNAL_BASE = 128;
    private static final int LAST_SIGNAL = 64;

    /** Of our own SIGTERM, which the CLI heeds from its first moments on. */
    private static final int EXIT_TERMINATED = SIGNAL_BASE + 15;

    private static final int EXIT_AUTHENTICATION = 3;
    private static final int EXIT_STACK_NOT_FOUND = 6;

    /** Where a rule looks. */
    enum In {
        STDERR,
        DIAGNOSTICS,
        BOTH
    }

    /** @param alternatives each of which makes it match; each has a row in the test */
    record Rule(In in, Failure.Kind kind, Reason reason, List<Pattern> alternatives) {

        private static Rule of(In in, Failure.Kind kind, Reason reason, String... alternatives) {
            return new Rule(
                    in,
                    kind,
                    reason,
                    Stream.of(alternatives)
                            .map(text -> Pattern.compile(text, Pattern.CASE_INSENSITIVE | Pattern.MULTILINE))
                            .toList());
        }

        private boolean matches(String stderr, String diagnostics) {
            return (in != In.DIAGNOSTICS && isIn(stderr)) || (in != In.STDERR && isIn(diagnostics));
        }

        private boolean isIn(String text) {
            return alternatives.stream().anyMatch(one -> one.matcher(text).find());
        }
    }

    /** A lock file that is still being written, or was torn by a crash: the CLI says no more than this. */
    private static final Rule TORN_LOCK = Rule.of(
            In.STDERR,
            Failure.Kind.LOCKED,
            Reason.Locked,
            "^error: invalid character '.{1,4}' looking for",
            "^error: invalid character '.{1,4}' in literal",
            "^error: invalid character '.{1,4}' after",
            "^error: unexpected end of JSON input");

    /** The kernel's words, which reach us through the CLI, the shell and Java alike. */
    private static final Rule NO_SPACE = Rule.of(
            In.STDERR, Failure.Kind.TRANSIENT, Reason.DiskFull, "no space left on device", "disk quota exceeded");

    /** First match wins. */
    private static final List<Rule> RULES = List.of(
            NO_SPACE,
            // Of a resource these words say nothing about our disks.
            Rule.of(
                    In.DIAGNOSTICS,
                    Failure.Kind.TRANSIENT,
                    Reason.DiskFull,
                    "failed to save snapshot[^\\x00]{0,2000}?no space left on device",
                    "failed to save snapshot[^\\x00]{0,2000}?disk quota exceeded"),
            Rule.of(
                    In.STDERR,
                    Failure.Kind.LOCKED,
                    Reason.Locked,
                    "the stack is currently locked by",
                    "\\[409] Conflict: Another update is currently in progress"),
            TORN_LOCK,
            // A state that cannot be fetched is reported in these words too; only what is no JSON is damaged.
            Rule.of(
                    In.STDERR,
                    Failure.Kind.INVALID,
                    Reason.StateCorrupt,
                    "failed to load checkpoint: .*invalid character",
                    "failed to load checkpoint: .*unexpected end of JSON input",
                    "failed to load checkpoint: .*cannot unmarshal",
                    "failed to load checkpoint: .*gzip: invalid"),
            Rule.of(In.STDERR, Failure.Kind.FAILED, Reason.StackNotFound, "no stack named '[^']*' found"),
            Rule.of(
                    In.STDERR,
                    Failure.Kind.INVALID,
                    Reason.ConfigInvalid,
                    "validating stack config:",
                    "could not unmarshal '[^']*Pulumi\\.[^'/]+\\.(yaml|yml|json)'"),
            Rule.of(
                    In.STDERR,
                    Failure.Kind.INVALID,
                    Reason.PassphraseIncorrect,
                    "incorrect passphrase",
                    "passphrase must be set with PULUMI_CONFIG_PASSPHRASE"),
            Rule.of(
                    In.STDERR,
                    Failure.Kind.INVALID,
                    Reason.SourceInvalid,
                    "no Pulumi\\.yaml project file found",
                    "could not unmarshal '[^']*Pulumi\\.(yaml|yml|json)'",
                    "could not validate '[^']*Pulumi\\.(yaml|yml|json)'"),
            Rule.of(
                    In.STDERR,
                    Failure.Kind.INVALID,
                    Reason.UnsupportedPulumi,
                    "^error: unknown flag: ",
                    "^error: unknown shorthand flag: ",
                    "^error: unknown command \"",
                    "does not satisfy the version range"),
            Rule.of(
                    In.STDERR,
                    Failure.Kind.INVALID,
                    Reason.RuntimeMissing,
                    "no language plugin '[^']*' found",
                    "executable file not found in \\$PATH"),
            Rule.of(In.BOTH, Failure.Kind.INVALID, Reason.RuntimeMissing, "no resource plugin '[^']*' found"),
            Rule.of(
                    In.STDERR,
                    Failure.Kind.TRANSIENT,
                    Reason.BackendUnavailable,
                    "connection refused",
                    "connection reset",
                    "no such host",
                    "temporary failure in name resolution",
                    "network is unreachable",
                    "no route to host",
                    "i/o timeout",
                    "TLS handshake timeout",
                    "context deadline exceeded",
                    "Client\\.Timeout exceeded",
                    "unexpected EOF",
                    "StatusCode: 0",
                    "StatusCode: 429",
                    "StatusCode: 5\\d\\d",
                    "\\[429]",
                    "\\[5\\d\\d]",
                    "SlowDown",
                    "unable to open bucket",
                    "x509: certificate"),
            Rule.of(
                    In.STDERR,
                    Failure.Kind.INVALID,
                    Reason.BackendAuthenticationFailed,
                    "PULUMI_ACCESS_TOKEN must be set",
                    "Unauthorized: ",
                    "\\[401]",
                    "\\[403]",
                    "StatusCode: 401",
                    "StatusCode: 403",
                    "InvalidAccessKeyId",
                    "SignatureDoesNotMatch",
                    "AccessDenied",
                    "AuthenticationFailed",
                    "get credentials: ",
                    "could not find default credentials",
                    "DefaultAzureCredential"),
            Rule.of(
                    In.STDERR,
                    Failure.Kind.TRANSIENT,
                    Reason.BackendUnavailable,
                    "\\(code=Unknown\\)",
                    "performing HTTP request:",
                    "could not read (the )?bucket",
                    "could not list (the )?bucket",
                    "NoSuchBucket",
                    "ContainerNotFound"),
            Rule.of(
                    In.DIAGNOSTICS,
                    Failure.Kind.TRANSIENT,
                    Reason.BackendUnavailable,
                    "post-step event returned an error: failed to save snapshot"));

    private static final Rule PROTECTED = Rule.of(
            In.DIAGNOSTICS,
            Failure.Kind.INVALID,
            Reason.ProtectedResources,
            "cannot be deleted\\s+because it is protected");

    private static final Rule PROVIDER_MISSING = Rule.of(
            In.BOTH,
            Failure.Kind.INVALID,
            Reason.RuntimeMissing,
            "could not load provider",
            "could not read plugin \\[");

    private FailureClassifier() {}

    /** All that this knows, in no order. */
    static List<Rule> rules() {
        return Stream.concat(RULES.stream(), Stream.of(PROTECTED, PROVIDER_MISSING))
                .toList();
    }

    /**
     * What is known about a run that did not succeed.
     *
     * @param exitCode of the CLI; 128 + signal when a signal ended it
     * @param stderr what the CLI itself complained about
     * @param errors error messages of program and resources, in order, each with the resource it is about
     * @param stop whether, and why, we asked it to stop
     * @param killed whether it had to be killed because it did not stop in time
     * @param otherwise the reason when nothing better is known: UpdateFailed, DestroyFailed, InstallFailed
     */
    public record Evidence(
            int exitCode, String stderr, List<String> errors, Optional<Stop> stop, boolean killed, Reason otherwise) {

        public Evidence {
            errors = List.copyOf(errors);
        }
    }

    /** Why we asked a run to stop. */
    public enum Stop {
        CANCELLED,
        TIMED_OUT,
        /** It wrote more than the operator has room for. */
        TOO_MUCH_OUTPUT
    }

    public static Failure classify(Evidence evidence) {
        return classify(evidence, UnaryOperator.identity());
    }

    /** @param mask takes secrets out of the message, before it is cut; rules see the text as it is */
    public static Failure classify(Evidence evidence, UnaryOperator<String> mask) {
        if (evidence.stop().isPresent()) {
            return stopped(evidence.stop().get(), evidence);
        }
        String stderr = evidence.stderr();
        String diagnostics = String.join("\n", evidence.errors());
        String message = FailureMessage.of(
                mask.apply(stderr), evidence.errors().stream().map(mask).toList());
        Optional<Rule> rule = firstMatch(evidence, stderr, diagnostics);
        if (rule.isPresent()) {
            return failure(rule.get(), evidence, message);
        }
        if (evidence.exitCode() == EXIT_STACK_NOT_FOUND) {
            return new Failure(Failure.Kind.FAILED, Reason.StackNotFound, message);
        }
        if (evidence.exitCode() == EXIT_AUTHENTICATION) {
            return new Failure(Failure.Kind.INVALID, Reason.BackendAuthenticationFailed, message);
        }
        int signal = evidence.exitCode() - SIGNAL_BASE;
        if (signal > 0 && signal <= LAST_SIGNAL) {
            // Whatever it said before, that is not why it ended.
            message = "the Pulumi CLI was ended by signal " + signal + ", for example because memory ran out"
                    + (message.isEmpty() ? "" : "; before that it said: " + message);
        }
        return new Failure(
                Failure.Kind.FAILED,
                evidence.otherwise(),
                message.isEmpty()
                        ? "the Pulumi CLI exited with " + evidence.exitCode() + " and gave no reason"
                        : message);
    }

    /**
     * The same failure, of a run during which the kernel has killed processes for want of memory.
     *
     * @param otherwise the reason that says no more than that it failed; one that says more stays
     */
    public static Failure outOfMemory(Failure failure, Reason otherwise) {
        if (failure.kind() != Failure.Kind.FAILED || failure.reason() != otherwise) {
            return failure;
        }
        return new Failure(
                Failure.Kind.FAILED,
                Reason.OOMKilled,
                FailureMessage.bounded("memory ran out, and the kernel killed a process of this container; raise its"
                        + " memory limit (spec.execution.podTemplate where runs are Jobs, else the operator's), or"
                        + " lower spec.updates.parallel. What was seen of it: " + failure.message()));
    }

    /**
     * A command that only asks or notes something, and was stopped because it took too long. It runs no program: what it
     * waited for is the backend, and no timeout of a person's would help.
     */
    public static Failure unanswered(String command, Duration timeout) {
        return new Failure(
                Failure.Kind.TRANSIENT,
                Reason.BackendUnavailable,
                "`pulumi " + command + "` did not answer within " + timeout.toMinutes()
                        + " minutes: the backend is reached, or being looked for, and says nothing");
    }

    /** What kept the operator itself from going on. */
    public static Failure ofOperator(Throwable e) {
        int depth = 0;
        for (Throwable cause = e; cause != null && depth < 10; cause = cause.getCause(), depth++) {
            if (cause.getMessage() != null && NO_SPACE.isIn(cause.getMessage())) {
                return new Failure(
                        Failure.Kind.TRANSIENT,
                        Reason.DiskFull,
                        "no space is left for the operator's files: make room on the disk of its data directory, and"
                                + " of its folder for temporary files");
            }
        }
        return new Failure(Failure.Kind.TRANSIENT, Reason.InternalError, String.valueOf(e));
    }

    private static Failure failure(Rule rule, Evidence evidence, String message) {
        boolean backend =
                rule.reason() == Reason.BackendUnavailable || rule.reason() == Reason.BackendAuthenticationFailed;
        if (backend && evidence.otherwise() == Reason.InstallFailed) {
            // An install talks to package registries, not to the backend.
            Failure.Kind kind = rule.kind() == Failure.Kind.TRANSIENT ? Failure.Kind.TRANSIENT : Failure.Kind.FAILED;
            return new Failure(kind, Reason.InstallFailed, message);
        }
        String explained = rule == TORN_LOCK
                ? "a lock file of the stack is being written, or was torn by a crash: " + message
                : message;
        return new Failure(rule.kind(), rule.reason(), explained);
    }

    private static Optional<Rule> firstMatch(Evidence evidence, String stderr, String diagnostics) {
        if (evidence.otherwise() == Reason.DestroyFailed) {
            // No program runs in a destroy, so these texts can only be the engine's own.
            for (Rule rule : List.of(PROTECTED, PROVIDER_MISSING)) {
                if (rule.matches(stderr, diagnostics)) {
                    return Optional.of(rule);
                }
            }
        }
        return RULES.stream().filter(rule -> rule.matches(stderr, diagnostics)).findFirst();
    }

    private static Failure stopped(Stop stop, Evidence evidence) {
        String how = "; it stopped in good order";
        if (evidence.killed()) {
            how = "; it did not stop in time and was killed, so the state may have pending operations and a lock";
        } else if (evidence.exitCode() == EXIT_TERMINATED) {
            how = "; the request ended it before it had begun";
        } else if (evidence.exitCode() > SIGNAL_BASE) {
            how = "; signal " + (evidence.exitCode() - SIGNAL_BASE) + " ended it before it could stop in good order,"
                    + " so the state may have pending operations and a lock";
        }
        return switch (stop) {
            case CANCELLED -> new Failure(Failure.Kind.CANCELLED, Reason.Cancelled, "cancelled on request" + how);
            case TIMED_OUT ->
                new Failure(Failure.Kind.TIMED_OUT, Reason.TimedOut, "took longer than its timeout" + how);
            case TOO_MUCH_OUTPUT ->
                new Failure(
                        Failure.Kind.FAILED,
                        evidence.otherwise(),
                        "wrote more than 256 MiB of output; let the program and its resources say less" + how);
        };
    }
}
