package io.stackwright.operator.engine;

import com.fasterxml.jackson.databind.JsonNode;

/**
 * One stack output.
 *
 * @param value plain value of any JSON type, numbers exact
 * @param secret whether the value, or any part of it at any depth, is a Pulumi secret
 */
public record OutputValue(JsonNode value, boolean secret) {

    /** Values can be secret. */
    @Override
    public String toString() {
        return secret ? "[secret]" : String.valueOf(value);
    }
}
