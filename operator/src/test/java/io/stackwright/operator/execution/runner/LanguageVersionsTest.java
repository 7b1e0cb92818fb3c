package io.stackwright.operator.execution.runner;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.stackwright.api.v1alpha1.Reason;
import io.stackwright.operator.engine.EngineException;
import io.stackwright.operator.engine.RecordingCli;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LanguageVersionsTest {

    @TempDir
    private Path folder;

    private final LanguageVersions versions = new LanguageVersions();

    @Test
    void theFirstOnThePathAnswersAndIsAskedOnce() throws IOException {
        // given
        Path first = Files.createDirectory(folder.resolve("first"));
        Path second = Files.createDirectory(folder.resolve("second"));
        RecordingCli.script(first.resolve("node"), "#!/bin/sh\necho one; echo x >> '%s/asked'\n".formatted(folder));
        RecordingCli.script(second.resolve("node"), "#!/bin/sh\necho two\n");

        // then
        Map<String, String> environment = Map.of("PATH", "/nowhere:" + first + ":" + second);
        assertThat(versions.of("nodejs", environment)).isEqualTo("one");
        assertThat(versions.of("nodejs", environment)).isEqualTo("one");
        assertThat(folder.resolve("asked")).hasContent("x");
        assertThat(versions.of("nodejs", Map.of("PATH", second + ":" + first))).isEqualTo("two");
    }

    @Test
    void aLanguageThatIsNotThereIsNamed() {
        assertThatThrownBy(() -> versions.of("python", Map.of("PATH", folder.toString())))
                .isInstanceOfSatisfying(EngineException.class, e -> {
                    assertThat(e.failure().reason()).isEqualTo(Reason.RuntimeMissing);
                    assertThat(e.failure().message()).contains("python3 is not on the operator's PATH");
                });
    }

    @Test
    void aLanguageThatDoesNotWorkIsNamed() {
        // given
        RecordingCli.script(folder.resolve("python3"), "#!/bin/sh\nexit 3\n");

        // then
        assertThatThrownBy(() -> versions.of("python", Map.of("PATH", folder.toString())))
                .isInstanceOfSatisfying(
                        EngineException.class,
                        e -> assertThat(e.failure().message())
                                .contains("python3 on the operator's PATH does not work"));
    }
}
