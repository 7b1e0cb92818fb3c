package io.stackwright.operator.stack.decide;

import io.stackwright.api.v1alpha1.Reason;

/**
 * Something that keeps a Stack from its desired state.
 *
 * @param message names the field and the remedy; no secrets
 */
public record Problem(Reason reason, String message) {}
