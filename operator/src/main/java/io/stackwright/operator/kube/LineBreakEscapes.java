package io.stackwright.operator.kube;

import com.fasterxml.jackson.core.SerializableString;
import com.fasterxml.jackson.core.io.CharacterEscapes;
import com.fasterxml.jackson.core.io.SerializedString;
import java.util.Locale;
import java.util.Set;

/**
 * Writes the line breaks of YAML that are none in JSON as escapes.
 *
 * <p>The API server reads the JSON of a server-side apply as YAML, which folds such a break inside a string: the blanks
 * around it would be lost.
 */
final class LineBreakEscapes extends CharacterEscapes {

    private static final long serialVersionUID = 1L;
    private static final Set<Integer> BREAKS = Set.of(0x85, 0x2028, 0x2029);

    @Override
    public int[] getEscapeCodesForAscii() {
        return standardAsciiEscapesForJSON();
    }

    @Override
    public SerializableString getEscapeSequence(int character) {
        return BREAKS.contains(character)
                ? new SerializedString(String.format(Locale.ROOT, "\\u%04x", character))
                : null;
    }
}
