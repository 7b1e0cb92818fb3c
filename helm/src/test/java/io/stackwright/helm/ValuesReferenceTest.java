package io.stackwright.helm;

import static org.assertj.core.api.Assertions.assertThat;

import io.stackwright.testkit.Toolchain;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

class ValuesReferenceTest {

    private static final Path PAGE = Toolchain.root().resolve("docs/reference/helm-values.md");
    private static final String REMEDY =
            "docs/reference/helm-values.md differs from values.yaml. Write it anew and commit it:\n"
                    + "  mvn -q -pl helm -am test -Dchart=write -Dtest='ChartTest,ValuesReferenceTest'"
                    + " -Dsurefire.failIfNoSpecifiedTests=false\n";

    @Test
    void pageIsMadeOfTheCommentsInValues() throws Exception {
        // when
        String page = ValuesReference.page(Files.readString(Chart.FOLDER.resolve("values.yaml")));
        if ("write".equals(System.getProperty("chart"))) {
            Files.writeString(PAGE, page);
        }

        // then
        assertThat(PAGE).as(REMEDY).exists();
        assertThat(Files.readString(PAGE)).as(REMEDY).isEqualTo(page);
    }
}
