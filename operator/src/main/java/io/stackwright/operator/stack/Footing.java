package io.stackwright.operator.stack;

/**
 * What the verdict of a fingerprint rests on: with another key it cannot be compared, and another Pulumi may do other
 * things with equal inputs.
 *
 * @param keyId id of the key that fingerprints are made with
 * @param pulumiVersion of the CLI that runs them
 */
record Footing(String keyId, String pulumiVersion) {}
