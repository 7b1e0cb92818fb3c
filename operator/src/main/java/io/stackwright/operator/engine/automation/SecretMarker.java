package io.stackwright.operator.engine.automation;

import com.fasterxml.jackson.databind.JsonNode;

/** The object that stands for a secret value in events. */
final class SecretMarker {

    private static final String SIGNATURE = "4dabf18193072939515e22adb298388d";
    private static final String SECRET = "1b47061264138c4ac30d75fd1eb44270";

    private SecretMarker() {}

    /** Whether the value is a secret, or holds one at any depth. */
    static boolean in(JsonNode value) {
        if (value.isObject() && SECRET.equals(value.path(SIGNATURE).textValue())) {
            return true;
        }
        for (JsonNode child : value) {
            if (in(child)) {
                return true;
            }
        }
        return false;
    }
}
