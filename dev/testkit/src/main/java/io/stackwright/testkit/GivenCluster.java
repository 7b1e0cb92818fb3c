package io.stackwright.testkit;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** The cluster of a kubeconfig that somebody gives. */
record GivenCluster(Path kubeconfig) implements Cluster {

    static Cluster fromEnvironment() {
        String given = System.getenv("STACKWRIGHT_TEST_KUBECONFIG");
        if (given == null || given.isBlank()) {
            throw new Unavailable("no kubeconfig is given: STACKWRIGHT_TEST_KUBECONFIG is not set");
        }
        Path kubeconfig = Path.of(given);
        if (!Files.isReadable(kubeconfig)) {
            throw new IllegalStateException("STACKWRIGHT_TEST_KUBECONFIG names " + given + ", which cannot be read");
        }
        return new GivenCluster(kubeconfig);
    }

    @Override
    public String description() {
        return "the one of " + kubeconfig;
    }

    @Override
    public void load(Path archive) {
        String command = System.getenv("STACKWRIGHT_TEST_IMAGE_LOAD");
        if (command == null || command.isBlank()) {
            return;
        }
        List<String> line = new ArrayList<>(List.of(command.strip().split("\\s+")));
        line.add(archive.toString());
        Run.command(line);
    }

    @Override
    public void close() {
        // Not ours to end.
    }
}
