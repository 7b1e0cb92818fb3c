package io.stackwright.image;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.stackwright.testkit.Toolchain;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.zip.GZIPInputStream;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;

/**
 * The image of the operator as it was packaged, built on nothing: what is ours of it, on any machine.
 *
 * @param archive the docker archive
 * @param digest what the builder said
 */
record BuiltImage(Path archive, String digest) {

    private static final Path ROOT = Toolchain.root();
    static final Path OPERATOR = ROOT.resolve("operator/target/stackwright-operator.jar");
    static final Path LIB = ROOT.resolve("operator/target/lib");
    static final Path CLASSES = ROOT.resolve("dev/images/classes.txt");
    static final Path SBOM = ROOT.resolve("operator/target/sbom/stackwright.cdx.json");
    static final Path RUNTIME = ROOT.resolve("dev/images/target/jre");

    /** An entry of a layer. */
    record Entry(int layer, TarArchiveEntry header, byte[] content) {
        String path() {
            return "/" + header.getName();
        }
    }

    static BuiltImage ofThePackage(Path folder) {
        return build(folder, RUNTIME, OPERATOR, LIB);
    }

    static BuiltImage build(Path folder, Path runtime, Path operator, Path lib) {
        Path archive = folder.resolve("operator.tar");
        String digest = build(folder, "scratch", "tar://" + archive, runtime, operator, lib);
        return new BuiltImage(archive, digest);
    }

    /** Builds it on a base and delivers it; returns the digest. */
    static String build(Path folder, String base, String to, Path runtime, Path operator, Path lib) {
        return build(folder, base, to, "linux/amd64", runtime, operator, lib);
    }

    static String build(Path folder, String base, String to, String platform, Path runtime, Path operator, Path lib) {
        run(
                "operator",
                "--platform=" + platform,
                "--base=" + base,
                "--to=" + to,
                "--name=stackwright.test/operator:test",
                "--runtime=" + runtime,
                "--operator=" + operator,
                "--lib=" + lib,
                "--classes=" + CLASSES,
                "--sbom=" + SBOM,
                "--image-version=1.2.3",
                "--revision=0123456789",
                "--created=2026-01-01T00:00:00Z",
                "--cache=" + folder.resolve("cache"),
                "--allow-insecure-registry",
                "--digest-file=" + folder.resolve("digest"));
        try {
            return Files.readString(folder.resolve("digest")).strip();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Runs the image builder on the JDK of this test. */
    static void run(String... arguments) {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin/java").toString(),
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1",
                "--sun-misc-unsafe-memory-access=allow",
                "-jar",
                ROOT.resolve("dev/images/target/stackwright-images.jar").toString()));
        command.addAll(List.of(arguments));
        Finished finished = Finished.of(new ProcessBuilder(command));
        if (finished.exit() != 0) {
            throw new IllegalStateException("The image builder failed: " + finished.output());
        }
    }

    JsonNode manifest() throws IOException {
        return json("manifest.json").get(0);
    }

    JsonNode config() throws IOException {
        return json(manifest().get("Config").asText());
    }

    /** Everything in all layers. Contents of files only. */
    List<Entry> entries() throws IOException {
        List<Entry> entries = new ArrayList<>();
        int number = 0;
        for (JsonNode layer : manifest().get("Layers")) {
            try (TarArchiveInputStream tar = member(layer.asText(), true)) {
                for (TarArchiveEntry entry = tar.getNextEntry(); entry != null; entry = tar.getNextEntry()) {
                    entries.add(new Entry(number, entry, tar.readAllBytes()));
                }
            }
            number++;
        }
        return entries;
    }

    /** Unpacks all layers, with permissions and times but without owners; returns the folder. */
    Path unpack(Path folder) throws IOException {
        for (Entry entry : entries()) {
            Path target = folder.resolve(entry.header().getName());
            if (entry.header().isDirectory()) {
                Files.createDirectories(target);
                continue;
            }
            Files.createDirectories(target.getParent());
            Files.write(target, entry.content());
            boolean executable = (entry.header().getMode() & 0111) != 0;
            Files.setPosixFilePermissions(
                    target, PosixFilePermissions.fromString(executable ? "rwxr-xr-x" : "rw-r--r--"));
            Files.setLastModifiedTime(target, entry.header().getLastModifiedTime());
        }
        return folder;
    }

    private JsonNode json(String name) throws IOException {
        try (InputStream member = member(name, false)) {
            return new ObjectMapper().readTree(member.readAllBytes());
        }
    }

    private TarArchiveInputStream member(String name, boolean layer) throws IOException {
        TarArchiveInputStream outer = new TarArchiveInputStream(new BufferedInputStream(Files.newInputStream(archive)));
        for (TarArchiveEntry entry = outer.getNextEntry(); entry != null; entry = outer.getNextEntry()) {
            if (entry.getName().equals(name)) {
                return layer ? new TarArchiveInputStream(new GZIPInputStream(outer)) : outer;
            }
        }
        throw new IOException("No " + name + " in " + archive);
    }
}
