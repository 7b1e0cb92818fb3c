package io.stackwright.operator.engine.automation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.stackwright.api.v1alpha1.Reason;
import io.stackwright.operator.engine.EngineException;
import io.stackwright.operator.engine.Failure;
import io.stackwright.operator.engine.RecordingCli;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class CliVersionTest {

    @TempDir
    Path folder;

    @ParameterizedTest
    @CsvSource({"v3.250.0, 3.250.0", "3.250.1-dev.0+abc, 3.250.1", "v10.0.12-alpha, 10.0.12"})
    void readsWhatTheCliPrints(String text, String version) {
        assertThat(CliVersion.parse(text + "\n")).hasToString("Optional[" + version + "]");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "3.250", "version 3.250.0", "99999999999.0.0"})
    void anythingElseIsNoVersion(String text) {
        assertThat(CliVersion.parse(text)).isEmpty();
    }

    @Test
    void comparesNumbers() {
        assertThat(new CliVersion(3, 99, 9)).isLessThan(new CliVersion(3, 250, 0));
        assertThat(new CliVersion(4, 0, 0)).isGreaterThan(new CliVersion(3, 250, 0));
    }

    @Test
    void asksOnce() throws Exception {
        // given
        AutomationEngine engine = engine(versionDouble("echo v3.251.4"));

        // when
        engine.version();

        // then
        assertThat(engine.version()).isEqualTo("3.251.4");
        assertThat(Files.readAllLines(folder.resolve("calls"))).hasSize(1);
    }

    @Test
    void refusesAnOldCli() {
        // given
        AutomationEngine engine = engine(versionDouble("echo v3.249.9"));

        // then
        assertUnsupported(engine, "Pulumi CLI 3.249.9 is too old: 3.250.0 or newer is needed");
        assertUnsupported(engine, "Pulumi CLI 3.249.9 is too old: 3.250.0 or newer is needed");
    }

    @Test
    void refusesWhatTellsNoVersion() {
        assertUnsupported(engine(versionDouble("echo hello")), "does not tell a version");
        assertUnsupported(engine(versionDouble("echo v3.250.0; exit 3")), "does not tell a version");
    }

    @Test
    void saysThatThereIsNoCli() {
        assertUnsupported(new AutomationEngine("no-such-pulumi", "/usr/bin:/bin"), "no Pulumi CLI 'no-such-pulumi'");
        assertUnsupported(new AutomationEngine("/no/such/pulumi", ""), "no Pulumi CLI '/no/such/pulumi'");
    }

    private AutomationEngine engine(Path command) {
        return new AutomationEngine(command.toString(), System.getenv("PATH"));
    }

    /** Stands for a CLI of which only {@code version} is asked. */
    private Path versionDouble(String says) {
        return RecordingCli.script(
                folder.resolve("pulumi-of-another-version"),
                "#!/bin/sh\necho \"$@\" >> " + folder.resolve("calls") + "\n" + says + "\n");
    }

    private static void assertUnsupported(AutomationEngine engine, String message) {
        assertThatThrownBy(engine::version)
                .isInstanceOfSatisfying(EngineException.class, e -> {
                    assertThat(e.failure().kind()).isEqualTo(Failure.Kind.INVALID);
                    assertThat(e.failure().reason()).isEqualTo(Reason.UnsupportedPulumi);
                })
                .hasMessageContaining(message);
    }
}
