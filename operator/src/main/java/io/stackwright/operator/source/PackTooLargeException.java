package io.stackwright.operator.source;

import java.io.IOException;

/** A pack has more than is taken; the message says what. */
final class PackTooLargeException extends IOException {

    private static final long serialVersionUID = 1L;

    PackTooLargeException(String message) {
        super(message);
    }
}
