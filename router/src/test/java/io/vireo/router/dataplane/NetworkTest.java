package io.vireo.router.dataplane;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.vireo.protocols.Gateway;
import java.util.HashMap;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

class NetworkTest {
    private static final int PREFIX = 0x0a00_0000;
    private static final int GATEWAY = PREFIX + 1;

    private final Network subnet = new Network("subnet", GATEWAY, false);
    private final Network routed = new Network("routed", GATEWAY, true);

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
    void findsTheAddressZeroOnlyIfAPortHasIt() {
        assertNull(subnet.find(0));
        NetPort zero = port(subnet, 0);
        assertSame(zero, subnet.find(0));
    }

    @Test
    void refusesASecondPortWithAnAddress() {
        port(subnet, PREFIX + 5);
        IllegalArgumentException refusal = assertThrows(IllegalArgumentException.class, () -> port(subnet, PREFIX + 5));
        assertEquals("network subnet has two ports with one address", refusal.getMessage());
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
