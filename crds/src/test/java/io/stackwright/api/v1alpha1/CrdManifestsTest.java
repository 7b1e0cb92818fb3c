package io.stackwright.api.v1alpha1;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.fabric8.kubernetes.api.model.apiextensions.v1.CustomResourceColumnDefinition;
import io.fabric8.kubernetes.api.model.apiextensions.v1.CustomResourceDefinition;
import io.fabric8.kubernetes.api.model.apiextensions.v1.CustomResourceDefinitionVersion;
import io.fabric8.kubernetes.api.model.apiextensions.v1.JSONSchemaProps;
import io.fabric8.kubernetes.client.utils.KubernetesSerialization;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class CrdManifestsTest {

    private static final String REMEDY =
            "The types and the committed CustomResourceDefinitions differ. If the change is meant, write them anew and"
                    + " commit them:\n"
                    + "  mvn -q -pl crds -am test -Dcrds=write -Dtest='Crd*Test'"
                    + " -Dsurefire.failIfNoSpecifiedTests=false\n";

    @Test
    void committedOnesAreWhatTheTypesGenerate() throws Exception {
        // given
        Map<String, String> generated = CrdManifests.generate();

        // when
        if ("write".equals(System.getProperty("crds"))) {
            for (var manifest : generated.entrySet()) {
                Files.writeString(CrdManifests.FOLDER.resolve(manifest.getKey()), manifest.getValue());
                Files.writeString(CrdManifests.CHART.resolve(manifest.getKey()), manifest.getValue());
            }
        }

        // then
        assertThat(generated).containsOnlyKeys("stacks.stackwright.io.yaml", "updates.stackwright.io.yaml");
        for (var manifest : generated.entrySet()) {
            Path committed = CrdManifests.FOLDER.resolve(manifest.getKey());
            assertThat(committed).as(REMEDY).exists();
            assertThat(Files.readString(committed)).as(REMEDY).isEqualTo(manifest.getValue());
            Path copy = CrdManifests.CHART.resolve(manifest.getKey());
            assertThat(Files.readString(copy)).as(REMEDY).isEqualTo(manifest.getValue());
            System.out.printf(
                    "%s: %d bytes%n", manifest.getKey(), manifest.getValue().getBytes(StandardCharsets.UTF_8).length);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"stacks", "updates"})
    void everyFieldIsDescribed(String kind) throws Exception {
        assertThat(fields(kind))
                .isNotEmpty()
                .allSatisfy((path, field) ->
                        assertThat(field.schema().getDescription()).as(path).isNotBlank());
    }

    @ParameterizedTest
    @ValueSource(strings = {"stacks", "updates"})
    void everyFieldOfASpecSaysItsDefaultOrIsRequiredOrOneOfSeveral(String kind) throws Exception {
        // given
        List<String> alternatives = List.of(
                ".inline",
                ".git",
                ".configMap",
                ".secretKeyRef",
                ".configMapKeyRef",
                ".secretRef",
                ".configMapRef",
                ".valueFrom");

        // when, then
        fields(kind).forEach((path, field) -> {
            if (path.startsWith("spec.")
                    && !field.required()
                    && alternatives.stream().noneMatch(path::endsWith)) {
                assertThat(field.schema().getDescription()).as(path).contains("Default");
            }
        });
    }

    /** What a boolean can be needs no example. */
    @ParameterizedTest
    @ValueSource(strings = {"stacks", "updates"})
    void everyFieldOfASpecHasAnExample(String kind) throws Exception {
        fields(kind).forEach((path, field) -> {
            if (path.startsWith("spec.") && !"boolean".equals(field.schema().getType())) {
                assertThat(field.schema().getDescription()).as(path).containsPattern("Example: .+");
            }
        });
    }

    @ParameterizedTest
    @ValueSource(strings = {"stacks", "updates"})
    void everyFieldOfASpecIsBoundedAndNoneHasADefaultInTheSchema(String kind) throws Exception {
        fields(kind).forEach((path, field) -> {
            JSONSchemaProps schema = field.schema();
            if (!path.startsWith("spec.")) {
                return;
            }
            assertThat(schema.getDefault()).as(path).isNull();
            switch (schema.getType()) {
                case "string" ->
                    assertThat(schema.getMaxLength() != null || schema.getEnum() != null || schema.getPattern() != null)
                            .as("%s has a bound", path)
                            .isTrue();
                case "integer" -> {
                    assertThat(schema.getMinimum()).as(path).isNotNull();
                    assertThat(schema.getMaximum()).as(path).isNotNull();
                }
                case "array" -> assertThat(schema.getMaxItems()).as(path).isNotNull();
                case "object" ->
                    assertThat(schema.getAdditionalProperties() == null || schema.getMaxProperties() != null)
                            .as("%s has a bound", path)
                            .isTrue();
                default -> {}
            }
        });
    }

    @ParameterizedTest
    @ValueSource(strings = {"stacks", "updates"})
    void maximalManifestsSetEveryFieldOfTheSpec(String kind) throws Exception {
        // given
        Set<String> written = new TreeSet<>();
        try (Stream<Path> files = Files.list(Path.of("src/test/resources/valid"))) {
            for (Path file : files.toList()) {
                JsonNode object = new KubernetesSerialization().unmarshal(Files.readString(file), JsonNode.class);
                if (kind.startsWith(object.get("kind").textValue().toLowerCase(Locale.ROOT))) {
                    collect("spec", object.get("spec"), written);
                }
            }
        }

        // when, then
        assertThat(written)
                .containsAll(fields(kind).keySet().stream()
                        .filter(path -> path.startsWith("spec."))
                        .toList());
    }

    @Test
    void columnsComeInTheDeclaredOrder() throws Exception {
        assertThat(columns("stacks"))
                .containsExactly("Ready", "Reason", "Revision", "Resources", "Age", "Update", "Message");
        assertThat(columns("updates"))
                .containsExactly("Stack", "Operation", "Phase", "Cause", "Started", "Finished", "Message");
    }

    private static List<String> columns(String kind) throws Exception {
        return version(kind).getAdditionalPrinterColumns().stream()
                .map(CustomResourceColumnDefinition::getName)
                .toList();
    }

    private static CustomResourceDefinitionVersion version(String kind) throws Exception {
        String yaml = Files.readString(CrdManifests.FOLDER.resolve(kind + ".stackwright.io.yaml"));
        return new KubernetesSerialization()
                .unmarshal(yaml, CustomResourceDefinition.class)
                .getSpec()
                .getVersions()
                .getFirst();
    }

    private static Map<String, Field> fields(String kind) throws Exception {
        Map<String, Field> fields = new TreeMap<>();
        collect("", version(kind).getSchema().getOpenAPIV3Schema(), fields);
        return fields;
    }

    private static void collect(String path, JSONSchemaProps schema, Map<String, Field> fields) {
        if (schema.getItems() != null) {
            collect(path + "[]", schema.getItems().getSchema(), fields);
        }
        if (schema.getProperties() != null) {
            schema.getProperties().forEach((name, property) -> {
                String child = path.isEmpty() ? name : path + "." + name;
                boolean required =
                        schema.getRequired() != null && schema.getRequired().contains(name);
                fields.put(child, new Field(property, required));
                collect(child, property, fields);
            });
        }
    }

    private static void collect(String path, JsonNode value, Set<String> paths) {
        if (value.isArray()) {
            value.forEach(item -> collect(path + "[]", item, paths));
        }
        value.properties().forEach(property -> {
            paths.add(path + "." + property.getKey());
            collect(path + "." + property.getKey(), property.getValue(), paths);
        });
    }

    private record Field(JSONSchemaProps schema, boolean required) {}
}
