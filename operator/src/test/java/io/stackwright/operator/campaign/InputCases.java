package io.stackwright.operator.campaign;

import static io.stackwright.operator.campaign.Case.good;
import static io.stackwright.operator.campaign.Case.refused;
import static io.stackwright.operator.campaign.Case.stalls;
import static io.stackwright.operator.campaign.Case.waits;

import io.stackwright.api.v1alpha1.Reason;
import java.util.ArrayList;
import java.util.List;

/** Values from Secrets and ConfigMaps, and the environment. */
final class InputCases {

    private static final String WORD = "{key: word, secretKeyRef: {name: s1, key: a}}";
    private static final String TIER = "{key: tier, configMapKeyRef: {name: m1, key: a}}";
    private static final String PLAIN = "{name: PLAIN, value: x}";

    private InputCases() {}

    /** What of the spec each chain starts from. */
    static String base() {
        return """
            configFrom: [%s, %s]
            env: [%s, {name: FROM_S, valueFrom: {secretKeyRef: {name: s1, key: a}}}]
            envFrom: [{prefix: S_, secretRef: {name: s1}}, {prefix: M_, configMapRef: {name: m1}}]
            """.formatted(WORD, TIER, PLAIN);
    }

    static List<Case> all() {
        List<Case> all = new ArrayList<>(configFrom());
        all.addAll(env());
        all.addAll(envFrom());
        return all;
    }

    private static List<Case> configFrom() {
        List<Case> cases = new ArrayList<>(references(
                "configFrom[]",
                "configFrom: [{key: word, %s}, " + TIER + "]",
                "configFrom: [" + WORD + ", {key: tier, %s}]"));
        cases.add(good(
                "configFrom[].key",
                "one more, into an object",
                configFrom("{key: data.token, secretKeyRef: {name: s1, key: b}}")));
        cases.add(good("configFrom[].key", "one less", "configFrom: [" + TIER + "]"));
        cases.add(good("configFrom[].key", "empty list", "configFrom: []"));
        cases.add(good("configFrom[].key", "delete", "configFrom: null"));
        cases.add(good("configFrom[].key", "other order", "configFrom: [" + TIER + ", " + WORD + "]"));
        cases.add(good(
                "configFrom[].key",
                "the plain one becomes secret",
                "configFrom: [{key: word, configMapKeyRef: {name: m1, key: b}}, " + TIER + "]"));
        cases.add(refused(
                "configFrom[].key",
                "empty",
                configFrom("{key: '', secretKeyRef: {name: s1, key: b}}"),
                "spec.configFrom[2].key"));
        cases.add(refused("configFrom[].key", "twice", configFrom(WORD), "spec.configFrom[2]"));
        cases.add(stalls(
                "configFrom[].key",
                "has a value already",
                "config: {text: set}\n" + configFrom("{key: text, secretKeyRef: {name: s1, key: b}}"),
                Reason.InputsInvalid));
        cases.add(stalls(
                "configFrom[].key",
                "no path",
                configFrom("{key: 'a[', secretKeyRef: {name: s1, key: b}}"),
                Reason.InputsInvalid));
        return cases;
    }

    private static String configFrom(String more) {
        return "configFrom: [" + WORD + ", " + TIER + ", " + more + "]";
    }

    /** The same references stand in several places of the spec. */
    private static List<Case> references(String leaf, String withSecret, String withConfigMap) {
        List<Case> cases = new ArrayList<>();
        for (String kind : List.of("secretKeyRef", "configMapKeyRef")) {
            boolean secret = kind.equals("secretKeyRef");
            String patch = secret ? withSecret : withConfigMap;
            String one = secret ? "s1" : "m1";
            String two = secret ? "s2" : "m2";
            String ref = leaf + "." + kind;
            cases.add(good(ref + ".name", "change", patch.formatted(kind + ": {name: " + two + ", key: a}")));
            cases.add(good(ref + ".key", "change", patch.formatted(kind + ": {name: " + one + ", key: b}")));
            cases.add(good(
                    ref + ".optional",
                    "and absent",
                    patch.formatted(kind + ": {name: nowhere, key: a, optional: true}")));
            cases.add(good(
                            ref + ".optional",
                            "false",
                            patch.formatted(kind + ": {name: " + one + ", key: a, optional: false}"))
                    .putBack());
            cases.add(waits(
                    ref + ".name",
                    "of nothing",
                    patch.formatted(kind + ": {name: nowhere, key: a}"),
                    Reason.InputsNotReady));
            cases.add(waits(
                    ref + ".key",
                    "that is not there",
                    patch.formatted(kind + ": {name: " + one + ", key: nothing}"),
                    Reason.InputsNotReady));
            cases.add(refused(ref + ".name", "empty", patch.formatted(kind + ": {name: '', key: a}"), kind + ".name"));
            cases.add(refused(ref + ".key", "delete", patch.formatted(kind + ": {name: " + one + "}"), kind + ".key"));
        }
        return cases;
    }

    private static List<Case> env() {
        List<Case> cases = new ArrayList<>(references(
                "env[].valueFrom",
                "env: [" + PLAIN + ", {name: FROM_S, valueFrom: {%s}}]",
                "env: [" + PLAIN + ", {name: FROM_M, valueFrom: {%s}}]"));
        cases.add(good("env[].name", "change", "env: [{name: RENAMED, value: x}]"));
        cases.add(good("env[].name", "delete", "env: null"));
        cases.add(good(
                "env[].name",
                "wins over envFrom",
                "env: [{name: S_a, value: won}]\nenvFrom: [{prefix: S_, secretRef: {name: s1}}]"));
        cases.add(good("env[].value", "change", "env: [{name: PLAIN, value: '$RANDOM'}]"));
        cases.add(good("env[].value", "empty", "env: [{name: PLAIN, value: ''}]"));
        cases.add(good("env[].value", "delete", "env: [{name: PLAIN}]"));
        cases.add(good("env[].value", "many lines", "env: [{name: PLAIN, value: \"a\\nb=c\\n\\td\"}]"));
        cases.add(good("env[].value", "large", "env: [{name: PLAIN, value: '" + "v".repeat(50_000) + "'}]")
                .putBack());
        cases.add(refused(
                "env[].name", "one of ours", "env: [{name: PULUMI_BACKEND_URL, value: x}]", "spec.env[0].name"));
        cases.add(refused("env[].name", "no name", "env: [{name: 'a-b', value: x}]", "spec.env[0].name"));
        cases.add(refused(
                "env[].value",
                "beside valueFrom",
                "env: [{name: A, value: x, valueFrom: {secretKeyRef: {name: s1, key: a}}}]",
                "spec.env[0]"));
        return cases;
    }

    private static List<Case> envFrom() {
        List<Case> cases = new ArrayList<>();
        for (String kind : List.of("secretRef", "configMapRef")) {
            boolean secret = kind.equals("secretRef");
            String one = secret ? "s1" : "m1";
            String two = secret ? "s2" : "m2";
            String ref = "envFrom[]." + kind;
            cases.add(good(ref + ".name", "change", "envFrom: [{prefix: S_, " + kind + ": {name: " + two + "}}]"));
            cases.add(good(
                    ref + ".optional", "and absent", "envFrom: [{" + kind + ": {name: nowhere, optional: true}}]"));
            cases.add(good(
                            ref + ".optional",
                            "false",
                            "envFrom: [{prefix: S_, " + kind + ": {name: " + one + ", optional: false}}]")
                    .putBack());
            cases.add(waits(
                    ref + ".name", "of nothing", "envFrom: [{" + kind + ": {name: nowhere}}]", Reason.InputsNotReady));
            cases.add(refused(ref + ".name", "empty", "envFrom: [{" + kind + ": {name: ''}}]", kind + ".name"));
        }
        cases.add(good("envFrom[].prefix", "change", "envFrom: [{prefix: Q_, secretRef: {name: s1}}]"));
        cases.add(good("envFrom[].prefix", "delete", "envFrom: [{secretRef: {name: s1}}]"));
        cases.add(good(
                "envFrom[].prefix",
                "later ones win",
                "envFrom: [{secretRef: {name: s1}}, {configMapRef: {name: m1}}]"));
        cases.add(good("envFrom[].prefix", "delete all", "envFrom: null"));
        cases.add(refused(
                "envFrom[].prefix",
                "no prefix of a name",
                "envFrom: [{prefix: '1', secretRef: {name: s1}}]",
                "spec.envFrom[0].prefix"));
        cases.add(stalls(
                "envFrom[].secretRef.name",
                "has one of our names",
                "envFrom: [{secretRef: {name: ours}}]",
                Reason.InputsInvalid));
        return cases;
    }
}
