package io.stackwright.operator.execution.runner;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.time.Clock;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Where plugins, dependencies and downloads are kept, without and with a folder that outlives the pod. */
class RunPathsTest {

    @TempDir
    private Path folder;

    @Test
    void withoutACacheAllIsBelowTheDataDirectory() {
        // given
        Path data = folder.resolve("data");
        RunPaths paths = new RunPaths(data, CacheFolder.at(folder.resolve("nowhere")));

        // then
        assertThat(paths.preparePlugins())
                .isEqualTo(data.resolve("plugins"))
                .isEqualTo(new RunPaths(data).preparePlugins());
        assertThat(paths.caches()).isEqualTo(data.resolve("caches"));
        assertThat(paths.dependencies(Clock.systemUTC())).singleElement().matches(DependencyCache::canBeFilled);
    }

    @Test
    void whatCanBeWrittenTakesAllOfIt() throws IOException {
        // given
        Path cache = Files.createDirectory(folder.resolve("cache"));
        Path data = folder.resolve("data");

        // when
        Optional<CacheFolder> found = CacheFolder.at(cache);
        RunPaths paths = new RunPaths(data, found);

        // then
        assertThat(found).contains(new CacheFolder(cache, true));
        assertThat(paths.preparePlugins()).isEqualTo(cache.resolve("plugins")).isEmptyDirectory();
        assertThat(paths.caches()).isEqualTo(cache.resolve("caches")).isEmptyDirectory();
        assertThat(paths.dependencies(Clock.systemUTC()))
                .as("that of the cache, and the pod's own if it fails")
                .hasSize(2)
                .allMatch(DependencyCache::canBeFilled);
        assertThat(paths.work("uid")).isEqualTo(data.resolve("work/uid"));
    }

    @Test
    void aCacheThatIsFullOrBrokenIsOnlyRead() throws IOException {
        // given
        Path full = Files.createDirectory(folder.resolve("full"));
        Path broken = Files.createDirectory(folder.resolve("broken"));
        Files.writeString(broken.resolve("plugins"), "a file where a folder should be");

        // then
        assertThat(CacheFolder.at(full, Long.MAX_VALUE)).contains(new CacheFolder(full, false));
        assertThat(CacheFolder.at(broken)).contains(new CacheFolder(broken, false));
        assertThat(new RunPaths(folder.resolve("data"), CacheFolder.at(broken)).preparePlugins())
                .isEqualTo(folder.resolve("data/plugins"));
    }

    @Test
    void pluginsThatCanOnlyBeReadAreOfferedAsDirectoriesOfLinks() throws IOException {
        // given
        Path cache = folder.resolve("cache");
        Path plugin = cache.resolve("plugins/resource-random-v4.0.0");
        Files.createDirectories(plugin.resolve("more"));
        Files.writeString(plugin.resolve("pulumi-resource-random"), "binary");
        Files.createDirectory(cache.resolve("plugins/resource-aws-v7.0.0"));
        Files.writeString(cache.resolve("plugins/resource-aws-v7.0.0.partial"), "");
        Files.writeString(cache.resolve("plugins/resource-random-v4.0.0.lock"), "");
        Path data = folder.resolve("data");
        RunPaths paths = new RunPaths(data, Optional.of(new CacheFolder(cache, false)));

        // when
        Path plugins = paths.preparePlugins();
        paths.preparePlugins();

        // then
        Path linked = plugins.resolve("resource-random-v4.0.0");
        assertThat(plugins).isEqualTo(data.resolve("plugins"));
        assertThat(linked).isDirectory().matches(path -> !Files.isSymbolicLink(path));
        assertThat(linked.resolve("pulumi-resource-random")).isSymbolicLink().hasContent("binary");
        assertThat(linked.resolve("more")).isSymbolicLink().isDirectory();
        assertThat(plugins.resolve("resource-aws-v7.0.0"))
                .as("one that was not finished")
                .matches(path -> !Files.exists(path, LinkOption.NOFOLLOW_LINKS));
        assertThat(plugins.resolve("resource-random-v4.0.0.lock")).doesNotExist();
        assertThat(paths.caches()).isEqualTo(data.resolve("caches"));
        assertThat(paths.dependencies(Clock.systemUTC()))
                .extracting(DependencyCache::canBeFilled)
                .containsExactly(false, true);
    }
}
