package io.stackwright.operator.source;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import org.eclipse.jgit.internal.storage.file.FileRepository;
import org.eclipse.jgit.lib.ObjectInserter;
import org.eclipse.jgit.lib.StoredConfig;
import org.eclipse.jgit.storage.file.FileRepositoryBuilder;
import org.eclipse.jgit.transport.PackParser;

/**
 * A bare repository that holds downloaded commits.
 *
 * <p>JGit inflates delta chains in memory with no limit of its own for fetches; here objects above a size are refused.
 */
final class CacheRepository extends FileRepository {

    private final long maxObjectBytes;

    private CacheRepository(FileRepositoryBuilder builder, long maxObjectBytes) throws IOException {
        super(builder);
        this.maxObjectBytes = maxObjectBytes;
    }

    /** Opens the repository; makes it when it is not there. */
    static CacheRepository open(Path directory, long maxObjectBytes) throws IOException {
        boolean exists = Files.isRegularFile(directory.resolve("config"));
        SourceFiles.createDirectories(directory);
        FileRepositoryBuilder builder = new FileRepositoryBuilder().setBare().setGitDir(directory.toFile());
        builder.setup();
        CacheRepository repository = new CacheRepository(builder, maxObjectBytes);
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
                PackParser parser = inserter.newPackParser(in);
                parser.setMaxObjectSizeLimit(maxObjectBytes);
                return parser;
            }
        };
    }
}
