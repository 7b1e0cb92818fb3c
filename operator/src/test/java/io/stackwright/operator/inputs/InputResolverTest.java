package io.stackwright.operator.inputs;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.TextNode;
import io.stackwright.api.v1alpha1.Reason;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class InputResolverTest {

    private static final String CANARY = "canary-value";

    private final Objects objects = new Objects();

    @Test
    void resolvesWithoutAnyInput() {
        assertThat(ready("{}")).isEqualTo(new ResolvedInputs(List.of(), Map.of(), Set.of(), Optional.empty()));
    }

    @Test
    void resolvesConfigurationInTheOrderOfTheSpec() {
        // given
        objects.secret("db", Map.of("password", CANARY));
        objects.configMap("env", Map.of("tier", "gold"));

        // when
        ResolvedInputs inputs = ready("""
            {'config': {'b': {'x': [1]}, 'aws:region': 'eu'},
             'configFrom': [{'key': 'b.password', 'secretKeyRef': {'name': 'db', 'key': 'password'}},
                            {'key': 'tier', 'configMapKeyRef': {'name': 'env', 'key': 'tier'}}]}\
            """);

        // then
        assertThat(inputs.config())
                .containsExactly(
                        new ConfigEntry("b", false, Specs.json("{'x': [1]}"), false),
                        new ConfigEntry("aws:region", false, TextNode.valueOf("eu"), false),
                        new ConfigEntry("b.password", true, TextNode.valueOf(CANARY), true),
                        new ConfigEntry("tier", true, TextNode.valueOf("gold"), false));
        assertThat(inputs.secrets()).containsExactly(CANARY);
    }

    @Test
    void resolvesTheEnvironmentLikeKubernetes() {
        // given
        objects.secret("cloud", Map.of("KEY", "from-secret", "BOTH", "secret", "not-a-name", "x", "1X", "y"));
        objects.configMap("cloud", Map.of("BOTH", "map", "EMPTY", ""));

        // when
        ResolvedInputs inputs = ready("""
            {'envFrom': [{'secretRef': {'name': 'cloud'}, 'prefix': 'P_'},
                         {'secretRef': {'name': 'cloud'}}, {'configMapRef': {'name': 'cloud'}},
                         {'secretRef': {'name': 'absent', 'optional': true}}],
             'env': [{'name': 'KEY', 'value': 'from-env'}, {'name': 'NONE'},
                     {'name': 'REF', 'valueFrom': {'secretKeyRef': {'name': 'cloud', 'key': 'BOTH'}}},
                     {'name': 'GONE', 'valueFrom':
                         {'secretKeyRef': {'name': 'cloud', 'key': 'absent', 'optional': true}}}]}\
            """);

        // then
        assertThat(inputs.environment())
                .containsOnly(
                        Map.entry("P_KEY", "from-secret"),
                        Map.entry("P_BOTH", "secret"),
                        Map.entry("P_1X", "y"),
                        Map.entry("KEY", "from-env"),
                        Map.entry("BOTH", "map"),
                        Map.entry("EMPTY", ""),
                        Map.entry("NONE", ""),
                        Map.entry("REF", "secret"));
        assertThat(inputs.secrets()).containsExactlyInAnyOrder("from-secret", "secret", "y");
    }

    @Test
    void resolvesThePassphrase() {
        // given
        objects.secret("pass", Map.of("phrase", CANARY, "empty", "", "nul", "a\0b"));

        // then
        assertThat(ready(passphrase("phrase")).passphrase()).contains(CANARY);
        assertThat(ready(passphrase("phrase")).secrets()).containsExactly(CANARY);
        assertThat(notReady(passphrase("absent")))
                .satisfies(state -> assertThat(state.reason()).isEqualTo(Reason.InputsNotReady))
                .satisfies(state -> assertThat(state.message()).endsWith("add the key"));
        assertThat(invalid(passphrase("empty"))).contains("spec.secretsProvider.passphrase.secretKeyRef", "empty");
        assertThat(invalid(passphrase("nul"))).contains("NUL");
    }

    @Test
    void listsEverythingThatIsMissing() {
        // given
        objects.secret("db", Map.of("user", "u"));

        // when
        InputsState.NotReady state = notReady("""
            {'configFrom': [{'key': 'a', 'secretKeyRef': {'name': 'db', 'key': 'user'}},
                            {'key': 'b', 'secretKeyRef': {'name': 'db', 'key': 'password'}},
                            {'key': 'c', 'configMapKeyRef': {'name': 'db', 'key': 'user'}},
                            {'key': 'd', 'configMapKeyRef': {'name': 'x', 'key': 'y', 'optional': true}}],
             'env': [{'name': 'A', 'valueFrom': {'secretKeyRef': {'name': 'cloud', 'key': 'k'}}}],
             'envFrom': [{'configMapRef': {'name': 'all'}}]}\
            """);

        // then
        assertThat(state.reason()).isEqualTo(Reason.InputsNotReady);
        assertThat(state.message())
                .contains(
                        "spec.configFrom[1].secretKeyRef: Secret `db` has no key `password`; add the key",
                        "spec.configFrom[2].configMapKeyRef: ConfigMap `db` does not exist; create it",
                        "spec.env[0].valueFrom.secretKeyRef: Secret `cloud`",
                        "spec.envFrom[0].configMapRef: ConfigMap `all`")
                .doesNotContain("configFrom[0]", "configFrom[3]");
    }

    @Test
    void boundsTheListOfWhatIsMissing() {
        // given
        String name = "n".repeat(253);
        String from = IntStream.range(0, 256)
                .mapToObj(i -> "{'key': 'k%d', 'secretKeyRef': {'name': '%s', 'key': '%s'}}".formatted(i, name, name))
                .collect(Collectors.joining(","));

        // then
        assertThat(notReady("{'configFrom': [" + from + "]}").message())
                .endsWith("and 251 more")
                .hasSizeLessThan(2_500);
    }

    @Test
    void readsEachObjectOnce() {
        // given
        objects.secret("db", Map.of("a", "1", "b", "2"));

        // when
        ready("""
            {'configFrom': [{'key': 'a', 'secretKeyRef': {'name': 'db', 'key': 'a'}},
                            {'key': 'b', 'secretKeyRef': {'name': 'db', 'key': 'b'}},
                            {'key': 'c', 'secretKeyRef': {'name': 'gone', 'key': 'b', 'optional': true}}],
             'env': [{'name': 'A', 'valueFrom': {'secretKeyRef': {'name': 'db', 'key': 'a'}}},
                     {'name': 'B', 'valueFrom':
                         {'secretKeyRef': {'name': 'gone', 'key': 'a', 'optional': true}}}],
             'envFrom': [{'secretRef': {'name': 'db'}}]}\
            """);

        // then
        assertThat(objects.reads).containsExactlyInAnyOrder("ns/Secret/db", "ns/Secret/gone");
    }

    @Test
    void refusesBytesThatAreNoText() {
        // given
        objects.secrets.put("bin", Map.of("K", new byte[] {(byte) 0xff, 'x'}));
        objects.configMaps.put("bin", Map.of("K", new byte[] {(byte) 0xc3}));

        // then
        assertThat(invalid("{'configFrom': [{'key': 'a', 'secretKeyRef': {'name': 'bin', 'key': 'K'}}]}"))
                .contains("spec.configFrom[0].secretKeyRef: key `K` of Secret `bin` is not UTF-8 text");
        assertThat(invalid("{'configFrom': [{'key': 'a', 'configMapKeyRef': {'name': 'bin', 'key': 'K'}}]}"))
                .contains("ConfigMap `bin`");
        assertThat(invalid("{'envFrom': [{'secretRef': {'name': 'bin'}}]}")).contains("spec.envFrom[0].secretRef");
    }

    @Test
    void saysWhereThePassphraseBelongs() {
        assertThat(invalid("{'env': [{'name': 'PULUMI_CONFIG_PASSPHRASE', 'value': 'x'}]}"))
                .contains("spec.secretsProvider");
    }

    @Test
    void acceptsEmptyValuesAndSurroundingWhitespace() {
        // given
        objects.secret("db", Map.of("empty", "", "line", "v\n"));

        // when
        ResolvedInputs inputs = ready("""
            {'configFrom': [{'key': 'a', 'secretKeyRef': {'name': 'db', 'key': 'empty'}},
                            {'key': 'b', 'secretKeyRef': {'name': 'db', 'key': 'line'}}]}\
            """);

        // then
        assertThat(inputs.config()).extracting(entry -> entry.value().asText()).containsExactly("", "v\n");
        assertThat(inputs.secrets()).containsExactly("v\n");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "PULUMI_HOME",
                "PULUMI_BACKEND_URL",
                "PULUMI_CONFIG_PASSPHRASE",
                "PULUMI_CONFIG_PASSPHRASE_FILE",
                "PATH",
                "HOME",
                "TMPDIR",
                "PULUMI_SKIP_CHECKPOINTS",
                "LD_PRELOAD",
                "LD_X"
            })
    void refusesNamesThatAreOurs(String name) {
        // given
        objects.secret("env", Map.of(name, CANARY));
        objects.configMap("env", Map.of(name.substring(1), CANARY));

        // then
        assertThat(invalid("{'env': [{'name': '" + name + "', 'value': '" + CANARY + "'}]}"))
                .contains("spec.env[0]", name);
        assertThat(invalid("{'envFrom': [{'secretRef': {'name': 'env'}}]}")).contains("spec.envFrom[0]", name);
        assertThat(invalid("{'envFrom': [{'configMapRef': {'name': 'env'}, 'prefix': '" + name.charAt(0) + "'}]}"))
                .contains("spec.envFrom[0]", name);
    }

    @Test
    void refusesValuesThatNoProcessCanBeStartedWith() {
        // given
        int longest = EnvironmentResolver.MAX_VARIABLE - "X=".length() - 1;
        objects.secret(
                "env", Map.of("NUL", "a\0b", "FITS", "x".repeat(longest), "LONG", "é" + "x".repeat(longest - 1)));

        // then
        assertThat(ready(env("FITS")).environment()).containsKey("X");
        assertThat(invalid(env("NUL"))).contains("spec.env[0]", "NUL character");
        assertThat(invalid(env("LONG"))).contains("spec.env[0]", "128 KiB", "configFrom");
    }

    @Test
    void boundsTheWhole() {
        // given
        objects.secret("big", Map.of("k", "x".repeat(InputResolver.MAX_BYTES / 2)));

        // then
        assertThat(ready("{'configFrom': [{'key': 'a', 'secretKeyRef': {'name': 'big', 'key': 'k'}}]}")
                        .config())
                .hasSize(1);
        assertThat(invalid("""
            {'configFrom': [{'key': 'a', 'secretKeyRef': {'name': 'big', 'key': 'k'}},
                            {'key': 'b', 'secretKeyRef': {'name': 'big', 'key': 'k'}}]}\
            """)).contains("1048578" + " bytes");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{'config': {'a': null}}",
                "{'config': {'': 1}}",
                "{'config': {'a:b:c': 1}}",
                "{'config': {':a': 1}}",
                "{'config': {'ns:': 1}}",
                "{'config': {'a': {'secure': 'plain'}}}",
                "{'config': {'a': [1, {'b': {'secure': 'plain'}}]}}",
                "{'config': {'a': 1e400}}",
                "{'config': {'ns:k': 1, 'ns:config:k': 2}}",
                "{'config': {'a': 1}, 'configFrom': [{'key': 'a', 'secretKeyRef': {'name': 'db', 'key': 'k'}}]}",
                "{'config': {'a': 1}, 'configFrom': [{'key': 'a.b', 'secretKeyRef': {'name': 'db', 'key': 'k'}}]}",
                "{'config': {'a': {'b': 1}}, 'configFrom': [{'key': 'a.b', 'secretKeyRef': {'name': 'db', 'key':"
                        + " 'k'}}]}",
                "{'config': {'a': [1]}, 'configFrom': [{'key': 'a.b', 'secretKeyRef': {'name': 'db', 'key': 'k'}}]}",
                "{'config': {'a': [1]}, 'configFrom': [{'key': 'a[2]', 'secretKeyRef': {'name': 'db', 'key': 'k'}}]}",
                "{'config': {'a': {}}, 'configFrom': [{'key': 'a[0]', 'secretKeyRef': {'name': 'db', 'key': 'k'}}]}",
                "{'configFrom': [{'key': 'a', 'secretKeyRef': {'name': 'db', 'key': 'k'}},"
                        + " {'key': '[\\\"a\\\"]', 'secretKeyRef': {'name': 'db', 'key': 'k'}}]}",
                "{'configFrom': [{'key': 'a.b', 'secretKeyRef': {'name': 'db', 'key': 'k'}},"
                        + " {'key': 'a', 'secretKeyRef': {'name': 'db', 'key': 'k'}}]}",
                "{'configFrom': [{'key': 'a[', 'secretKeyRef': {'name': 'db', 'key': 'k'}}]}",
                "{'configFrom': [{'key': 'a'}]}",
                "{'configFrom': [{'secretKeyRef': {'name': 'db', 'key': 'k'}}]}",
                "{'configFrom': [{'key': 'a', 'secretKeyRef': {}}]}",
                "{'envFrom': [{'secretRef': {}}]}",
                "{'env': [{'name': 'a b', 'value': 'x'}]}",
                "{'env': [{'name': 'A', 'valueFrom': {}}]}",
                "{'envFrom': [{}]}",
                "{'secretsProvider': {'passphrase': {}}}"
            })
    void refusesWhatCannotBeMeant(String spec) {
        // given
        objects.secret("db", Map.of("k", CANARY));

        // then
        assertThat(invalid(spec)).contains("spec.");
    }

    @Test
    void namesBothSidesOfADuplicate() {
        // given
        objects.secret("db", Map.of("k", CANARY));

        // then
        assertThat(invalid("""
            {'config': {'data': {'password': 'x'}},
             'configFrom': [{'key': 'data.password', 'secretKeyRef': {'name': 'db', 'key': 'k'}}]}\
            """))
                .isEqualTo("spec.config[\"data\"] and spec.configFrom[0] both set the configuration key"
                        + " `data.password`; keep one of them");
    }

    @Test
    void saysWhatIsInvalidBeforeWhatIsMissing() {
        assertThat(invalid("""
            {'configFrom': [{'key': 'a', 'secretKeyRef': {'name': 'gone', 'key': 'k'}}],
             'env': [{'name': 'PATH', 'value': 'x'}]}\
            """)).contains("PATH").doesNotContain("gone");
    }

    @Test
    void takesTenThousandKeys() {
        // given
        String keys = IntStream.range(0, 10_000)
                .mapToObj(i -> "'k" + i + "': {'v': " + i + "}")
                .collect(Collectors.joining(","));

        // then
        assertThat(ready("{'config': {" + keys + "}}").config()).hasSize(10_000);
    }

    @Test
    void neverShowsValues() {
        // given
        objects.secret("db", Map.of("k", CANARY));

        // then
        assertThat(ready("""
            {'configFrom': [{'key': 'a', 'secretKeyRef': {'name': 'db', 'key': 'k'}}],
             'env': [{'name': 'A', 'valueFrom': {'secretKeyRef': {'name': 'db', 'key': 'k'}}}]}\
            """)).asString().doesNotContain(CANARY);
    }

    @Test
    void whatTheOperatorMayNotReadIsToldWithItsFieldAndNotTakenForMissing() {
        // given
        objects.refused("db");

        // when an optional one, too, of which nobody knows whether it is there
        InputsState.NotReady state = notReady("""
            {'configFrom': [{'key': 'a', 'secretKeyRef': {'name': 'db', 'key': 'a', 'optional': true}},
                            {'key': 'b', 'secretKeyRef': {'name': 'db', 'key': 'b'}},
                            {'key': 'c', 'secretKeyRef': {'name': 'absent', 'key': 'c'}}]}\
            """);

        // then
        assertThat(state.reason()).isEqualTo(Reason.ApiRefused);
        assertThat(state.message())
                .contains("spec.configFrom[0].secretKeyRef: may not read db", "spec.configFrom[1].secretKeyRef");
        assertThat(objects.reads).containsOnlyOnce("ns/Secret/db");
    }

    private static String passphrase(String key) {
        return "{'secretsProvider': {'passphrase': {'secretKeyRef': {'name': 'pass', 'key': '" + key
                + "', 'optional': true}}}}";
    }

    private static String env(String key) {
        return "{'env': [{'name': 'X', 'valueFrom': {'secretKeyRef': {'name': 'env', 'key': '" + key + "'}}}]}";
    }

    private InputsState resolve(String spec) {
        return new InputResolver(objects).resolve("ns", Specs.spec(spec));
    }

    private ResolvedInputs ready(String spec) {
        InputsState state = resolve(spec);
        assertThat(state).isInstanceOf(InputsState.Ready.class);
        return ((InputsState.Ready) state).inputs();
    }

    private InputsState.NotReady notReady(String spec) {
        InputsState state = resolve(spec);
        assertThat(state).isInstanceOf(InputsState.NotReady.class);
        assertThat(((InputsState.NotReady) state).message()).doesNotContain(CANARY);
        return (InputsState.NotReady) state;
    }

    private String invalid(String spec) {
        InputsState.NotReady state = notReady(spec);
        assertThat(state.reason()).as(state.message()).isEqualTo(Reason.InputsInvalid);
        return state.message();
    }

    /** Objects of the namespace `ns`, and what was read of them. */
    private static final class Objects implements ReferenceReader {

        private final Map<String, Map<String, byte[]>> secrets = new HashMap<>();
        private final Map<String, Map<String, byte[]>> configMaps = new HashMap<>();
        private final Set<String> refused = new HashSet<>();
        private final List<String> reads = new ArrayList<>();

        void refused(String name) {
            refused.add(name);
        }

        void secret(String name, Map<String, String> data) {
            secrets.put(name, bytes(data));
        }

        void configMap(String name, Map<String, String> data) {
            configMaps.put(name, bytes(data));
        }

        @Override
        public Optional<Map<String, byte[]>> secret(String namespace, String name) {
            reads.add(namespace + "/Secret/" + name);
            if (refused.contains(name)) {
                throw new ReadRefusedException("may not read " + name, null);
            }
            return Optional.ofNullable(secrets.get(name));
        }

        @Override
        public Optional<Map<String, byte[]>> configMap(String namespace, String name) {
            reads.add(namespace + "/ConfigMap/" + name);
            return Optional.ofNullable(configMaps.get(name));
        }

        private static Map<String, byte[]> bytes(Map<String, String> data) {
            return data.entrySet().stream()
                    .collect(Collectors.toMap(
                            Map.Entry::getKey, entry -> entry.getValue().getBytes(UTF_8)));
        }
    }
}
