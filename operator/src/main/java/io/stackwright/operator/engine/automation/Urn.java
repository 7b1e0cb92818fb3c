package io.stackwright.operator.engine.automation;

/** Parts of {@code urn:pulumi:stack::project::parentType$type::name}. */
final class Urn {

    private Urn() {}

    /** The name may hold {@code ::} itself. */
    static String name(String urn) {
        int start = 0;
        for (int part = 0; part < 3; part++) {
            int separator = urn.indexOf("::", start);
            if (separator < 0) {
                return urn;
            }
            start = separator + 2;
        }
        return urn.substring(start);
    }

    /** The resource's own type token. */
    static String type(String urn) {
        String[] parts = urn.split("::", 4);
        return parts.length < 4 ? "" : parts[2].substring(parts[2].lastIndexOf('$') + 1);
    }
}
