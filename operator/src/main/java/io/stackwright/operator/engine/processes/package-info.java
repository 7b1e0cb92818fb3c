/** Processes of this machine: who they are, and what a run leaves on disk to tell them by. */
package io.stackwright.operator.engine.processes;
