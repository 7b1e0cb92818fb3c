package io.stackwright.operator.source;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.eclipse.jgit.internal.storage.file.FileRepository;
import org.eclipse.jgit.lib.ObjectInserter;
import org.eclipse.jgit.lib.StoredConfig;
import org.eclipse.jgit.storage.file.FileRepositoryBuilder;

/**
 * A bare repository that holds downloaded commits, each of them from a pack of which a {@link PackReceiver} has seen that
 * it is not too large.
 */
final class CacheRepository extends FileRepository {

    private final PackLimits limits;

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
        return new PackReceiver(super.newObjectInserter(), getDirectory().toPath(), limits);
    }
}
