package io.stackwright.operator;

import io.stackwright.operator.settings.OperatorSettings;
import io.stackwright.operator.settings.OperatorSettings.Jobs;
import java.time.Duration;
import java.util.Optional;

/**
 * Where operations run in this run of the tests. Tests that are tagged {@code both-modes} or {@code both-modes-long} are
 * run once for each; what they expect is the same but for the little that they ask this.
 */
public enum Mode {
    /** In the operator's own process, as everywhere else. */
    EMBEDDED,

    /** In Jobs: {@link io.stackwright.operator.execution.job.LocalKubelet}. */
    JOBS;

    private static final String PROPERTY = "stackwright.mode";

    /** That of this JVM. */
    public static Mode current() {
        return valueOf(System.getProperty(PROPERTY, EMBEDDED.name()));
    }

    /** Operations at once, where a test does not say how many. */
    int workers() {
        return this == JOBS ? 64 : 4;
    }

    OperatorSettings of(OperatorSettings settings) {
        return this == EMBEDDED || settings.jobs().isPresent()
                ? settings
                : settings.with(Optional.of(new Jobs("stackwright:1", "pulumi:1", Duration.ofHours(1))));
    }
}
