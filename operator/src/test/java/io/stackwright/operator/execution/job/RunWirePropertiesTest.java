package io.stackwright.operator.execution.job;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.DecimalNode;
import com.fasterxml.jackson.databind.node.DoubleNode;
import com.fasterxml.jackson.databind.node.TextNode;
import io.stackwright.operator.execution.RunRequest;
import io.stackwright.operator.inputs.ConfigEntry;
import io.stackwright.operator.inputs.ResolvedInputs;
import java.math.BigDecimal;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;

class RunWirePropertiesTest {

    @Property(tries = 200)
    void valuesArriveWhateverTheyAre(
            @ForAll String text,
            @ForAll BigDecimal number,
            @ForAll double fraction,
            @ForAll Map<String, String> environment,
            @ForAll Set<String> secrets,
            @ForAll byte[] file)
            throws Exception {
        // given
        JsonNode exact = DecimalNode.valueOf(number);
        RunInput whole = Runs.whole();
        RunRequest request = Runs.request(new ResolvedInputs(
                List.of(
                        new ConfigEntry(text, true, TextNode.valueOf(text), true),
                        new ConfigEntry("n", false, exact, false),
                        new ConfigEntry("d", false, DoubleNode.valueOf(fraction), false)),
                environment,
                secrets,
                Optional.of(text)));
        Map<String, byte[]> files = new HashMap<>();
        files.put(text, file);
        RunInput input = new RunInput(
                request,
                new CapturedReferences(Map.of(text, files), Map.of()),
                whole.encryption(),
                text,
                Set.of(text),
                List.of(),
                whole.limits(),
                whole.log());

        // when
        RunInput read = RunInput.read(input.toBytes());

        // then
        assertThat(read.references().secrets().get(text).get(text)).isEqualTo(file);
        assertThat(read.installation()).isEqualTo(text);
        ResolvedInputs inputs = read.request().inputs();
        assertThat(inputs.environment()).isEqualTo(environment);
        assertThat(inputs.secrets()).isEqualTo(secrets);
        assertThat(inputs.passphrase()).contains(text);
        assertThat(inputs.config().getFirst())
                .isEqualTo(request.inputs().config().getFirst());
        assertThat(inputs.config().subList(1, 3))
                .as("they are written again digit by digit: digests of programs depend on that")
                .extracting(entry -> entry.value().toString())
                .containsExactly(exact.toString(), Double.toString(fraction));
    }
}
