package io.stackwright.operator.execution.job;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import io.stackwright.operator.execution.RunRequest.RunKey;
import java.util.Base64;

/** The one Secret that a run may write: what it leaves for the operator. */
final class ResultSecret {

    private final KubernetesClient client;
    private final RunKey run;

    ResultSecret(KubernetesClient client, RunKey run) {
        this.client = client;
        this.run = run;
    }

    /** Writes one key; the others stay. */
    void put(String key, byte[] value) {
        var patch = JsonNodeFactory.instance.objectNode();
        patch.putObject("data").put(key, Base64.getEncoder().encodeToString(value));
        client.secrets()
                .inNamespace(run.stack().namespace())
                .withName(RunObjects.result(run.update()))
                .patch(PatchContext.of(PatchType.JSON_MERGE), patch.toString());
    }
}
