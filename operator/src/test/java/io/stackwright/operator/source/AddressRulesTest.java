package io.stackwright.operator.source;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class AddressRulesTest {

    @ParameterizedTest
    @ValueSource(
            strings = {
                "127.0.0.1", "127.8.8.8", "0.0.0.0", "0.1.2.3", "169.254.169.254", "224.0.0.1", "255.255.255.255",
                "240.0.0.1", "::1", "::", "fe80::1", "ff02::1", "::ffff:127.0.0.1", "::127.0.0.1",
                "64:ff9b::169.254.169.254", "2002:7f00:1::", "fd00:ec2::254", "100.100.100.200", "168.63.129.16"
            })
    void blocksWhatOnlyTheHostCanReach(String address) throws UnknownHostException {
        assertThat(AddressRules.blocked(InetAddress.getByName(address))).isTrue();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "10.1.2.3",
                "172.16.0.1",
                "192.168.1.1",
                "100.64.0.1",
                "140.82.121.4",
                "fd12::1",
                "2606:50c0:8000::153",
                "64:ff9b::140.82.121.4"
            })
    void allowsPublicAndPrivateNetworks(String address) throws UnknownHostException {
        assertThat(AddressRules.blocked(InetAddress.getByName(address))).isFalse();
    }

    @ParameterizedTest
    @ValueSource(strings = {"localhost", "127.0.0.1", "[::1]", "0", "2130706433", "127.1"})
    void looksNamesAndOddNotationsUp(String host) {
        assertThatThrownBy(() -> new AddressRules(Set.of()).check(host, 443))
                .isInstanceOfAny(BlockedAddressException.class, UnknownHostException.class);
    }

    @Test
    void exemptsAllowedHosts() {
        // given
        AddressRules rules = new AddressRules(Set.of("LOCALHOST:8443", "::1"));

        // then
        assertThatCode(() -> rules.check("localhost", 8443)).doesNotThrowAnyException();
        assertThatCode(() -> rules.check("[::1]", 22)).doesNotThrowAnyException();
        assertThatThrownBy(() -> rules.check("localhost", 443)).isInstanceOf(BlockedAddressException.class);
        assertThatThrownBy(() -> rules.check("127.0.0.1", 8443)).isInstanceOf(BlockedAddressException.class);
    }

    @Test
    void judgesTheAddressThatWasConnectedTo() throws UnknownHostException {
        // given
        InetAddress loopback = InetAddress.getByName("127.0.0.1");

        // then
        assertThatThrownBy(() -> new AddressRules(Set.of()).check("rebound.example", 443, loopback))
                .isInstanceOf(BlockedAddressException.class)
                .hasMessageContaining("rebound.example");
    }
}
