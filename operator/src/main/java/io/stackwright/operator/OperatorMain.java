package io.stackwright.operator;

import io.stackwright.operator.engine.EngineException;
import io.stackwright.operator.kube.KubeClients;
import io.stackwright.operator.settings.BuildVersion;
import io.stackwright.operator.settings.OperatorSettings;
import io.stackwright.operator.settings.Parsed;
import io.stackwright.operator.settings.SettingsParser;
import io.stackwright.operator.telemetry.Logging;
import java.time.Clock;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Starts the operator from the command line and stops it on SIGTERM. */
public final class OperatorMain {

    private OperatorMain() {}

    public static void main(String[] arguments) {
        switch (SettingsParser.ofThisProcess().parse(arguments)) {
            case Parsed.Answer answer -> System.out.println(answer.text());
            case Parsed.Refuse refuse -> {
                refuse.problems().forEach(System.err::println);
                System.exit(Parsed.Refuse.EXIT_CODE);
            }
            case Parsed.Start start -> run(start);
        }
    }

    private static void run(Parsed.Start start) {
        OperatorSettings settings = start.settings();
        Logging.configure(settings);
        Logger log = LoggerFactory.getLogger(OperatorMain.class);
        start.log(log);
        try {
            KubeClients clients = KubeClients.ofThisProcess(BuildVersion.current());
            StackwrightOperator operator =
                    new StackwrightOperator(settings, clients, System.getenv(), Clock.systemUTC());
            Runtime.getRuntime().addShutdownHook(new Thread(operator::close, "shutdown"));
            operator.start();
        } catch (EngineException e) {
            // It says all: the CLI is not there, or too old.
            log.atError().log("cannot start: {}", e.getMessage());
            System.exit(1);
        } catch (RuntimeException e) {
            log.atError().setCause(e).log("cannot start");
            System.exit(1);
        }
    }
}
