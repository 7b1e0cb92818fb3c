package io.stackwright.operator.inputs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.fasterxml.jackson.databind.node.TextNode;
import io.stackwright.api.v1alpha1.Reason;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class StackSettingsTest {

    private static final String SALT = "v1:c2FsdA==:v1:bm9uY2U=:Y2lwaGVy";

    @Test
    void writesOneKeyALineAndOnlyCiphertext() throws Exception {
        assertThat(StackSettings.fresh("shop")
                        .render(
                                inputs(
                                        new ConfigEntry("data", false, Specs.json("{'a': [1, true, null]}"), false),
                                        new ConfigEntry("aws:region", false, TextNode.valueOf("eu"), false),
                                        new ConfigEntry("data.key", true, TextNode.valueOf("canary"), true)),
                                SALT,
                                plain -> "<" + plain.length() + ">"))
                .isEqualTo("""
                    config:
                      "shop:data": {"a": [1, true, null], "key": {"secure": "<6>"}}
                      "aws:region": "eu"
                    "encryptionsalt": "v1:c2FsdA==:v1:bm9uY2U=:Y2lwaGVy"
                    """);
    }

    @Test
    void leavesTheInputsAsTheyAre() throws Exception {
        // given
        ConfigEntry data = new ConfigEntry("data", false, Specs.json("{'a': 1}"), false);

        // when
        render(StackSettings.fresh("shop"), data, new ConfigEntry("data.b", true, TextNode.valueOf("x"), false));

        // then
        assertThat(data.value()).isEqualTo(Specs.json("{'a': 1}"));
    }

    @Test
    void findsOneKeyWithAndWithoutTheProjectsNamespace() {
        assertThat(refusal(() -> render(
                        StackSettings.fresh("shop"),
                        new ConfigEntry("a", false, TextNode.valueOf("1"), false),
                        new ConfigEntry("shop:a", false, TextNode.valueOf("2"), false))))
                .satisfies(e -> assertThat(e.reason()).isEqualTo(Reason.InputsInvalid))
                .hasMessageContaining("`a`")
                .hasMessageContaining("`shop:a`");
    }

    @Test
    void refusesASaltThatIsNotTheCommittedOne() throws Exception {
        // given
        StackSettings settings = StackSettings.over("shop", "encryptionsalt: v1:other\n");

        // then
        assertThat(settings.committedSalt()).contains("v1:other");
        assertThat(refusal(() -> render(settings)))
                .satisfies(e -> assertThat(e.reason()).isEqualTo(Reason.SettingsConflict))
                .hasMessageContaining("spec.secretsProvider");
        assertThatCode(() -> settings.render(inputs(), "v1:other", plain -> plain))
                .doesNotThrowAnyException();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "secretsprovider: awskms://alias/canary?region=eu\nencryptedkey: canary\n",
                "encryptedkey: canary\n",
                "config: {a: {secure: canary}}\n",
                "config: {a: [{b: {secure: canary}}]}\n",
                "config: [canary]\n",
                "config: 5\n",
                "[canary]\n",
                "canary\n",
                "config: {a: 'canary\n",
                "config: {a: canary, a: canary}\n",
                "config: {a: canary, 'shop:a': canary}\n",
                "config: {'a:b:c': 1}\n",
                "config: {[a]: 1}\n",
                "config: {a: &x {k: canary}, b: {<<: *x}}\n",
                "config: {a: !!binary canary}\n",
                "config: {a: !canary b}\n",
                "config: &x {a: *x}\n",
                "\tconfig: {}\n",
                "config: {}\n---\nconfig: {}\n"
            })
    void refusesCommittedFilesItCannotWorkWith(String committed) {
        assertThat(refusal(() -> StackSettings.over("shop", committed)))
                .satisfies(e -> assertThat(e.reason()).isEqualTo(Reason.SettingsConflict))
                .hasMessageContaining("committed stack settings file")
                .satisfies(
                        e -> assertThat(e.getMessage().replace("!canary", "")).doesNotContain("canary"));
    }

    @Test
    void survivesBombs() {
        // given
        StringBuilder laughs = new StringBuilder("config:\n  a0: &a0 [x]\n");
        for (int i = 1; i < 30; i++) {
            laughs.append("  a%d: &a%d [%s]\n"
                    .formatted(i, i, String.join(", ", Collections.nCopies(9, "*a" + (i - 1)))));
        }
        String deep = "config: {a: " + "[".repeat(5_000) + "]".repeat(5_000) + "}\n";
        String wide = "config: {a: ["
                + IntStream.range(0, 200_000).mapToObj(i -> "1").collect(Collectors.joining(",")) + "]}\n";

        // then
        for (String bomb : List.of(laughs.toString(), deep, wide)) {
            assertThat(refusal(() -> StackSettings.over("shop", bomb)).reason()).isEqualTo(Reason.SettingsConflict);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "# nothing\n", "config:\n", "config: {}\n", "secretsprovider: passphrase\n", "null\n"})
    void acceptsFilesThatSayNothing(String committed) throws Exception {
        assertThat(render(StackSettings.over("shop", committed))).isEqualTo("\"encryptionsalt\": \"" + SALT + "\"\n");
    }

    @Test
    void keepsTheEnvironmentOfACommittedFile() throws Exception {
        assertThat(render(StackSettings.over("shop", "environment: [base, 'prod']\n")))
                .contains("\"environment\": [\"base\", \"prod\"]\n");
    }

    private static String render(StackSettings settings, ConfigEntry... config) throws InputsException {
        return settings.render(inputs(config), SALT, plain -> plain);
    }

    private static ResolvedInputs inputs(ConfigEntry... config) {
        return new ResolvedInputs(List.of(config), Map.of(), Set.of(), Optional.empty());
    }

    private static InputsException refusal(ThrowingCallable call) {
        InputsException refusal = catchThrowableOfType(InputsException.class, call);
        assertThat(refusal).isNotNull();
        return refusal;
    }
}
