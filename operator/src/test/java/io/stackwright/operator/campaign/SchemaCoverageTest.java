package io.stackwright.operator.campaign;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** A property that comes into the schema comes into the campaign, or onto the list with its reason. */
class SchemaCoverageTest {

    private static final Set<String> PROPERTIES =
            Schema.committed().leaves().stream().map(Schema.Leaf::path).collect(Collectors.toCollection(TreeSet::new));

    private static final Set<String> TRIED =
            Cases.all().stream().map(Case::leaf).collect(Collectors.toCollection(TreeSet::new));

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
}
