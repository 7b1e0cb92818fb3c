package io.stackwright.operator.inputs;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.stackwright.api.v1alpha1.StackSpec;

/** Specs as people write them. */
final class Specs {

    private static final ObjectMapper JSON = new ObjectMapper();

    private Specs() {}

    /** Reads JSON with single quotes. */
    static StackSpec spec(String json) {
        try {
            return JSON.readValue(json.replace('\'', '"'), StackSpec.class);
        } catch (JsonProcessingException e) {
            throw new IllegalArgumentException(e);
        }
    }

    static JsonNode json(String json) {
        try {
            return JSON.readTree(json.replace('\'', '"'));
        } catch (JsonProcessingException e) {
            throw new IllegalArgumentException(e);
        }
    }
}
