package io.stackwright.operator.campaign;

import static io.stackwright.operator.campaign.Case.good;
import static io.stackwright.operator.campaign.Case.refused;
import static io.stackwright.operator.campaign.Case.rests;
import static io.stackwright.operator.campaign.Case.stalls;
import static io.stackwright.operator.campaign.Case.waits;

import io.stackwright.api.v1alpha1.Reason;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** What is done to each property of the spec; and which properties the campaign leaves to other tests, with reasons. */
final class Cases {

    /** Properties whose meaning no echo of inputs can show. Their schema is tried out all the same. */
    static final Map<String, String> ELSEWHERE = new TreeMap<>(Map.of(
            "updates.timeout", "shows in a run that takes too long: StackFailuresIT",
            "updates.grace", "shows in a run that does not stop: engine.automation.StoppingIT",
            "updates.retry.initial", "shows in a failure: CampaignIT.retriesFollowTheSpec",
            "updates.retry.factor", "shows in a failure: CampaignIT.retriesFollowTheSpec",
            "updates.retry.max", "shows in a failure: CampaignIT.retriesFollowTheSpec"));

    private static final String WORD = "{key: word, secretKeyRef: {name: s1, key: a}}";
    private static final String TIER = "{key: tier, configMapKeyRef: {name: m1, key: a}}";
    private static final String PLAIN = "{name: PLAIN, value: x}";

    private Cases() {}

    /** The spec that each chain starts from. */
    static String base() {
        return """
            project: {inline: %s}
            config: {text: hello, count: 1, active: true, nums: [1], data: {a: 1}}
            configFrom: [%s, %s]
            env: [%s, {name: FROM_S, valueFrom: {secretKeyRef: {name: s1, key: b}}}]
            envFrom: [{prefix: S_, secretRef: {name: s1}}, {prefix: M_, configMapRef: {name: m1}}]
            tags: {team: shop}
            outputs: {secret: {name: $NAME-published}}
            secretsProvider: {passphrase: {secretKeyRef: {name: p1, key: x}}}
            updates: {retry: {initial: 1s, max: 2s}}
            """.formatted(Echo.program("inline"), WORD, TIER, PLAIN);
    }

    static List<Case> all() {
        List<Case> all = new ArrayList<>();
        all.addAll(identity());
        all.addAll(config());
        all.addAll(configFrom());
        all.addAll(env());
        all.addAll(envFrom());
        all.addAll(outputs());
        all.addAll(sources());
        all.addAll(git());
        all.addAll(runs());
        return all;
    }

    private static List<Case> identity() {
        return List.of(
                stalls("backend.url", "change", "backend: {url: 'file://$OTHER'}", Reason.IdentityChanged),
                good("backend.url", "the default, spelled out", "backend: {url: 'file://$STATE'}"),
                good("backend.url", "delete", "backend: null"),
                refused("backend.url", "empty", "backend: {url: ''}", "spec.backend.url"),
                stalls("stackName", "change", "stackName: another", Reason.IdentityChanged),
                stalls("stackName", "another organisation", "stackName: acme/$NAME", Reason.IdentityChanged),
                good("stackName", "the default, spelled out", "stackName: $NAME"),
                good("stackName", "with the organisation", "stackName: organization/$NAME"),
                good("stackName", "delete", "stackName: null"),
                refused("stackName", "empty", "stackName: ''", "spec.stackName"),
                good(
                        "secretsProvider.passphrase.secretKeyRef.name",
                        "another place of the same phrase",
                        "secretsProvider: {passphrase: {secretKeyRef: {name: p2, key: x}}}"),
                good(
                        "secretsProvider.passphrase.secretKeyRef.key",
                        "another key of the same phrase",
                        "secretsProvider: {passphrase: {secretKeyRef: {name: p1, key: y}}}"),
                good(
                        "secretsProvider.passphrase.secretKeyRef.optional",
                        "the default, spelled out",
                        "secretsProvider: {passphrase: {secretKeyRef: {optional: false}}}"),
                refused(
                        "secretsProvider.passphrase.secretKeyRef.optional",
                        "true",
                        "secretsProvider: {passphrase: {secretKeyRef: {optional: true}}}",
                        "spec.secretsProvider.passphrase.secretKeyRef.optional"),
                stalls(
                        "secretsProvider.passphrase.secretKeyRef.key",
                        "another phrase",
                        "secretsProvider: {passphrase: {secretKeyRef: {name: p1, key: wrong}}}",
                        Reason.PassphraseIncorrect),
                stalls(
                        "secretsProvider.passphrase.secretKeyRef.key",
                        "an empty phrase",
                        "secretsProvider: {passphrase: {secretKeyRef: {name: p1, key: empty}}}",
                        Reason.InputsInvalid),
                waits(
                        "secretsProvider.passphrase.secretKeyRef.name",
                        "of nothing",
                        "secretsProvider: {passphrase: {secretKeyRef: {name: nowhere, key: x}}}",
                        Reason.InputsNotReady),
                stalls(
                        "secretsProvider.passphrase.secretKeyRef.name",
                        "delete",
                        "secretsProvider: null",
                        Reason.InputsInvalid));
    }

    private static List<Case> config() {
        return List.of(
                good("config{}", "change", "config: {text: '$RANDOM'}"),
                good("config{}", "change of two", "config: {text: both, count: 42}"),
                good("config{}", "delete", "config: {text: null}"),
                good("config{}", "empty text", "config: {text: ''}"),
                good("config{}", "zero and false", "config: {count: 0, active: false}"),
                good("config{}", "negative", "config: {count: -7, active: true}"),
                good("config{}", "largest exact number", "config: {count: 9007199254740991}"),
                good("config{}", "empty list", "config: {nums: []}"),
                good("config{}", "longer list", "config: {nums: [3, 2, 1]}"),
                good("config{}", "empty object", "config: {data: {a: null, deep: null}}"),
                good("config{}", "deep object", "config: {data: {deep: {x: [1, {y: 'z'}], 'a.b[0]': ''}}}"),
                good("config{}", "large text", "config: {text: '" + "x".repeat(5000) + "'}"),
                good("config{}", "other scripts", "config: {text: 'ünï 🔑 日本 \"quoted\" ${text} $(x)'}"),
                good("config{}", "looks like a number", "config: {text: '007'}"),
                good("config{}", "with its namespace", "config: {text: null, 'campaign:text': spaced}")
                        .putBack(),
                stalls("config{}", "of another type", "config: {count: seven}", Reason.ConfigInvalid),
                stalls("config{}", "delete all", "config: null", Reason.ConfigInvalid),
                stalls("config{}", "one key twice", "config: {text: one, 'campaign:text': two}", Reason.InputsInvalid));
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
                    patch.formatted(kind + ": {name: " + one + ", key: a, optional: false}")));
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
                    "envFrom: [{prefix: S_, " + kind + ": {name: " + one + ", optional: false}}]"));
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

    private static List<Case> outputs() {
        return List.of(
                good("outputs.secret.name", "change", "outputs: {secret: {name: $NAME-elsewhere}}"),
                good("outputs.secret.name", "delete", "outputs: {secret: {name: null}}"),
                good("outputs.secret.name", "back", "outputs: {secret: {name: $NAME-published}}"),
                stalls(
                        "outputs.secret.name",
                        "somebody else's",
                        "outputs: {secret: {name: s1}}",
                        Reason.OutputsConflict),
                refused("outputs.secret.name", "empty", "outputs: {secret: {name: ''}}", "spec.outputs.secret.name"),
                good("outputs.secret.keys{}", "change", "outputs: {secret: {keys: {text: TEXT, nums: NUMS}}}"),
                good("outputs.secret.keys{}", "one less", "outputs: {secret: {keys: {text: TEXT, nums: null}}}"),
                good("outputs.secret.keys{}", "delete", "outputs: {secret: {keys: null}}"),
                good("outputs.secret.keys{}", "empty", "outputs: {secret: {keys: {text: null, nums: null}}}"),
                stalls(
                        "outputs.secret.keys{}",
                        "of no output",
                        "outputs: {secret: {keys: {nope: NOPE}}}",
                        Reason.OutputsInvalid),
                refused(
                        "outputs.secret.keys{}",
                        "two for one",
                        "outputs: {secret: {keys: {text: A, nums: A}}}",
                        "spec.outputs.secret.keys"),
                good("outputs.secret.retain", "true", "outputs: {secret: {retain: true}}"),
                good("outputs.secret.retain", "false", "outputs: {secret: {retain: false}}"),
                good("outputs.secret.retain", "delete", "outputs: {secret: {retain: null}}"),
                good("tags{}", "change", "tags: {team: '$RANDOM'}"),
                good("tags{}", "one more", "tags: {stage: test}"),
                good("tags{}", "one less", "tags: {stage: null}"),
                good("tags{}", "looks like a flag", "tags: {team: '--stack=other'}"),
                good("tags{}", "longest", "tags: {team: '" + "t".repeat(256) + "'}"),
                good("tags{}", "delete", "tags: null"),
                refused("tags{}", "too long", "tags: {team: '" + "t".repeat(257) + "'}", "spec.tags"),
                refused("tags{}", "one of ours", "tags: {'stackwright:owner': me}", "spec.tags"),
                good("deletionPolicy", "Retain", "deletionPolicy: Retain"),
                good("deletionPolicy", "Destroy", "deletionPolicy: Destroy"),
                good("deletionPolicy", "delete", "deletionPolicy: null"),
                refused("deletionPolicy", "unknown", "deletionPolicy: Nope", "spec.deletionPolicy"));
    }

    private static List<Case> sources() {
        return List.of(
                good("project.inline", "another value", project("inline: " + Echo.program("changed")))
                        .putBack(),
                good("project.inline", "one output more", "project: {inline: {outputs: {more: [1, 2]}}}")
                        .putBack(),
                good("project.inline", "one output less", "project: {inline: {outputs: {tier: null}}}")
                        .putBack(),
                good("project.inline", "a description", "project: {inline: {description: '$RANDOM'}}")
                        .putBack(),
                stalls("project.inline", "another name", "project: {inline: {name: other}}", Reason.IdentityChanged),
                stalls(
                        "project.inline",
                        "without a runtime",
                        "project: {inline: {runtime: null}}",
                        Reason.SourceInvalid),
                stalls(
                        "project.inline",
                        "of an unknown language",
                        "project: {inline: {runtime: cobol}}",
                        Reason.SourceInvalid),
                waits(
                        "project.inline",
                        "a program that fails",
                        "project: {inline: {outputs: {bad: {'fn::readFile': /nowhere}}}}",
                        Reason.UpdateFailed),
                refused(
                        "project.inline",
                        "delete",
                        "project: {inline: null, git: null, configMap: null}",
                        "spec.project"),
                good("project.configMap.name", "instead of inline", project("configMap: {name: echo-1}"))
                        .putBack(),
                good("project.configMap.name", "another one", project("configMap: {name: echo-2}"))
                        .putBack(),
                waits(
                        "project.configMap.name",
                        "of nothing",
                        project("configMap: {name: nowhere}"),
                        Reason.SourceNotReady),
                refused(
                        "project.configMap.name",
                        "empty",
                        project("configMap: {name: ''}"),
                        "spec.project.configMap.name"),
                refused(
                        "project.configMap.name",
                        "beside inline",
                        "project: {inline: {name: campaign}, git: null, configMap: {name: echo-1}}",
                        "spec.project"),
                good("project.install", "Never", "project: {install: Never}"),
                good("project.install", "Auto", "project: {install: Auto}"),
                good("project.install", "delete", "project: {install: null}"));
    }

    /** All of the source replaced. */
    private static String project(String source) {
        String others = Stream.of("inline", "git", "configMap")
                .filter(kind -> !source.startsWith(kind + ":"))
                .map(kind -> kind + ": null, ")
                .collect(Collectors.joining());
        return "project: {" + others + source + "}";
    }

    private static List<Case> git() {
        return List.of(
                good("project.git.url", "instead of inline", git("one", "path: web"))
                        .putBack(),
                good("project.git.url", "another repository", git("two", "path: web"))
                        .putBack(),
                good("project.git.branch", "main", git("one", "branch: main, path: web"))
                        .putBack(),
                good("project.git.branch", "another", git("one", "branch: other, path: web"))
                        .putBack(),
                good("project.git.tag", "a tag", git("one", "tag: v1, path: web"))
                        .putBack(),
                good("project.git.commit", "a commit", git("one", "commit: '$COMMIT', path: web"))
                        .putBack(),
                good("project.git.path", "another", git("one", "path: api/v2")).putBack(),
                good("project.git.path", "delete", git("one", "branch: main")).putBack(),
                good("project.git.interval", "shortest", git("one", "path: web, interval: 10s"))
                        .putBack(),
                stalls(
                        "project.git.branch",
                        "that is not there",
                        git("one", "branch: nowhere, path: web"),
                        Reason.SourceInvalid),
                stalls("project.git.tag", "that is not there", git("one", "tag: v9, path: web"), Reason.SourceInvalid),
                stalls("project.git.path", "that is not there", git("one", "path: nowhere"), Reason.SourceInvalid),
                waits(
                        "project.git.secretRef.name",
                        "of nothing",
                        git("one", "secretRef: {name: nowhere}, path: web"),
                        Reason.SourceNotReady),
                refused(
                        "project.git.branch",
                        "beside a tag",
                        git("one", "branch: main, tag: v1, path: web"),
                        "spec.project.git"),
                refused("project.git.path", "outside", git("one", "path: ../up"), "spec.project.git.path"),
                refused(
                        "project.git.interval",
                        "too short",
                        git("one", "path: web, interval: 9s"),
                        "spec.project.git.interval"),
                refused(
                        "project.git.commit",
                        "no commit",
                        git("one", "commit: abc, path: web"),
                        "spec.project.git.commit"));
    }

    private static String git(String repository, String fields) {
        String secret = fields.contains("secretRef") ? "" : "secretRef: {name: git-ca}, ";
        return project("git: {url: '$GIT/" + repository + ".git', " + secret + fields + "}");
    }

    private static List<Case> runs() {
        return List.of(
                good("updates.parallel", "1", "updates: {parallel: 1}").thenRun(),
                good("updates.parallel", "change", "updates: {parallel: 7}").thenRun(),
                good("updates.parallel", "delete", "updates: {parallel: null}").thenRun(),
                good("updates.refresh", "true", "updates: {refresh: true}").thenRun(),
                good("updates.refresh", "false", "updates: {refresh: false}").thenRun(),
                good("updates.continueOnError", "true", "updates: {continueOnError: true}")
                        .thenRun(),
                good("updates.continueOnError", "delete", "updates: {continueOnError: null}")
                        .thenRun(),
                good("updates.timeout", "change", "updates: {timeout: 20m}"),
                good("updates.grace", "change", "updates: {grace: 90s}"),
                good("updates.retry.factor", "change", "updates: {retry: {factor: 3}}"),
                refused("updates.timeout", "no duration", "updates: {timeout: soon}", "spec.updates.timeout"),
                refused("updates.timeout", "nothing", "updates: {timeout: 0s}", "spec.updates.timeout"),
                good("historyLimit", "smallest", "historyLimit: 1"),
                good("historyLimit", "largest", "historyLimit: 100"),
                good("historyLimit", "delete", "historyLimit: null"),
                refused("historyLimit", "none", "historyLimit: 0", "spec.historyLimit"),
                good("suspend", "true, with nothing to do", "suspend: true").putBack(),
                good("suspend", "false", "suspend: false"),
                good("suspend", "delete", "suspend: null"),
                rests(
                        "suspend",
                        "true, with something to do",
                        "suspend: true\nconfig: {text: 'not yet $RANDOM'}",
                        Reason.Suspended));
    }
}
