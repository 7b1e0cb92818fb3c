package io.stackwright.api.v1alpha1;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.apiextensions.v1.CustomResourceDefinition;
import io.fabric8.kubernetes.api.model.apiextensions.v1.JSONSchemaProps;
import io.fabric8.kubernetes.client.utils.KubernetesSerialization;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Keeps the reference page for users the same as the API types. */
class CrdReferenceTest {

    private static final Path PAGE = Path.of("../docs/reference/crds.md");

    private static final String REMEDY = "The reference page and the API differ. If the change is meant:\n"
            + "  mvn -q -pl crds -am test -Dcrds=write -Dtest='Crd*Test' -Dsurefire.failIfNoSpecifiedTests=false\n";

    private final StringBuilder page = new StringBuilder();

    @Test
    void committedPageIsWhatTheApiSays() throws Exception {
        // given
        line("# Custom resources");
        line("");
        line("Generated from the API types by `CrdReferenceTest`. API version: `stackwright.io/v1alpha1`.");
        CrdManifests.generate().values().forEach(this::describe);
        enums();

        // when
        if ("write".equals(System.getProperty("crds"))) {
            Files.createDirectories(PAGE.getParent());
            Files.writeString(PAGE, page);
        }

        // then
        assertThat(PAGE).as(REMEDY).exists();
        assertThat(Files.readString(PAGE)).as(REMEDY).isEqualTo(page.toString());
    }

    private void describe(String manifest) {
        CustomResourceDefinition crd =
                new KubernetesSerialization().unmarshal(manifest, CustomResourceDefinition.class);
        JSONSchemaProps root =
                crd.getSpec().getVersions().getFirst().getSchema().getOpenAPIV3Schema();
        line("");
        line("## " + crd.getSpec().getNames().getKind());
        line("");
        line(root.getDescription());
        rules(root);
        for (String part : List.of("spec", "status")) {
            JSONSchemaProps schema = root.getProperties().get(part);
            line("");
            line("### " + crd.getSpec().getNames().getKind() + " " + part);
            line("");
            line(schema.getDescription());
            line("");
            line("| Field | Type | Description |");
            line("|---|---|---|");
            fields(part, schema);
        }
    }

    private void fields(String path, JSONSchemaProps schema) {
        JSONSchemaProps object =
                schema.getItems() == null ? schema : schema.getItems().getSchema();
        String prefix = schema.getItems() == null ? path : path + "[]";
        if (object.getProperties() == null) {
            return;
        }
        object.getProperties().forEach((name, property) -> {
            boolean required =
                    object.getRequired() != null && object.getRequired().contains(name);
            String rules = ruleMessages(
                    property.getItems() == null ? property : property.getItems().getSchema());
            line("| `" + prefix + "." + name + "` | " + type(property) + (required ? ", required" : "") + " | "
                    + cell(property.getDescription()) + (rules.isEmpty() ? "" : "<br>" + cell(rules)) + " |");
            fields(prefix + "." + name, property);
        });
    }

    private void rules(JSONSchemaProps schema) {
        String messages = ruleMessages(schema);
        if (!messages.isEmpty()) {
            line("");
            line(messages);
        }
    }

    private static String ruleMessages(JSONSchemaProps schema) {
        var rules = schema.getXKubernetesValidations();
        return rules == null || rules.isEmpty()
                ? ""
                : rules.stream().map(rule -> rule.getMessage()).collect(Collectors.joining("; ", "Rules: ", "."));
    }

    private static String type(JSONSchemaProps schema) {
        if (schema.getEnum() != null && !schema.getEnum().isEmpty()) {
            return schema.getEnum().stream().map(e -> "`" + e.asText() + "`").collect(Collectors.joining(", "));
        }
        if (schema.getItems() != null) {
            return "list of " + type(schema.getItems().getSchema()) + limit(schema.getMaxItems());
        }
        if (schema.getAdditionalProperties() != null) {
            return "map of " + type(schema.getAdditionalProperties().getSchema()) + limit(schema.getMaxProperties());
        }
        return schema.getType() == null ? "any JSON" : schema.getType();
    }

    private static String limit(Long max) {
        return max == null ? "" : ", at most " + max;
    }

    /** What is code is shown as it is written, but for the bar that would end its cell. */
    private static String cell(String text) {
        StringBuilder cell = new StringBuilder();
        String[] parts = text.replace("|", "\\|").split("`", -1);
        for (int i = 0; i < parts.length; i++) {
            boolean code = i % 2 == 1;
            cell.append(i == 0 ? "" : "`").append(code ? parts[i] : parts[i].replace("<", "&lt;"));
        }
        return cell.toString();
    }

    private void enums() {
        line("");
        line("## Reasons");
        line("");
        line("Why a condition is as it is. One that stalls is cleared only by a person or by a changed input.");
        line("");
        line("| Reason | Stalls | Meaning |");
        line("|---|---|---|");
        for (Reason reason : Reason.values()) {
            line("| `" + reason + "` | " + (reason.stalls() ? "yes" : "") + " | " + cell(JavadocOf.constant(reason))
                    + " |");
        }
        meanings("Causes", Stream.of(Cause.values()));
        meanings("Operations", Stream.of(Operation.values()));
        meanings("Phases", Stream.of(Phase.values()));
        meanings("Deletion policies", Stream.of(DeletionPolicy.values()));
        meanings("Install policies", Stream.of(InstallPolicy.values()));
    }

    private void meanings(String title, Stream<? extends Enum<?>> constants) {
        line("");
        line("## " + title);
        line("");
        line("| Value | Meaning |");
        line("|---|---|");
        constants.forEach(c -> line("| `" + c + "` | " + cell(JavadocOf.constant(c)) + " |"));
    }

    private void line(String text) {
        page.append(text).append('\n');
    }
}
