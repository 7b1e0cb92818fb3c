package io.stackwright.operator.engine.automation;

import java.util.regex.Pattern;

/** Terminal output as plain text: some language hosts colour theirs whatever they are told. */
final class AnsiText {

    private static final Pattern CONTROL = Pattern.compile("\u001B\\[[0-9;?]*[ -/]*[@-~]");

    private AnsiText() {}

    static String strip(String text) {
        return text.indexOf('\u001B') < 0 ? text : CONTROL.matcher(text).replaceAll("");
    }
}
