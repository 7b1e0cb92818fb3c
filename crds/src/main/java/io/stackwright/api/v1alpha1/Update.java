package io.stackwright.api.v1alpha1;

import com.fasterxml.jackson.annotation.JsonClassDescription;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import com.fasterxml.jackson.databind.annotation.JsonDeserialize;
import io.fabric8.crd.generator.annotation.AdditionalPrinterColumn;
import io.fabric8.crd.generator.annotation.AdditionalPrinterColumn.Type;
import io.fabric8.crd.generator.annotation.AdditionalSelectableField;
import io.fabric8.generator.annotation.Default;
import io.fabric8.generator.annotation.Required;
import io.fabric8.generator.annotation.ValidationRule;
import io.fabric8.kubernetes.api.model.Namespaced;
import io.fabric8.kubernetes.client.CustomResource;
import io.fabric8.kubernetes.model.annotation.Categories;
import io.fabric8.kubernetes.model.annotation.Group;
import io.fabric8.kubernetes.model.annotation.ShortNames;
import io.fabric8.kubernetes.model.annotation.Version;

/**
 * One Pulumi operation on one {@link Stack}: past, present or waiting.
 *
 * <p>The operator creates an Update as the write-ahead record of a run. People may create one too, for an ad-hoc
 * preview, refresh or targeted up; it runs after what is already queued.
 */
@Group(Stack.GROUP)
@Version(Stack.VERSION)
@ShortNames("upd")
@Categories("stackwright")
@AdditionalPrinterColumn(name = "Stack", jsonPath = ".spec.stack", type = Type.STRING)
@AdditionalPrinterColumn(name = "Operation", jsonPath = ".spec.operation", type = Type.STRING)
@AdditionalPrinterColumn(name = "Phase", jsonPath = ".status.phase", type = Type.STRING)
@AdditionalPrinterColumn(name = "Cause", jsonPath = ".spec.cause", type = Type.STRING)
@AdditionalPrinterColumn(name = "Started", jsonPath = ".status.startedAt", type = Type.DATE)
@AdditionalPrinterColumn(name = "Finished", jsonPath = ".status.finishedAt", type = Type.DATE)
@AdditionalPrinterColumn(name = "Message", jsonPath = ".status.failure.message", type = Type.STRING, priority = 1)
@AdditionalSelectableField(jsonPath = ".spec.stack")
@ValidationRule(
        value = "size(self.metadata.name) <= 63",
        message = "metadata.name must be no more than 63 characters, so that it can be the value of a label")
@JsonClassDescription("One Pulumi operation on one Stack: past, present or waiting.")
public class Update extends CustomResource<UpdateSpec, UpdateStatus> implements Namespaced {

    private static final long serialVersionUID = 1L;

    @Override
    @Required
    @JsonPropertyDescription("What is to be done; immutable.")
    @ValidationRule(value = "self == oldSelf", message = "an Update's spec is immutable; create another Update")
    public UpdateSpec getSpec() {
        return super.getSpec();
    }

    /** A spec that this operator cannot read becomes {@link UpdateSpec#unreadable(String)}, never an exception. */
    @Override
    @JsonDeserialize(using = UpdateSpecReader.class)
    public void setSpec(UpdateSpec spec) {
        super.setSpec(spec);
    }

    /** Never absent on the API server: without an observed generation kstatus would call a new Update done. */
    @Override
    @JsonPropertyDescription("How far it is and how it ended.")
    @Default("{\"observedGeneration\": -1}")
    public UpdateStatus getStatus() {
        return super.getStatus();
    }

    /** Of a status that another version wrote, what can be read. */
    @Override
    @JsonDeserialize(using = UpdateStatusReader.class)
    public void setStatus(UpdateStatus status) {
        super.setStatus(status);
    }
}
