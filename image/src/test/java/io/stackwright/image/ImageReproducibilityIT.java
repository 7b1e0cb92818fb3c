package io.stackwright.image;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ImageReproducibilityIT {

    @TempDir
    private Path first;

    @TempDir
    private Path second;

    /** Another runtime, linked anew; other files of the same content; no cache; another place. */
    @Test
    void givesTheSameDigestForTheSameContent() throws IOException {
        // given
        BuiltImage image = BuiltImage.ofThePackage(first);
        Path lib = Files.createDirectory(second.resolve("lib"));
        try (Stream<Path> jars = Files.list(BuiltImage.LIB)) {
            for (Path jar : jars.sorted().toList().reversed()) {
                Files.copy(jar, lib.resolve(jar.getFileName()));
            }
        }
        Path operator = Files.copy(BuiltImage.OPERATOR, second.resolve(BuiltImage.OPERATOR.getFileName()));
        BuiltImage.run("runtime", "--output=" + second.resolve("jre"));

        // when
        BuiltImage again = BuiltImage.build(second, second.resolve("jre"), operator, lib);

        // then
        assertThat(again.digest()).isEqualTo(image.digest()).startsWith("sha256:");
        assertThat(Files.mismatch(again.archive(), image.archive())).isEqualTo(-1);
    }
}
