package io.stackwright.operator.inputs;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.CharRange;
import net.jqwik.api.constraints.StringLength;

class RedactorPropertiesTest {

    @Property
    void neverLeavesASecret(
            @ForAll @StringLength(min = 3, max = 6) @CharRange(from = 'a', to = 'c') String one,
            @ForAll @StringLength(min = 3, max = 6) @CharRange(from = 'a', to = 'c') String two,
            @ForAll @StringLength(max = 40) @CharRange(from = 'a', to = 'd') String text) {
        assertThat(new Redactor(List.of(one, two)).redact(text)).doesNotContain(one, two);
    }
}
