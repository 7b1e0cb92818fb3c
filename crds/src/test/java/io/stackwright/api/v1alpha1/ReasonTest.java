package io.stackwright.api.v1alpha1;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

class ReasonTest {

    @ParameterizedTest
    @EnumSource(Reason.class)
    void hasTheShapeOfAConditionReason(Reason reason) {
        assertThat(reason.name()).matches("[A-Z][A-Za-z]{2,63}");
    }

    static Stream<Enum<?>> constants() {
        return Stream.<Enum<?>[]>of(
                        Reason.values(),
                        Cause.values(),
                        Operation.values(),
                        Phase.values(),
                        DeletionPolicy.values(),
                        InstallPolicy.values())
                .flatMap(Stream::of);
    }

    @ParameterizedTest
    @MethodSource("constants")
    void everyConstantSaysWhatItMeans(Enum<?> constant) {
        assertThat(JavadocOf.constant(constant)).hasSizeGreaterThan(15).endsWith(".");
    }
}
