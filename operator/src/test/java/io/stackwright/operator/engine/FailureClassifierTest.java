package io.stackwright.operator.engine;

import static io.stackwright.operator.engine.Failure.Kind.CANCELLED;
import static io.stackwright.operator.engine.Failure.Kind.FAILED;
import static io.stackwright.operator.engine.Failure.Kind.INVALID;
import static io.stackwright.operator.engine.Failure.Kind.LOCKED;
import static io.stackwright.operator.engine.Failure.Kind.TIMED_OUT;
import static io.stackwright.operator.engine.Failure.Kind.TRANSIENT;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import io.stackwright.api.v1alpha1.Reason;
import io.stackwright.operator.engine.FailureClassifier.Evidence;
import io.stackwright.operator.engine.FailureClassifier.Stop;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Texts of Pulumi CLI 3.250.0. */
class FailureClassifierTest {

    static Stream<Arguments> cliTexts() {
        return Stream.of(
                arguments(
                        "validating stack config: Stack 'dev' is missing configuration value 'need'",
                        INVALID,
                        Reason.ConfigInvalid),
                arguments(
                        "validating stack config: Stack 'dev' with configuration key 'n' must be of type 'integer'",
                        INVALID,
                        Reason.ConfigInvalid),
                arguments(
                        "validating stack config: Stack 'dev' with configuration key 'n' must be encrypted as it's"
                                + " secret",
                        INVALID,
                        Reason.ConfigInvalid),
                arguments(
                        "could not unmarshal 'Pulumi.dev.yaml': invalid YAML file: yaml: line 2: found character",
                        INVALID,
                        Reason.ConfigInvalid),
                arguments(
                        "getting stack configuration: get stack secrets manager: incorrect passphrase",
                        INVALID,
                        Reason.PassphraseIncorrect),
                arguments(
                        "could not create secrets manager for new stack: incorrect passphrase",
                        INVALID,
                        Reason.PassphraseIncorrect),
                arguments(
                        "getting stack configuration: get stack secrets manager: passphrase must be set with "
                                + "PULUMI_CONFIG_PASSPHRASE or PULUMI_CONFIG_PASSPHRASE_FILE environment variables",
                        INVALID,
                        Reason.PassphraseIncorrect),
                arguments(
                        "the stack is currently locked by 1 lock(s). Either wait for the other process(es) to end or "
                                + "delete the lock file with `pulumi cancel`.\n  file:///s/.pulumi/locks/o/p/s/1.json: "
                                + "created by root@vm (pid 4403) at 2026-11-23T14:03:55Z",
                        LOCKED,
                        Reason.Locked),
                arguments(
                        "failed to load checkpoint: place 1: unexpected end of JSON input",
                        INVALID,
                        Reason.StateCorrupt),
                arguments(
                        "failed to load checkpoint: place 1: invalid character 's' after object key:value pair",
                        INVALID,
                        Reason.StateCorrupt),
                arguments(
                        "failed to load checkpoint: place 1: json: cannot unmarshal array into Go value of type "
                                + "apitype.VersionedCheckpoint",
                        INVALID,
                        Reason.StateCorrupt),
                arguments(
                        "saving update info: blob (key \".pulumi/history/p/s/s-1.history.json\") (code=Unknown): write"
                                + " /s/s-1.history.json.tmp: no space left on device",
                        TRANSIENT,
                        Reason.DiskFull),
                arguments("[409] Conflict: Another update is currently in progress.", LOCKED, Reason.Locked),
                arguments(
                        "unable to open bucket file:///nope?no_tmp_dir=true: stat /nope: no such file or directory",
                        TRANSIENT,
                        Reason.BackendUnavailable),
                arguments(
                        "performing HTTP request: Get \"http://127.0.0.1:1/api/user\": dial tcp 127.0.0.1:1: connect: "
                                + "connection refused",
                        TRANSIENT,
                        Reason.BackendUnavailable),
                arguments(
                        "read \".pulumi/meta.yaml\": blob (key \".pulumi/meta.yaml\") (code=Unknown): operation error "
                                + "S3: GetObject, exceeded maximum number of attempts, 3, https response error "
                                + "StatusCode: 0, RequestID: , HostID: , request send failed, Get \"http://x\": dial "
                                + "tcp 127.0.0.1:1: connect: connection refused",
                        TRANSIENT,
                        Reason.BackendUnavailable),
                arguments(
                        "error listing stacks: could not list bucket: blob (code=NotFound): operation error S3: "
                                + "ListObjectsV2, https response error StatusCode: 404, RequestID: , HostID: , "
                                + "NoSuchBucket: The specified bucket does not exist",
                        TRANSIENT,
                        Reason.BackendUnavailable),
                arguments("[503] Service Unavailable", TRANSIENT, Reason.BackendUnavailable),
                arguments(
                        "operation error S3: GetObject, https response error StatusCode: 503, SlowDown",
                        TRANSIENT,
                        Reason.BackendUnavailable),
                arguments(
                        "Unauthorized: No credentials provided or are invalid.",
                        INVALID,
                        Reason.BackendAuthenticationFailed),
                arguments(
                        "PULUMI_ACCESS_TOKEN must be set for login during non-interactive CLI sessions",
                        INVALID,
                        Reason.BackendAuthenticationFailed),
                arguments(
                        "read \".pulumi/meta.yaml\": blob (key \".pulumi/meta.yaml\") (code=Unknown): operation error "
                                + "S3: GetObject, get identity: get credentials: failed to refresh cached "
                                + "credentials, no EC2 IMDS role found",
                        INVALID,
                        Reason.BackendAuthenticationFailed),
                arguments(
                        "operation error S3: GetObject, https response error StatusCode: 403, api error AccessDenied",
                        INVALID,
                        Reason.BackendAuthenticationFailed),
                arguments(
                        "failed to load language plugin cobol: no language plugin 'pulumi-language-cobol' found in the "
                                + "workspace or on your $PATH",
                        INVALID,
                        Reason.RuntimeMissing),
                arguments(
                        "could not unmarshal 'Pulumi.yaml': invalid YAML file: yaml: line 2: did not find expected"
                                + " node",
                        INVALID,
                        Reason.SourceInvalid),
                arguments(
                        "could not validate 'Pulumi.yaml': project is missing a 'name' attribute",
                        INVALID,
                        Reason.SourceInvalid),
                arguments(
                        "no Pulumi.yaml project file found (searching upwards from /w). If you have not created a "
                                + "project yet, use `pulumi new` to do so: no project file found",
                        INVALID,
                        Reason.SourceInvalid),
                arguments("unknown flag: --event-log", INVALID, Reason.UnsupportedPulumi),
                arguments("no stack named 'organization/q/none' found", FAILED, Reason.StackNotFound),
                arguments("something nobody has seen before", FAILED, Reason.UpdateFailed));
    }

    @ParameterizedTest
    @MethodSource("cliTexts")
    void whatTheCliSays(String text, Failure.Kind kind, Reason reason) {
        // when
        Failure failure = FailureClassifier.classify(stderr(1, "error: " + text + "\n"));

        // then
        assertThat(failure).isEqualTo(new Failure(kind, reason, text));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "invalid character 'a' looking for beginning of value",
                "invalid character 'a' in literal true (expecting 'r')",
                "unexpected end of JSON input"
            })
    void aTornLockFileIsExplained(String text) {
        assertThat(FailureClassifier.classify(stderr(1, "error: " + text + "\n")))
                .isEqualTo(new Failure(
                        LOCKED,
                        Reason.Locked,
                        "a lock file of the stack is being written, or was torn by a crash: " + text));
    }

    static Stream<Arguments> resourceTexts() {
        return Stream.of(
                arguments("dial tcp 10.0.0.1:443: connect: connection refused"),
                arguments("incorrect passphrase"),
                arguments("the stack is currently locked by a giant"),
                arguments("Unauthorized: token expired"),
                arguments("exec: \"kubectl\": executable file not found in $PATH"),
                arguments("error: no stack named 'x' found"));
    }

    @ParameterizedTest
    @MethodSource("resourceTexts")
    void whatAResourceSaysIsNoWordOnTheBackend(String text) {
        // when
        Failure failure = FailureClassifier.classify(diagnostics(Reason.UpdateFailed, text));

        // then
        assertThat(failure.kind()).isEqualTo(FAILED);
        assertThat(failure.reason()).isEqualTo(Reason.UpdateFailed);
    }

    @Test
    void aProtectedResourceIsSaidSoWhenDestroying() {
        // given
        String text = "resource \"urn:x\" cannot be deleted\nbecause it is protected. To unprotect the resource, ...";

        // then
        assertThat(FailureClassifier.classify(diagnostics(Reason.DestroyFailed, text, "update failed")))
                .isEqualTo(new Failure(INVALID, Reason.ProtectedResources, text));
        assertThat(FailureClassifier.classify(diagnostics(Reason.UpdateFailed, text))
                        .reason())
                .isEqualTo(Reason.UpdateFailed);
    }

    @Test
    void aDestroyNeedsItsProviders() {
        // given
        String text = "could not load provider for resource urn:x: could not read plugin "
                + "[/p/pulumi-resource-pulumi-python]: exit status 1";

        // then
        assertThat(FailureClassifier.classify(diagnostics(Reason.DestroyFailed, text))
                        .reason())
                .isEqualTo(Reason.RuntimeMissing);
    }

    @Test
    void theExitCodeDecidesWhereTheTextDoesNot() {
        assertThat(FailureClassifier.classify(stderr(6, "error: gone")).reason())
                .isEqualTo(Reason.StackNotFound);
        assertThat(FailureClassifier.classify(stderr(3, "error: who are you")).reason())
                .isEqualTo(Reason.BackendAuthenticationFailed);
        assertThat(FailureClassifier.classify(stderr(137, "")))
                .isEqualTo(new Failure(
                        FAILED,
                        Reason.UpdateFailed,
                        "the Pulumi CLI was ended by signal 9, for example because memory ran out"));
        assertThat(FailureClassifier.classify(stderr(137, "warning: using a provider from $PATH"))
                        .message())
                .startsWith("the Pulumi CLI was ended by signal 9")
                .contains("before that it said: warning: using");
        assertThat(FailureClassifier.classify(stderr(255, "")).message())
                .isEqualTo("the Pulumi CLI exited with 255 and gave no reason");
        assertThat(FailureClassifier.classify(stderr(1, "")).message())
                .isEqualTo("the Pulumi CLI exited with 1 and gave no reason");
    }

    @Test
    void memoryThatRanOutIsWhyWhereNothingElseIs() {
        // given
        Failure killed = FailureClassifier.classify(stderr(137, ""));
        Failure locked = new Failure(Failure.Kind.LOCKED, Reason.Locked, "by ann");
        Failure known = new Failure(FAILED, Reason.StackNotFound, "no stack");

        // then
        assertThat(FailureClassifier.outOfMemory(killed, Reason.UpdateFailed))
                .returns(FAILED, Failure::kind)
                .returns(Reason.OOMKilled, Failure::reason)
                .satisfies(failure -> assertThat(failure.message())
                        .contains("spec.execution.podTemplate", "spec.updates.parallel")
                        .endsWith(killed.message()));
        assertThat(FailureClassifier.outOfMemory(locked, Reason.UpdateFailed)).isEqualTo(locked);
        assertThat(FailureClassifier.outOfMemory(known, Reason.UpdateFailed)).isEqualTo(known);
    }

    @Test
    void aFullDiskIsOursOnlyWhereThatIsSaid() {
        // given
        String unsaved =
                "post-step event returned an error: failed to save snapshot: write /s/p.json.tmp: no space left"
                        + " on device";

        // when
        Failure checkpoint = FailureClassifier.classify(diagnostics(Reason.UpdateFailed, unsaved));
        Failure resource = FailureClassifier.classify(diagnostics(Reason.UpdateFailed, "vm: No space left on device"));
        Failure operator =
                FailureClassifier.ofOperator(new UncheckedIOException(new IOException("No space left on device")));
        Failure other = FailureClassifier.ofOperator(new IllegalStateException("oops"));

        // then
        assertThat(checkpoint).returns(TRANSIENT, Failure::kind).returns(Reason.DiskFull, Failure::reason);
        assertThat(resource).returns(FAILED, Failure::kind).returns(Reason.UpdateFailed, Failure::reason);
        assertThat(operator).returns(TRANSIENT, Failure::kind).returns(Reason.DiskFull, Failure::reason);
        assertThat(other).returns(TRANSIENT, Failure::kind).returns(Reason.InternalError, Failure::reason);
    }

    @Test
    void tooMuchOutputIsToBeMended() {
        // when
        Failure flooded = FailureClassifier.classify(
                new Evidence(1, "", List.of(), Optional.of(Stop.TOO_MUCH_OUTPUT), false, Reason.UpdateFailed));

        // then
        assertThat(flooded).returns(FAILED, Failure::kind).returns(Reason.UpdateFailed, Failure::reason);
        assertThat(flooded.message()).contains("256 MiB", "good order");
    }

    @Test
    void ourOwnSignalExplainsEverything() {
        // given
        var cancelled = new Evidence(1, "", List.of("update canceled"), Optional.of(Stop.CANCELLED), false, fallback());
        var early = new Evidence(143, "", List.of(), Optional.of(Stop.CANCELLED), false, fallback());
        var timedOut = new Evidence(137, "", List.of(), Optional.of(Stop.TIMED_OUT), true, fallback());
        var killedByOthers = new Evidence(137, "", List.of(), Optional.of(Stop.CANCELLED), false, fallback());

        // then
        assertThat(FailureClassifier.classify(cancelled))
                .isEqualTo(new Failure(CANCELLED, Reason.Cancelled, "cancelled on request; it stopped in good order"));
        assertThat(FailureClassifier.classify(early).message())
                .isEqualTo("cancelled on request; the request ended it before it had begun");
        assertThat(FailureClassifier.classify(timedOut))
                .returns(TIMED_OUT, Failure::kind)
                .returns(Reason.TimedOut, Failure::reason)
                .satisfies(failure -> assertThat(failure.message()).contains("killed", "pending operations"));
        assertThat(FailureClassifier.classify(killedByOthers).message())
                .as("for example by the kernel, in the grace that we gave it")
                .isEqualTo("cancelled on request; signal 9 ended it before it could stop in good order,"
                        + " so the state may have pending operations and a lock");
    }

    /** spec.updates.timeout is not what it took too long for. */
    @Test
    void aQueryWithoutAnAnswerIsTheBackends() {
        // when
        Failure unanswered = FailureClassifier.unanswered("stack export", Duration.ofMinutes(3));

        // then
        assertThat(unanswered).returns(TRANSIENT, Failure::kind).returns(Reason.BackendUnavailable, Failure::reason);
        assertThat(unanswered.message()).startsWith("`pulumi stack export` did not answer within 3 minutes");
    }

    @Test
    void theMessageIsTheErrorWithoutTheEnginesConclusions() {
        // given
        var evidence = diagnostics(
                Reason.UpdateFailed,
                "resource or variable named \"nope\" could not be found\n\n  on Pulumi.yaml line 3:\n   3: a\n\n\n",
                "Error registering output [a]: no diagnostics\n",
                "update failed\n");

        // then
        assertThat(FailureClassifier.classify(evidence).message())
                .isEqualTo("resource or variable named \"nope\" could not be found\n"
                        + "  on Pulumi.yaml line 3:\n   3: a");
    }

    @Test
    void theMessageIsBoundedAndKeepsBothEnds() {
        // given
        String trace = "Exception: first\n" + "frame\nline\n".repeat(5_000) + "KeyError: 'last'";

        // when
        String message = FailureClassifier.classify(diagnostics(Reason.UpdateFailed, trace))
                .message();

        // then
        assertThat(message)
                .hasSizeLessThanOrEqualTo(4096)
                .startsWith("Exception: first")
                .endsWith("KeyError: 'last'");
    }

    @Test
    void anInstallTalksToRegistriesNotToTheBackend() {
        // given
        String text = "error: installing dependencies: Get \"http://index\": connection refused\nconnection refused\n";
        var evidence = new Evidence(1, text, List.of(), Optional.empty(), false, Reason.InstallFailed);

        // then
        assertThat(FailureClassifier.classify(evidence))
                .isEqualTo(new Failure(
                        TRANSIENT,
                        Reason.InstallFailed,
                        "installing dependencies: Get \"http://index\": connection refused"));
    }

    @Test
    void onlyTheErrorOfSeveralLinesIsTheMessage() {
        assertThat(FailureClassifier.classify(
                                stderr(1, "Logging in using access token\nwarning: old\nerror: Unauthorized: no.\n"))
                        .message())
                .isEqualTo("Unauthorized: no.");
    }

    private static Reason fallback() {
        return Reason.UpdateFailed;
    }

    private static Evidence stderr(int exitCode, String stderr) {
        return new Evidence(exitCode, stderr, List.of(), Optional.empty(), false, fallback());
    }

    private static Evidence diagnostics(Reason otherwise, String... errors) {
        return new Evidence(1, "", List.of(errors), Optional.empty(), false, otherwise);
    }
}
