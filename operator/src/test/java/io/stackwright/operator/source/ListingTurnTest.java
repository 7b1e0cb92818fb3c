package io.stackwright.operator.source;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

class ListingTurnTest {

    private static final long LARGE = ListingTurn.SMALL + 1;

    @Test
    void fewLongListsAreInMemoryAtOnce() throws Exception {
        try (ListingTurn one = turn();
                ListingTurn two = turn();
                ListingTurn small = turn();
                ListingTurn third = new ListingTurn(Duration.ofSeconds(60))) {
            // given
            one.read(LARGE);
            two.read(LARGE);

            // then what is short needs no turn, and what is long waits in vain
            assertThatCode(() -> small.read(ListingTurn.SMALL)).doesNotThrowAnyException();
            assertThatThrownBy(() -> small.read(LARGE)).isInstanceOf(IOException.class);

            // when
            CompletableFuture<Void> waiting = CompletableFuture.runAsync(() -> {
                try {
                    third.read(LARGE);
                } catch (IOException e) {
                    throw new IllegalStateException(e);
                }
            });
            one.close();

            // then
            waiting.join();
        }
    }

    @Test
    void theReaderTellsItHowMuchThereWas() throws Exception {
        try (ListingTurn one = turn();
                ListingTurn two = turn();
                ListingTurn three = turn()) {
            // given
            one.read(LARGE);
            two.read(LARGE);
            ByteBudget budget = new ByteBudget(10 * LARGE, three::read);

            // then
            assertThat(budget.count(new ByteArrayInputStream(new byte[(int) ListingTurn.SMALL]))
                            .readAllBytes())
                    .hasSize((int) ListingTurn.SMALL);
            assertThatThrownBy(() ->
                            budget.count(new ByteArrayInputStream(new byte[1])).readAllBytes())
                    .hasMessageContaining("long lists");
        }
    }

    private static ListingTurn turn() {
        return new ListingTurn(Duration.ZERO);
    }
}
