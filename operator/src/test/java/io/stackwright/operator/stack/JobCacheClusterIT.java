package io.stackwright.operator.stack;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.ConfigMapBuilder;
import io.stackwright.api.v1alpha1.Phase;
import io.stackwright.api.v1alpha1.Reason;
import io.stackwright.operator.engine.Wheels;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Pods on a real node that share a claim for what they install. */
@Tag("cluster")
class JobCacheClusterIT {

    /** Where the image of the tests has Pulumi's SDK: no index of packages can be reached from a pod. */
    private static final String SDK = "/usr/local/lib/python3.11/site-packages";

    private static final String SPEC = """
        project: {configMap: {name: greeter}}
        env: [{name: PIP_NO_INDEX, value: "1"}, {name: PIP_FIND_LINKS, value: /wheels}]
        backend: {url: "file:///state"}
        execution:
          cache: {claimName: cache}
          podTemplate:
            spec:
              volumes:
                - {name: state, persistentVolumeClaim: {claimName: state}}
                - {name: wheels, configMap: {name: wheels}}
              containers:
                - name: pulumi
                  volumeMounts: [{name: state, mountPath: /state}, {name: wheels, mountPath: /wheels}]
        """;

    @TempDir
    private Path data;

    private JobNode node;
    private Stacks stacks;

    @BeforeEach
    void start() {
        node = new JobNode(data);
        node.local();
        stacks = node.stacks();
        stacks.putConfigMap(
                "greeter",
                Map.of(
                        "Pulumi.yaml", "name: greeter\nruntime: python\n",
                        "requirements.txt", Wheels.REQUIREMENT + "\n",
                        "__main__.py", "import greet, pulumi\npulumi.export('place', greet.__file__)\n"));
        node.client()
                .resource(new ConfigMapBuilder()
                        .withNewMetadata()
                        .withName("wheels")
                        .withNamespace(node.namespace())
                        .endMetadata()
                        .withBinaryData(Wheels.all(SDK).entrySet().stream()
                                .collect(Collectors.toMap(
                                        Map.Entry::getKey,
                                        wheel -> Base64.getEncoder().encodeToString(wheel.getValue()))))
                        .build())
                .create();
        node.startOperator();
    }

    @AfterEach
    void stop() {
        if (node != null) {
            node.stopOperator();
        }
    }

    @Test
    void whatOnePodInstallsTheNextOnesUse() throws IOException {
        // given
        stacks.create("one", SPEC);
        stacks.create("two", SPEC);
        stacks.awaitInProgress("one", Reason.Unschedulable);
        stacks.awaitInProgress("two", Reason.Unschedulable);

        // when both can start, and install at the same time
        node.claimVolume("cache");

        // then
        stacks.awaitReady("one");
        stacks.awaitReady("two");
        assertThat(stacks.updates("one")).hasSize(1);
        assertThat(stacks.updates("two")).hasSize(1);
        List<Path> installed = entries();
        assertThat(installed)
                .as("one each at most, and nothing half done")
                .hasSizeBetween(1, 2)
                .allMatch(entry -> Files.exists(entry.resolve(".complete")));
        assertThat(place("one")).contains("/stackwright-cache/dependencies/");

        // when
        stacks.create("three", SPEC);
        stacks.awaitReady("three");
        stacks.patch("one", "{\"spec\": {\"config\": {\"again\": \"1\"}}}");
        stacks.awaitPhase("one-2", Phase.Succeeded);
        stacks.awaitReady("one");

        // then
        String used = "/stackwright-cache/dependencies/" + installed.getFirst().getFileName() + "/";
        assertThat(entries()).isEqualTo(installed);
        assertThat(place("three")).contains(used);
        assertThat(place("one")).contains(used);
    }

    private String place(String stack) {
        return String.valueOf(stacks.status(stack).outputs());
    }

    private List<Path> entries() throws IOException {
        try (Stream<Path> entries = Files.list(node.folder("cache").resolve("dependencies"))) {
            return entries.sorted().toList();
        }
    }
}
