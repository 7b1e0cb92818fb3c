/**
 * The Kubernetes API of Stackwright, group {@code stackwright.io}, version {@code v1alpha1}.
 *
 * <p>{@link io.stackwright.api.v1alpha1.Stack} is desired state, written by people and GitOps tools;
 * {@link io.stackwright.api.v1alpha1.Update} is one Pulumi operation on it, past, present or waiting. The types
 * hold shapes and admission rules only; defaults live in the operator, so that a GitOps diff stays clean.
 */
package io.stackwright.api.v1alpha1;
