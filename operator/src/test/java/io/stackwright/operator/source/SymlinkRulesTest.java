package io.stackwright.operator.source;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import org.junit.jupiter.api.Test;

class SymlinkRulesTest {

    @Test
    void allowsLinksInside() {
        assertThat(SymlinkRules.escaping(Map.of(
                        "a", "b",
                        "dir/up", "../b",
                        "dir/deep/up", "../../x/./y",
                        "dangling", "nowhere/at/all")))
                .isEmpty();
    }

    @Test
    void refusesLinksThatLeave() {
        assertThat(SymlinkRules.escaping(Map.of("a", "/etc/passwd"))).contains("a");
        assertThat(SymlinkRules.escaping(Map.of("a", ".."))).contains("a");
        assertThat(SymlinkRules.escaping(Map.of("dir/a", "../../x"))).contains("dir/a");
        assertThat(SymlinkRules.escaping(Map.of("dir/a", "b/../../../x"))).contains("dir/a");
    }

    @Test
    void followsOtherLinksOnTheWay() {
        // given: each harmless alone; together `escape` is two levels above where it seems to be
        Map<String, String> links = Map.of("deep/er/link", "../..", "escape", "deep/er/link/../x");

        // then
        assertThat(SymlinkRules.escaping(Map.of("deep/er/link", "../.."))).isEmpty();
        assertThat(SymlinkRules.escaping(links)).contains("escape");
    }

    @Test
    void refusesLoops() {
        assertThat(SymlinkRules.escaping(Map.of("a", "b", "b", "a"))).contains("a");
        assertThat(SymlinkRules.escaping(Map.of("a", "a/x"))).contains("a");
    }
}
