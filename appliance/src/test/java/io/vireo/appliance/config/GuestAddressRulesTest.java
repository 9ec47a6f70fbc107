package io.vireo.appliance.config;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import io.vireo.appliance.config.Example.Rule;
import io.vireo.protocols.ipv4.Ipv4Address;
import io.vireo.protocols.ipv6.Ipv6Address;
import io.vireo.router.config.VhostConfig;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Which addresses of a network with pools and IPv6 a guest may have for its own. */
class GuestAddressRulesTest {
    private static final String NETWORK = """
            networks:
              - name: default
                ipv4: 10.0.0.0/24
                ipv4-pool: 10.0.0.100-10.0.0.199
                ipv6: 2001:db8:1::/48
                ipv6-addressing: slaac
            """;
    private static final String TEXT = NETWORK + """
            guests:
              - name: vm1
                network: default
                mac: "52:54:00:12:34:01"
                ipv6: 2001:db8:1:5::5
              - name: vm2
                network: default
                mac: "52:54:00:12:34:02"
                ipv4: 10.0.0.100
                ipv6: 2001:db8:1:6::5
            """;
    private static final String SLAAC = "ipv6-addressing: slaac";
    private static final String DHCPV6 = "ipv6-addressing: dhcpv6";
    private static final String ADDRESS =
            "; allowed: an address of its network's ipv6, unique there, not the gateway's";
    private static final String IPV4 =
            "; allowed: an address of its network, unique there, not the gateway's; without it, one from ipv4-pool";

    @TempDir
    Path folder;

    @ParameterizedTest
    @MethodSource
    void refuses(Rule rule) throws IOException {
        rule.requireRefused(TEXT, folder);
    }

    static Stream<Rule> refuses() {
        return Stream.of(
                ipv6("2001:db8:2::5", "2001:db8:2::5 is outside 2001:db8:1::/48"),
                ipv6("2001:db8:1::1", "2001:db8:1::1 is the gateway's address"),
                ipv6("\"2001:db8:1::\"", "2001:db8:1:: is the gateway's address"),
                ipv6("2001:db8:1::5", "2001:db8:1::5 is in the gateway's /64"),
                ipv6("2001:db8:1:5::/64", "\"2001:db8:1:5::/64\" is not an IPv6 address, such as 2001:db8::1"),
                ipv6("10.0.0.5", "\"10.0.0.5\" is not an IPv6 address, such as 2001:db8::1"),
                ipv6("[]", "is a list"),
                new Rule(
                        "ipv6: 2001:db8:1:6::5",
                        "ipv6: 2001:db8:1:5::6",
                        "FILE:16: guests[1].ipv6: 2001:db8:1:5::/64 is there already, on line 11; allowed: each once"),
                new Rule(
                        "ipv6: 2001:db8:1:5::5",
                        "mtu: 1279",
                        "FILE:11: guests[0].mtu: 1279 is not within 1280 to 1500; "
                                + "allowed: an integer, 576 (beside IPv6 1280) to the network's mtu"));
    }

    private static Rule ipv6(String address, String problem) {
        return new Rule("ipv6: 2001:db8:1:5::5", "ipv6: " + address, "FILE:11: guests[0].ipv6: " + problem + ADDRESS);
    }

    @Test
    void refusesAnIpv6AddressWhereThereIsNoIpv6() throws IOException {
        String text = TEXT.replace("    ipv6: 2001:db8:1::/48\n    " + SLAAC + "\n", "");

        assertEquals(
                "FILE:9: guests[0].ipv6: network default has no ipv6" + ADDRESS
                        + "\nFILE:14: guests[1].ipv6: network default has no ipv6" + ADDRESS,
                Example.problems(text, folder));
    }

    @Test
    void refusesAGuestWithoutAddressWhereThereIsNoPool() throws IOException {
        String text = TEXT.replace("    ipv4-pool: 10.0.0.100-10.0.0.199\n", "");

        assertEquals("FILE:7: guests[0].ipv4: is missing" + IPV4, Example.problems(text, folder));
    }

    @Test
    void whatIsWrongWithANetworkIsNotToldOfItsGuests() throws IOException {
        String text = TEXT.replace(SLAAC, "ipv6-addressing: static");

        assertEquals(
                "FILE:6: networks[0].ipv6-addressing: unknown: static; allowed: slaac or dhcpv6, beside ipv6",
                Example.problems(text, folder));
    }

    @Test
    void anAddressIsTheGuestsOwnOrComesFromThePool() throws Exception {
        List<VhostConfig> guests = Example.read(TEXT, folder).router().guests();

        assertFalse(guests.get(0).hasIpv4());
        assertEquals(Ipv4Address.parse("10.0.0.100"), guests.get(1).ipv4());
        assertEquals(Ipv6Address.parse("2001:db8:1:5::5"), guests.get(0).ipv6());
        assertEquals(Ipv6Address.parse("2001:db8:1:6::5"), guests.get(1).ipv6());
    }

    @Test
    void ipv6NeedsNoAddressOfItsOwn() throws Exception {
        String text = Example.replace(TEXT, "ipv6: 2001:db8:1:5::5", "mtu: 1280");

        VhostConfig guest = Example.read(text, folder).router().guests().getFirst();

        assertFalse(guest.hasIpv6());
        assertEquals(1280, guest.mtu());
    }

    @ParameterizedTest
    @ValueSource(strings = {"2001:db8:1::2", "2001:db8:1:6::6", "2001:db8:1:ffff:ffff:ffff:ffff:ffff"})
    void withDhcpv6AnyAddressButTheGatewaysIsAGuests(String address) throws Exception {
        String text = Example.replace(TEXT.replace(SLAAC, DHCPV6), "ipv6: 2001:db8:1:5::5", "ipv6: " + address);

        assertEquals(
                Ipv6Address.parse(address),
                Example.read(text, folder).router().guests().getFirst().ipv6());
    }

    @Test
    void withDhcpv6NoTwoGuestsHaveTheSameAddress() throws IOException {
        String text = Example.replace(TEXT.replace(SLAAC, DHCPV6), "ipv6: 2001:db8:1:5::5", "ipv6: 2001:db8:1:6::5");

        assertEquals(
                "FILE:16: guests[1].ipv6: 2001:db8:1:6::5/128 is there already, on line 11; allowed: each once",
                Example.problems(text, folder));
    }

    @Test
    void aPoolMayHaveFewerAddressesThanGuests() throws Exception {
        String text = TEXT.replace("ipv4-pool: 10.0.0.100-10.0.0.199", "ipv4-pool: 10.0.0.100-10.0.0.100");

        assertEquals(2, Example.read(text, folder).router().guests().size());
    }
}
