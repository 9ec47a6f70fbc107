package io.vireo.harness;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.vireo.harness.device.FrontendOptions;
import io.vireo.harness.device.RawVsockGuest;
import io.vireo.harness.packets.Octets;
import io.vireo.harness.packets.VsockField;
import io.vireo.harness.packets.VsockPacket;
import io.vireo.vsock.VsockAddress;
import java.io.IOException;

/** A guest of a {@link TestVsock} that speaks in packets, and expects those that come in order. Confined to one thread. */
final class RawVsockPeer implements AutoCloseable {
    private static final long TIMEOUT_MS = 5000;
    private static final int BUFFERS = 32;

    private final RawVsockGuest guest;

    private RawVsockPeer(RawVsockGuest guest) {
        this.guest = guest;
    }

    /** A guest with receive buffers for whatever comes. */
    static RawVsockPeer attach(TestVsock vsock) throws IOException {
        RawVsockPeer peer = attachWithoutBuffers(vsock, RawVsockGuest.OPTIONS);
        peer.guest.provide(BUFFERS, RawVsockGuest.BUFFER_SIZE);
        return peer;
    }

    static RawVsockPeer attachWithoutBuffers(TestVsock vsock, FrontendOptions options) throws IOException {
        return new RawVsockPeer(RawVsockGuest.attach(vsock.socket(), options));
    }

    RawVsockGuest guest() {
        return guest;
    }

    /** A packet from a port of this guest to one of the host. */
    static VsockPacket packet(int port, int hostPort, int operation) {
        return VsockPacket.of(TestVsock.CID, port, VsockAddress.HOST, hostPort, operation);
    }

    void send(VsockPacket packet) throws IOException {
        guest.send(packet);
    }

    /** Sends, and waits until the device has looked at it. */
    void sendAndFlush(VsockPacket packet) throws IOException {
        send(packet);
        flush();
    }

    void flush() throws IOException {
        assertTrue(guest.awaitSent(TIMEOUT_MS), "what was sent is not taken");
    }

    VsockPacket receive() throws IOException {
        return guest.receive(TIMEOUT_MS).orElseThrow(() -> new IOException("nothing received"));
    }

    /** The next packet, which must be of this operation and for this port. */
    VsockPacket expect(int operation, int port) throws IOException {
        VsockPacket packet = receive();
        assertEquals(operation, packet.operation(), packet::toString);
        assertEquals(port, packet.get(VsockField.DST_PORT), packet::toString);
        return packet;
    }

    /** The next packet must be the reset that a packet for no connection, or for one that it broke, gets. */
    void expectReset(VsockPacket of) throws IOException {
        VsockPacket reset = expect(VsockPacket.RST, (int) of.get(VsockField.SRC_PORT));
        assertEquals(of.get(VsockField.DST_CID), reset.get(VsockField.SRC_CID));
        assertEquals(of.get(VsockField.SRC_CID), reset.get(VsockField.DST_CID));
        assertEquals(of.get(VsockField.DST_PORT), reset.get(VsockField.SRC_PORT));
        assertEquals(0, reset.get(VsockField.LEN));
    }

    /** Connects a port of this guest's. */
    void connect(int port, int hostPort) throws IOException {
        send(packet(port, hostPort, VsockPacket.REQUEST));
        expect(VsockPacket.RESPONSE, port);
    }

    /** A connection to {@link TestVsock#ECHO} returns what is sent, and the answer is what comes next. */
    void echo(int port, String text) throws IOException {
        byte[] payload = Octets.ofText(text).toBytes();
        send(packet(port, TestVsock.ECHO, VsockPacket.RW).withPayload(payload));
        assertEquals(text, expect(VsockPacket.RW, port).payload().text());
    }

    /** Nothing comes before the answer to something that is always answered at once. */
    void expectNothing() throws IOException {
        VsockPacket probe = packet(1, 1, VsockPacket.CREDIT_REQUEST);
        send(probe);
        expectReset(probe);
    }

    @Override
    public void close() {
        guest.close();
    }
}
