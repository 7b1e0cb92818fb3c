package io.stackwright.operator.inputs;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.TextNode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;

/** Our property paths mean what those of the real {@code pulumi config set --path} mean. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class PropertyPathIT {

    private TestCrypter crypter;
    private TestCli cli;

    @BeforeAll
    void createStack(@TempDir Path folder) throws Exception {
        crypter = new TestCrypter(TestCli.PASSPHRASE);
        cli = new TestCli(folder);
        Files.writeString(cli.settings(), "encryptionsalt: " + crypter.salt() + "\n");
        cli.succeed("stack", "init", TestCli.STACK, "--no-select");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "a",
                "a.b",
                "a.b[0]",
                "a[0]",
                "a[1]",
                "a[0][0]",
                "a[0][\"x\"]",
                "a..b",
                "a]",
                "a b",
                "ü.ö",
                "ns:a",
                "ns:a.b",
                "ns:a[0]",
                "ns:a[\"x.y\"].z",
                "ns:[\"key.with.dots\"]",
                "ns:config:a.b",
                "[\"key.with.dots\"]",
                "[\"k\"].x",
                "root[\"x\"].y",
                "a[\"\"]",
                "a[\"q\\\"uote\"]",
                "a[\"back\\\\slash\"]",
                "a[\"x\"]y",
                "a[0]b",
                "a[\"c:d\"]",
                "a.c:d",
                "a[\"x\"][\"y\"]",
                "a \"b\" c",
                "\"x\"",
                "a.\"b\"",
                "a[*]",
                "a[\"*\"]",
                "*",
                "a.*",
                "a[01]",
                "a[+1]",
                "secure",
                "a.secure.b",
                "a.😀",
                "a.true",
                "a.1"
            })
    void setsTheSamePlace(String path) throws Exception {
        // given
        Files.writeString(cli.settings(), "encryptionsalt: " + crypter.salt() + "\n");

        // when
        cli.succeed("config", "set", "--path", "--stack", TestCli.STACK, "--", path, "value");

        // then
        assertThat(read(ours(path)))
                .isEqualTo(read(Files.readString(cli.settings())))
                .asString()
                .contains("value");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "a.",
                ".a",
                "a[",
                "a[]",
                "a[x]",
                "a['x']",
                "a[-1]",
                "a[\"x",
                "a[\"x\"",
                "a[ 0 ]",
                "a[1.5]",
                "a[99999999999999999999]",
                "a.b.",
                "[\"\"]",
                "[0]",
                "[0].a",
                "a[\"x\"].[\"y\"]",
                "a.[0]",
                "ns:",
                "ns:a:b",
                "a.secure",
                "a[\"secure\"]",
                "a[0].secure"
            })
    void refusesWhatTheCliRefuses(String path) throws Exception {
        // given
        Files.writeString(cli.settings(), "encryptionsalt: " + crypter.salt() + "\n");

        // then
        assertThat(cli.run("config", "set", "--path", "--stack", TestCli.STACK, "--", path, "value")
                        .exitCode())
                .isNotZero();
        assertThat(refusal(path)).isPresent();
    }

    /** The CLI writes for these what it cannot read back, or a place that nobody means. */
    @ParameterizedTest
    @ValueSource(strings = {"[\"c:d\"]", "ns:[\"c:d\"]", ":a", "a[10000]"})
    void refusesMoreThanTheCli(String path) throws Exception {
        assertThat(refusal(path)).isPresent();
    }

    private Optional<InputsException> refusal(String path) {
        try {
            ours(path);
            return Optional.empty();
        } catch (InputsException e) {
            return Optional.of(e);
        }
    }

    private String ours(String path) throws InputsException {
        ConfigEntry entry = new ConfigEntry(path, true, TextNode.valueOf("value"), false);
        ResolvedInputs inputs = new ResolvedInputs(List.of(entry), Map.of(), Set.of(), Optional.empty());
        return StackSettings.fresh("proj").render(inputs, crypter.salt(), crypter);
    }

    private static Object read(String yaml) {
        return new Load(LoadSettings.builder().build()).loadFromString(yaml);
    }
}
