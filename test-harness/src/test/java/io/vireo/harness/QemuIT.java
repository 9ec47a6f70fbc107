package io.vireo.harness;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.vireo.harness.guests.Guest;
import io.vireo.harness.guests.GuestConfig;
import io.vireo.harness.guests.QemuGuest;
import io.vireo.harness.packets.Packets;
import io.vireo.protocols.ipv6.Ipv6Prefix;
import io.vireo.router.config.Addressing;
import io.vireo.router.config.Ipv6Addressing;
import io.vireo.router.config.Ipv6Network;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Debian's kernel in QEMU. */
@Timeout(180)
class QemuIT {
    private static final Duration SOON = Duration.ofSeconds(30);

    @ParameterizedTest
    @EnumSource(Addressing.class)
    void aGuestFindsItsAddressesAndPingsTheGateway(Addressing addressing) throws Exception {
        Ipv6Network network = new Ipv6Network(Ipv6Prefix.parse("2001:db8:1::/48"), Ipv6Addressing.SLAAC);
        try (TestRouter router = TestRouter.start(addressing, network, 1);
                Guest vm1 = QemuGuest.boot("vm1", router.socket(1), router.mac(1))) {
            assertWorks(vm1);
            assertEquals("2001:db8:1:1:5054:ff:fe12:3401", vm1.ipv6());
            Traffic.assertPings(vm1, "fe80::1%eth0");
            Traffic.assertPings(vm1, "2001:db8:1::1");
        }
    }

    @Test
    void aGuestWithPackedRingsLeasesItsAddressAndPingsTheGateway() throws Exception {
        try (TestRouter router = TestRouter.start(Addressing.SUBNET, 1);
                Guest vm1 = QemuGuest.start(GuestConfig.of("vm1")
                        .withMemory(256)
                        .withPackedLink(router.socket(1), Packets.mac(router.mac(1))))) {
            // feature bit 34, as the guest's driver accepted it (virtio 1.3, 6)
            String features =
                    vm1.run("cat /sys/class/net/eth0/device/features", SOON).strip();
            assertEquals('1', features.charAt(34), features);
            assertWorks(vm1);
        }
    }

    @Test
    void aGuestWithTwoProcessorsUsesTwoPairsOfQueues() throws Exception {
        try (TestRouter router = TestRouter.start(1, Addressing.SUBNET, true, 2, new int[] {1});
                Guest vm1 = QemuGuest.start(GuestConfig.of("vm1")
                        .withMemory(256)
                        .withProcessors(2)
                        .withLink(router.socket(1), Packets.mac(router.mac(1))))) {
            String queues = vm1.run("ls /sys/class/net/eth0/queues", SOON);
            assertTrue(queues.contains("rx-1") && queues.contains("tx-1"), queues);
            assertWorks(vm1);
            for (int processor = 0; processor < 2; processor++) { // each of which sends on a queue of its own
                String output = vm1.run("taskset " + (1 << processor) + " ping -c 5 -i 0.1 -W 10 10.0.0.1", SOON);
                assertTrue(output.contains("5 packets received, 0% packet loss"), output);
            }
        }
    }

    private static void assertWorks(Guest vm1) throws Exception {
        String lease = vm1.lease();
        assertTrue(lease.contains("LEASED ip=10.0.0.5"), lease);
        for (String gateway : new String[] {"169.254.0.1", "10.0.0.1"}) {
            Traffic.assertPings(vm1, gateway);
        }
    }
}
