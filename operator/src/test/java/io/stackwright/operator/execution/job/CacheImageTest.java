package io.stackwright.operator.execution.job;

import static org.assertj.core.api.Assertions.assertThat;

import io.stackwright.operator.execution.runner.CacheMain;
import io.stackwright.testkit.Toolchain;
import java.io.IOException;
import java.nio.file.Files;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** What docs/howto/jobs.md says of an image with a cache in it is what the code looks for. */
class CacheImageTest {

    private static final Pattern DOCKERFILE = Pattern.compile("(?s)```dockerfile\\n(.*?)```");

    @Test
    void theDockerfileFillsTheFolderThatRunsLookInto() throws IOException {
        // given
        String document = Files.readString(Toolchain.root().resolve("docs/howto/jobs.md"));

        // when
        Matcher dockerfile = DOCKERFILE.matcher(document);

        // then
        assertThat(dockerfile.find()).isTrue();
        assertThat(dockerfile.group(1))
                .contains(CacheMain.class.getName() + " " + JobObjects.CACHE + " /projects/shop")
                .contains("target=/projects/shop")
                .contains("--mount=from=stackwright,source=" + home() + ",target=" + home())
                .contains(home() + "/jre/bin/java -cp " + home() + "/stackwright-operator.jar");
    }

    /** Where the image has the runner: from there the init container of each pod copies it. */
    private static String home() {
        return JobObjects.IMAGE_HOME;
    }
}
