package io.stackwright.operator.badinput;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.apiextensions.v1.JSONSchemaProps;
import io.stackwright.operator.badinput.Row.Expectation;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * Archives and artifacts: rows 15 to 28. There is no source of that kind yet, so there is nothing that could unpack
 * one: the committed schema has no such field. The day it gets one these turn red, and become tests of it.
 */
final class ArchiveRows {

    private static final List<String> INPUTS = List.of(
            "an entry with ../",
            "an absolute entry",
            "an entry with backslashes",
            "a symbolic link out, then a file through it",
            "a hard link out",
            "devices, fifos, sockets",
            "the setuid bit",
            "a folder of mode 0000",
            "millions of entries",
            "a bomb that unpacks to 10 GiB",
            "truncated, concatenated and trailing gzip",
            "names that differ between PAX and ustar headers",
            "another digest than the declared one",
            "a server that answers with HTML, errors and redirects");

    private ArchiveRows() {}

    static List<Row> rows() {
        List<Row> rows = new ArrayList<>();
        for (int i = 0; i < INPUTS.size(); i++) {
            rows.add(new Row(
                    15 + i,
                    INPUTS.get(i) + ": no source is an archive yet",
                    world -> lacks(world, "spec.project", "artifact", "oci", "archive", "bucket", "http")));
        }
        return rows;
    }

    /** The committed schema has none of these fields in that place, and refuses them. */
    static Expectation lacks(World world, String place, String... fields) {
        return () -> {
            JSONSchemaProps schema = world.client()
                    .apiextensions()
                    .v1()
                    .customResourceDefinitions()
                    .withName("stacks.stackwright.io")
                    .get()
                    .getSpec()
                    .getVersions()
                    .getFirst()
                    .getSchema()
                    .getOpenAPIV3Schema();
            for (String step : place.split("\\.")) {
                schema = schema.getProperties().get(step);
            }
            Map<String, JSONSchemaProps> properties = schema.getProperties();
            assertThat(properties).isNotEmpty().doesNotContainKeys(fields);
            assertThat(schema.getXKubernetesPreserveUnknownFields()).isNotEqualTo(true);
        };
    }
}
