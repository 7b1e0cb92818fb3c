package io.stackwright.operator.source;

import java.io.IOException;

/** A host has an address that sources are not fetched from. */
final class BlockedAddressException extends IOException {

    private static final long serialVersionUID = 1L;

    BlockedAddressException(String host) {
        super("host " + host + " has a loopback, link-local, multicast or otherwise reserved address, which sources may"
                + " not be fetched from; the operator's --source-allowed-hosts can exempt it");
    }
}
