package io.stackwright.operator.faults;

import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import io.fabric8.kubernetes.client.utils.Serialization;
import io.stackwright.api.v1alpha1.Condition;
import io.stackwright.api.v1alpha1.Stack;
import io.stackwright.api.v1alpha1.Update;
import io.stackwright.operator.Scenario;
import io.stackwright.testkit.ControlPlane;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;

/** A Stack of a soak, with what people do to it; when it is deleted, the next one takes its place. */
final class SoakStack {

    static final int HISTORY_LIMIT = 5;

    private static final String BREAK = "{\"spec\": {\"project\": {\"inline\": {\"outputs\": {\"broken\": %s}}}}}";

    private final World world;
    private final Scenario people;
    private final String place;
    private final String secret;
    private final boolean hasItems;
    private final Set<String> retained = new HashSet<>();
    private Optional<Play> play = Optional.empty();
    private String name;
    private String uid;
    private int generation;
    private int numbers;
    private boolean leaving;
    private boolean renamed;

    /**
     * @param secret name of the Secret that it refers to
     * @param hasItems whether it has items of the ledger; it keeps its name then
     */
    SoakStack(World world, String place, String secret, boolean hasItems) {
        this.world = world;
        this.people = world.people();
        this.place = place;
        this.name = place;
        this.secret = secret;
        this.hasItems = hasItems;
    }

    String name() {
        return name;
    }

    /** Whether it has the Pulumi stack, or has left it behind as it was told to. */
    boolean keeps(String pulumiStack) {
        return name.equals(pulumiStack) || retained.contains(pulumiStack);
    }

    boolean isLeaving() {
        return leaving;
    }

    /** @param broken whether its program fails at first */
    void create(boolean broken) {
        Stack made = people.apply(
                name, hasItems ? Workload.inline("v0", "0.2", broken ? "refuse" : "no") + more() : spec(broken));
        uid = made.getMetadata().getUid();
        if (hasItems && play.isEmpty()) {
            play = Optional.of(new Play(world, name, false));
        }
    }

    private static String more() {
        return "historyLimit: " + HISTORY_LIMIT + "\n";
    }

    private String spec(boolean broken) {
        return """
            project:
              inline:
                name: soak
                runtime: yaml
                config: {value: {type: string}, token: {type: string, secret: true}}
                resources:
                  one: {type: "pulumi:index:Stash", properties: {input: "${value}"}}
                  two: {type: "pulumi:index:Stash", properties: {input: "${token}"}}
                outputs: {value: "${value}", sealed: "${token}"%s}
            config: {value: v0}
            configFrom:
              - {key: token, secretKeyRef: {name: %s, key: token}}
            updates: {onPendingCreate: Clear, retry: {initial: 1s, max: 8s}}
            historyLimit: %d
            """.formatted(broken ? ", broken: \"${nothing}\"" : "", secret, HISTORY_LIMIT);
    }

    void change(String value) {
        people.patch(name, "{\"spec\": {\"config\": {\"value\": \"" + value + "\"}}}");
    }

    void breakDown() {
        if (hasItems) {
            people.patch(name, "{\"spec\": {\"config\": {\"fail\": \"refuse\", \"value\": \"f\"}}}");
        } else {
            people.patch(name, BREAK.formatted("\"${nothing}\""));
        }
    }

    void heal() {
        if (hasItems) {
            people.patch(name, "{\"spec\": {\"config\": {\"fail\": \"no\"}}}");
        } else {
            people.patch(name, BREAK.formatted("null"));
        }
    }

    void suspend(boolean suspended) {
        people.patch(name, "{\"spec\": {\"suspend\": " + suspended + "}}");
    }

    void ask() {
        people.annotate(name, "stackwright.io/reconcile", "ask-" + ++numbers);
    }

    /** @param operation {@code Preview} or {@code Refresh} */
    void run(String operation) {
        GenericKubernetesResource update = Serialization.unmarshal(
                "apiVersion: stackwright.io/v1alpha1\nkind: Update\nmetadata: {name: %s-%s-asked-%d}\nspec: {stack: %s, operation: %s}"
                        .formatted(place, uid.substring(0, 4), ++numbers, name, operation),
                GenericKubernetesResource.class);
        update.getMetadata().setNamespace(world.namespace());
        client().resource(update).create();
    }

    /** Asks the run that goes on to stop, if one does. */
    void cancel() {
        Stack now = people.get(name);
        if (now == null || now.getStatus() == null || now.getStatus().current() == null) {
            return;
        }
        var update = client().resources(Update.class)
                .inNamespace(world.namespace())
                .withName(now.getStatus().current().update());
        if (update.get() != null) {
            update.patch(
                    PatchContext.of(PatchType.JSON_MERGE),
                    "{\"metadata\": {\"annotations\": {\"stackwright.io/cancel\": \"true\"}}}");
        }
    }

    /**
     * Deletes it.
     *
     * @param renamed whether its successor has another name
     * @param retained whether its Pulumi stack stays
     */
    void delete(boolean renamed, boolean retained) {
        if (retained && !hasItems && renamed) {
            people.patch(name, "{\"spec\": {\"deletionPolicy\": \"Retain\"}}");
            this.retained.add(name);
        }
        people.delete(name);
        this.renamed = renamed && !hasItems;
        leaving = true;
    }

    /** Where it is gone, the next one comes; what it needs of people is done. */
    void look(boolean broken) {
        play.ifPresent(Play::remedy);
        if (!leaving || people.get(name) != null) {
            return;
        }
        collect();
        if (renamed) {
            name = place + "-" + ++generation;
        }
        leaving = false;
        create(broken);
    }

    /** As the garbage collector of a cluster does, which the control plane of the tests has none of. */
    private void collect() {
        client().resources(Update.class).inNamespace(world.namespace()).list().getItems().stream()
                .filter(update -> update.getMetadata().getOwnerReferences().stream()
                        .anyMatch(owner -> owner.getUid().equals(uid)))
                .forEach(update -> client().resource(update).delete());
    }

    /** Nothing holds it back any more. */
    void comeToRest(String value) {
        suspend(false);
        heal();
        change(value);
        ask();
    }

    /** Empty when it is Ready with that value; else why not. */
    Optional<String> unready(String value) {
        Stack now = people.get(name);
        if (now == null || now.getStatus() == null) {
            return Optional.of(name + " is not there");
        }
        var status = now.getStatus();
        boolean ready = now.getMetadata().getGeneration().equals(status.observedGeneration())
                && status.condition(Condition.READY)
                        .filter(c -> c.isTrue(Condition.READY))
                        .isPresent()
                && status.current() == null
                && status.outputs() != null
                && status.outputs().containsKey("value")
                && value.equals(status.outputs().get("value").asText());
        return ready ? Optional.empty() : Optional.of(name + ": " + status.conditions());
    }

    /** What the ledger and the state do not agree about. */
    Optional<String> orphans() {
        return play.filter(some -> !some.unrecorded().isEmpty()
                        || !some.ledger().existing(name).keySet().containsAll(some.recorded()))
                .map(some -> name + ": state " + some.recorded() + ", ledger "
                        + some.ledger().existing(name));
    }

    private static KubernetesClient client() {
        return ControlPlane.shared().client();
    }
}
