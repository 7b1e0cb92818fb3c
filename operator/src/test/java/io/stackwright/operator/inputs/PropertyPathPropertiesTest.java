package io.stackwright.operator.inputs;

import static org.assertj.core.api.Assertions.assertThat;

import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.CharRange;

class PropertyPathPropertiesTest {

    @Property
    void neverFailsInAnotherWay(@ForAll @CharRange(from = ' ', to = '~') String text) {
        try {
            assertThat(PropertyPath.parse(text).key()).isNotEmpty();
        } catch (IllegalArgumentException e) {
            assertThat(e).isExactlyInstanceOf(IllegalArgumentException.class);
        }
    }
}
