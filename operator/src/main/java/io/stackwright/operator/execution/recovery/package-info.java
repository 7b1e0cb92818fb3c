/**
 * What runs leave behind when they or their operator are killed: processes, locks, resources whose creation nobody saw
 * the end of. See docs/decisions/0004-recovery.md.
 */
package io.stackwright.operator.execution.recovery;
