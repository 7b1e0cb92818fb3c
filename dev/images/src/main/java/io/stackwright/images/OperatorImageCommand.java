package io.stackwright.images;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Builds the image of the operator into a file or a registry. */
@Command(
        name = "operator",
        description = "Builds the image of the operator; prints its name and digest.",
        sortOptions = false)
final class OperatorImageCommand implements Callable<Integer> {

    @Option(
            names = "--base",
            required = true,
            description = "What it is built on: a registry reference, tar:///path of a docker archive, or scratch for"
                    + " nothing.")
    private String base;

    @Option(
            names = "--to",
            required = true,
            description = "A registry reference, or tar:///path of an archive to write.")
    private String to;

    @Option(names = "--name", description = "With tar:// the name and tag inside the archive.")
    private String name;

    @Option(
            names = "--platform",
            description = "For example linux/arm64, when the base has several. Default: ${DEFAULT-VALUE}")
    private String platform = "linux/amd64";

    @Option(names = "--runtime", required = true, description = "The Java runtime, as `runtime` makes it.")
    private Path runtime;

    @Option(names = "--operator", required = true, description = "The jar of the operator.")
    private Path operator;

    @Option(names = "--lib", required = true, description = "The folder with the jars that the operator needs.")
    private Path lib;

    @Option(names = "--classes", required = true, description = "The list of classes to archive for a quick start.")
    private Path classes;

    @Option(names = "--sbom", required = true, description = "The bill of materials, CycloneDX JSON.")
    private Path sbom;

    @Option(names = "--image-version", required = true, description = "The version, for the labels.")
    private String version;

    @Option(names = "--revision", description = "The commit that it was built from, for the labels.")
    private String revision = "";

    @Option(
            names = "--created",
            required = true,
            description = "When it was created, ISO 8601; fixed, to be reproducible.")
    private Instant created;

    @Option(names = "--cache", required = true, description = "A folder for compressed layers.")
    private Path cache;

    @Option(names = "--digest-file", description = "A file that the digest is written to as well.")
    private Path digestFile;

    @Option(names = "--allow-insecure-registry", description = "Plain http and unknown certificates, for tests.")
    private boolean insecure;

    @Override
    public Integer call() throws Exception {
        ImageContent content = new ImageContent(runtime, operator, lib, classes, sbom, version, revision, created);
        OperatorImage image = new OperatorImage(content, new OperatorImage.Destination(to, name, cache, insecure));
        String digest = image.build(base, platform);
        System.out.println((name == null ? to : name) + " " + digest);
        if (digestFile != null) {
            write(digest);
        }
        return 0;
    }

    private void write(String digest) throws IOException {
        Files.createDirectories(digestFile.toAbsolutePath().getParent());
        Files.writeString(digestFile, digest + "\n");
    }
}
