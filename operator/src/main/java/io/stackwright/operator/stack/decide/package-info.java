/**
 * What a Stack needs next: pure decisions over a snapshot, with nothing but API types and the JDK.
 *
 * <p>{@link io.stackwright.operator.stack.decide.Decider} answers one {@link
 * io.stackwright.operator.stack.decide.NextStep} for one {@link io.stackwright.operator.stack.decide.Snapshot}; {@link
 * io.stackwright.operator.stack.decide.StackConditions} turns the step into the conditions of the normative state table.
 */
package io.stackwright.operator.stack.decide;
