package io.stackwright.operator.inputs;

import com.fasterxml.jackson.databind.JsonNode;

/**
 * One configuration value.
 *
 * @param key as the Stack has it: a plain key, {@code namespace:key}, or a property path
 * @param path whether {@code key} is a property path like those of {@code pulumi config set --path}
 * @param value any JSON; a text node when {@code secret}
 * @param secret whether Pulumi must treat it as a secret
 */
public record ConfigEntry(String key, boolean path, JsonNode value, boolean secret) {

    /** Values can be secret. */
    @Override
    public String toString() {
        return "ConfigEntry[" + key + (secret ? ", secret" : "") + "]";
    }
}
