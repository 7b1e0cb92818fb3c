package io.stackwright.operator.kube;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.javaoperatorsdk.operator.api.config.ControllerConfigurationOverrider;
import java.time.Duration;
import java.util.Set;

/** What every controller of the operator is registered with. */
public final class ControllerDefaults {

    /** Owner of the fields that the operator applies. */
    public static final String FIELD_MANAGER = "stackwright";

    private static final int RECONCILES = 50;
    private static final Duration PERIOD = Duration.ofSeconds(10);

    private ControllerDefaults() {}

    /**
     * Sets name, field manager, namespaces, filter, retry and rate limit.
     *
     * @param name of the controller; given, because the framework would take an empty one, and with it an empty field
     *     manager, from an anonymous class
     * @param namespaces to watch; empty for all
     */
    public static <P extends HasMetadata> void apply(
            ControllerConfigurationOverrider<P> configuration, String name, Set<String> namespaces) {
        configuration
                .withName(name)
                .withFieldManager(FIELD_MANAGER)
                .withGenerationAware(false)
                .withOnUpdateFilter(new PrimaryFilter<>())
                .withRetry(new UnlimitedRetry())
                .withRateLimiter(new SlidingRateLimiter(RECONCILES, PERIOD));
        if (namespaces.isEmpty()) {
            configuration.watchingAllNamespaces();
        } else {
            configuration.settingNamespaces(namespaces);
        }
    }
}
