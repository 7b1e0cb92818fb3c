/**
 * Carries Updates out.
 *
 * <p>{@link io.stackwright.operator.execution.Executor} is the port that the reconciler sees; {@code embedded} is the
 * adapter that runs Pulumi as processes of the operator's pod. {@code runner} does the work itself, whoever calls it.
 */
package io.stackwright.operator.execution;
