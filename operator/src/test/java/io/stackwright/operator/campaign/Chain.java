package io.stackwright.operator.campaign;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.stackwright.api.v1alpha1.Condition;
import io.stackwright.api.v1alpha1.Reason;
import io.stackwright.api.v1alpha1.Stack;
import io.stackwright.operator.campaign.Case.Outcome;
import io.stackwright.operator.campaign.Case.Then;
import java.util.List;
import java.util.Random;

/** One Stack on its way through many states; after each the world must be what the spec says, and nothing more. */
final class Chain {

    private final Site site;
    private final String name;
    private final Random random;
    private JsonNode spec;
    private long ups;
    /** Of the last run: what says how runs are done shows in the next one only. */
    private List<String> flags = List.of();

    Chain(Site site, String name, Random random) {
        this.site = site;
        this.name = name;
        this.random = random;
        this.spec = Echo.read(site.filled(Cases.base(), name, random));
    }

    void begin() {
        site.create(name, spec);
        awaitWorld("beginning");
        ups = site.ups(name);
        assertThat(ups).isEqualTo(1);
    }

    void take(Case step) {
        JsonNode next = Merge.patched(spec, Echo.read(site.filled(step.patch(), name, random)));
        JsonNode before = spec;
        switch (step.outcome()) {
            case Outcome.Good good -> {
                become(step.toString(), next);
                if (step.then() == Then.RUN) {
                    run(step.toString());
                } else if (step.then() == Then.PUT_BACK) {
                    become(step + ", put back", before);
                }
            }
            case Outcome.Refused(String field) -> refused(step, next, field);
            case Outcome.Stalls(Reason reason) -> {
                site.replace(name, next);
                Stack stack = site.await(name, step.toString(), Condition.STALLED, Condition.TRUE, reason);
                assertThat(stack.getStatus().condition(Condition.RECONCILING)).isEmpty();
                recover(step, reason);
            }
            case Outcome.Waits(Reason reason) -> {
                site.replace(name, next);
                Stack stack = site.await(name, step.toString(), Condition.READY, Condition.FALSE, reason);
                assertThat(stack.getStatus().condition(Condition.STALLED)).isEmpty();
                assertThat(stack.getStatus().condition(Condition.RECONCILING)).isPresent();
                recover(step, reason);
            }
            case Outcome.Rests(Reason reason) -> {
                site.replace(name, next);
                Stack stack = site.await(name, step.toString(), Condition.READY, Condition.FALSE, reason);
                assertThat(stack.getStatus().condition(Condition.STALLED)).isEmpty();
                assertThat(stack.getStatus().condition(Condition.RECONCILING)).isEmpty();
                recover(step, reason);
            }
        }
    }

    /** A good spec: applied, with a run exactly if it means something to Pulumi. */
    private void become(String step, JsonNode next) {
        Model from = site.model(spec, name);
        spec = next;
        Model to = site.model(spec, name);
        if (!from.needed().equals(to.needed())) {
            flags = to.flags();
        }
        site.replace(name, spec);
        awaitWorld(step);
        long now = site.ups(name);
        if (from.sourceKind().equals(to.sourceKind())) {
            long expected = from.needed().equals(to.needed()) ? 0 : 1;
            assertThat(now - ups).as("%s: runs", step).isEqualTo(expected);
        }
        ups = now;
        site.awaitHistory(name, spec.path("historyLimit").asInt(10));
    }

    private void run(String step) {
        site.askForRun(name);
        flags = site.model(spec, name).flags();
        awaitWorld(step + ", and a run");
        long now = site.ups(name);
        assertThat(now - ups).as("%s: runs", step).isEqualTo(1);
        ups = now;
    }

    private void refused(Case step, JsonNode next, String field) {
        KubernetesClientException refusal =
                catchThrowableOfType(KubernetesClientException.class, () -> site.replace(name, next));
        assertThat(refusal).as("%s is refused", step).isNotNull();
        assertThat(refusal.getCode()).as("%s", step).isIn(400, 422);
        assertThat(Site.complaints(refusal))
                .as("%s", step)
                .anySatisfy(c -> assertThat(c).contains(field));
        assertThat(site.ups(name)).as("%s: runs", step).isEqualTo(ups);
    }

    /** The previous good spec is all it takes; reasons that come before any run cost none on the way back either. */
    private void recover(Case step, Reason reason) {
        site.replace(name, spec);
        awaitWorld(step + ", put back");
        long now = site.ups(name);
        if (List.of(
                        Reason.IdentityChanged,
                        Reason.InputsNotReady,
                        Reason.SourceNotReady,
                        Reason.Suspended,
                        Reason.InvalidSpec)
                .contains(reason)) {
            assertThat(now - ups).as("%s, put back: runs", step).isZero();
        }
        ups = now;
    }

    private void awaitWorld(String step) {
        site.awaitApplied(name, step);
        site.awaitWorld(name, step, site.model(spec, name).world(flags));
    }

    /** The same spec on a Stack without a past gives the same world; then both go as their specs say. */
    void end() {
        String fresh = name + "-fresh";
        ObjectNode same = renamed(fresh);
        site.create(fresh, same);
        site.awaitApplied(fresh, "fresh");
        site.awaitWorld(
                fresh,
                "fresh",
                site.model(same, fresh).world(site.model(same, fresh).flags()));
        World here = site.world(name, site.model(spec, name).secretName());
        World there = site.world(fresh, site.model(same, fresh).secretName());
        assertThat(there.outputs()).isEqualTo(here.outputs());
        assertThat(there.published()).isEqualTo(here.published());
        assertThat(there.inputs()).isEqualTo(here.inputs());
        assertThat(there.env()).isEqualTo(here.env());
        // the other way round than the first one goes, so that both ways are gone
        boolean retain = spec.path("deletionPolicy").asText("Destroy").equals("Retain");
        boolean keep = spec.at("/outputs/secret/retain").asBoolean();
        site.delete(name, site.model(spec, name).secretName(), retain, keep);
        JsonNode other = Merge.patched(
                same,
                Echo.read("deletionPolicy: %s\noutputs: {secret: {retain: %s}}"
                        .formatted(retain ? "Destroy" : "Retain", !keep)));
        site.replace(fresh, other);
        site.awaitApplied(fresh, "the other way to go");
        site.delete(fresh, site.model(other, fresh).secretName(), !retain, !keep);
    }

    private ObjectNode renamed(String fresh) {
        ObjectNode same = spec.deepCopy();
        if (same.at("/outputs/secret").has("name")) {
            ((ObjectNode) same.at("/outputs/secret")).put("name", fresh + "-published");
        }
        if (same.has("stackName")) {
            same.put("stackName", same.get("stackName").asText().replace(name, fresh));
        }
        return same;
    }
}
