package io.stackwright.api.v1alpha1;

import com.fasterxml.jackson.annotation.JsonClassDescription;
import io.fabric8.crd.generator.annotation.AdditionalPrinterColumn;
import io.fabric8.crdv2.generator.CRDGenerator;
import io.fabric8.crdv2.generator.CRDPostProcessor;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.apiextensions.v1.CustomResourceColumnDefinition;
import io.fabric8.kubernetes.api.model.apiextensions.v1.CustomResourceDefinition;
import io.fabric8.kubernetes.api.model.apiextensions.v1.JSONSchemaProps;
import io.fabric8.kubernetes.client.CustomResource;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Stream;

/** Generates the CustomResourceDefinitions from the API types. */
final class CrdManifests {

    /** The committed ones. */
    static final Path FOLDER = Path.of("manifests");

    /** Their copies in the chart: Helm reads nothing outside of its folder. */
    static final Path CHART = Path.of("../helm/stackwright/files/crds");

    private static final String HEADER =
            "# Generated from the API types; see CrdManifestsTest for how to write it anew.\n";

    private static final Map<String, Class<? extends CustomResource<?, ?>>> KINDS =
            Map.of("Stack", Stack.class, "Update", Update.class);

    private static final Set<String> LONGS = Set.of("observedGeneration", "generation", "pid");

    private CrdManifests() {}

    /** File name to content. */
    static Map<String, String> generate() {
        try {
            Path folder = Files.createTempDirectory("crds");
            new CRDGenerator()
                    .inOutputDir(folder.toFile())
                    .customResourceClasses(Stack.class, Update.class)
                    .forCRDVersions("v1")
                    .withMinQuotes(true)
                    .withPostProcessor(new PostProcessor())
                    .detailedGenerate();
            Map<String, String> manifests = new TreeMap<>();
            try (Stream<Path> files = Files.list(folder)) {
                for (Path file : files.toList()) {
                    String name = file.getFileName().toString().replace("-v1.yml", ".yaml");
                    String yaml = Files.readString(file).replaceFirst("(?s)^#[^\n]*\n", "");
                    manifests.put(name, HEADER + yaml);
                    Files.delete(file);
                }
            }
            Files.delete(folder);
            return manifests;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** What annotations cannot say. */
    private static final class PostProcessor implements CRDPostProcessor {

        @Override
        public HasMetadata process(HasMetadata resource, String crdVersion) {
            CustomResourceDefinition crd = (CustomResourceDefinition) resource;
            Class<?> type = KINDS.get(crd.getSpec().getNames().getKind());
            crd.getSpec().getVersions().forEach(version -> {
                version.getAdditionalPrinterColumns().sort(asDeclaredIn(type));
                JSONSchemaProps root = version.getSchema().getOpenAPIV3Schema();
                root.setDescription(
                        type.getAnnotation(JsonClassDescription.class).value());
                finish("", root);
            });
            return crd;
        }

        // The generator sorts columns by path, which puts Age first.
        private static Comparator<CustomResourceColumnDefinition> asDeclaredIn(Class<?> type) {
            List<String> declared = Stream.of(type.getAnnotationsByType(AdditionalPrinterColumn.class))
                    .map(AdditionalPrinterColumn::name)
                    .toList();
            return Comparator.comparingInt(column -> declared.indexOf(column.getName()));
        }

        private static void finish(String name, JSONSchemaProps schema) {
            if ("integer".equals(schema.getType())) {
                schema.setFormat(LONGS.contains(name) ? "int64" : "int32");
            }
            if ("array".equals(schema.getType()) && schema.getXKubernetesListType() == null) {
                schema.setXKubernetesListType("atomic");
            }
            // A rule on a record component arrives twice, from its field and from its accessor.
            var rules = schema.getXKubernetesValidations();
            if (rules != null) {
                schema.setXKubernetesValidations(List.copyOf(new LinkedHashSet<>(rules)));
            }
            if (schema.getProperties() != null) {
                schema.getProperties().forEach(PostProcessor::finish);
            }
            if (schema.getItems() != null) {
                finish(name, schema.getItems().getSchema());
            }
            if (schema.getAdditionalProperties() != null
                    && schema.getAdditionalProperties().getSchema() != null) {
                JSONSchemaProps values = schema.getAdditionalProperties().getSchema();
                if (values.getType() == null) {
                    // Any JSON means null too, which the API server would drop without a word.
                    values.setNullable(true);
                    if (name.equals("outputs")) {
                        // Merged field by field, server-side apply would turn an object that becomes empty into null.
                        schema.setXKubernetesMapType("atomic");
                    }
                }
                finish(name, values);
            }
        }
    }
}
