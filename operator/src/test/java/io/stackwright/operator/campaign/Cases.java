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

/** What is done to each property of the spec; and which properties the campaign leaves to other tests, with reasons. */
final class Cases {

    /** Properties whose meaning no echo of inputs can show. Their schema is tried out all the same. */
    static final Map<String, String> ELSEWHERE = new TreeMap<>(Map.of(
            "updates.timeout", "shows in a run that takes too long: StackFailuresIT",
            "updates.grace", "shows in a run that does not stop: engine.automation.StoppingIT",
            "updates.retry.initial", "shows in a failure: CampaignIT.retriesFollowTheSpec",
            "updates.retry.factor", "shows in a failure: CampaignIT.retriesFollowTheSpec",
            "updates.retry.max", "shows in a failure: CampaignIT.retriesFollowTheSpec",
            "execution.serviceAccountName", "shows in a pod: JobObjectsTest",
            "execution.image", "shows in a pod: JobObjectsTest",
            "execution.podTemplate", "shows in a pod: JobObjectsTest",
            "execution.cache.claimName", "shows in a pod: JobObjectsTest, JobCacheClusterIT"));

    /** Properties of Updates, and what tries their meaning. */
    static final Map<String, String> OF_UPDATES = Map.of(
            "stack", "AdHocUpdatesIT, ForeignReferencesIT",
            "operation", "AdHocUpdatesIT",
            "cause", "a person's own is refused: AdHocUpdatesIT",
            "revision", "a person's own is refused: AdHocUpdatesIT",
            "fingerprint", "a person's own is refused: AdHocUpdatesIT",
            "targets", "AdHocUpdatesIT",
            "clearPendingCreates", "RecoveryIT, TheirCrashIT",
            "importPendingCreates[].urn", "RecoveryIT, PendingCreateImportTest",
            "importPendingCreates[].id", "RecoveryIT, PendingCreateImportTest");

    private Cases() {}

    /** The spec that each chain starts from. */
    static String base() {
        return """
            project: {inline: %s}
            config: {text: hello, count: 1, active: true, nums: [1], data: {a: 1}}
            tags: {team: shop}
            outputs: {secret: {name: $NAME-published}}
            secretsProvider: {passphrase: {secretKeyRef: {name: p1, key: x}}}
            updates: {retry: {initial: 1s, max: 2s}}
            """.formatted(Echo.program("inline")) + InputCases.base();
    }

    static List<Case> all() {
        List<Case> all = new ArrayList<>();
        all.addAll(identity());
        all.addAll(config());
        all.addAll(InputCases.all());
        all.addAll(outputs());
        all.addAll(SourceCases.all());
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

    private static List<Case> runs() {
        return List.of(
                good("updates.parallel", "1", "updates: {parallel: 1}").thenRun(),
                good("updates.parallel", "change", "updates: {parallel: 7}").thenRun(),
                good("updates.parallel", "delete", "updates: {parallel: null}").thenRun(),
                good("updates.refresh", "true", "updates: {refresh: true}").thenRun(),
                good("updates.refresh", "false", "updates: {refresh: false}").thenRun(),
                good("updates.refresh", "delete", "updates: {refresh: null}"),
                good("updates.continueOnError", "true", "updates: {continueOnError: true}")
                        .thenRun(),
                good("updates.continueOnError", "delete", "updates: {continueOnError: null}")
                        .thenRun(),
                good("updates.onPendingCreate", "Clear", "updates: {onPendingCreate: Clear}")
                        .thenRun(),
                good("updates.onPendingCreate", "Stall", "updates: {onPendingCreate: Stall}"),
                good("updates.onPendingCreate", "delete", "updates: {onPendingCreate: null}"),
                refused(
                        "updates.onPendingCreate",
                        "unknown",
                        "updates: {onPendingCreate: Nope}",
                        "spec.updates.onPendingCreate"),
                good("updates.onSpecChangeWhileRunning", "Cancel", "updates: {onSpecChangeWhileRunning: Cancel}")
                        .thenRun(),
                good("updates.onSpecChangeWhileRunning", "delete", "updates: {onSpecChangeWhileRunning: null}"),
                refused(
                        "updates.onSpecChangeWhileRunning",
                        "unknown",
                        "updates: {onSpecChangeWhileRunning: Nope}",
                        "spec.updates.onSpecChangeWhileRunning"),
                good("updates.timeout", "change", "updates: {timeout: 20m}"),
                good("updates.grace", "change", "updates: {grace: 90s}"),
                good("updates.retry.factor", "change", "updates: {retry: {factor: 3}}"),
                good("updates.timeout", "delete", "updates: {timeout: null}"),
                good("updates.grace", "delete", "updates: {grace: null}"),
                good("updates.retry.factor", "delete", "updates: {retry: {factor: null}}"),
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
