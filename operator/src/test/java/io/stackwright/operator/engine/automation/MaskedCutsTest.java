package io.stackwright.operator.engine.automation;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.stackwright.api.v1alpha1.Operation;
import io.stackwright.api.v1alpha1.Reason;
import io.stackwright.operator.engine.FailureClassifier;
import io.stackwright.operator.engine.FailureClassifier.Evidence;
import io.stackwright.operator.inputs.Redactor;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** A secret that lies across the place where a text is cut: half of it cannot be found, so it must be masked before. */
class MaskedCutsTest {

    private static final String SECRET = "C4N4RY-e1f0a9c4-77b2-LAST";
    private static final String URN = "urn:pulumi:dev::p::pulumi:pulumi:Stack::p-dev";

    private final Redactor redactor = new Redactor(List.of(SECRET));
    private final EventFold fold = new EventFold(Operation.Up, false, redactor::redact);

    /** How much stands before the secret: every place around the cuts at 1024, 4096 and 16 Ki characters, both ends. */
    static IntStream places() {
        return Stream.of(508, 2044, 8188, 16384).flatMapToInt(cut -> IntStream.rangeClosed(cut - 26, cut + 1));
    }

    @ParameterizedTest
    @MethodSource("places")
    void ofADiagnostic(int place) {
        // when: the secret is before a cut, or after one
        fold.accept(diagnostic("error", "x".repeat(place) + SECRET + "y".repeat(60_000)));
        fold.accept(diagnostic("error", "x".repeat(60_000) + SECRET + "y".repeat(place)));
        fold.accept(diagnostic("info#err", "x".repeat(place) + SECRET + "y".repeat(60_000)));
        fold.accept(diagnostic("info", "x".repeat(60_000) + SECRET + "y".repeat(place)));

        // then
        assertThat(fold.diagnostics()).hasSize(4).allSatisfy(shown -> assertNothingIsLeft(shown.message()));
        assertThat(fold.errors()).hasSize(2).allSatisfy(MaskedCutsTest::assertNothingIsLeft);
    }

    @ParameterizedTest
    @MethodSource("places")
    void ofAFailuresMessage(int place) {
        // given
        String before = "error: " + "x".repeat(Math.max(0, place - 7)) + SECRET + "y".repeat(60_000);
        String after = "error: " + "x".repeat(60_000) + SECRET + "y".repeat(place);

        // then
        for (String stderr : List.of(before, after)) {
            Evidence evidence = new Evidence(1, stderr, List.of(), Optional.empty(), false, Reason.UpdateFailed);
            assertNothingIsLeft(
                    FailureClassifier.classify(evidence, redactor::redact).message());
        }
    }

    @Test
    void ofManyLinesOnStandardError() {
        // when: so many that the middle is forgotten, again and again
        for (int line = 0; line < 20_000; line++) {
            fold.accept(diagnostic("info#err", "line " + line + " with " + SECRET));
        }

        // then
        assertThat(fold.diagnostics()).singleElement().satisfies(shown -> {
            assertNothingIsLeft(shown.message());
            assertThat(shown.message()).startsWith("line 0 with [secret]\n").endsWith("line 19999 with [secret]");
        });
        assertThat(fold.errors()).singleElement().satisfies(MaskedCutsTest::assertNothingIsLeft);
    }

    /** Masking takes many times the memory of the text. */
    @Test
    void ofAMessageThatIsTooLongToBeMaskedAtOnce() {
        // given
        AtomicInteger longest = new AtomicInteger();
        EventFold huge = new EventFold(Operation.Up, false, text -> {
            longest.accumulateAndGet(text.length(), Math::max);
            return redactor.redact(text);
        });
        String line = "said %22 \\n " + SECRET + "\n";

        // when
        huge.accept(diagnostic("error", "it broke\n" + line.repeat(100_000) + "for this cause"));
        huge.accept(diagnostic("error", "x" + SECRET.repeat(100_000)));

        // then
        assertThat(longest.get()).isLessThanOrEqualTo(Excerpt.AT_ONCE);
        assertThat(huge.errors()).hasSize(2).allSatisfy(MaskedCutsTest::assertNothingIsLeft);
        assertThat(huge.errors().getFirst())
                .startsWith("it broke\nsaid %22 \\n [secret]\n")
                .endsWith("[secret]\nfor this cause");
        assertThat(huge.errors().getLast().strip()).isEqualTo("[...]");
    }

    @Test
    void ofASecretOfManyShortLines() {
        // given
        String secret = "ab1\ncd2\nef3\ngh4";
        EventFold lines = new EventFold(Operation.Up, false, new Redactor(List.of(secret))::redact);

        // when
        secret.lines().forEach(line -> lines.accept(diagnostic("info#err", line)));

        // then
        assertThat(lines.diagnostics())
                .singleElement()
                .satisfies(shown -> assertThat(shown.message()).isEqualTo("[secret]"));
    }

    @Test
    void ofAPropertyPath() {
        IntStream.rangeClosed(200 - SECRET.length(), 200).forEach(place -> {
            // given
            EventFold one = new EventFold(Operation.Up, false, redactor::redact);
            ObjectNode event = JsonNodeFactory.instance.objectNode();
            ObjectNode metadata = event.putObject("resOutputsEvent").putObject("metadata");
            metadata.put("op", "update").put("type", "test:index:File").put("urn", URN + place);
            metadata.putObject("detailedDiff").putObject("x".repeat(place) + SECRET);

            // when
            one.accept(event);

            // then
            assertThat(one.steps())
                    .singleElement()
                    .satisfies(step -> assertNothingIsLeft(step.diff().getFirst()));
        });
    }

    @Test
    void aRuleOfTheClassifierSeesTheTextAsItIs() {
        // given a secret that is part of what the CLI always says
        Evidence locked = new Evidence(
                1, "error: the stack is currently locked by 1 lock(s)", List.of(), Optional.empty(), false, null);

        // then
        assertThat(FailureClassifier.classify(locked, new Redactor(List.of("locked"))::redact))
                .satisfies(failure -> {
                    assertThat(failure.reason()).isEqualTo(Reason.Locked);
                    assertThat(failure.message()).contains("currently [secret] by");
                });
    }

    private static void assertNothingIsLeft(String text) {
        IntStream.rangeClosed(0, SECRET.length() - 5)
                .forEach(at -> assertThat(text).doesNotContain(SECRET.substring(at, at + 5)));
    }

    private static ObjectNode diagnostic(String severity, String message) {
        ObjectNode event = JsonNodeFactory.instance.objectNode();
        event.putObject("diagnosticEvent")
                .put("urn", URN)
                .put("severity", severity)
                .put("message", message);
        return event;
    }
}
