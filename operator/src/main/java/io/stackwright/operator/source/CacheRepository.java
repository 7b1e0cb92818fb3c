package io.stackwright.operator.source;

import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.Semaphore;
import org.eclipse.jgit.internal.storage.file.FileRepository;
import org.eclipse.jgit.lib.ObjectInserter;
import org.eclipse.jgit.lib.StoredConfig;
import org.eclipse.jgit.storage.file.FileRepositoryBuilder;
import org.eclipse.jgit.transport.PackParser;

/**
 * A bare repository that holds downloaded commits.
 *
 * <p>JGit takes memory for whatever a pack announces, and inflates delta chains in memory. Here a pack is on the disk before
 * any of it is unpacked, is refused when it has too much, and one is unpacked at a time in the whole process: nobody waits
 * for the network meanwhile.
 */
final class CacheRepository extends FileRepository {

    private static final String PACK = "incoming_from_network";
    private static final Semaphore UNPACKING = new Semaphore(1, true);

    private final PackLimits limits;
    private InputStream pack;
    private boolean unpacking;

    private CacheRepository(FileRepositoryBuilder builder, PackLimits limits) throws IOException {
        super(builder);
        this.limits = limits;
    }

    /** Opens the repository; makes it when it is not there. */
    static CacheRepository open(Path directory, PackLimits limits) throws IOException {
        boolean exists = Files.isRegularFile(directory.resolve("config"));
        SourceFiles.createDirectories(directory);
        FileRepositoryBuilder builder = new FileRepositoryBuilder().setBare().setGitDir(directory.toFile());
        builder.setup();
        CacheRepository repository = new CacheRepository(builder, limits);
        if (!exists) {
            repository.create(true);
            StoredConfig config = repository.getConfig();
            config.setInt("gc", null, "auto", 0);
            config.setInt("protocol", null, "version", 2);
            config.save();
        }
        return repository;
    }

    @Override
    public ObjectInserter newObjectInserter() {
        ObjectInserter inserter = super.newObjectInserter();
        return new ObjectInserter.Filter() {
            @Override
            protected ObjectInserter delegate() {
                return inserter;
            }

            @Override
            public PackParser newPackParser(InputStream in) throws IOException {
                receive(in);
                PackParser parser = inserter.newPackParser(pack);
                parser.setMaxObjectSizeLimit(limits.object());
                return parser;
            }
        };
    }

    /** Until all of it is here, and has been looked at; the turn that it needs ends when the repository is closed. */
    private void receive(InputStream in) throws IOException {
        discard();
        Path file = file();
        Files.deleteIfExists(file);
        try (OutputStream out = SourceFiles.create(file, false)) {
            pack = Files.newInputStream(file);
            in.transferTo(out);
        }
        takeTurn();
        PackScan.check(file, limits);
    }

    private void takeTurn() throws IOException {
        try {
            if (!unpacking) {
                UNPACKING.acquire();
                unpacking = true;
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new InterruptedIOException("the operator is stopping");
        }
    }

    private Path file() {
        return getDirectory().toPath().resolve(PACK);
    }

    private void discard() throws IOException {
        if (pack != null) {
            pack.close();
            pack = null;
            Files.deleteIfExists(file());
        }
    }

    @Override
    public void close() {
        super.close();
        if (unpacking) {
            unpacking = false;
            UNPACKING.release();
        }
        try {
            discard();
        } catch (IOException e) {
            // What is left of it goes with the next download.
        }
    }
}
