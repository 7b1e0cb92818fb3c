package io.stackwright.operator.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.stackwright.api.v1alpha1.Reason;
import io.stackwright.operator.engine.FailureClassifier.Evidence;
import io.stackwright.operator.engine.FailureClassifier.In;
import io.stackwright.operator.engine.FailureClassifier.Rule;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** A text for each alternative of each rule, which nothing else of the table knows: none can be lost unseen. */
class FailureRulesTest {

    private record Row(Reason reason, boolean fromCli, Reason otherwise, String text) {

        Evidence evidence() {
            return fromCli
                    ? new Evidence(1, text, List.of(), Optional.empty(), false, otherwise)
                    : new Evidence(1, "", List.of(text), Optional.empty(), false, otherwise);
        }

        List<Pattern> known() {
            return FailureClassifier.rules().stream()
                    .filter(this::isRead)
                    .flatMap(rule -> rule.alternatives().stream())
                    .filter(one -> one.matcher(text).find())
                    .toList();
        }

        private boolean isRead(Rule rule) {
            return rule.in() != (fromCli ? In.DIAGNOSTICS : In.STDERR);
        }
    }

    static Stream<Row> rows() {
        return Stream.of(
                        cli(
                                Reason.DiskFull,
                                "saving update info: write /s/s-1.history.json.tmp: no space left on device",
                                "saving update info: write /s/s-1.history.json.tmp: disk quota exceeded"),
                        resources(
                                Reason.DiskFull,
                                "failed to save snapshot: write /s/p.json.tmp: no space left on device",
                                "failed to save snapshot: write /s/p.json.tmp: disk quota exceeded"),
                        cli(
                                Reason.Locked,
                                "the stack is currently locked by 1 lock(s)",
                                "[409] Conflict: Another update is currently in progress.",
                                "invalid character 'a' looking for beginning of value",
                                "invalid character 'a' in literal true (expecting 'r')",
                                "invalid character 'a' after top-level value",
                                "unexpected end of JSON input"),
                        cli(
                                Reason.StateCorrupt,
                                "failed to load checkpoint: place 1: invalid character 's' after object key:value pair",
                                "failed to load checkpoint: place 1: unexpected end of JSON input",
                                "failed to load checkpoint: place 1: json: cannot unmarshal array into Go value",
                                "failed to load checkpoint: place 1: gzip: invalid header"),
                        cli(Reason.StackNotFound, "no stack named 'organization/q/none' found"),
                        cli(
                                Reason.ConfigInvalid,
                                "validating stack config: Stack 'dev' is missing configuration value 'need'",
                                "could not unmarshal 'Pulumi.dev.yaml': invalid YAML file: yaml: line 2"),
                        cli(
                                Reason.PassphraseIncorrect,
                                "could not create secrets manager for new stack: incorrect passphrase",
                                "get stack secrets manager: passphrase must be set with PULUMI_CONFIG_PASSPHRASE"),
                        cli(
                                Reason.SourceInvalid,
                                "no Pulumi.yaml project file found (searching upwards from /w)",
                                "could not unmarshal 'Pulumi.yaml': invalid YAML file: yaml: line 2",
                                "could not validate 'Pulumi.yaml': project is missing a 'name' attribute"),
                        cli(
                                Reason.UnsupportedPulumi,
                                "unknown flag: --event-log",
                                "unknown shorthand flag: 'q' in -q",
                                "unknown command \"tag\" for \"pulumi stack\"",
                                "Pulumi CLI version 3.250.0 does not satisfy the version range \">=4\""),
                        cli(
                                Reason.RuntimeMissing,
                                "no language plugin 'pulumi-language-cobol' found in the workspace",
                                "exec: \"python3\": executable file not found in $PATH",
                                "no resource plugin 'pulumi-resource-x' found in the workspace"),
                        resources(Reason.RuntimeMissing, "no resource plugin 'pulumi-resource-x' found"),
                        backend(),
                        authentication(),
                        resources(
                                Reason.BackendUnavailable,
                                "post-step event returned an error: failed to save snapshot: code=Internal"),
                        destroy(
                                Reason.ProtectedResources,
                                "resource \"urn:x\" cannot be deleted\nbecause it is protected. To unprotect"),
                        destroy(
                                Reason.RuntimeMissing,
                                "could not load provider for resource urn:x: exit status 1",
                                "could not read plugin [/p/pulumi-resource-pulumi-python]: exit status 1"))
                .flatMap(rows -> rows);
    }

    private static Stream<Row> backend() {
        return cli(
                Reason.BackendUnavailable,
                "dial tcp 127.0.0.1:1: connect: connection refused",
                "read tcp 127.0.0.1:1: read: connection reset by peer",
                "dial tcp: lookup s3.example.com: no such host",
                "dial tcp: lookup s3.example.com: Temporary failure in name resolution",
                "dial tcp 10.0.0.1:443: connect: network is unreachable",
                "dial tcp 10.0.0.1:443: connect: no route to host",
                "dial tcp 10.0.0.1:443: i/o timeout",
                "net/http: TLS handshake timeout",
                "Get \"https://api.pulumi.com/\": context deadline exceeded",
                "request canceled (Client.Timeout exceeded while awaiting headers)",
                "Post \"https://api.pulumi.com/\": unexpected EOF",
                "https response error StatusCode: 0, RequestID: ",
                "https response error StatusCode: 429, RequestID: ",
                "https response error StatusCode: 503, RequestID: ",
                "[429] Too Many Requests",
                "[503] Service Unavailable",
                "api error SlowDown: Please reduce your request rate.",
                "unable to open bucket file:///nope: stat /nope: no such file or directory",
                "tls: failed to verify certificate: x509: certificate signed by unknown authority",
                "blob (key \".pulumi/meta.yaml\") (code=Unknown): operation error S3: GetObject",
                "performing HTTP request: Get \"https://api.pulumi.com/\": proxyconnect tcp",
                "could not read bucket: blob",
                "error listing stacks: could not list bucket: blob",
                "api error NoSuchBucket: The specified bucket does not exist",
                "ERROR CODE: ContainerNotFound");
    }

    private static Stream<Row> authentication() {
        return cli(
                Reason.BackendAuthenticationFailed,
                "PULUMI_ACCESS_TOKEN must be set for login during non-interactive CLI sessions",
                "Unauthorized: No credentials provided or are invalid.",
                "[401] No credentials",
                "[403] Forbidden",
                "https response error StatusCode: 401, RequestID: ",
                "https response error StatusCode: 403, RequestID: ",
                "api error InvalidAccessKeyId: The key does not exist in our records.",
                "api error SignatureDoesNotMatch: The signature does not match.",
                "api error AccessDenied: Access Denied.",
                "ERROR CODE: AuthenticationFailed",
                "get identity: get credentials: no EC2 IMDS role found",
                "google: could not find default credentials",
                "DefaultAzureCredential: failed to acquire a token.");
    }

    private static Stream<Row> cli(Reason reason, String... texts) {
        return Stream.of(texts).map(text -> new Row(reason, true, Reason.UpdateFailed, "error: " + text + "\n"));
    }

    private static Stream<Row> resources(Reason reason, String... texts) {
        return Stream.of(texts).map(text -> new Row(reason, false, Reason.UpdateFailed, text));
    }

    private static Stream<Row> destroy(Reason reason, String... texts) {
        return Stream.of(texts).map(text -> new Row(reason, false, Reason.DestroyFailed, text));
    }

    @ParameterizedTest
    @MethodSource("rows")
    void eachRowIsKnownByOneAlternativeAlone(Row row) {
        assertThat(row.known()).hasSize(1);
        assertThat(FailureClassifier.classify(row.evidence()).reason()).isEqualTo(row.reason());
    }

    @Test
    void eachAlternativeHasARow() {
        // when
        List<Pattern> known = rows().flatMap(row -> row.known().stream()).toList();

        // then
        assertThat(FailureClassifier.rules())
                .allSatisfy(rule -> assertThat(known).containsAll(rule.alternatives()));
    }
}
