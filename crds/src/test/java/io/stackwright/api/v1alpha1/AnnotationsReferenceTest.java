package io.stackwright.api.v1alpha1;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.lang.reflect.Field;
import java.lang.reflect.Modifier;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Whoever sees an annotation or a label of ours finds it on the reference page. */
class AnnotationsReferenceTest {

    private static final Path PAGE = Path.of("../docs/reference/annotations.md");

    @Test
    void everyAnnotationHasItsRow() throws IOException {
        // when
        List<String> rows = Files.readAllLines(PAGE).stream()
                .filter(line -> line.startsWith("| `") && line.contains("/"))
                .map(line -> line.split("`")[1])
                .toList();

        // then
        assertThat(rows)
                .containsExactlyInAnyOrderElementsOf(valuesOf(Annotations.class).toList());
    }

    @Test
    void everyLabelIsNamed() throws IOException {
        assertThat(Files.readString(PAGE)).contains(valuesOf(Labels.class).toList());
    }

    private static Stream<String> valuesOf(Class<?> names) {
        return Arrays.stream(names.getFields())
                .filter(field -> Modifier.isStatic(field.getModifiers()))
                .map(AnnotationsReferenceTest::value);
    }

    private static String value(Field field) {
        try {
            return (String) field.get(null);
        } catch (IllegalAccessException e) {
            throw new IllegalStateException(e);
        }
    }
}
