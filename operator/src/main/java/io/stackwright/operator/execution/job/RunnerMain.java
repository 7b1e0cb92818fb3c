package io.stackwright.operator.execution.job;

import io.stackwright.operator.engine.CancelToken;
import io.stackwright.operator.execution.RunRequest.RunKey;
import io.stackwright.operator.settings.OperatorSettings.LogFormat;
import io.stackwright.operator.telemetry.LogContext;
import io.stackwright.operator.telemetry.Logging;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Carries out one Update in a pod of its own.
 *
 * <p>{@code RunnerMain <folder of the input Secret> [<work folder> [<cache folder>]]}. SIGTERM asks the running operation
 * to stop, once; what becomes of it is still reported. See {@link ExitCode} for how it ends.
 */
public final class RunnerMain {

    private RunnerMain() {}

    public static void main(String[] arguments) {
        if (arguments.length < 1) {
            System.err.println("usage: RunnerMain <folder of the input Secret> [<work folder> [<cache folder>]]");
            System.exit(ExitCode.NO_INPUT.code());
        }
        Path work = Path.of(arguments.length > 1 ? arguments[1] : JobObjects.WORK);
        Path cache = Path.of(arguments.length > 2 ? arguments[2] : JobObjects.CACHE);
        // Who runs this may have no home of its own.
        System.setProperty("user.home", work.toString());
        CancelToken cancel = new CancelToken();
        CompletableFuture<ExitCode> end = new CompletableFuture<>();
        Runtime.getRuntime().addShutdownHook(new Thread(() -> stop(cancel, end), "shutdown"));
        try {
            end.complete(run(Path.of(arguments[0]), work, cache, cancel));
        } finally {
            // A mistake is no outcome: the process ends as Java's do then.
            end.cancel(false);
        }
        System.exit(end.join().code());
    }

    /** The process must not end before the run has: what began is finished, and told. */
    private static void stop(CancelToken cancel, CompletableFuture<ExitCode> end) {
        cancel.interrupt();
        int code = end.handle((exit, mistake) -> exit == null ? 1 : exit.code()).join();
        Runtime.getRuntime().halt(code);
    }

    private static ExitCode run(Path folder, Path work, Path cache, CancelToken cancel) {
        InputFolder input;
        try {
            input = InputFolder.read(folder);
        } catch (IOException e) {
            Logging.configure(LogFormat.JSON, "info");
            log().atError().addKeyValue("cause", e.getMessage()).log("what is to be run was not understood");
            return ExitCode.NO_INPUT;
        }
        RunKey run = input.run().request().run();
        Logging.configure(input.run().log().format(), input.run().log().level());
        try (LogContext context = LogContext.open(run.logKeys())) {
            if (cancel.isCancelled()) {
                log().atWarn().log("stopped before it began");
                return ExitCode.NOT_RUN;
            }
            return new JobRun(input, work, cache, System.getenv(), RunnerMain::show).run(cancel);
        }
    }

    /** As Pulumi printed it: it is what people look at first. */
    private static Optional<String> show(RunKey run, String text) {
        if (!text.isBlank()) {
            System.out.println(text.stripTrailing());
        }
        return Optional.of("kubectl logs -n " + run.stack().namespace() + " job/" + run.update() + " -c pulumi");
    }

    private static Logger log() {
        return LoggerFactory.getLogger(RunnerMain.class);
    }
}
