package io.stackwright.images;

import com.google.cloud.tools.jib.api.buildplan.FileEntry;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.Arrays;
import java.util.List;
import java.util.Set;

/**
 * Classes of the operator and of Java, parsed and verified already: an archive for class data sharing. With it the
 * operator starts with two thirds of the processor time.
 *
 * <p>It is good for one runtime, and for one class path of jars that have the size and time that they had: what stands in
 * the jar's manifest, under any folder. The same runtime, jars and list give the same bytes.
 */
final class ClassArchive {

    private static final String ARCHIVE = "classes.jsa";

    /** Of an ELF file, up to the machine. */
    private static final int KIND_BYTES = 20;

    private final Path runtime;

    ClassArchive(Path runtime) {
        this.runtime = runtime;
    }

    /**
     * Whether the runtime can be run here, which making an archive takes: whether its programs begin as those of this JDK,
     * with the same kind of file for the same machine.
     */
    boolean canBeMade() throws IOException {
        return Arrays.equals(kind(runtime), kind(Path.of(System.getProperty("java.home"))));
    }

    private static byte[] kind(Path java) throws IOException {
        try (InputStream program = Files.newInputStream(java.resolve("bin/java"))) {
            return program.readNBytes(KIND_BYTES);
        }
    }

    /**
     * Makes it.
     *
     * @param jars as the image will have them; the first one's manifest has the class path
     * @param list of classes, as Java writes it, without its numbers
     * @param scratch a folder for copies of the jars, and for the archive
     */
    Path make(List<FileEntry> jars, Path list, Path scratch) throws IOException {
        for (FileEntry jar : jars) {
            Path copy = scratch.resolve(relative(jar));
            Files.createDirectories(copy.getParent());
            Files.copy(jar.getSourceFile(), copy);
            Files.setLastModifiedTime(copy, FileTime.from(jar.getModificationTime()));
        }
        dump(scratch, relative(jars.getFirst()), list);
        return scratch.resolve(ARCHIVE);
    }

    private static String relative(FileEntry jar) {
        return jar.getExtractionPath().toString().substring(1);
    }

    /** Heap and collector are named, because the archive depends on them; it holds the jar's name as it is given. */
    private void dump(Path folder, String jar, Path list) throws IOException {
        ProcessBuilder builder = new ProcessBuilder(
                        runtime.resolve("bin/java").toAbsolutePath().toString(),
                        "-XX:+UseSerialGC",
                        "-Xms128m",
                        "-Xmx128m",
                        // As little as can be that depends on the moment: few collections, nothing compiled.
                        "-Xmn100m",
                        "-Xint",
                        "-Xshare:dump",
                        "-Xlog:disable",
                        "-Xlog:all=error",
                        "-XX:SharedClassListFile=" + list.toAbsolutePath(),
                        "-XX:SharedArchiveFile=" + ARCHIVE,
                        "-cp",
                        jar)
                .directory(folder.toFile())
                .redirectErrorStream(true);
        // Options of the machine's own Java would get into the archive.
        builder.environment().keySet().removeAll(Set.of("JDK_JAVA_OPTIONS", "JAVA_TOOL_OPTIONS", "_JAVA_OPTIONS"));
        Process process = builder.start();
        process.getOutputStream().close();
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        try {
            if (process.waitFor() != 0) {
                throw new IOException("The linked runtime cannot archive classes: " + said.strip());
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("Interrupted while archiving classes", e);
        }
    }
}
