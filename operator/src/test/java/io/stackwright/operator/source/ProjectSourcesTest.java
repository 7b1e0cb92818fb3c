package io.stackwright.operator.source;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import io.stackwright.api.v1alpha1.ProjectSource;
import io.stackwright.api.v1alpha1.Reason;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Clock;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Inline and ConfigMap sources, and what is refused before any network is used. */
class ProjectSourcesTest {

    private static final ObjectMapper JSON = new ObjectMapper();

    @TempDir
    Path temp;

    private final SourceFixture references = new SourceFixture();
    private ProjectSources sources;

    @BeforeEach
    void open() {
        sources = new ProjectSources(
                SourceFixture.settings(temp.resolve("data"), Set.of(), Duration.ofSeconds(5), 1 << 20),
                references,
                Clock.systemUTC(),
                stack -> {},
                (kind, succeeded, took) -> {});
    }

    @AfterEach
    void close() {
        sources.close();
    }

    private SourceState resolve(ProjectSource project) {
        return sources.resolve(SourceFixture.STACK, project, Optional.empty());
    }

    private SourceState.Unresolved refused(ProjectSource project, Reason reason) {
        SourceState state = resolve(project);
        assertThat(state).isInstanceOf(SourceState.Unresolved.class);
        assertThat(((SourceState.Unresolved) state).reason()).isEqualTo(reason);
        return (SourceState.Unresolved) state;
    }

    @Test
    void whatTheOperatorMayNotReadIsToldWithItsField() {
        // given
        references.refuse();

        // when, then
        assertThat(refused(SourceFixture.configMap("program"), Reason.ApiRefused)
                        .message())
                .isEqualTo("spec.project.configMap: may not read program");
        assertThat(refused(
                                SourceFixture.git("https://github.com/acme/infra.git", null, null, null, null, "git"),
                                Reason.ApiRefused)
                        .message())
                .isEqualTo("spec.project.git.secretRef: may not read git");
    }

    private Revision resolved(ProjectSource project) {
        SourceState state = resolve(project);
        assertThat(state).isInstanceOf(SourceState.Resolved.class);
        return ((SourceState.Resolved) state).revision();
    }

    @Test
    void inlineProgramsKeepTheirTypes() throws Exception {
        // given
        JsonNode program = JSON.readTree("""
            {"name": "hello", "runtime": "yaml",
             "variables": {"yes": "no", "n": "0123", "hex": "0x1F", "float": "1e3", "null": "null", "date": "2026-01-01",
               "tilde": "~", "empty": "", "multi": "a\\nb: c\\n", "colon": "a: b # c", "control": "\\u007f\\u0085\\u2028", "emoji": "😀",
               "number": 1, "big": 12345678901234567890, "decimal": 1.5, "bool": true, "nothing": null, "on": ["1", 1, "off"], "1": "x"}}
            """);
        ProjectSource project = SourceFixture.inline(program);

        // when
        Revision revision = resolved(project);
        Path directory = sources.fetch(SourceFixture.STACK, project, revision, temp.resolve("w"));

        // then
        assertThat(revision.revision()).matches("inline@sha256:[0-9a-f]{64}");
        assertThat(revision.projectName()).isEqualTo("hello");
        assertThat(revision.runtime()).isEqualTo("yaml");
        assertThat(new YAMLMapper().readTree(directory.resolve("Pulumi.yaml").toFile()))
                .isEqualTo(program);
        assertThat(Files.readString(directory.resolve("Pulumi.yaml"))).contains("\"yes\": \"no\"", "\"n\": \"0123\"");
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(directory)))
                .isEqualTo("rwx------");
    }

    @Test
    void theOrderOfKeysMeansNothing() throws IOException {
        // when
        Revision one = resolved(
                SourceFixture.inline(JSON.readTree("{\"name\":\"a\",\"runtime\":\"yaml\",\"x\":{\"a\":1,\"b\":2}}")));
        Revision same = resolved(
                SourceFixture.inline(JSON.readTree("{\"runtime\":\"yaml\",\"x\":{\"b\":2,\"a\":1},\"name\":\"a\"}")));
        Revision other = resolved(
                SourceFixture.inline(JSON.readTree("{\"name\":\"a\",\"runtime\":\"yaml\",\"x\":{\"a\":1,\"b\":3}}")));

        // then
        assertThat(same).isEqualTo(one);
        assertThat(other.digest()).isNotEqualTo(one.digest());
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "[] | must be an object",
                "{\"runtime\": \"yaml\"} | add for example \"name\"",
                "{\"name\": \"\", \"runtime\": \"yaml\"} | add for example \"name\"",
                "{\"name\": 1, \"runtime\": \"yaml\"} | add for example \"name\"",
                "{\"name\": \"a\"} | must be yaml",
                "{\"name\": \"a\", \"runtime\": \"nodejs\"} | must be yaml",
                "{\"name\": \"a\", \"runtime\": {\"name\": \"go\"}} | must be yaml",
                "{\"name\": \"a b\", \"runtime\": \"yaml\"} | illegal name",
                "{\"name\": \"a\", \"runtime\": \"yaml\", \"main\": \"../x\"} | main outside",
            })
    void saysWhatIsWrongWithInlinePrograms(String program, String message) throws IOException {
        assertThat(refused(SourceFixture.inline(JSON.readTree(program)), Reason.SourceInvalid)
                        .message())
                .contains(message);
    }

    @Test
    void fetchesNoOtherThanTheResolvedInlineProgram() throws IOException {
        // given
        Revision old = resolved(SourceFixture.inline(JSON.readTree("{\"name\":\"a\",\"runtime\":\"yaml\"}")));
        ProjectSource now = SourceFixture.inline(JSON.readTree("{\"name\":\"b\",\"runtime\":\"yaml\"}"));

        // when
        SourceException e = catchThrowableOfType(
                SourceException.class, () -> sources.fetch(SourceFixture.STACK, now, old, temp.resolve("w")));

        // then
        assertThat(e.reason()).isEqualTo(Reason.SourceUnavailable);
        assertThat(temp.resolve("w")).doesNotExist();
    }

    @Test
    void configMapsBecomeFiles() throws Exception {
        // given
        references.configMap("program", Map.of("Pulumi.yaml", SourceFixture.PROJECT, "index.js", "1"));
        ProjectSource project = SourceFixture.configMap("program");

        // when
        Revision revision = resolved(project);
        Path directory = sources.fetch(SourceFixture.STACK, project, revision, temp.resolve("w"));

        // then
        assertThat(revision.revision()).matches("configmap@sha256:[0-9a-f]{64}");
        assertThat(directory.resolve("Pulumi.yaml")).hasContent(SourceFixture.PROJECT);
        assertThat(directory.resolve("index.js")).hasContent("1");

        // and: a change is a new revision, and the old one is not passed off as it
        references.configMap("program", Map.of("Pulumi.yaml", SourceFixture.PROJECT, "index.js", "2"));
        assertThat(resolved(project).digest()).isNotEqualTo(revision.digest());
        SourceException e = catchThrowableOfType(
                SourceException.class, () -> sources.fetch(SourceFixture.STACK, project, revision, temp.resolve("w2")));
        assertThat(e.reason()).isEqualTo(Reason.SourceUnavailable);
    }

    @Test
    void configMapsMayBeMissingOrWrong() {
        assertThat(refused(SourceFixture.configMap("absent"), Reason.SourceNotReady)
                        .message())
                .contains("ConfigMap absent");

        references.configMap("other", Map.of("index.js", ""));
        assertThat(refused(SourceFixture.configMap("other"), Reason.SourceInvalid)
                        .message())
                .contains("no key Pulumi.yaml");

        references.configMap("escape", Map.of("Pulumi.yaml", SourceFixture.PROJECT, "../x", ""));
        assertThat(refused(SourceFixture.configMap("escape"), Reason.SourceInvalid)
                        .message())
                .contains("not a file name");

        references.configMap("dots", Map.of("Pulumi.yaml", SourceFixture.PROJECT, "..", ""));
        refused(SourceFixture.configMap("dots"), Reason.SourceInvalid);

        references.binaryConfigMap("binary", Map.of("Pulumi.yaml", new byte[] {(byte) 0xff}));
        assertThat(refused(SourceFixture.configMap("binary"), Reason.SourceInvalid)
                        .message())
                .contains("UTF-8");
    }

    @Test
    void gitNeedsAnAllowedUrlAndUsableCredentials() {
        refused(new ProjectSource(null, null, null, null), Reason.InvalidSpec);
        refused(SourceFixture.git("file:///etc", null, null, null, null, null), Reason.SourceNotAllowed);
        refused(SourceFixture.git("https://h/x", null, null, null, "../..", null), Reason.SourceInvalid);
        assertThat(refused(SourceFixture.git("https://h/x", null, null, null, null, "absent"), Reason.SourceNotReady)
                        .message())
                .contains("Secret absent");
        assertThat(refused(
                                SourceFixture.git("git@h:x", null, null, null, null, null),
                                Reason.SourceAuthenticationFailed)
                        .message())
                .contains("secretRef", "known_hosts");

        references.secret("half", Map.of("username", "CANARY", "identity", "CANARY"));
        assertThat(refused(
                                SourceFixture.git("https://h/x", null, null, null, null, "half"),
                                Reason.SourceAuthenticationFailed)
                        .message())
                .contains("Secret half", "key password")
                .doesNotContain("CANARY");
        assertThat(refused(
                                SourceFixture.git("git@h:x", null, null, null, null, "half"),
                                Reason.SourceAuthenticationFailed)
                        .message())
                .contains("Secret half", "key known_hosts")
                .doesNotContain("CANARY");
    }
}
