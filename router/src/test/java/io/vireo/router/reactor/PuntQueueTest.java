package io.vireo.router.reactor;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.vireo.linux.LinuxException;
import io.vireo.protocols.ipv4.Ipv4Address;
import io.vireo.protocols.ipv4.Ipv4Prefix;
import io.vireo.router.dataplane.NetPort;
import io.vireo.router.dataplane.Network;
import io.vireo.router.dataplane.SlowPath;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class PuntQueueTest {
    private static final int GUESTS = 100;

    private final Network network = new Network(
            "default", Ipv4Prefix.parse("10.0.0.0/24"), Ipv4Address.parse("10.0.0.1"), false, Optional.empty());
    private final NetPort port = new NetPort("vm", network, 0x5254_0012_3401L, 0, 1500, 0);
    private int polled;

    @Test
    void hasRoomForEveryGuestsShareAndIsBounded() throws LinuxException {
        PuntQueue queue = new PuntQueue(GUESTS);
        try {
            for (int i = 0; i < GUESTS * SlowPath.SHARE; i++) {
                assertTrue(queue.spoofedMac(port, i), "entry " + i);
            }
            int taken = GUESTS * SlowPath.SHARE;
            while (queue.spoofedMac(port, taken)) {
                taken++;
                assertTrue(taken < 4 * GUESTS * SlowPath.SHARE, "it grows without end");
            }
            queue.poll((punt, sequence, endOfBatch) -> {
                assertEquals(polled++, punt.mac);
                return true;
            });
            assertEquals(taken, polled);
            assertTrue(queue.spoofedMac(port, 0));
        } finally {
            queue.close();
        }
    }
}
