package io.stackwright.images;

import com.google.cloud.tools.jib.api.buildplan.AbsoluteUnixPath;
import com.google.cloud.tools.jib.api.buildplan.FileEntriesLayer;
import com.google.cloud.tools.jib.api.buildplan.FileEntry;
import com.google.cloud.tools.jib.api.buildplan.FilePermissions;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/**
 * What we put on top of the base image. Layers that change seldom come first: an upgrade of the operator alone is one
 * small layer.
 *
 * @param runtime the Java runtime
 * @param operator the jar of the operator
 * @param lib a folder with the jars that it needs
 * @param classes the list of classes to archive
 * @param sbom the bill of materials of the jars, CycloneDX JSON
 * @param version of the operator
 * @param revision the commit, or empty
 * @param created the time that the image says it was created at
 */
record ImageContent(
        Path runtime,
        Path operator,
        Path lib,
        Path classes,
        Path sbom,
        String version,
        String revision,
        Instant created) {

    static final String HOME = "/opt/stackwright";
    static final String DATA = "/var/lib/stackwright";

    /** The user of the process: no root, and none that a base image uses for itself. */
    static final String USER = "65532:65532";

    private static final String OPERATOR = "/stackwright-operator.jar";

    /** Where Java looks by itself, so that an image without it starts like any other Java. */
    private static final String ARCHIVE = "/jre/lib/server/classes.jsa";

    private static final String OWN_JARS = "stackwright-";

    /** Like Jib's own: not the epoch itself, which some tools take for "no time". */
    private static final Instant MODIFIED = Instant.ofEpochSecond(1);

    /** {@code JDK_JAVA_OPTIONS} comes before these, which therefore win. */
    static List<String> entrypoint() {
        return List.of(
                HOME + "/jre/bin/java",
                "-XX:+UseSerialGC",
                "-XX:+ExitOnOutOfMemoryError",
                // Would write to /tmp, for tools that are not in the image.
                "-XX:-UsePerfData",
                // The user has no entry in /etc/passwd, which is where Java would look.
                "-Duser.home=" + DATA,
                "-cp",
                HOME + OPERATOR,
                "io.stackwright.operator.OperatorMain");
    }

    static Map<String, String> environment() {
        return Map.of("HOME", DATA);
    }

    Map<String, String> labels(String base) {
        Map<String, String> labels = new LinkedHashMap<>();
        labels.put("org.opencontainers.image.title", "stackwright");
        labels.put(
                "org.opencontainers.image.description", "A Kubernetes operator that keeps Pulumi stacks as declared");
        labels.put("org.opencontainers.image.licenses", "Apache-2.0");
        labels.put("org.opencontainers.image.version", version);
        labels.put("org.opencontainers.image.created", created.toString());
        if (!revision.isEmpty()) {
            labels.put("org.opencontainers.image.revision", revision);
        }
        if (!base.isEmpty()) {
            labels.put("org.opencontainers.image.base.name", base);
        }
        return labels;
    }

    /** @param scratch a folder for what is made for the image; it has to be there until the image is built */
    List<FileEntriesLayer> layers(Path scratch) throws IOException {
        List<FileEntry> dependencies = new ArrayList<>();
        List<FileEntry> ours = new ArrayList<>();
        ours.add(file(operator, HOME + OPERATOR));
        try (Stream<Path> jars = Files.list(lib)) {
            for (Path jar : jars.sorted().toList()) {
                String name = jar.getFileName().toString();
                (name.startsWith(OWN_JARS) ? ours : dependencies).add(file(jar, HOME + "/lib/" + name));
            }
        }
        List<FileEntry> archive = archive(Stream.concat(ours.stream(), dependencies.stream()), scratch);
        ours.add(file(sbom, HOME + "/sbom/stackwright.cdx.json"));
        Path bill = scratch.resolve(RuntimeBill.FILE);
        Files.writeString(bill, RuntimeBill.of(runtime).json());
        ours.add(file(bill, HOME + "/sbom/" + RuntimeBill.FILE));
        Path anyFolder = runtime;
        ours.add(new FileEntry(
                anyFolder, AbsoluteUnixPath.get(DATA), FilePermissions.fromOctalString("750"), MODIFIED, USER));
        return List.of(
                layer("runtime", runtimeFiles()),
                layer("dependencies", dependencies),
                layer("operator", ours),
                layer("classes", archive));
    }

    private List<FileEntry> archive(Stream<FileEntry> jars, Path scratch) throws IOException {
        ClassArchive archive = new ClassArchive(runtime);
        if (!archive.canBeMade()) {
            System.err.println("images: no archive of classes, which takes a build on the image's own platform");
            return List.of();
        }
        return List.of(file(archive.make(jars.toList(), classes, scratch), HOME + ARCHIVE));
    }

    private List<FileEntry> runtimeFiles() throws IOException {
        try (Stream<Path> files = Files.walk(runtime)) {
            return files.filter(Files::isRegularFile)
                    .sorted()
                    .map(file -> file(file, HOME + "/jre/" + runtime.relativize(file)))
                    .toList();
        } catch (UncheckedIOException e) {
            throw e.getCause();
        }
    }

    private static FileEntriesLayer layer(String name, List<FileEntry> entries) {
        return FileEntriesLayer.builder().setName(name).setEntries(entries).build();
    }

    private static FileEntry file(Path source, String target) {
        String mode = Files.isExecutable(source) && !target.endsWith(".jar") ? "755" : "644";
        return new FileEntry(
                source, AbsoluteUnixPath.get(target), FilePermissions.fromOctalString(mode), MODIFIED, "0:0");
    }
}
