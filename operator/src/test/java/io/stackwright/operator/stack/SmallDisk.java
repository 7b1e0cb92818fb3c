package io.stackwright.operator.stack;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * A real file system that is really full when its space is used up.
 *
 * <p>It has to be mounted where the operator sees it, which takes root. One in a mount namespace of another process would
 * not do: a CLI cannot have its working directory there.
 */
final class SmallDisk implements AutoCloseable {

    private final Path root;

    private SmallDisk(Path root) {
        this.root = root;
    }

    /** @param place a new folder to mount it on */
    static SmallDisk of(int megabytes, Path place) throws Exception {
        return mounted("size=" + megabytes + "m", place);
    }

    /** One with room for so many files and folders: on a tmpfs a folder takes no other space. */
    static SmallDisk ofFiles(int files, Path place) throws Exception {
        return mounted("size=64m,nr_inodes=" + files, place);
    }

    private static SmallDisk mounted(String options, Path place) throws Exception {
        Files.createDirectories(place);
        run(List.of("mount", "-t", "tmpfs", "-o", options, "tmpfs", place.toString()));
        return new SmallDisk(place);
    }

    Path root() {
        return root;
    }

    /** Until not a byte more can be written. */
    void fill() {
        byte[] block = new byte[4096];
        try (OutputStream out = Files.newOutputStream(filler())) {
            while (true) {
                out.write(block);
            }
        } catch (IOException full) {
            assertThat(full).hasMessageContaining("No space left on device");
        }
    }

    void free() throws IOException {
        Files.delete(filler());
    }

    private Path filler() {
        return root.resolve("filler");
    }

    @Override
    public void close() throws Exception {
        run(List.of("umount", "--lazy", root.toString()));
    }

    private static void run(List<String> command) throws Exception {
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        String said = new String(process.getInputStream().readAllBytes());
        assertThat(process.waitFor())
                .as("a full disk is tested on a tmpfs of its own, which only root can mount: %s: %s", command, said)
                .isZero();
    }
}
