package io.vireo.router.config;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.vireo.protocols.ethernet.MacAddress;
import io.vireo.protocols.ipv4.Ipv4Address;
import io.vireo.protocols.ipv4.Ipv4Prefix;
import io.vireo.protocols.ipv4.Ipv4Range;
import io.vireo.protocols.ipv6.Ipv6Address;
import io.vireo.protocols.ipv6.Ipv6Prefix;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** What a router refuses to start with, for those who make its configuration themselves. */
class RouterConfigTest {
    private static final NetworkConfig PLAIN =
            new NetworkConfig("default", Ipv4Prefix.parse("10.0.0.0/24"), Addressing.SUBNET);
    private static final NetworkConfig BOTH =
            PLAIN.withPool(Ipv4Range.parse("10.0.0.100-10.0.0.199")).withIpv6(ipv6(Ipv6Addressing.SLAAC));

    private static Ipv6Network ipv6(Ipv6Addressing addressing) {
        return new Ipv6Network(Ipv6Prefix.parse("2001:db8:1::/48"), addressing);
    }

    private static VhostConfig guest(int number) {
        return VhostConfig.of(Path.of("/run/vm" + number + ".sock"), MacAddress.parse("52:54:00:12:34:0" + number));
    }

    private static VhostConfig guest(int number, String ipv6) {
        return guest(number).withIpv6(Ipv6Address.parse(ipv6));
    }

    private static void assertRefused(String why, NetworkConfig network, VhostConfig... guests) {
        IllegalArgumentException e = assertThrows(
                IllegalArgumentException.class, () -> new RouterConfig(1, List.of(network), Arrays.asList(guests)));
        assertEquals(why, e.getMessage());
    }

    @Test
    void aGuestHasAnAddressOrItsNetworkAPool() {
        assertRefused("guest vm1: it has no IPv4 address, and network default has no pool", PLAIN, guest(1));
        assertEquals(
                1,
                new RouterConfig(1, List.of(BOTH), List.of(guest(1))).guests().size());
    }

    @Test
    void addressesAreWithinTheNetwork() {
        assertRefused(
                "guest vm1: 10.0.1.5 is outside network default, 10.0.0.0/24",
                BOTH,
                guest(1).withIpv4(Ipv4Address.parse("10.0.1.5")));
        assertRefused("guest vm1: 2001:db8:2::5 is outside 2001:db8:1::/48", BOTH, guest(1, "2001:db8:2::5"));
        assertRefused(
                "guest vm1: it has an IPv6 address, and network default has no IPv6",
                PLAIN,
                guest(1, "2001:db8:1:5::5").withIpv4(Ipv4Address.parse("10.0.0.5")));
    }

    @Test
    void twoGuestsShareNoPrefix() {
        assertRefused(
                "guest vm2: another guest has address 2001:db8:1:5::6",
                BOTH,
                guest(1, "2001:db8:1:5::5"),
                guest(2, "2001:db8:1:5::6"));

        NetworkConfig dhcpv6 = BOTH.withIpv6(ipv6(Ipv6Addressing.DHCPV6));
        List<VhostConfig> guests = List.of(guest(1, "2001:db8:1:5::5"), guest(2, "2001:db8:1:5::6"));
        assertEquals(guests, new RouterConfig(1, List.of(dhcpv6), guests).guests());
    }

    @Test
    void ipv6NeedsPacketsOf1280Bytes() {
        assertRefused("guest vm1: mtu 1279 is below 1280, the least of IPv6", BOTH, guest(1).withMtu(1279));
        assertEquals(
                1280,
                new RouterConfig(1, List.of(BOTH), List.of(guest(1).withMtu(1280)))
                        .guests()
                        .getFirst()
                        .mtu());
    }

    @Test
    void informationIsSuchAsCanBeTold() {
        Map<Integer, byte[]> routes = Map.of(121, new byte[] {0});
        GuestInformation none = GuestInformation.NONE;

        IllegalArgumentException e = assertThrows(
                IllegalArgumentException.class,
                () -> new GuestInformation(
                        none.dns(),
                        none.dns6(),
                        none.domain(),
                        none.search(),
                        none.ntp(),
                        none.ntp6(),
                        none.bootServer(),
                        none.bootFile(),
                        routes));
        assertEquals("DHCP option 121 is no list of routes with a default route among them", e.getMessage());
    }
}
