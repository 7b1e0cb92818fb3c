package io.stackwright.api.v1alpha1;

import com.fasterxml.jackson.annotation.JsonClassDescription;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import com.fasterxml.jackson.databind.annotation.JsonDeserialize;
import io.fabric8.crd.generator.annotation.AdditionalPrinterColumn;
import io.fabric8.crd.generator.annotation.AdditionalPrinterColumn.Type;
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
 * A Pulumi stack that the operator keeps as declared.
 *
 * <p>The operator never writes a Stack's spec, labels or annotations; it owns the status and one finalizer.
 */
@Group(Stack.GROUP)
@Version(Stack.VERSION)
@ShortNames("stk")
@Categories("stackwright")
@AdditionalPrinterColumn(
        name = "Ready",
        jsonPath = ".status.conditions[?(@.type==\"Ready\")].status",
        type = Type.STRING)
@AdditionalPrinterColumn(
        name = "Reason",
        jsonPath = ".status.conditions[?(@.type==\"Ready\")].reason",
        type = Type.STRING)
@AdditionalPrinterColumn(name = "Revision", jsonPath = ".status.applied.revision", type = Type.STRING)
@AdditionalPrinterColumn(name = "Resources", jsonPath = ".status.resources", type = Type.INTEGER)
@AdditionalPrinterColumn(name = "Age", jsonPath = ".metadata.creationTimestamp", type = Type.DATE)
@AdditionalPrinterColumn(name = "Update", jsonPath = ".status.lastUpdate", type = Type.STRING, priority = 1)
@AdditionalPrinterColumn(
        name = "Message",
        jsonPath = ".status.conditions[?(@.type==\"Ready\")].message",
        type = Type.STRING,
        priority = 1)
@ValidationRule(
        value = "size(self.metadata.name) <= 50",
        message = "metadata.name must be no more than 50 characters: the names of Updates and Secrets are derived from"
                + " it")
@JsonClassDescription("A Pulumi stack that the operator keeps as declared.")
public class Stack extends CustomResource<StackSpec, StackStatus> implements Namespaced {

    public static final String GROUP = "stackwright.io";
    public static final String VERSION = "v1alpha1";

    private static final long serialVersionUID = 1L;

    @Override
    @Required
    @JsonPropertyDescription("Desired state of the Pulumi stack.")
    public StackSpec getSpec() {
        return super.getSpec();
    }

    /** A spec that this operator cannot read becomes {@link StackSpec#unreadable()}, never an exception. */
    @Override
    @JsonDeserialize(using = StackSpecReader.class)
    public void setSpec(StackSpec spec) {
        super.setSpec(spec);
    }

    @Override
    @JsonPropertyDescription("Observed state, written by the operator alone.")
    @Default("{\"observedGeneration\": -1}")
    public StackStatus getStatus() {
        return super.getStatus();
    }

    /** Of a status that another version wrote, what can be read. */
    @Override
    @JsonDeserialize(using = StackStatusReader.class)
    public void setStatus(StackStatus status) {
        super.setStatus(status);
    }
}
