package io.vireo.router.dataplane;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.vireo.protocols.gateway.Gateway;
import io.vireo.protocols.ipv6.Ipv6Address;
import io.vireo.protocols.ipv6.Ipv6Prefix;
import java.util.HashMap;
import java.util.Map;
import java.util.Random;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class NetworkTest {
    private static final int PREFIX = 0x0a00_0000;
    private static final int GATEWAY = PREFIX + 1;

    private final Network subnet = Networks.network("subnet", false);
    private final Network routed = Networks.network("routed", true);

    /** A port that is only ever looked up: its backlog's memory is never touched. */
    private static NetPort port(Network network, int ipv4) {
        return new NetPort("port", network, 0x5254_0000_0001L, ipv4, 1500, 0x1000);
    }

    @Test
    void findsEachOfThousandsOfNeighboursAndNobodyElse() {
        Map<Integer, NetPort> ports = new HashMap<>();
        for (int host = 2; host < 2000; host++) {
            ports.put(PREFIX + host, port(subnet, PREFIX + host));
        }
        ports.forEach((address, port) -> assertSame(port, subnet.find(address)));
        for (int host = 2000; host < 10_000; host++) {
            assertNull(subnet.find(PREFIX + host));
        }
        assertNull(subnet.find(0));
        assertNull(subnet.find(-1));
    }

    @Test
    void findsAddressesWithoutAnyPattern() {
        Random random = new Random(4711);
        Map<Integer, NetPort> ports = new HashMap<>();
        while (ports.size() < 1000) {
            ports.computeIfAbsent(random.nextInt(), address -> port(subnet, address));
        }
        ports.forEach((address, port) -> assertSame(port, subnet.find(address)));
        for (int i = 0; i < 10_000; i++) {
            int address = random.nextInt();
            assertSame(ports.get(address), subnet.find(address));
        }
    }

    @Test
    void leadsNowhereToAPortWithoutAnAddress() {
        port(subnet, 0);
        port(subnet, 0);
        assertNull(subnet.find(0));
    }

    @Test
    void refusesASecondPortWithAnAddress() {
        port(subnet, PREFIX + 5);
        IllegalArgumentException refusal = assertThrows(IllegalArgumentException.class, () -> port(subnet, PREFIX + 5));
        assertEquals(
                "network subnet: 10.0.0.5 leads to guest port and cannot lead to guest port", refusal.getMessage());
    }

    @Test
    void leadsWhereItWasToldLast() {
        NetPort first = port(subnet, PREFIX + 5);
        NetPort second = port(subnet, 0);
        subnet.withdraw(second, PREFIX + 5);
        assertSame(first, subnet.find(PREFIX + 5), "it is not the second's to withdraw");
        subnet.withdraw(first, PREFIX + 5);
        assertNull(subnet.find(PREFIX + 5));
        assertFalse(subnet.answersFor(PREFIX + 5));
        subnet.assign(second, PREFIX + 5);
        subnet.assign(second, PREFIX + 5);
        subnet.assign(second, PREFIX + 6);
        assertSame(second, subnet.find(PREFIX + 5));
        assertSame(second, subnet.find(PREFIX + 6));
    }

    @Test
    void leadsToTheLongestPrefix() {
        NetPort delegated = port(subnet, 0);
        NetPort own = port(subnet, 0);
        NetPort address = port(subnet, 0);
        subnet.assign(delegated, Ipv6Prefix.parse("2001:db8:8000::/56"));
        subnet.assign(own, Ipv6Prefix.parse("2001:db8:8000:1::/64"));
        subnet.assign(address, Ipv6Prefix.parse("2001:db8:8000:1::5/128"));
        assertSame(address, find("2001:db8:8000:1::5"));
        assertSame(own, find("2001:db8:8000:1::6"));
        assertSame(own, find("2001:db8:8000:1:ffff:ffff:ffff:ffff"));
        assertSame(delegated, find("2001:db8:8000:2::5"));
        assertSame(delegated, find("2001:db8:8000:ff::"));
        assertNull(find("2001:db8:8000:100::"));
        assertNull(find("::"));
        subnet.withdraw(address, Ipv6Prefix.parse("2001:db8:8000:1::5/128"));
        assertSame(own, find("2001:db8:8000:1::5"));
    }

    private @Nullable NetPort find(String ipv6) {
        Ipv6Address address = Ipv6Address.parse(ipv6);
        return subnet.find(address.high(), address.low());
    }

    @Test
    void findsEachOfManyPrefixesOfTheirLengths() {
        SplittableRandom random = new SplittableRandom(6);
        Map<Ipv6Prefix, NetPort> ports = new HashMap<>();
        int[] lengths = {128, 64, 60, 56};
        while (ports.size() < 400) {
            Ipv6Address address =
                    new Ipv6Address(0x2001_0db8_0000_0000L | random.nextInt(1 << 16), random.nextInt(1 << 10));
            Ipv6Prefix prefix = Ipv6Prefix.of(address, lengths[random.nextInt(lengths.length)]);
            ports.computeIfAbsent(prefix, key -> {
                NetPort port = port(subnet, 0);
                subnet.assign(port, key);
                return port;
            });
        }
        for (int i = 0; i < 100_000; i++) {
            Ipv6Address address =
                    new Ipv6Address(0x2001_0db8_0000_0000L | random.nextInt(1 << 17), random.nextInt(1 << 10));
            NetPort longest = null;
            for (int length : lengths) {
                longest = longest == null ? ports.get(Ipv6Prefix.of(address, length)) : longest;
            }
            assertSame(longest, subnet.find(address.high(), address.low()), address::toString);
        }
    }

    @Test
    void refusesASecondPortWithAPrefix() {
        Ipv6Prefix prefix = Ipv6Prefix.parse("2001:db8:1:5::/64");
        subnet.assign(port(subnet, 0), prefix);
        assertThrows(IllegalArgumentException.class, () -> subnet.assign(port(subnet, 0), prefix));
    }

    @Test
    void hasALinkLocalGatewayAndOneOfItsPrefix() {
        for (String gateway : new String[] {"fe80::1", "2001:db8:1::1"}) {
            Ipv6Address address = Ipv6Address.parse(gateway);
            assertTrue(subnet.isGateway(address.high(), address.low()));
            assertFalse(subnet.isGateway(address.high(), address.low() + 1));
            assertFalse(subnet.isGateway(address.high() + 1, address.low()));
        }
        assertEquals(Ipv6Address.parse("2001:db8:1::1"), subnet.gatewayIpv6());
    }

    @Test
    void hasTwoGatewayAddresses() {
        for (Network network : new Network[] {subnet, routed}) {
            assertTrue(network.isGateway(GATEWAY));
            assertTrue(network.isGateway(Gateway.GATEWAY_IPV4_LINK_LOCAL));
            assertFalse(network.isGateway(PREFIX));
            assertTrue(network.answersFor(GATEWAY));
            assertTrue(network.answersFor(Gateway.GATEWAY_IPV4_LINK_LOCAL));
        }
    }

    @Test
    void answersForNeighboursInASubnetOnly() {
        port(subnet, PREFIX + 5);
        port(routed, PREFIX + 5);
        assertTrue(subnet.answersFor(PREFIX + 5));
        assertFalse(subnet.answersFor(PREFIX + 6));
        assertFalse(routed.answersFor(PREFIX + 5), "a guest of a routed network has no neighbours");
    }
}
