package io.stackwright.operator.engine;

/**
 * Names one Pulumi stack within its backend.
 *
 * @param organization Pulumi organisation; {@code organization} on self-managed backends
 * @param project Pulumi project, {@code name} of Pulumi.yaml
 * @param name stack name without the organisation
 */
public record StackId(String organization, String project, String name) {

    /** The organisation of every stack on a self-managed backend. */
    public static final String DEFAULT_ORGANIZATION = "organization";

    /** {@code organization/project/name}: understood by the CLI in any directory. */
    public String qualified() {
        return organization + "/" + project + "/" + name;
    }
}
