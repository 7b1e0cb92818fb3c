package io.stackwright.operator.inputs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.stackwright.operator.inputs.PropertyPath.Step.Index;
import io.stackwright.operator.inputs.PropertyPath.Step.Name;
import java.util.List;
import org.junit.jupiter.api.Test;

class PropertyPathTest {

    @Test
    void readsNamesIndicesAndQuotedNames() {
        assertThat(PropertyPath.parse("a")).isEqualTo(new PropertyPath("", "a", List.of()));
        assertThat(PropertyPath.parse("endpoints[0].token"))
                .isEqualTo(new PropertyPath("", "endpoints", List.of(new Index(0), new Name("token"))));
        assertThat(PropertyPath.parse("ns:[\"a.b\"][\"q\\\"c:d\"]"))
                .isEqualTo(new PropertyPath("ns", "a.b", List.of(new Name("q\"c:d"))));
    }

    @Test
    void takesLiteralKeysAsTheyAre() {
        assertThat(PropertyPath.literal("a.b[0]")).isEqualTo(new PropertyPath("", "a.b[0]", List.of()));
        assertThat(PropertyPath.literal("ns:a.b")).isEqualTo(new PropertyPath("ns", "a.b", List.of()));
    }

    @Test
    void qualifiesWithTheProjectUnlessThereIsANamespace() {
        assertThat(PropertyPath.literal("a").qualifiedKey("shop")).isEqualTo("shop:a");
        assertThat(PropertyPath.parse("aws:a.b").qualifiedKey("shop")).isEqualTo("aws:a");
    }

    @Test
    void doesNotMakeHugeArrays() {
        assertThatThrownBy(() -> PropertyPath.parse("a[2000000000]")).hasMessageContaining("9999");
        assertThat(PropertyPath.parse("a[9999]").below()).containsExactly(new Index(9999));
    }
}
