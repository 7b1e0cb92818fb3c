package io.stackwright.operator.settings;

import java.util.List;
import org.slf4j.Logger;

/** What a command line and an environment mean. */
public sealed interface Parsed {

    /**
     * Start with these settings.
     *
     * @param table every setting with its value and origin, for the log; credentials masked
     */
    record Start(OperatorSettings settings, List<EffectiveSetting> table) implements Parsed {

        /** Logs all settings as one line. */
        public void log(Logger logger) {
            var line = logger.atInfo();
            for (EffectiveSetting setting : table) {
                line = line.addKeyValue(setting.name(), setting.value() + " (" + setting.origin() + ")");
            }
            line.log("settings");
        }
    }

    /** Print the text to standard output and exit with 0: {@code --help} or {@code --version}. */
    record Answer(String text) implements Parsed {}

    /**
     * Print the problems to standard error and exit with {@link #EXIT_CODE}.
     *
     * @param problems at least one; each names the setting, its value unless that could be secret, and what is allowed
     */
    record Refuse(List<String> problems) implements Parsed {

        /** Exit code of a refused start. */
        public static final int EXIT_CODE = 2;
    }
}
