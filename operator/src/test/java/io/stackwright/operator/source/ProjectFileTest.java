package io.stackwright.operator.source;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.stackwright.api.v1alpha1.Reason;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ProjectFileTest {

    private static ProjectFile parse(String text) throws SourceException {
        return ProjectFile.parse(text.getBytes(StandardCharsets.UTF_8));
    }

    private static String refusal(byte[] content) {
        SourceException e = catchThrowableOfType(SourceException.class, () -> ProjectFile.parse(content));
        assertThat(e).isNotNull();
        assertThat(e.reason()).isEqualTo(Reason.SourceInvalid);
        assertThat(e.getMessage()).startsWith("Pulumi.yaml ");
        return e.getMessage();
    }

    private static String refusal(String text) {
        return refusal(text.getBytes(StandardCharsets.UTF_8));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "'name: shop\nruntime: yaml' | shop | yaml",
                "'name: shop\nruntime:\n  name: nodejs\n  options: {typescript: true}' | shop | nodejs",
                "'name: 1.10\nruntime: python' | 1.10 | python",
                "'name: true\nruntime: go' | true | go",
                "'name: a\nruntime: yaml\nmain: src/infra\nbackend: {url: \"s3://other\"}' | a | yaml",
                "'{\"name\": \"a-b_c.d\", \"runtime\": \"yaml\"}' | a-b_c.d | yaml",
                "'a: &x {k: v}\nb: *x\nname: n\nruntime: yaml' | n | yaml",
            })
    void readsNameAndRuntime(String text, String name, String runtime) throws SourceException {
        assertThat(parse(text)).isEqualTo(new ProjectFile(name, runtime));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "'' | is empty",
                "'# nothing' | is empty",
                "'- a' | must be a mapping",
                "'text' | must be a mapping",
                "'runtime: yaml' | has no name",
                "'name: \nruntime: yaml' | has no name",
                "'name: {a: b}\nruntime: yaml' | has no name",
                "'name: a/b\nruntime: yaml' | illegal name",
                "'name: ../x\nruntime: yaml' | illegal name",
                "'name: ..\nruntime: yaml' | illegal name",
                "'name: a' | has no runtime",
                "'name: a\nruntime: {options: {}}' | has no runtime",
                "'name: a\nname: b\nruntime: yaml' | twice at line 2",
                "'name: a\nruntime:\n\tname: yaml' | tab at line 3",
                "'name: [a' | is not valid YAML at line",
                "'name: a\n---\nname: b' | is not valid YAML",
                "'name: a\nruntime: yaml\nx: !!java.net.URL [\"https://x\"]' | is not valid YAML",
                "'name: a\nruntime: yaml\nmain: ../other' | main outside",
                "'name: a\nruntime: yaml\nmain: a/../../b' | main outside",
                "'name: a\nruntime: yaml\nmain: /etc' | main outside",
            })
    void saysWhatIsWrong(String text, String message) {
        assertThat(refusal(text)).contains(message);
    }

    @Test
    void refusesNamesOverOneHundredCharacters() {
        assertThat(refusal("name: " + "a".repeat(101) + "\nruntime: yaml")).contains("illegal name");
    }

    @Test
    void refusesWhatIsNotText() {
        assertThat(refusal(new byte[] {'n', (byte) 0xff, (byte) 0xfe})).contains("not UTF-8");
    }

    @Test
    void refusesLargeFilesUnread() {
        assertThat(refusal(new byte[ProjectFile.MAX_BYTES + 1])).contains("larger than 1 MiB");
    }

    @Test
    void refusesAliasBombs() {
        // given
        StringBuilder bomb = new StringBuilder("a0: &a0 [x,x,x,x,x,x,x,x,x]\n");
        for (int i = 1; i < 40; i++) {
            bomb.append(
                    "a%d: &a%d [%s]\n".formatted(i, i, "*a%d,".formatted(i - 1).repeat(9)));
        }

        // then
        assertThat(refusal(bomb + "name: a\nruntime: yaml\n")).contains("aliases");
    }

    @ParameterizedTest
    @ValueSource(strings = {"[", "{a: ", "- "})
    void refusesDeepNesting(String opening) {
        assertThat(refusal(opening.repeat(100_000))).contains("YAML");
    }

    @Test
    void quotesNothingOfTheContent() {
        assertThat(refusal("name: a\nCANARY: 1\nCANARY: 2\n")).doesNotContain("CANARY");
        assertThat(refusal("name: [CANARY")).doesNotContain("CANARY");
    }
}
