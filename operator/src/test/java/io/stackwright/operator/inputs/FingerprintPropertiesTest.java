package io.stackwright.operator.inputs;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.node.TextNode;
import io.stackwright.api.v1alpha1.InstallPolicy;
import io.stackwright.api.v1alpha1.ProjectSource;
import io.stackwright.api.v1alpha1.StackSpec;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import net.jqwik.api.Assume;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.Size;
import net.jqwik.api.constraints.StringLength;

class FingerprintPropertiesTest {

    private static final Fingerprint FINGERPRINT =
            new Fingerprint(FingerprintKey.of("0123456789abcdef0123456789abcdef".getBytes(StandardCharsets.UTF_8)));
    private static final StackSpec SPEC = spec(InstallPolicy.Auto, Map.of("team", "shop"));

    @Property
    void doesNotDependOnTheOrderOfMaps(@ForAll @Size(max = 20) Map<String, String> values) {
        // given
        Map<String, String> reversed = new LinkedHashMap<>();
        List<String> names = new ArrayList<>(values.keySet());
        Collections.reverse(names);
        names.forEach(name -> reversed.put(name, values.get(name)));

        // then
        assertThat(ofMaps(reversed)).isEqualTo(ofMaps(values));
    }

    @Property
    void changesWithAnyValue(@ForAll @Size(min = 1, max = 10) Map<String, String> values, @ForAll String other) {
        // given
        String name = values.keySet().iterator().next();
        Assume.that(!values.get(name).equals(other) && encodable(other) && encodable(values.get(name)));
        Map<String, String> changed = new LinkedHashMap<>(values);
        changed.put(name, other);

        // then
        assertThat(FINGERPRINT.of("d", SPEC, inputs(List.of(), changed)))
                .isNotEqualTo(FINGERPRINT.of("d", SPEC, inputs(List.of(), values)));
        assertThat(FINGERPRINT.of("d", SPEC, inputs(List.of(object(changed)), Map.of())))
                .isNotEqualTo(FINGERPRINT.of("d", SPEC, inputs(List.of(object(values)), Map.of())));
        assertThat(FINGERPRINT.of("d", spec(InstallPolicy.Auto, changed), inputs(List.of(), Map.of())))
                .isNotEqualTo(FINGERPRINT.of("d", spec(InstallPolicy.Auto, values), inputs(List.of(), Map.of())));
    }

    @Property
    void changesWhenACharacterMovesToTheNeighbour(
            @ForAll @StringLength(min = 1, max = 8) String one, @ForAll @StringLength(max = 8) String two) {
        // given
        Assume.that(encodable(one) && encodable(two));
        int last = one.offsetByCodePoints(one.length(), -1);
        String shorter = one.substring(0, last);
        String longer = one.substring(last) + two;

        // then
        assertThat(FINGERPRINT.of("d", SPEC, inputs(List.of(), Map.of(shorter, longer))))
                .isNotEqualTo(FINGERPRINT.of("d", SPEC, inputs(List.of(), Map.of(one, two))));
        assertThat(FINGERPRINT.of("d", SPEC, inputs(List.of(entry(shorter, longer, true)), Map.of())))
                .isNotEqualTo(FINGERPRINT.of("d", SPEC, inputs(List.of(entry(one, two, true)), Map.of())));
        assertThat(FINGERPRINT.of("d", SPEC, inputs(List.of(object(Map.of(shorter, longer))), Map.of())))
                .isNotEqualTo(FINGERPRINT.of("d", SPEC, inputs(List.of(object(Map.of(one, two))), Map.of())));
    }

    @Property
    void changesWhenAValueMovesFromConfigurationToEnvironment(@ForAll String name, @ForAll String value) {
        assertThat(FINGERPRINT.of("d", SPEC, inputs(List.of(entry(name, value, false)), Map.of())))
                .isNotEqualTo(FINGERPRINT.of("d", SPEC, inputs(List.of(), Map.of(name, value))));
    }

    private static String ofMaps(Map<String, String> values) {
        List<ConfigEntry> config = new ArrayList<>();
        values.forEach((name, value) -> config.add(entry(name, value, false)));
        config.add(object(values));
        return FINGERPRINT.of("d", spec(InstallPolicy.Auto, values), inputs(config, values));
    }

    /** Lone surrogates have no encoding of their own; the API server does not let them in. */
    private static boolean encodable(String text) {
        return StandardCharsets.UTF_8.newEncoder().canEncode(text);
    }

    private static ConfigEntry entry(String key, String value, boolean secret) {
        return new ConfigEntry(key, secret, TextNode.valueOf(value), secret);
    }

    private static ConfigEntry object(Map<String, String> values) {
        ObjectNode object = JsonNodeFactory.instance.objectNode();
        values.forEach(object::put);
        return new ConfigEntry("object", false, object, false);
    }

    private static ResolvedInputs inputs(List<ConfigEntry> config, Map<String, String> environment) {
        return new ResolvedInputs(config, environment, Set.of(), Optional.empty());
    }

    private static StackSpec spec(InstallPolicy install, Map<String, String> tags) {
        ProjectSource project = new ProjectSource(null, null, null, install);
        return new StackSpec(
                null, project, null, null, null, null, null, null, tags, null, null, null, null, null, null);
    }
}
