package io.stackwright.api.v1alpha1;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.EnumSet;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** Whoever sees a reason finds it in the troubleshooting table, once. */
class TroubleshootingTest {

    private static final EnumSet<Reason> NO_TROUBLE = EnumSet.of(Reason.Applied, Reason.Progressing, Reason.Succeeded);

    private static final Pattern REASON = Pattern.compile("`(\\w+)`");

    @Test
    void everyReasonIsInTheTable() throws IOException {
        // given
        Path page = Path.of("").toAbsolutePath().getParent().resolve("docs/howto/troubleshooting.md");

        // when
        List<String> explained = Files.readAllLines(page).stream()
                .filter(line -> line.startsWith("| `"))
                .map(line -> line.split("\\|")[1])
                .flatMap(cell -> REASON.matcher(cell).results().map((MatchResult found) -> found.group(1)))
                .toList();

        // then
        assertThat(explained)
                .containsExactlyInAnyOrderElementsOf(EnumSet.complementOf(NO_TROUBLE).stream()
                        .map(Reason::name)
                        .toList());
    }
}
