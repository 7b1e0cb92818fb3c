package io.stackwright.operator.stack;

import io.stackwright.api.v1alpha1.Stack;
import io.stackwright.api.v1alpha1.StackStatus;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;

/** Annotations on a Stack that ask for something once: any new value is a new request. */
final class Requests {

    /** Run now, whatever the fingerprint and the backoff say. */
    static final String RECONCILE = "stackwright.io/reconcile";

    /** The same, in Flux' words. */
    static final String FLUX_RECONCILE = "reconcile.fluxcd.io/requestedAt";

    /** Longer values, up to the 256 KiB of all annotations, are remembered by their digest: a status is small. */
    private static final int LONGEST_ECHO = 256;

    private Requests() {}

    /** Requests that have not been taken up. */
    static Map<String, String> open(Stack stack) {
        Map<String, String> annotations = stack.getMetadata().getAnnotations();
        if (annotations == null) {
            return Map.of();
        }
        StackStatus status = stack.getStatus();
        Map<String, String> handled = status == null || status.handled() == null ? Map.of() : status.handled();
        Map<String, String> open = new HashMap<>();
        for (String name : List.of(RECONCILE, FLUX_RECONCILE)) {
            String value = annotations.get(name);
            if (value != null && !echo(value).equals(handled.get(name))) {
                open.put(name, echo(value));
            }
        }
        return open;
    }

    private static String echo(String value) {
        if (value.length() <= LONGEST_ECHO) {
            return value;
        }
        try {
            byte[] digest = MessageDigest.getInstance("SHA-256").digest(value.getBytes(StandardCharsets.UTF_8));
            return "sha256:" + HexFormat.of().formatHex(digest);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }
}
