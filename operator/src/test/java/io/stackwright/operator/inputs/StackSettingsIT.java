package io.stackwright.operator.inputs;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.node.TextNode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What we write is what the real Pulumi CLI reads. */
class StackSettingsIT {

    private static final String BIG = "x".repeat(100_000);
    private static final String LONG_KEY = "k".repeat(2_000);
    private static final String NASTY =
            "a\"b'c\\d\ne\tf\r\u0000\u0007\u007f\u0085\u2028\ufeff é 日本 😀 #: - ? {[]},&*!|>%@`";

    private final ObjectMapper json = new ObjectMapper();
    private final List<ConfigEntry> config = new ArrayList<>();
    private TestCrypter crypter;
    private TestCli cli;

    @BeforeEach
    void createProject(@TempDir Path folder) throws Exception {
        crypter = new TestCrypter(TestCli.PASSPHRASE);
        cli = new TestCli(folder);
    }

    @Test
    void keepsTypesAndValuesOfAnyJson() throws Exception {
        // given
        List<String> values = List.of(
                "true",
                "false",
                "0",
                "-5",
                "1.5",
                "9007199254740993",
                "12345678901234567000",
                "\"\"",
                "\"true\"",
                "\"null\"",
                "\"0123\"",
                "\"1e3\"",
                "\"2020-01-01\"",
                "\"yes\"",
                "\"~\"",
                "\"=\"",
                "\"- a\"",
                "\" padded \"",
                "{}",
                "[]",
                "[1, [2, {}], {\"a\": null}, null, \"x\"]",
                "{\"a\": {\"b\": [true, 1.5, -0.25, 9007199254740993]}, \"1\": \"2\", \"yes\": \"no\", \"\": 0}",
                "{\"secure\": {\"a\": 1}, \"x\": 2}",
                "{\"secure\": 5}");
        for (int i = 0; i < values.size(); i++) {
            plain("v" + i, values.get(i));
        }
        config.add(new ConfigEntry("nasty", false, TextNode.valueOf(NASTY), false));
        config.add(new ConfigEntry("big", false, TextNode.valueOf(BIG), false));
        plain(
                "nested",
                json.createObjectNode().put(NASTY, NASTY).put(LONG_KEY, 1).toString());

        // when
        JsonNode read = write("");

        // then
        for (int i = 0; i < values.size(); i++) {
            JsonNode value = json.readTree(values.get(i));
            assertThat(asJson(read, "proj:v" + i, value)).as(values.get(i)).isEqualTo(value);
        }
        assertThat(read.at("/proj:nasty/value").textValue()).isEqualTo(NASTY);
        assertThat(read.at("/proj:big/value").textValue()).isEqualTo(BIG);
        assertThat(read.at("/proj:nested/objectValue").get(NASTY).textValue()).isEqualTo(NASTY);
        assertThat(read.at("/proj:nested/objectValue").get(LONG_KEY).intValue()).isOne();
    }

    @Test
    void keepsIntegersOfAnySizeAtTheTop() throws Exception {
        // given
        plain("huge", "123456789012345678901234567890");
        plain("negative", "-123456789012345678901234567890");

        // then
        JsonNode read = write("");
        assertThat(read.at("/proj:huge/value").textValue()).isEqualTo("123456789012345678901234567890");
        assertThat(read.at("/proj:negative/value").textValue()).isEqualTo("-123456789012345678901234567890");
    }

    @Test
    void keepsKeysAsTheyAre() throws Exception {
        // given
        List<String> keys = List.of(
                "a.b",
                "a[0]",
                "a[\"x\"].y",
                "with space",
                "\"quoted\"",
                "it's",
                "日本",
                "#",
                "- x",
                "true",
                "1",
                "~",
                "{a}",
                LONG_KEY);
        for (String key : keys) {
            plain(key, "\"plain\"");
            plain("ns:" + key, "\"namespaced\"");
        }
        plain("old:config:name", "\"old\"");

        // when
        JsonNode read = write("");

        // then
        for (String key : keys) {
            assertThat(read.path("proj:" + key).path("value").asText()).as(key).isEqualTo("plain");
            assertThat(read.path("ns:" + key).path("value").asText()).as(key).isEqualTo("namespaced");
        }
        assertThat(read.path("old:name").path("value").asText()).isEqualTo("old");
        assertThat(read.size()).isEqualTo(2 * keys.size() + 1);
    }

    @Test
    void encryptsSecretsWhereverTheyAre() throws Exception {
        // given
        plain("data", "{\"host\": \"h\", \"users\": [{\"name\": \"n\"}]}");
        secret("dbPassword", "canary-1 \"quoted\"\nline");
        secret("ns:token", "canary-2");
        secret("data.password", "canary-3");
        secret("data.users[0].key", "canary-4");
        secret("data.users[1]", "canary-5");
        secret("fresh[\"a.b\"][0]", "canary-6");
        secret("empty", "");
        secret("number", "0123");
        secret("safe.secure", "canary-7");

        // when
        JsonNode read = write("");

        // then
        assertThat(Files.readString(cli.settings())).doesNotContain("canary");
        assertThat(read.at("/proj:dbPassword/value").textValue()).isEqualTo("canary-1 \"quoted\"\nline");
        assertThat(read.at("/proj:dbPassword/secret").booleanValue()).isTrue();
        assertThat(read.at("/ns:token/value").textValue()).isEqualTo("canary-2");
        assertThat(read.at("/proj:data/secret").booleanValue()).isTrue();
        assertThat(read.at("/proj:data/objectValue")).isEqualTo(json.readTree("""
            {"host": "h", "password": "canary-3",
             "users": [{"name": "n", "key": "canary-4"}, "canary-5"]}\
            """));
        assertThat(read.at("/proj:fresh/objectValue")).isEqualTo(json.readTree("{\"a.b\": [\"canary-6\"]}"));
        assertThat(read.at("/proj:empty/value").textValue()).isEmpty();
        assertThat(read.at("/proj:number/value").textValue()).isEqualTo("0123");
        assertThat(read.at("/proj:safe/objectValue")).isEqualTo(json.readTree("{\"secure\": \"canary-7\"}"));
    }

    @Test
    void runsAndLeavesTheFileAsItIs() throws Exception {
        // given
        cli.program("""
            name: proj
            runtime: yaml
            config:
              count: {type: integer}
              flag: {type: boolean}
              data: {type: object}
            outputs:
              count: ${count}
              flag: ${flag}
              data: ${data}
              password: ${password}
              literal: ${["a.b"]}
            """);
        plain("count", "3");
        plain("flag", "true");
        plain("data", "{\"list\": [1, {\"x\": null}, \"1\"], \"text\": \"é\"}");
        plain("a.b", "\"dotted\"");
        secret("password", "canary");
        secret("data.token", "canary-2");
        write("");
        String before = Files.readString(cli.settings());

        // when
        cli.succeed("up", "--stack", TestCli.STACK, "--skip-preview", "--yes", "--non-interactive");

        // then
        JsonNode outputs = cli.json("stack", "output", "--json", "--show-secrets", "--stack", TestCli.STACK);
        assertThat(outputs).isEqualTo(json.readTree("""
            {"count": 3, "flag": true, "literal": "dotted", "password": "canary",
             "data": {"list": [1, {}, "1"], "text": "é", "token": "canary-2"}}\
            """));
        assertThat(cli.json("stack", "output", "--json", "--stack", TestCli.STACK)
                        .path("data")
                        .asText())
                .isEqualTo("[secret]");
        assertThat(Files.readString(cli.settings())).isEqualTo(before).doesNotContain("canary");
    }

    @Test
    void putsTheStacksConfigurationOverACommittedFile() throws Exception {
        // given
        String committed = """
            # comment
            secretsprovider: passphrase
            encryptionsalt: %s
            config:
              aws:region: eu-west-1
              short: unquoted
              proj:replaced: {whole: true}
              proj:data: &anchor
                host: h, with [flow] chars
                port: 0x1F
                on: yes
                day: 2020-01-01
                version: 1.10
                quoted: "5"
                folded: >-
                  two
                  lines
                empty:
                list: [a, 'b', ~]
              proj:alias: *anchor
              proj:token:
                secure: %s
            """.formatted(crypter.salt(), crypter.apply("committed-secret"));
        Files.writeString(cli.settings(), committed);
        cli.succeed("stack", "init", TestCli.STACK, "--no-select");
        JsonNode theirs = cli.json("config", "--json", "--show-secrets", "--stack", TestCli.STACK);
        plain("replaced", "\"now text\"");
        plain("added", "1");
        secret("data.password", "canary");

        // when
        StackSettings settings = StackSettings.over("proj", committed);
        assertThat(settings.committedSalt()).contains(crypter.salt());
        Files.writeString(cli.settings(), settings.render(inputs(), crypter.salt(), crypter));
        JsonNode ours = cli.json("config", "--json", "--show-secrets", "--stack", TestCli.STACK);

        // then
        assertThat(ours.at("/proj:data/objectValue/password").textValue()).isEqualTo("canary");
        assertThat(ours.at("/proj:replaced/value").textValue()).isEqualTo("now text");
        assertThat(ours.at("/proj:added/value").textValue()).isEqualTo("1");
        for (String key : List.of("aws:region", "proj:short", "proj:alias", "proj:token")) {
            assertThat(ours.path(key)).as(key).isEqualTo(theirs.path(key)).isNotEmpty();
        }
        JsonNode data = ours.at("/proj:data/objectValue").deepCopy();
        ((ObjectNode) data).remove("password");
        assertThat(data).isEqualTo(theirs.at("/proj:data/objectValue"));
    }

    @Test
    void knowsHowMuchConfigurationAProgramCanBeStartedWith() throws Exception {
        // given
        cli.program("name: proj\nruntime: python\n");
        Files.writeString(cli.settings().resolveSibling("__main__.py"), "");
        plain("data", "{\"a\": \"<&>\\\"é\", \"b\": [1, null]}");
        secret("data.c", "\"quoted\"\n");
        int rest = EnvironmentResolver.MAX_VARIABLE - (int) size("");
        cli.succeed("stack", "init", TestCli.STACK, "--no-select");

        for (boolean fits : List.of(true, false)) {
            // when
            plain("big", "\"" + "x".repeat(fits ? rest : rest + 1) + "\"");
            assertThat(refused()).isEqualTo(!fits);
            Files.writeString(cli.settings(), StackSettings.fresh("proj").render(inputs(), crypter.salt(), crypter));
            TestCli.Result result = cli.run("preview", "--stack", TestCli.STACK, "--non-interactive");

            // then
            assertThat(result.output().contains("argument list too long"))
                    .as(result.output() + result.errors())
                    .isEqualTo(!fits);
            config.removeLast();
        }
    }

    private long size(String big) throws Exception {
        plain("big", "\"" + big + "\"");
        long size = ProgramConfig.size(StackSettings.merge("proj", Map.of(), config, List.of(), plain -> plain));
        config.removeLast();
        return size;
    }

    private boolean refused() {
        try {
            StackSettings.fresh("proj").checkSize("python", inputs());
            return false;
        } catch (InputsException e) {
            return true;
        }
    }

    private void plain(String key, String value) throws Exception {
        config.add(new ConfigEntry(key, false, json.readTree(value), false));
    }

    private void secret(String path, String value) {
        config.add(new ConfigEntry(path, true, TextNode.valueOf(value), true));
    }

    private ResolvedInputs inputs() {
        return new ResolvedInputs(config, Map.of(), Set.of(), Optional.empty());
    }

    private JsonNode write(String committed) throws Exception {
        StackSettings settings = StackSettings.over("proj", committed);
        Files.writeString(cli.settings(), settings.render(inputs(), crypter.salt(), crypter));
        cli.succeed("stack", "init", TestCli.STACK, "--no-select");
        return cli.json("config", "--json", "--show-secrets", "--stack", TestCli.STACK);
    }

    /** The CLI shows scalars as text. */
    private JsonNode asJson(JsonNode config, String key, JsonNode like) throws Exception {
        JsonNode value = config.path(key);
        if (like.isContainerNode()) {
            // objectValue goes through floats in the CLI; value does not
            return json.readTree(value.path("value").asText());
        }
        return like.isTextual()
                ? value.path("value")
                : json.readTree(value.path("value").asText());
    }
}
