package io.stackwright.operator.update;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class UpdateNamesTest {

    @Test
    void theFirstIsOne() {
        assertThat(UpdateNames.next("shop", Optional.empty(), List.of())).isEqualTo(1);
    }

    @Test
    void theNextFollowsTheLargestKnown() {
        assertThat(UpdateNames.next("shop", Optional.of("shop-7"), List.of("shop-3")))
                .isEqualTo(8);
        assertThat(UpdateNames.next("shop", Optional.empty(), List.of("shop-3", "shop-12")))
                .isEqualTo(13);
    }

    @Test
    void othersNamesDoNotCount() {
        // given names of people's Updates, of another Stack, and ones that only look like numbers
        List<String> existing = List.of("look", "shop-prod-9", "shop-", "shop-01", "shop-99999999999999999999");

        // when, then
        assertThat(UpdateNames.next("shop", Optional.empty(), existing)).isEqualTo(1);
    }

    @Test
    void aPersonsNumberCannotMakeOursTooLong() {
        assertThat(UpdateNames.next("shop", Optional.of("shop-7"), List.of("shop-999999999999999")))
                .isEqualTo(8);
    }

    @Test
    void afterTheLastNumberComesTheFirstThatIsFree() {
        assertThat(UpdateNames.next("shop", Optional.of("shop-7"), List.of("shop-8", "shop-999999999")))
                .isEqualTo(9);
        assertThat(UpdateNames.next("shop", Optional.of("shop-999999999"), List.of("shop-1")))
                .isEqualTo(2);
    }
}
