package io.stackwright.operator.settings;

import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;

/** The operator's command line, derived from {@link Setting}. All values stay text here. */
final class SettingsCommandLine {

    private SettingsCommandLine() {}

    static CommandLine create() {
        CommandSpec spec = CommandSpec.create().name("stackwright");
        spec.usageMessage()
                .description(
                        "Drives Pulumi stacks from Kubernetes.",
                        "",
                        "A flag wins over its environment variable, which wins over the default.",
                        "Unknown or wrong settings refuse to start (exit code 2).",
                        "")
                .sortOptions(false)
                .width(100);
        for (Setting setting : Setting.values()) {
            spec.addOption(OptionSpec.builder(setting.flag())
                    .paramLabel(setting.placeholder())
                    .type(String.class)
                    .description(
                            escape(setting.description()),
                            escape("Allowed: " + setting.allowed() + "."),
                            escape("Default: " + setting.defaultText() + ". Environment: " + setting.variable()))
                    .build());
        }
        spec.addOption(OptionSpec.builder("-h", "--help")
                .usageHelp(true)
                .description("Show this text.")
                .build());
        spec.addOption(OptionSpec.builder("-V", "--version")
                .versionHelp(true)
                .description("Show the version.")
                .build());
        spec.parser().collectErrors(true);
        // An argument `@file` would be replaced by the content of the file, and quoted in messages.
        return new CommandLine(spec).setExpandAtFiles(false);
    }

    static Map<Setting, String> values(CommandLine.ParseResult result) {
        Map<Setting, String> values = new EnumMap<>(Setting.class);
        for (Setting setting : Setting.values()) {
            if (result.hasMatchedOption(setting.flag())) {
                values.put(setting, result.matchedOptionValue(setting.flag(), ""));
            }
        }
        return values;
    }

    /** What is wrong, without the values that the library would quote: an unknown flag's value may be a secret. */
    static List<String> problems(CommandLine.ParseResult result) {
        return result.errors().stream()
                .flatMap(SettingsCommandLine::problems)
                .distinct()
                .toList();
    }

    private static Stream<String> problems(Exception error) {
        return switch (error) {
            case CommandLine.UnmatchedArgumentException unmatched ->
                unmatched.getUnmatched().stream().map(SettingsCommandLine::unmatched);
            case CommandLine.OverwrittenOptionException overwritten ->
                Stream.of(name(overwritten.getOverwritten()) + " is given more than once");
            case CommandLine.MissingParameterException missing ->
                missing.getMissing().stream().map(argument -> name(argument) + " needs a value");
            default -> Stream.of("the command line cannot be read; see --help");
        };
    }

    private static String unmatched(String argument) {
        if (!argument.startsWith("-")) {
            return "the operator takes flags only, and there is an argument that is none; see --help";
        }
        // A single dash can be followed by a value at once, like -psecret.
        String flag = argument.startsWith("--")
                ? argument.split("=", 2)[0]
                : argument.substring(0, Math.min(2, argument.length()));
        return flag + " is not a setting; see --help for the ones there are";
    }

    private static String name(CommandLine.Model.ArgSpec argument) {
        return argument instanceof OptionSpec option ? option.longestName() : "the command line";
    }

    private static String escape(String text) {
        return text.replace("%", "%%");
    }
}
