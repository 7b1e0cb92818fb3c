package io.stackwright.operator.execution.job;

import static org.assertj.core.api.Assertions.assertThat;

import io.stackwright.operator.execution.RunRequest.RunKey;
import io.stackwright.operator.execution.job.RunResult.ForeignOwner;
import io.stackwright.operator.execution.runner.StackOwners;
import io.stackwright.operator.source.StackKey;
import java.util.HashSet;
import java.util.Set;
import org.junit.jupiter.api.Test;

class GoneOwnersTest {

    private final Set<String> living = new HashSet<>();
    private final GoneOwners gone = new GoneOwners(new StackOwners() {
        @Override
        public String installation() {
            return "installation-1";
        }

        @Override
        public boolean isGone(String namespace, String stackUid) {
            return !living.contains(stackUid);
        }
    });

    @Test
    void theNextRunIsToldOnce() {
        // given
        living.add("shop");

        // when
        boolean released = gone.add(run("shop", 1), new ForeignOwner("team-a", "before"));

        // then
        assertThat(released).isTrue();
        assertThat(gone.of(run("shop", 2))).containsExactly("before");
        assertThat(gone.of(run("other", 2))).isEmpty();

        // when
        gone.remove(run("shop", 2));

        // then
        assertThat(gone.of(run("shop", 3))).isEmpty();
        assertThat(gone.size()).isZero();
    }

    @Test
    void anOwnerThatLivesIsRespected() {
        // given
        living.add("before");

        // when, then
        assertThat(gone.add(run("shop", 1), new ForeignOwner("team-a", "before")))
                .isFalse();
        assertThat(gone.of(run("shop", 2))).isEmpty();
    }

    @Test
    void whatAStackThatIsGoneHasToldIsForgotten() {
        // given
        living.addAll(Set.of("shop", "web"));
        gone.add(run("shop", 1), new ForeignOwner("team-a", "before"));

        // when
        living.remove("shop");
        gone.add(run("web", 1), new ForeignOwner("team-a", "before"));

        // then
        assertThat(gone.size()).isEqualTo(1);
    }

    @Test
    void whatIsKeptIsBounded() {
        for (int i = 0; i < 5000; i++) {
            living.add("shop-" + i);
            gone.add(run("shop-" + i, 1), new ForeignOwner("team-a", "before"));
        }
        assertThat(gone.size()).isEqualTo(1000);
    }

    private static RunKey run(String stackUid, int number) {
        return new RunKey(new StackKey("team-a", stackUid), stackUid, stackUid + "-" + number, "update-" + number);
    }
}
