package io.stackwright.operator.faults;

import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.utils.Serialization;
import io.stackwright.api.v1alpha1.Condition;
import io.stackwright.api.v1alpha1.Phase;
import io.stackwright.api.v1alpha1.Reason;
import io.stackwright.api.v1alpha1.Stack;
import io.stackwright.api.v1alpha1.Update;
import io.stackwright.operator.Scenario;
import io.stackwright.testkit.ControlPlane;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.BooleanSupplier;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.awaitility.Awaitility;
import org.awaitility.core.ConditionTimeoutException;

/**
 * One Stack of a world, with somebody who looks after it: when it stops because of creates that were cut short, what it
 * says is compared with the ledger, and what it asks for is done.
 */
final class Play {

    private static final Duration PATIENCE = Duration.ofSeconds(240);

    /** Several worlds share the processors with all that looks at them. */
    private static final Duration BETWEEN_LOOKS = Duration.ofMillis(200);

    private static final Pattern ITEM_URN = Pattern.compile("urn:pulumi:\\S+::ledger:index:Item::([a-z]+)");
    private static final int LOG_TAIL = 6000;

    private final World world;
    private final String stack;
    private final Scenario people;
    private final Set<String> remedied = new HashSet<>();
    private boolean imports;
    private int stalls;
    private int unknowable;

    /**
     * @param stack name of the Stack, of its Pulumi stack too
     * @param imports whether a create that was cut short is imported; else it is undone by hand and cleared
     */
    Play(World world, String stack, boolean imports) {
        this.world = world;
        this.stack = stack;
        this.imports = imports;
        this.people = world.people();
    }

    World world() {
        return world;
    }

    String stack() {
        return stack;
    }

    Scenario people() {
        return people;
    }

    Ledger ledger() {
        return world.ledger();
    }

    /** How often the Stack stopped because of creates that were cut short, and said which. */
    int stalls() {
        return stalls;
    }

    /** Creates that a stall named and that had not begun: nothing but the provider can tell. */
    int unknowable() {
        return unknowable;
    }

    void apply(String spec) {
        people.apply(stack, spec);
    }

    void patch(String mergePatch) {
        people.patch(stack, mergePatch);
    }

    void delete() {
        people.delete(stack);
    }

    Stack get() {
        return people.get(stack);
    }

    /** Waits; whatever the Stack asks of people meanwhile is done. */
    void await(String what, BooleanSupplier reached) {
        try {
            until(reached);
        } catch (ConditionTimeoutException e) {
            throw new AssertionError(what + " did not come about\n" + explain(), e);
        }
    }

    private void until(BooleanSupplier reached) {
        Awaitility.await().atMost(PATIENCE).pollInterval(BETWEEN_LOOKS).until(() -> {
            if (reached.getAsBoolean()) {
                return true;
            }
            world.startIfEnded();
            remedy();
            return false;
        });
    }

    /** Waits until it stops because of creates that were cut short, and leaves it so. */
    void awaitStall() {
        Optional<Stall> stall =
                Awaitility.await().atMost(PATIENCE).pollInterval(BETWEEN_LOOKS).until(this::stall, Optional::isPresent);
        remedied.add(stall.orElseThrow().update());
    }

    boolean isReady() {
        Stack now = get();
        return now != null
                && now.getMetadata().getGeneration().equals(now.getStatus().observedGeneration())
                && now.getStatus()
                        .condition(Condition.READY)
                        .filter(ready -> ready.isTrue(Condition.READY))
                        .isPresent()
                && now.getStatus().current() == null;
    }

    /** Whether the last word on all its Updates is written. */
    boolean isAtRest() {
        return updates().stream()
                .allMatch(update -> update.getMetadata().getFinalizers().isEmpty());
    }

    boolean hasFailed() {
        Stack now = get();
        return now.getStatus() != null && now.getStatus().failures() != null;
    }

    boolean isGone() {
        return get() == null;
    }

    /**
     * What the Stack asks of people.
     *
     * @param update whose end it asks for
     */
    private record Stall(String update, String message) {}

    /** By one look: the next one may find it gone. */
    private Optional<Stall> stall() {
        Stack now = get();
        return now == null || now.getStatus() == null || now.getStatus().failures() == null
                ? Optional.empty()
                : now.getStatus()
                        .condition(Condition.STALLED)
                        .filter(stalled -> stalled.reason().equals(Reason.PendingCreates.name()))
                        .map(stalled -> new Stall(now.getStatus().failures().update(), stalled.message()));
    }

    /**
     * Does what the Stack asks of people because of creates that were cut short.
     *
     * @param importing whether a create that was cut short is imported from now on; else it is undone by hand and cleared
     */
    void remedy(boolean importing) {
        imports = importing;
        remedied.clear();
        remedy();
    }

    /** Does what the Stack asks of people because of creates that were cut short, if it does. */
    void remedy() {
        Optional<Stall> stalled = stall();
        if (stalled.isEmpty()) {
            return;
        }
        boolean fresh = remedied.add(stalled.get().update());
        if (!fresh && !isRemedyInVain()) {
            return;
        }
        stalls++;
        Set<String> named = ITEM_URN.matcher(stalled.get().message())
                .results()
                .map(found -> found.group(1))
                .collect(Collectors.toCollection(TreeSet::new));
        Map<String, String> unrecorded = unrecorded();
        if (fresh) {
            compare(named, unrecorded);
        }
        createRemedy(named, unrecorded);
    }

    /** What it names is what the state does not know the end of: all that exists and is in no state, and nothing else. */
    private void compare(Set<String> named, Map<String, String> unrecorded) {
        Set<String> pending = pending();
        if (new HashSet<>(unrecorded.values()).size() < unrecorded.size()) {
            throw world.oracle().violated("created twice: " + unrecorded + "\n" + explain());
        }
        if (!named.equals(pending) || !named.containsAll(unrecorded.values())) {
            throw world.oracle()
                    .violated("the stall names " + named + ", but the state says of " + pending
                            + " that their creation began, and " + unrecorded + " exist and are in no state\n"
                            + explain());
        }
        Set<String> unbegun = new TreeSet<>(named);
        unbegun.removeAll(unrecorded.values());
        unknowable += unbegun.size();
    }

    /** Names of the items whose creation the state says to have begun. */
    private Set<String> pending() {
        Set<String> names = new TreeSet<>();
        people.state("kills", stack).path("pending_operations").forEach(operation -> {
            if (operation.path("type").asText().equals("creating")) {
                names.add(operation.at("/resource/urn").asText().replaceFirst(".*::", ""));
            }
        });
        return names;
    }

    /** Nobody but a person repeats a person's Update that was itself cut short. */
    private boolean isRemedyInVain() {
        Update last = client().resources(Update.class)
                .inNamespace(world.namespace())
                .withName(stack + "-remedy-" + stalls)
                .get();
        return last != null
                && last.getStatus() != null
                && last.getStatus().phase() != null
                && last.getStatus().phase().isFinal()
                && last.getStatus().phase() != Phase.Succeeded;
    }

    private void createRemedy(Set<String> named, Map<String, String> unrecorded) {
        String how = "clearPendingCreates: true";
        if (imports && named.size() == unrecorded.size()) {
            how = "importPendingCreates: ["
                    + unrecorded.entrySet().stream()
                            .map(thing -> "{urn: \"" + urn(thing.getValue()) + "\", id: " + thing.getKey() + "}")
                            .collect(Collectors.joining(", "))
                    + "]";
        } else {
            unrecorded.forEach((id, name) -> ledger().remove(stack, name, id));
        }
        String yaml =
                "apiVersion: stackwright.io/v1alpha1\nkind: Update\nmetadata: {name: %s-remedy-%d}\nspec: {stack: %s, operation: Refresh, %s}"
                        .formatted(stack, stalls, stack, how);
        var remedy = Serialization.unmarshal(yaml, io.fabric8.kubernetes.api.model.GenericKubernetesResource.class);
        remedy.getMetadata().setNamespace(world.namespace());
        client().resource(remedy).create();
    }

    private String urn(String name) {
        return "urn:pulumi:" + stack + "::kills::ledger:index:Item::" + name;
    }

    /** Names by id of what exists and is not in the state. */
    Map<String, String> unrecorded() {
        Map<String, String> unrecorded = ledger().existing(stack);
        unrecorded.keySet().removeAll(recorded());
        return unrecorded;
    }

    /** Ids of the items in the state. */
    List<String> recorded() {
        List<String> ids = new ArrayList<>();
        if (people.inBackend("kills", stack)) {
            people.state("kills", stack).path("resources").forEach(resource -> {
                if (resource.path("type").asText().equals("ledger:index:Item")) {
                    ids.add(resource.path("id").asText());
                }
            });
        }
        return ids;
    }

    List<Update> updates() {
        return client().resources(Update.class).inNamespace(world.namespace()).list().getItems().stream()
                .filter(update -> update.getSpec().stack().equals(stack))
                .toList();
    }

    KubernetesClient client() {
        return ControlPlane.shared().client();
    }

    /** All that is to be known, for people who wonder. */
    String explain() {
        String log = world.operator().log();
        StringBuilder text = new StringBuilder();
        text.append("Stack: ").append(isGone() ? "gone" : Serialization.asYaml(get().getStatus()));
        updates()
                .forEach(update -> text.append("\nUpdate ")
                        .append(update.getMetadata().getName())
                        .append(' ')
                        .append(update.getMetadata().getFinalizers())
                        .append(' ')
                        .append(update.getSpec())
                        .append(' ')
                        .append(update.getStatus()));
        text.append("\nledger:");
        ledger().of(stack).forEach(line -> text.append("\n  ").append(line));
        text.append("\nstate: ").append(recorded());
        text.append("\nCLI:");
        world.cli().calls(stack).forEach(call -> text.append("\n  ").append(call));
        return text.append("\nlog: …")
                .append(log.substring(Math.max(0, log.length() - LOG_TAIL)))
                .toString();
    }
}
