package io.stackwright.operator.settings;

/** The reference page of the settings, in Markdown. */
final class SettingsReference {

    private SettingsReference() {}

    static String page() {
        StringBuilder page = new StringBuilder("""
            # Settings of the operator

            <!-- Generated from the code: mvn -pl operator -am test -Dtest=SettingsReferenceTest \
            -Dsettings.docs=write -Dsurefire.failIfNoSpecifiedTests=false -->

            The operator reads its settings once, when it starts. Each one is a flag and an environment variable; \
            the flag wins over the variable, the variable over the default. An empty variable counts as not set. \
            Anything unknown or wrong, be it a flag or a variable that starts with `STACKWRIGHT_`, refuses to \
            start with exit code 2 and a message that says what is allowed. The values in use are logged at start.

            | Flag | Environment | Default | Meaning | Allowed |
            |---|---|---|---|---|
            """);
        for (Setting setting : Setting.values()) {
            page.append("| `%s %s` | `%s` | %s | %s | %s |%n"
                    .formatted(
                            setting.flag(),
                            setting.placeholder(),
                            setting.variable(),
                            code(setting.defaultText()),
                            setting.description(),
                            setting.allowed()));
        }
        return page.append("| `--help` | | | Shows the settings and exits. | |\n")
                .append("| `--version` | | | Shows the version and exits. | |\n")
                .toString();
    }

    /** Defaults that are values, not descriptions, in code type. */
    private static String code(String text) {
        return text.contains(" ") || text.equals("none") ? text : "`" + text + "`";
    }
}
