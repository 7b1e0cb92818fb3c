/** Measures the packaged operator as a process of its own, from outside, and prints the figures beside the bars. */
package io.stackwright.bench;
