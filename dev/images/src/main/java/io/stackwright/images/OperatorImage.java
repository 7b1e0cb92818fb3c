package io.stackwright.images;

import com.google.cloud.tools.jib.api.Containerizer;
import com.google.cloud.tools.jib.api.ImageReference;
import com.google.cloud.tools.jib.api.InvalidImageReferenceException;
import com.google.cloud.tools.jib.api.Jib;
import com.google.cloud.tools.jib.api.JibContainer;
import com.google.cloud.tools.jib.api.JibContainerBuilder;
import com.google.cloud.tools.jib.api.LogEvent;
import com.google.cloud.tools.jib.api.RegistryImage;
import com.google.cloud.tools.jib.api.TarImage;
import com.google.cloud.tools.jib.api.buildplan.AbsoluteUnixPath;
import com.google.cloud.tools.jib.api.buildplan.ImageFormat;
import com.google.cloud.tools.jib.api.buildplan.Platform;
import com.google.cloud.tools.jib.frontend.CredentialRetrieverFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Set;

/** Puts the operator on a base image. */
final class OperatorImage {

    private static final String ARCHIVE = "tar://";
    private static final String NOTHING = "scratch";

    private final ImageContent content;
    private final Destination destination;

    /**
     * Where the image goes.
     *
     * @param address a registry reference, or {@code tar://} and the path of a docker archive
     * @param name the image's name inside an archive; null with a registry
     * @param cache a folder for layers, so that unchanged ones are compressed once
     * @param insecure whether a registry may speak plain http
     */
    record Destination(String address, String name, Path cache, boolean insecure) {

        boolean isArchive() {
            return address.startsWith(ARCHIVE);
        }
    }

    OperatorImage(ImageContent content, Destination destination) {
        this.content = content;
        this.destination = destination;
    }

    /** Builds and delivers it for one platform; returns its digest. */
    String build(String base, String platform) throws Exception {
        Path scratch = Files.createTempDirectory("stackwright-image-");
        try {
            return build(base, platform, scratch);
        } finally {
            JavaRuntime.delete(scratch);
        }
    }

    private String build(String base, String platform, Path scratch) throws Exception {
        JibContainerBuilder image = on(base).setFileEntriesLayers(content.layers(scratch))
                .setEntrypoint(ImageContent.entrypoint())
                .setUser(ImageContent.USER)
                .setWorkingDirectory(AbsoluteUnixPath.get(ImageContent.DATA))
                .setCreationTime(content.created())
                .setFormat(destination.isArchive() ? ImageFormat.Docker : ImageFormat.OCI);
        String[] parts = platform.split("/");
        if (parts.length != 2) {
            throw new IllegalArgumentException("A platform is os/architecture, not " + platform);
        }
        image.setPlatforms(Set.of(new Platform(parts[1], parts[0])));
        ImageContent.environment().forEach(image::addEnvironmentVariable);
        content.labels(base.startsWith(ARCHIVE) || base.equals(NOTHING) ? "" : base)
                .forEach(image::addLabel);
        return deliver(image);
    }

    private JibContainerBuilder on(String base) throws InvalidImageReferenceException {
        if (base.equals(NOTHING)) {
            return Jib.fromScratch();
        }
        if (base.startsWith(ARCHIVE)) {
            return Jib.from(TarImage.at(Path.of(base.substring(ARCHIVE.length()))));
        }
        return Jib.from(registry(base));
    }

    private String deliver(JibContainerBuilder image) throws Exception {
        if (!destination.isArchive()) {
            return containerize(image, Containerizer.to(registry(destination.address())))
                    .getDigest()
                    .toString();
        }
        Path archive =
                Path.of(destination.address().substring(ARCHIVE.length())).toAbsolutePath();
        Path aside = archive.resolveSibling(
                "." + archive.getFileName() + "." + ProcessHandle.current().pid());
        try {
            String name = destination.name();
            if (name == null) {
                throw new IllegalArgumentException("An archive needs the name of its image");
            }
            JibContainer built =
                    containerize(image, Containerizer.to(TarImage.at(aside).named(name)));
            Files.move(aside, archive, StandardCopyOption.ATOMIC_MOVE);
            return built.getDigest().toString();
        } finally {
            Files.deleteIfExists(aside);
        }
    }

    private JibContainer containerize(JibContainerBuilder image, Containerizer to) throws Exception {
        return image.containerize(to.setBaseImageLayersCache(destination.cache().resolve("base"))
                .setApplicationLayersCache(destination.cache().resolve("layers"))
                .setAllowInsecureRegistries(destination.insecure())
                .setToolName("stackwright-images")
                .setToolVersion(content.version())
                .addEventHandler(LogEvent.class, OperatorImage::report));
    }

    /** With the credentials that `docker login` and the credential helpers of the machine have. */
    private RegistryImage registry(String reference) throws InvalidImageReferenceException {
        ImageReference image = ImageReference.parse(reference);
        CredentialRetrieverFactory credentials = CredentialRetrieverFactory.forImage(image, OperatorImage::report);
        return RegistryImage.named(image)
                .addCredentialRetriever(credentials.dockerConfig())
                .addCredentialRetriever(credentials.wellKnownCredentialHelpers());
    }

    private static void report(LogEvent event) {
        switch (event.getLevel()) {
            case ERROR, WARN, LIFECYCLE -> System.err.println("images: " + event.getMessage());
            default -> {}
        }
    }
}
