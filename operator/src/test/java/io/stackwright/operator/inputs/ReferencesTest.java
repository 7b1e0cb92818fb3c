package io.stackwright.operator.inputs;

import static io.stackwright.operator.inputs.References.Kind.CONFIG_MAP;
import static io.stackwright.operator.inputs.References.Kind.SECRET;
import static org.assertj.core.api.Assertions.assertThat;

import io.stackwright.operator.inputs.References.Reference;
import org.junit.jupiter.api.Test;

class ReferencesTest {

    @Test
    void findsEveryReference() {
        assertThat(References.of(Specs.spec("""
            {'project': {'configMap': {'name': 'program'}, 'git': {'url': 'u', 'secretRef': {'name': 'deploy'}}},
             'secretsProvider': {'passphrase': {'secretKeyRef': {'name': 'pass', 'key': 'k'}}},
             'configFrom': [{'key': 'a', 'secretKeyRef': {'name': 'db', 'key': 'k'}},
                            {'key': 'b', 'configMapKeyRef': {'name': 'tier', 'key': 'k', 'optional': true}}],
             'env': [{'name': 'A', 'value': 'x'},
                     {'name': 'B', 'valueFrom': {'secretKeyRef': {'name': 'cloud', 'key': 'k'}}},
                     {'name': 'C', 'valueFrom': {'configMapKeyRef': {'name': 'region', 'key': 'k'}}}],
             'envFrom': [{'secretRef': {'name': 'db'}}, {'configMapRef': {'name': 'all'}}]}\
            """)))
                .containsExactlyInAnyOrder(
                        new Reference(CONFIG_MAP, "program"),
                        new Reference(SECRET, "deploy"),
                        new Reference(SECRET, "pass"),
                        new Reference(SECRET, "db"),
                        new Reference(CONFIG_MAP, "tier"),
                        new Reference(SECRET, "cloud"),
                        new Reference(CONFIG_MAP, "region"),
                        new Reference(CONFIG_MAP, "all"));
    }

    @Test
    void tellsASecretFromAConfigMapOfTheSameName() {
        assertThat(References.of(Specs.spec("""
            {'envFrom': [{'secretRef': {'name': 'x'}}, {'configMapRef': {'name': 'x'}}]}\
            """))).hasSize(2);
    }

    @Test
    void hasNoneForAnUnreadableSpec() {
        assertThat(References.of(null)).isEmpty();
        assertThat(References.of(Specs.spec("{}"))).isEmpty();
        assertThat(References.of(Specs.spec("""
            {'project': {}, 'secretsProvider': {}, 'configFrom': [null, {'key': 'a'}],
             'env': [null, {'name': 'A', 'valueFrom': {}}],
             'envFrom': [null, {}, {'secretRef': {}}]}\
            """))).isEmpty();
    }
}
