package io.vireo.router.dataplane;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.vireo.protocols.gateway.Gateway;
import java.nio.ByteBuffer;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A guest whose IPv4 address comes and goes while it runs. */
class AddressChangesTest {
    private DataPlane plane;
    private Guest a;
    private Guest b;
    private int address;

    @BeforeEach
    void start() throws Exception {
        plane = DataPlane.subnet();
        a = plane.guest();
        b = plane.guest();
        a.post(10, 2000);
        b.post(10, 2000);
        address = a.ipv4();
        a.port.address(0);
        plane.network.withdraw(a.port, address);
    }

    @AfterEach
    void close() {
        plane.close();
    }

    private byte[] udp(int from, int to) {
        return Frames.ipv4(Gateway.GATEWAY_MAC, a.mac(), from, to, 17, 64, 60);
    }

    private void send(byte[] frame) {
        a.send(frame);
        plane.visit(a);
        assertTrue(a.isAllTransmitted());
    }

    @Test
    void mayNotSendWithoutAnAddress() {
        send(udp(address, b.ipv4()));
        send(udp(0, b.ipv4()));
        send(udp(-1, b.ipv4()));
        send(Frames.arpRequest(a, address, DataPlane.GATEWAY));
        assertEquals(4, a.port.counter(Counter.TX_DROP_SPOOFED_IPV4));
        assertTrue(b.receive().isEmpty());
    }

    @Test
    void isNotReachedWithoutAnAddress() {
        b.send(Frames.udp(b, address, 60));
        b.send(Frames.udp(b, 0, 60));
        plane.visit(b);
        assertEquals(2, b.port.counter(Counter.TX_DROP_NO_ROUTE));
        assertTrue(a.receive().isEmpty());
    }

    @Test
    void mayAskForAnAddressWithoutOne() {
        send(Frames.dhcp(a, 300));
        byte[] renewal = Frames.dhcp(a, 300);
        ByteBuffer.wrap(renewal).putInt(26, address);
        send(Frames.sealed(renewal));
        assertEquals(2, plane.slowPath.punts.size(), "one that was forgotten is told so");
    }

    @Test
    void mayProbeWithoutAnAddress() {
        send(Frames.arpRequest(a, 0, b.ipv4()));
        List<byte[]> answers = a.receiveFrames();
        assertEquals(1, answers.size(), "the address is another's");
        send(Frames.arpRequest(a, 0, address));
        assertTrue(a.receive().isEmpty(), "the address is free");
    }

    @Test
    void usesTheAddressThatItIsGiven() {
        int other = DataPlane.PREFIX + 77;
        a.port.address(other);
        plane.network.assign(a.port, other);
        send(udp(address, b.ipv4()));
        assertTrue(b.receive().isEmpty());
        send(udp(other, b.ipv4()));
        assertEquals(1, b.receive().size());
        b.send(Frames.udp(b, other, 60));
        plane.visit(b);
        assertEquals(1, a.receive().size());
    }
}
