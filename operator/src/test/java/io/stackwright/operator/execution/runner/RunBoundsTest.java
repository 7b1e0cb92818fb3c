package io.stackwright.operator.execution.runner;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.stackwright.api.v1alpha1.RunStatus;
import java.nio.charset.StandardCharsets;
import java.util.Collections;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RunBoundsTest {

    private static final ObjectMapper JSON = new ObjectMapper();

    @Test
    void whatIsSmallStaysAsItIs() {
        // given
        RunStatus small = status(steps(3, "x"), 7, diagnostics(2, "y"));

        // then
        assertThat(RunBounds.within(small)).isEqualTo(small);
    }

    @ParameterizedTest
    @ValueSource(strings = {"x", "ü", "漢", "😀", "\""})
    void whateverIsInItTheWholeIsBoundedAndSaysWhatIsLeftOut(String character) throws Exception {
        // given
        RunStatus large = status(
                steps(40, character.repeat(2048 / character.length())), 7, diagnostics(20, character.repeat(512)));

        // when
        RunStatus bounded = RunBounds.within(large);

        // then
        assertThat(JSON.writeValueAsString(bounded).getBytes(StandardCharsets.UTF_8).length)
                .isLessThanOrEqualTo(RunBounds.MAX_BYTES);
        assertThat(bounded.steps()).isNotEmpty();
        assertThat(bounded.omittedSteps()).isEqualTo(47 - bounded.steps().size());
        List<RunStatus.Diagnostic> told = bounded.diagnostics();
        assertThat(told.getFirst()).isEqualTo(large.diagnostics().getFirst());
        assertThat(told.getLast().message())
                .isEqualTo((20 - (told.size() - 1)) + " more messages are left out here; the log has them");
    }

    @Test
    void theFirstOnesAreKept() {
        // given
        RunStatus large = status(steps(40, "x".repeat(100)), 0, List.of());

        // when
        RunStatus bounded = RunBounds.within(large);

        // then
        assertThat(bounded.steps())
                .hasSizeBetween(2, 39)
                .isEqualTo(large.steps().subList(0, bounded.steps().size()));
        assertThat(bounded.omittedSteps()).isEqualTo(40 - bounded.steps().size());
        assertThat(bounded.diagnostics()).isEmpty();
    }

    @Test
    void noCharacterIsCutInHalf() {
        // when
        RunStatus bounded = RunBounds.within(status(steps(1, "😀".repeat(1000)), 0, List.of()));

        // then
        assertThat(bounded.steps().getFirst().name()).matches("(😀){63}…");
    }

    private static RunStatus status(List<RunStatus.Step> steps, int omitted, List<RunStatus.Diagnostic> diagnostics) {
        return new RunStatus(
                null,
                null,
                new RunStatus.Changes(1, 2, 3, 4, 5),
                steps,
                omitted == 0 ? null : omitted,
                diagnostics,
                RunStatus.Result.Failed,
                "3.250.0",
                "/data/logs/x");
    }

    private static List<RunStatus.Step> steps(int count, String text) {
        List<String> diff = Collections.nCopies(10, text);
        return IntStream.range(0, count)
                .mapToObj(i -> new RunStatus.Step("update", text, text, "urn:pulumi:" + text, diff, null))
                .toList();
    }

    private static List<RunStatus.Diagnostic> diagnostics(int count, String text) {
        return IntStream.range(0, count)
                .mapToObj(i -> new RunStatus.Diagnostic("error", "urn:pulumi:x", text))
                .toList();
    }
}
