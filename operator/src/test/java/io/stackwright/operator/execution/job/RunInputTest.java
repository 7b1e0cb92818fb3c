package io.stackwright.operator.execution.job;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.stackwright.api.v1alpha1.Cause;
import io.stackwright.api.v1alpha1.OnPendingCreate;
import io.stackwright.operator.engine.OperationOptions;
import io.stackwright.operator.inputs.ReferenceReader;
import io.stackwright.operator.settings.OperatorSettings.LogFormat;
import java.io.IOException;
import java.lang.reflect.RecordComponent;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RunInputTest {

    private static final ObjectMapper JSON = new ObjectMapper();

    @Test
    void everyPartArrives() throws Exception {
        // given
        RunInput whole = Runs.whole();
        assertSaysSomething("input", whole);

        // when
        RunInput read = RunInput.read(whole.toBytes());

        // then
        assertThat(read).usingRecursiveComparison().isEqualTo(whole);
    }

    @Test
    void aPartThatIsNotKnownIsIgnored() throws Exception {
        // given
        ObjectNode newer = tree();
        for (String place : List.of(
                "", "/request", "/request/run", "/request/options", "/request/inputs", "/encryption", "/limits")) {
            ((ObjectNode) newer.at(place)).put("partOfTomorrow", "x");
        }
        ((ObjectNode) newer.path("request")).put("cause", "CauseOfTomorrow");

        // when
        RunInput read = read(newer);

        // then
        assertThat(read.request().cause()).isNull();
        assertThat(read.request().options()).isEqualTo(Runs.whole().request().options());
    }

    @Test
    void aPartThatIsMissingIsNothing() throws Exception {
        // given
        ObjectNode older = tree();
        older.remove(List.of("references", "goneOwners", "dead", "log", "traces"));
        ((ObjectNode) older.path("request")).remove(List.of("cause", "program", "tags", "resources", "leftovers"));
        ((ObjectNode) older.at("/request/options")).remove(List.of("parallel", "targets", "pendingCreates", "remove"));
        ((ObjectNode) older.at("/request/inputs")).remove(List.of("config", "environment", "secrets", "passphrase"));
        ((ObjectNode) older.path("encryption")).remove(List.of("encryptionSalt", "letGo"));

        // when
        RunInput read = read(older);

        // then
        assertThat(read.references().secrets()).isEmpty();
        assertThat(read.goneOwners()).isEmpty();
        assertThat(read.dead()).isEmpty();
        assertThat(read.traces()).isEmpty();
        assertThat(read.log()).isEqualTo(new RunInput.Log(LogFormat.JSON, "info"));
        assertThat(read.encryption().encryptionSalt()).isEmpty();
        assertThat(read.encryption().letGo()).isFalse();
        var request = read.request();
        assertThat(request.program()).isEmpty();
        assertThat(request.resources()).isEmpty();
        assertThat(request.tags().wanted()).isEmpty();
        assertThat(request.leftovers().onPendingCreate()).isEqualTo(OnPendingCreate.Stall);
        assertThat(request.leftovers().unlock()).isEmpty();
        assertThat(request.options().targets()).isEmpty();
        assertThat(request.options().parallel()).isEmpty();
        assertThat(request.options().remove()).isFalse();
        assertThat(request.options().pendingCreates()).isEqualTo(OperationOptions.PendingCreates.UNKNOWN);
        assertThat(request.inputs().config()).isEmpty();
        assertThat(request.inputs().secrets()).isEmpty();
        assertThat(request.inputs().passphrase()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "/request",
                "/encryption",
                "/installation",
                "/limits",
                "/request/run",
                "/request/operation",
                "/request/identity",
                "/request/backendUrl",
                "/request/inputs",
                "/request/options",
                "/request/options/timeout"
            })
    void withoutWhatItCannotDoWithoutItIsNone(String place) throws Exception {
        // given
        ObjectNode torn = tree();
        int last = place.lastIndexOf('/');
        ((ObjectNode) torn.at(place.substring(0, last))).remove(place.substring(last + 1));

        // when, then
        assertThatThrownBy(() -> read(torn)).isInstanceOf(IOException.class);
    }

    @Test
    void anotherVersionIsNotRead() throws Exception {
        assertThatThrownBy(() -> read(tree().put("version", 2)))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("version 2");
        assertThatThrownBy(() -> RunInput.read("null".getBytes(StandardCharsets.UTF_8)))
                .isInstanceOf(IOException.class);
    }

    @Test
    void aLargeProgramFitsASecret() throws Exception {
        // given a ConfigMap as large as they can be
        RunInput whole = Runs.whole();
        byte[] program =
                "resources: {a: {type: random:RandomId}}\n".repeat(25_000).getBytes(StandardCharsets.UTF_8);
        RunInput large = new RunInput(
                whole.request(),
                new CapturedReferences(Map.of(), Map.of("program", Map.of("Pulumi.yaml", program))),
                whole.encryption(),
                whole.installation(),
                whole.goneOwners(),
                whole.dead(),
                whole.limits(),
                whole.log());

        // when
        byte[] document = large.toBytes();

        // then
        assertThat(document).hasSizeLessThan(512 * 1024);
        byte[] arrived = RunInput.read(document)
                .references()
                .configMap("team-a", "program")
                .orElseThrow()
                .get("Pulumi.yaml");
        // Not as a comparison of AssertJ's, which would take gigabytes for it.
        assertThat(Arrays.equals(arrived, program)).isTrue();
    }

    @Test
    void noTextOfItShowsASecret() {
        RunInput whole = Runs.whole();
        assertThat(List.of(
                        whole.toString(),
                        whole.encryption().toString(),
                        whole.references().toString(),
                        whole.request().inputs().toString()))
                .noneMatch(text -> text.contains(Runs.SECRET));
    }

    @Test
    void aLockIsOfADeadRunByItsHostAndTime() {
        RunInput input = Runs.whole();
        Instant from = input.dead().getFirst().from();
        assertThat(input.heldBy("shop-6-x2x4z", from)).contains("shop-6");
        assertThat(input.heldBy("shop-6-x2x4z", from.plusSeconds(60))).contains("shop-6");
        assertThat(input.heldBy("shop-6-x2x4z", from.minusSeconds(600))).isEmpty();
        assertThat(input.heldBy("shop-6-x2x4z", from.plusSeconds(6000))).isEmpty();
        assertThat(input.heldBy("elsewhere", from)).isEmpty();
    }

    @Test
    void capturesExactlyWhatTheSourceRefersTo() {
        // given
        ReferenceReader cluster = new ReferenceReader() {
            @Override
            public Optional<Map<String, byte[]>> secret(String namespace, String name) {
                return Optional.of(Map.of("of", (namespace + "/" + name).getBytes(StandardCharsets.UTF_8)));
            }

            @Override
            public Optional<Map<String, byte[]>> configMap(String namespace, String name) {
                return secret(namespace, name);
            }
        };
        var source = Runs.whole().request().program().orElseThrow().source();
        var git = new io.stackwright.api.v1alpha1.ProjectSource(null, source.git(), null, null);
        var configMap = new io.stackwright.api.v1alpha1.ProjectSource(null, null, source.configMap(), null);
        var inline = new io.stackwright.api.v1alpha1.ProjectSource(source.inline(), null, null, null);

        // when
        CapturedReferences ofGit = CapturedReferences.of("team-a", git, true, cluster);
        CapturedReferences ofConfigMap = CapturedReferences.of("team-a", configMap, true, cluster);

        // then
        assertThat(ofGit.secret("team-a", "git").orElseThrow().get("of"))
                .asString()
                .isEqualTo("team-a/git");
        assertThat(ofGit.configMaps()).isEmpty();
        assertThat(ofConfigMap.configMap("team-a", "program")).isPresent();
        assertThat(ofConfigMap.secrets()).isEmpty();
        assertThat(CapturedReferences.of("team-a", inline, true, cluster).secrets())
                .isEmpty();
    }

    private static ObjectNode tree() throws IOException {
        return (ObjectNode) JSON.readTree(Runs.whole().toBytes());
    }

    private static RunInput read(JsonNode tree) throws IOException {
        return RunInput.read(tree.toString().getBytes(StandardCharsets.UTF_8));
    }

    /** So that a part that is added to any of the records is added to the run above, and seen to arrive. */
    private static void assertSaysSomething(String path, Object value) throws ReflectiveOperationException {
        assertThat(value)
                .as(path)
                .isNotNull()
                .isNotEqualTo(Optional.empty())
                .isNotEqualTo(OptionalInt.empty())
                .isNotEqualTo(false);
        switch (value) {
            case Optional<?> optional -> assertSaysSomething(path, optional.orElseThrow());
            case Collection<?> all -> {
                assertThat(all).as(path).isNotEmpty();
                for (Object one : all) {
                    if (!path.endsWith("config")) {
                        assertSaysSomething(path + "[]", one);
                    }
                }
            }
            case Map<?, ?> map -> assertThat(map).as(path).isNotEmpty();
            case Record parts -> {
                for (RecordComponent part : parts.getClass().getRecordComponents()) {
                    if (path.equals("input.request") && part.getName().equals("execution")) {
                        // How the pod is made is of no use in the pod.
                        continue;
                    }
                    part.getAccessor().setAccessible(true);
                    assertSaysSomething(
                            path + "." + part.getName(), part.getAccessor().invoke(parts));
                }
            }
            default -> assertThat(value.toString()).as(path).isNotEmpty();
        }
    }

    @Test
    void theCauseOfTodayIsKnown() throws Exception {
        assertThat(RunInput.read(Runs.whole().toBytes()).request().cause()).isEqualTo(Cause.SpecChanged);
    }
}
