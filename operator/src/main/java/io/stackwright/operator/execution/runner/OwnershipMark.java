package io.stackwright.operator.execution.runner;

import java.util.Optional;

/**
 * The mark by which a Pulumi stack belongs to one Stack object, across namespaces, operators and clusters.
 *
 * <p>Value of the stack tag {@link #TAG}: {@code <installation>/<namespace>/<stack uid>/<created|adopted>}.
 */
record OwnershipMark(String installation, String namespace, String stackUid, boolean adopted) {

    static final String TAG = "stackwright:owner";

    static Optional<OwnershipMark> parse(String text) {
        String[] parts = text == null ? new String[0] : text.split("/", -1);
        return parts.length == 4
                ? Optional.of(new OwnershipMark(parts[0], parts[1], parts[2], parts[3].equals("adopted")))
                : Optional.empty();
    }

    String text() {
        return installation + "/" + namespace + "/" + stackUid + "/" + (adopted ? "adopted" : "created");
    }
}
