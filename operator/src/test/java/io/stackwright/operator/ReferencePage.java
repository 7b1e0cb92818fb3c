package io.stackwright.operator;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Compares a generated page with the committed one under {@code docs/reference}, or writes it. */
public final class ReferencePage {

    private ReferencePage() {}

    /**
     * @param name file name of the page
     * @param generated what the code says
     * @param writeProperty system property; {@code write} makes the generated page the committed one
     */
    public static void check(String name, String generated, String writeProperty) throws IOException {
        Path page = Path.of("..", "docs", "reference", name);
        if ("write".equals(System.getProperty(writeProperty))) {
            Files.createDirectories(page.getParent());
            Files.writeString(page, generated);
        }
        assertThat(page)
                .as("docs/reference/%s is out of date: run the test with -D%s=write", name, writeProperty)
                .content()
                .isEqualTo(generated);
    }
}
