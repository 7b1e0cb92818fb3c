package io.stackwright.operator.campaign;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.stackwright.operator.campaign.Case.Outcome;
import io.stackwright.operator.campaign.Case.Then;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.Test;

/**
 * A property that comes into the schema comes into the campaign, or onto the list with its reason. What the schema itself
 * says of empty values, missing ones and bounds, {@link AdmissionIT} tries of each without a list.
 */
class SchemaCoverageTest {

    private static final Set<String> PROPERTIES =
            Schema.ofStacks().leaves().stream().map(Schema.Leaf::path).collect(Collectors.toCollection(TreeSet::new));

    private static final Set<String> TRIED =
            Cases.all().stream().map(Case::leaf).collect(Collectors.toCollection(TreeSet::new));

    private static final JsonNode BASE = Echo.read(Cases.base());

    /** @param next what the spec at the beginning of a chain becomes */
    private record Step(Case of, JsonNode patch, JsonNode next) {

        Step(Case of) {
            this(of, Echo.read(of.patch()));
        }

        private Step(Case of, JsonNode patch) {
            this(of, patch, Merge.patched(BASE, patch));
        }

        boolean isGood() {
            return of.outcome() instanceof Outcome.Good;
        }

        /** Applied with a value that the spec at the beginning of a chain does not have. */
        boolean changes() {
            List<JsonNode> values = values(next, of.leaf());
            return isGood() && !values.isEmpty() && !values.equals(values(BASE, of.leaf()));
        }

        /** Taken away by itself, or when the spec is put back. */
        boolean removes(String leaf) {
            if (of.outcome() instanceof Outcome.Refused) {
                return false;
            }
            int before = values(BASE, leaf).size();
            int after = values(next, leaf).size();
            boolean putBack = !isGood() || of.then() == Then.PUT_BACK;
            return isNull(patch, leaf) || after < before || (putBack && after > before);
        }
    }

    private static final List<Step> STEPS = Cases.all().stream().map(Step::new).toList();

    @Test
    void everyPropertyIsTriedOrListedWithAReason() {
        assertThat(PROPERTIES).hasSizeGreaterThan(50);
        Set<String> missing = new TreeSet<>(PROPERTIES);
        missing.removeAll(TRIED);
        missing.removeAll(Cases.ELSEWHERE.keySet());
        assertThat(missing).as("properties without a case and without a reason").isEmpty();
    }

    @Test
    void nothingIsTriedOrListedThatTheSchemaDoesNotHave() {
        Set<String> gone = new TreeSet<>(TRIED);
        gone.addAll(Cases.ELSEWHERE.keySet());
        gone.removeAll(PROPERTIES);
        assertThat(gone).isEmpty();
    }

    @Test
    void everyPropertyThatIsTriedGetsAnotherValue() {
        Set<String> same = new TreeSet<>(TRIED);
        STEPS.stream().filter(Step::changes).map(step -> step.of().leaf()).forEach(same::remove);
        assertThat(same).as("properties that are never changed").isEmpty();
    }

    @Test
    void everyPropertyThatIsTriedIsTakenAway() {
        Set<String> kept = new TreeSet<>(TRIED);
        kept.removeIf(leaf -> STEPS.stream().anyMatch(step -> step.removes(leaf)));
        assertThat(kept).as("properties that are never taken away").isEmpty();
    }

    /** An Update's spec cannot be changed, so no chain of changes has it. */
    @Test
    void everyPropertyOfUpdatesIsListedWithWhatTriesItsMeaning() {
        Set<String> properties =
                Schema.ofUpdates().leaves().stream().map(Schema.Leaf::path).collect(Collectors.toSet());
        assertThat(Cases.OF_UPDATES.keySet()).containsExactlyInAnyOrderElementsOf(properties);
    }

    private static boolean isNull(JsonNode patch, String leaf) {
        JsonNode at = patch;
        for (String name : leaf.replaceAll("\\[]|\\{}", "").split("\\.")) {
            at = at.path(name);
            if (at.isNull()) {
                return true;
            }
        }
        return false;
    }

    /** What a spec has of a property: more than one value where it is part of a list. */
    private static List<JsonNode> values(JsonNode spec, String leaf) {
        List<JsonNode> found = List.of(spec);
        for (String name : leaf.replace("{}", "").split("\\.")) {
            List<JsonNode> below = new ArrayList<>();
            for (JsonNode node : found) {
                JsonNode value = node.path(name.replace("[]", ""));
                if (name.endsWith("[]")) {
                    StreamSupport.stream(value.spliterator(), false).forEach(below::add);
                } else if (!value.isMissingNode()) {
                    below.add(value);
                }
            }
            found = below;
        }
        return found;
    }
}
