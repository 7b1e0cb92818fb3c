package io.stackwright.operator.source;

import java.net.Inet4Address;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.Arrays;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Which addresses sources may be fetched from.
 *
 * <p>Blocked: loopback, link-local, wildcard, multicast, reserved and the metadata services of clouds, because a
 * tenant's URL must not reach what only the operator's host can reach. Private networks are allowed: that is where
 * in-house Git servers live.
 */
final class AddressRules {

    /** Addresses outside the blocked ranges under which clouds hand out credentials. */
    private static final Set<String> METADATA_SERVICES =
            Set.of("fd00:ec2:0:0:0:0:0:254", "100.100.100.200", "168.63.129.16", "192.0.0.192");

    private final Set<String> allowedHosts;

    /** @param allowedHosts {@code host} or {@code host:port}, exempt from the rules */
    AddressRules(Set<String> allowedHosts) {
        this.allowedHosts = allowedHosts.stream().map(AddressRules::normal).collect(Collectors.toUnmodifiableSet());
    }

    /**
     * Looks the host up; blocks.
     *
     * @throws BlockedAddressException when one of its addresses is blocked
     */
    void check(String host, int port) throws UnknownHostException, BlockedAddressException {
        for (InetAddress address : InetAddress.getAllByName(host)) {
            check(host, port, address);
        }
    }

    /** Judges the address that a connection was really made to: a name may have changed since it was checked. */
    void check(String host, int port, InetAddress address) throws BlockedAddressException {
        if (blocked(address) && !exempt(host, port)) {
            throw new BlockedAddressException(host);
        }
    }

    private boolean exempt(String host, int port) {
        String name = normal(host);
        return allowedHosts.contains(name) || allowedHosts.contains(name + ":" + port);
    }

    private static String normal(String host) {
        return host.replace("[", "").replace("]", "").toLowerCase(Locale.ROOT);
    }

    static boolean blocked(InetAddress address) {
        if (address.isLoopbackAddress()
                || address.isLinkLocalAddress()
                || address.isAnyLocalAddress()
                || address.isMulticastAddress()
                || METADATA_SERVICES.contains(withoutScope(address))) {
            return true;
        }
        byte[] bytes = address.getAddress();
        if (address instanceof Inet4Address) {
            int first = bytes[0] & 0xff;
            return first == 0 || first >= 240;
        }
        return address instanceof Inet6Address && blockedInside(bytes);
    }

    /** IPv6 forms that carry an IPv4 address to a translator: compatible, NAT64 and 6to4. */
    private static boolean blockedInside(byte[] bytes) {
        boolean compatible = zero(bytes, 0, 12);
        boolean nat64 = bytes[0] == 0 && bytes[1] == 0x64 && (bytes[2] & 0xff) == 0xff && (bytes[3] & 0xff) == 0x9b;
        boolean sixToFour = bytes[0] == 0x20 && bytes[1] == 0x02;
        if (!compatible && !nat64 && !sixToFour) {
            return false;
        }
        int start = sixToFour ? 2 : 12;
        try {
            return blocked(InetAddress.getByAddress(Arrays.copyOfRange(bytes, start, start + 4)));
        } catch (UnknownHostException e) {
            throw new IllegalStateException("four bytes are an address", e);
        }
    }

    private static boolean zero(byte[] bytes, int from, int to) {
        for (int i = from; i < to; i++) {
            if (bytes[i] != 0) {
                return false;
            }
        }
        return true;
    }

    private static String withoutScope(InetAddress address) {
        String text = address.getHostAddress();
        int scope = text.indexOf('%');
        return scope < 0 ? text : text.substring(0, scope);
    }
}
