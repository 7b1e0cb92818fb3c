package io.stackwright.operator.stack;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.Quantity;
import io.fabric8.kubernetes.api.model.ResourceQuota;
import io.fabric8.kubernetes.api.model.ResourceQuotaBuilder;
import io.fabric8.kubernetes.api.model.ResourceQuotaStatusBuilder;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.stackwright.operator.RunningOperator;
import java.net.HttpURLConnection;

/** A quota of an operator's namespace that has no room left. There is no controller that counts: this says what is used. */
final class FullQuota {

    private FullQuota() {}

    /**
     * Returns when the API server refuses what it limits.
     *
     * @param limited for example {@code count/secrets}
     * @param probe such an object, which is not made
     */
    static ResourceQuota of(RunningOperator operator, String limited, HasMetadata probe) {
        probe.getMetadata().setNamespace(operator.namespace());
        ResourceQuota quota = operator.client()
                .resource(new ResourceQuotaBuilder()
                        .withNewMetadata()
                        .withName("full")
                        .withNamespace(operator.namespace())
                        .endMetadata()
                        .withNewSpec()
                        .addToHard(limited, new Quantity("1"))
                        .endSpec()
                        .build())
                .create();
        quota.setStatus(new ResourceQuotaStatusBuilder()
                .addToHard(limited, new Quantity("1"))
                .addToUsed(limited, new Quantity("1"))
                .build());
        operator.client().resource(quota).updateStatus();
        Stacks.patiently().until(() -> isRefused(operator, probe));
        return quota;
    }

    private static boolean isRefused(RunningOperator operator, HasMetadata probe) {
        try {
            operator.client().resource(probe).dryRun().create();
            return false;
        } catch (KubernetesClientException e) {
            return e.getCode() == HttpURLConnection.HTTP_FORBIDDEN;
        }
    }
}
