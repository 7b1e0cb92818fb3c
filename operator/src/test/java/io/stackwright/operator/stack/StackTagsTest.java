package io.stackwright.operator.stack;

import static org.assertj.core.api.Assertions.assertThat;

import io.stackwright.api.v1alpha1.Operation;
import io.stackwright.api.v1alpha1.StackStatus.AppliedStatus;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Which tags a run has to set and to remove after runs of which nobody knows how many they had set. */
class StackTagsTest {

    private final StatusDraft draft = new StatusDraft(null);

    @Test
    void whatAnUpMayHaveChangedIsSetAndRemovedByTheNextOne() {
        // given
        applied(Map.of("team", "a", "stage", "test"));

        // when one starts with other tags
        doubt(Map.of("team", "b", "cost", "x", "stage", "test"), Operation.Up, false);

        // then
        assertThat(draft.status().tagsInDoubt()).containsExactly("cost", "team");

        // when the next one wants the tags that were applied
        var tags = new StackTags(Map.of("team", "a", "stage", "test"), draft.status()).ofRun();

        // then one of them is set anew, the other one is known, and what was never applied is removed
        assertThat(tags.known())
                .doesNotContainKey("team")
                .containsEntry("stage", "test")
                .containsKey("cost");
    }

    @Test
    void theTagsOfAFirstUpAreInDoubtUntilOneSucceeds() {
        // when
        doubt(Map.of("team", "a"), Operation.Up, false);
        doubt(Map.of("cost", "x"), Operation.Up, false);

        // then
        assertThat(draft.status().tagsInDoubt()).containsExactly("cost", "team");
        assertThat(new StackTags(Map.of(), draft.status()).ofRun().known()).containsOnlyKeys("team", "cost");
    }

    @Test
    void aStackThatIsMadeAnewHasNone() {
        // given
        applied(Map.of("team", "a"));

        // when
        doubt(Map.of("team", "a"), Operation.Up, true);

        // then
        assertThat(draft.status().tagsInDoubt()).containsExactly("team");
    }

    @Test
    void nothingIsDoubtedThatStaysAsItIs() {
        // given
        applied(Map.of("team", "a"));

        // when
        doubt(Map.of("team", "a"), Operation.Up, false);

        // then
        assertThat(draft.status().tagsInDoubt()).isNull();
        assertThat(draft.status().applied().fingerprint()).isEqualTo("f");
    }

    @ParameterizedTest
    @EnumSource(
            value = Operation.class,
            names = {"Preview", "Destroy"})
    void whatSetsNoTagsPutsNoneInDoubt(Operation operation) {
        // given
        applied(Map.of("team", "a"));

        // when
        doubt(Map.of("team", "b"), operation, false);

        // then
        assertThat(draft.status().tagsInDoubt()).isNull();
    }

    @Test
    void anUpFollowsOnARefreshThatChangesThem() {
        // given
        applied(Map.of("team", "a"));

        // when
        doubt(Map.of("team", "b"), Operation.Refresh, false);

        // then
        assertThat(draft.status().tagsInDoubt()).containsExactly("team");
        assertThat(draft.status().applied().fingerprint()).isNull();
    }

    private void doubt(Map<String, String> wanted, Operation operation, boolean anew) {
        new StackTags(wanted, draft.status()).doubt(draft, operation, anew);
    }

    private void applied(Map<String, String> tags) {
        draft.applied(new AppliedStatus("r", "f", "k", 1L, "shop-1", "t", tags));
    }
}
