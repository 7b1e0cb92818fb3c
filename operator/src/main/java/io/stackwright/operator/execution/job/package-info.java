/**
 * Runs each Update as a Kubernetes Job: what the operator makes for it, what travels in and out, and what the Job does.
 *
 * <p>See docs/decisions/0007-job-execution.md.
 */
package io.stackwright.operator.execution.job;
