package io.vireo.harness;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.vireo.harness.device.FrontendOptions;
import io.vireo.harness.device.VhostUserFrontendDevice;
import io.vireo.harness.packets.DhcpMessageType;
import io.vireo.harness.packets.DhcpResponse;
import io.vireo.harness.packets.IcmpEchoReply;
import io.vireo.harness.packets.IcmpError;
import io.vireo.harness.packets.Mac;
import io.vireo.harness.packets.Octets;
import io.vireo.harness.packets.Packets;
import io.vireo.virtqueue.VirtioNetHeader;
import java.io.IOException;
import java.net.Inet4Address;
import java.util.Arrays;

/** A guest of a {@link TestRouter}, as far as its network card's driver and a little of its kernel. Confined to one thread. */
final class TestGuest implements AutoCloseable {
    static final Mac GATEWAY_MAC = Packets.mac("02:00:00:00:00:01");
    static final Inet4Address GATEWAY = Packets.ip("10.0.0.1");
    static final Inet4Address LINK_LOCAL_GATEWAY = Packets.ip("169.254.0.1");
    static final int TTL = 64;
    static final int BUFFER_SIZE = 2048;

    private static final int BUFFERS = 16;
    private static final long TIMEOUT_MS = 10_000;
    private static final int SOURCE_PORT = 40_001;
    private static final int DESTINATION_PORT = 7;
    private static final int IDENTIFIER = 0x5354;
    private static final int ETHERNET_HEADER = 14;

    final Mac mac;
    final Inet4Address ip;
    private final VhostUserFrontendDevice device;
    private int transaction = 0x5649_0000;
    private int sequence;

    private TestGuest(Mac mac, Inet4Address ip, VhostUserFrontendDevice device) {
        this.mac = mac;
        this.ip = ip;
        this.device = device;
    }

    /** Connects, sets up, and posts a few receive buffers. */
    static TestGuest attach(TestRouter router, int number) throws IOException {
        return attach(router, number, FrontendOptions.DEFAULT, BUFFERS, BUFFER_SIZE);
    }

    static TestGuest attach(TestRouter router, int number, FrontendOptions options, int buffers, int bufferSize)
            throws IOException {
        VhostUserFrontendDevice device = VhostUserFrontendDevice.connect(router.socket(number), options);
        try {
            device.setup();
        } catch (IOException e) {
            device.close();
            throw e;
        }
        TestGuest guest = new TestGuest(Packets.mac(router.mac(number)), Packets.ip(router.address(number)), device);
        guest.post(buffers, bufferSize);
        return guest;
    }

    VhostUserFrontendDevice device() {
        return device;
    }

    void post(int buffers, int size) {
        for (int i = 0; i < buffers; i++) {
            device.provideRxBuffer(size);
        }
    }

    void send(byte[] packet) throws IOException {
        device.sendPacket(packet);
    }

    /** Waits until all that was sent has been looked at. */
    void flush() throws IOException {
        assertTrue(device.waitForTx(TIMEOUT_MS), "frames sent are not taken");
    }

    byte[] receive() throws IOException {
        return device.receive(TIMEOUT_MS);
    }

    /** Passes over router advertisements, which come unasked at any time where there is IPv6, and over nothing else. */
    byte[] receiveUnlessAdvertised() throws IOException {
        byte[] next = receive();
        while (Packets.parseRouterAdvertisement(next).isPresent()) {
            next = receive();
        }
        return next;
    }

    byte[] exchange(byte[] packet) throws IOException {
        send(packet);
        return receiveUnlessAdvertised();
    }

    /** DISCOVER, OFFER, REQUEST, ACK; fails unless it ends with the guest's own address. */
    DhcpResponse lease() throws IOException {
        DhcpResponse offer = discover();
        byte[] request = Packets.createDhcpRequest(mac, transaction, offer.yourIp(), offer.serverIp());
        DhcpResponse ack = dhcp(exchange(request), DhcpMessageType.ACK);
        assertEquals(ip, ack.yourIp());
        return ack;
    }

    DhcpResponse discover() throws IOException {
        return dhcp(exchange(Packets.createDhcpDiscover(mac, ++transaction)), DhcpMessageType.OFFER);
    }

    private DhcpResponse dhcp(byte[] packet, DhcpMessageType type) {
        DhcpResponse response = Packets.parseDhcpResponse(packet).orElseThrow();
        assertEquals(type, response.msgType());
        assertEquals(transaction, response.xid());
        return response;
    }

    /** An echo of the gateway or another router address, which must be answered byte for byte, and by that next. */
    void ping(Inet4Address target, byte[] payload) throws IOException {
        send(echoRequest(target, ++sequence, payload));
        expectEcho(target, sequence, payload);
    }

    byte[] echoRequest(Inet4Address target, int number, byte[] payload) {
        return Packets.createIcmpEchoRequest(mac, GATEWAY_MAC, ip, target, IDENTIFIER, number, payload);
    }

    void expectEcho(Inet4Address from, int number, byte[] payload) throws IOException {
        IcmpEchoReply reply =
                Packets.parseIcmpEchoReply(receiveUnlessAdvertised()).orElseThrow();
        assertEquals(from, reply.srcIp());
        assertEquals(ip, reply.dstIp());
        assertEquals(IDENTIFIER, reply.identifier());
        assertEquals(number, reply.sequence());
        assertArrayEquals(payload, reply.payload());
    }

    /** Fails if anything comes back: frames are answered in order, so a ping's answer would come after it. */
    void sendExpectingNothing(byte[] packet) throws IOException {
        send(packet);
        ping(GATEWAY, new byte[0]);
    }

    /** Sends a packet that the gateway reports an error about, which quotes it as it was sent. */
    void expectError(byte[] packet, int type, int code) throws IOException {
        IcmpError error = Packets.parseIcmpError(exchange(packet)).orElseThrow();
        assertEquals(ip, error.dstIp());
        assertEquals(type, error.type());
        assertEquals(code, error.code());
        byte[] sent = Arrays.copyOfRange(packet, VirtioNetHeader.SIZE + ETHERNET_HEADER, packet.length);
        assertEquals(Octets.of(sent), error.quote());
    }

    /** A datagram to another guest of the network, by way of the gateway. */
    byte[] datagramTo(TestGuest other, byte[] payload) {
        return Packets.createUdp(mac, GATEWAY_MAC, ip, other.ip, SOURCE_PORT, DESTINATION_PORT, payload, TTL);
    }

    /** What the other guest has to be given of {@link #datagramTo}: from the gateway's MAC, and with this TTL. */
    byte[] datagramAsReceivedBy(TestGuest other, byte[] payload, int ttl) {
        return Packets.createUdp(GATEWAY_MAC, other.mac, ip, other.ip, SOURCE_PORT, DESTINATION_PORT, payload, ttl);
    }

    /** Sends a datagram, which must be the next frame the other guest receives, in each byte. */
    void deliver(TestGuest other, byte[] payload, int ttlReceived) throws IOException {
        send(datagramTo(other, payload));
        other.expect(datagramAsReceivedBy(other, payload, ttlReceived));
    }

    /** The next frame received, unless advertised, is this one. Both have a virtio-net header in front, and the received one's is plain. */
    void expect(byte[] expected) throws IOException {
        byte[] received = receiveUnlessAdvertised();
        assertArrayEquals(
                new byte[VirtioNetHeader.NUM_BUFFERS_OFFSET],
                Arrays.copyOf(received, VirtioNetHeader.NUM_BUFFERS_OFFSET),
                "virtio-net header");
        assertArrayEquals(frame(expected), frame(received));
    }

    /** From the Ethernet header on. */
    static byte[] frame(byte[] packet) {
        return Arrays.copyOfRange(packet, VirtioNetHeader.SIZE, packet.length);
    }

    /** As many bytes, different ones for each seed. */
    static byte[] payload(int length, int seed) {
        byte[] payload = new byte[length];
        for (int i = 0; i < length; i++) {
            payload[i] = (byte) (seed * 31 + i * 7 + (i >> 8));
        }
        return payload;
    }

    /** Leaves without a word. */
    @Override
    public void close() {
        device.close();
    }
}
