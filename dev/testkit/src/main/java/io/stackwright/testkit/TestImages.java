package io.stackwright.testkit;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * Images for pods of tests, as archives for {@link TestCluster#load}. Made by {@code dev/images/build} from the operator
 * as it was packaged, so only for tests that run after that: {@code *IT}.
 *
 * @param name with its tag, for the {@code image} of a container
 * @param archive a docker archive
 * @param digest of what the archive holds
 */
public record TestImages(String name, Path archive, String digest) {

    /** A user's image: glibc, the Pulumi CLI, its YAML and Python hosts, Python with Pulumi's SDK. */
    public static TestImages pulumi() {
        return Built.ALL.getFirst();
    }

    /** The operator, on top of {@link #pulumi()}. */
    public static TestImages operator() {
        return Built.ALL.getLast();
    }

    /** The operator under another tag, for upgrades. */
    public static TestImages operator(String version) {
        return build(folder(version), "--version", version).getLast();
    }

    private static Path folder(String name) {
        return Toolchain.root().resolve("dev/images/target/images").resolve(name);
    }

    private static List<TestImages> build(Path folder, String... options) {
        List<String> command =
                List.of(Toolchain.root().resolve("dev/images/build").toString(), folder.toString());
        List<String> line = new ArrayList<>(command);
        line.addAll(List.of(options));
        return Run.command(line).lines().map(TestImages::parse).toList();
    }

    private static TestImages parse(String line) {
        String[] parts = line.split(" ");
        return new TestImages(parts[0], Path.of(parts[1]), parts[2]);
    }

    /** Delays the build until an image is asked for. */
    private static final class Built {
        static final List<TestImages> ALL = build(folder("current"));
    }
}
