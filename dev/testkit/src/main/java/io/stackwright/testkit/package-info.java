/** The real tools and the real control plane that tests and benchmarks run against. */
package io.stackwright.testkit;
