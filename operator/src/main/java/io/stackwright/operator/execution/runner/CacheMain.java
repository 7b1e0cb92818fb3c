package io.stackwright.operator.execution.runner;

import io.stackwright.operator.engine.EngineException;
import io.stackwright.operator.engine.automation.AutomationEngine;
import io.stackwright.operator.settings.OperatorSettings.LogFormat;
import io.stackwright.operator.telemetry.Logging;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/**
 * Fills a cache folder from project folders, while an image is built that Jobs run in.
 *
 * <p>{@code CacheMain <cache folder> <project folder>...}. The folder stays where it was filled: installed dependencies
 * hold absolute paths. Ends with 0 when all is in there, with 1 when something could not be installed, with 2 when it was
 * not called like that.
 */
public final class CacheMain {

    private static final int FAILED = 1;
    private static final int USAGE = 2;

    private CacheMain() {}

    public static void main(String[] arguments) {
        System.exit(run(List.of(arguments), System.getenv()));
    }

    static int run(List<String> arguments, Map<String, String> environment) {
        List<Path> folders = arguments.stream().map(Path::of).toList();
        if (folders.size() < 2 || !folders.stream().skip(1).allMatch(Files::isDirectory)) {
            System.err.println("usage: CacheMain <cache folder> <project folder>...");
            return USAGE;
        }
        Logging.configure(LogFormat.TEXT, "warn");
        try {
            Path work = Files.createTempDirectory("stackwright-cache-");
            try {
                fill(folders, work, environment);
                return 0;
            } finally {
                Trees.delete(work);
            }
        } catch (EngineException e) {
            System.err.println(e.failure().reason() + ": " + e.failure().message());
        } catch (IOException | UncheckedIOException e) {
            System.err.println(e);
        }
        return FAILED;
    }

    private static void fill(List<Path> folders, Path work, Map<String, String> environment) throws IOException {
        AutomationEngine engine = new AutomationEngine("pulumi", environment.getOrDefault("PATH", ""));
        engine.version();
        CacheFiller filler = new CacheFiller(engine, folders.getFirst(), work, environment, Clock.systemUTC());
        for (Path project : folders.subList(1, folders.size())) {
            System.out.println("installing what " + project + " needs");
            filler.fill(project);
        }
        try (Stream<Path> kept = Files.list(folders.getFirst())) {
            kept.sorted().forEach(System.out::println);
        }
    }
}
