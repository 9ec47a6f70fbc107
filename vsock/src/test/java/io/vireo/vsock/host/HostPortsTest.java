package io.vireo.vsock.host;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.vireo.vsock.VsockHeader;
import io.vireo.vsock.endpoint.Connection;
import io.vireo.vsock.endpoint.Packet;
import io.vireo.vsock.endpoint.Side;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class HostPortsTest {
    private final CountDownLatch served = new CountDownLatch(1);
    private final HostPorts ports = new HostPorts(Map.of(Packet.HOST_PORT, stream -> {
        try {
            served.await();
        } catch (InterruptedException e) {
            throw new IOException(e);
        }
    }));
    private Side device;

    @BeforeEach
    void start() throws Exception {
        device = Side.device();
    }

    @AfterEach
    void end() {
        served.countDown();
        device.close();
        ports.close();
    }

    private boolean take(Packet request) {
        device.receive(request);
        Connection incoming = device.requests.removeLast();
        return device.loop.call(() -> ports.take("vm1", incoming));
    }

    @Test
    void takesStreamsToItsPortsAlone() {
        assertTrue(take(Packet.toHost(VsockHeader.REQUEST)));
        assertEquals(List.of(VsockHeader.RESPONSE), device.sentOps());
        assertFalse(take(Packet.toHost(VsockHeader.REQUEST).fromPort(1).type(2)));
        assertFalse(take(Packet.toHost(VsockHeader.REQUEST).toPort(1)));
    }

    @Test
    void servesNoMoreAtATimeThanAGuestCanHaveHoweverFastItGivesUp() {
        for (int port = 0; port < HostPorts.MOST_A_GUEST; port++) {
            Packet request = Packet.toHost(VsockHeader.REQUEST).fromPort(port);
            assertTrue(take(request));
            device.receive(Packet.toHost(VsockHeader.RST).fromPort(port));
            assertEquals(List.of(), device.sentOps());
        }
        assertTrue(take(Packet.toHost(VsockHeader.REQUEST)));
        assertEquals(List.of(VsockHeader.RST), device.sentOps());
    }
}
