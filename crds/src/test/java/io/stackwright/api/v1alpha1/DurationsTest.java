package io.stackwright.api.v1alpha1;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class DurationsTest {

    @ParameterizedTest
    @CsvSource({
        "90s, PT90S",
        "5m, PT5M",
        "1h, PT1H",
        "1h30m, PT1H30M",
        "1h5s, PT1H5S",
        "2m3s, PT2M3S",
        "1h2m3s, PT1H2M3S",
        "0s, PT0S",
        "99999h99999m9999999s, PT104443H25M39S"
    })
    void reads(String text, Duration expected) {
        assertThat(text).matches(Durations.PATTERN);
        assertThat(Durations.parse(text)).isEqualTo(expected);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "", " ", "s", "10", "1d", "-1s", "1.5h", "1s1m", "1m1h", "1h 30m", "1H", "PT1H", "500ms", "100000h",
                "1s\n", "١s"
            })
    void refuses(String text) {
        assertThat(text).doesNotMatch(Durations.PATTERN);
        assertThatThrownBy(() -> Durations.parse(text))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("'" + text + "'");
    }
}
