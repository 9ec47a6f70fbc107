package io.vireo.harness.demo;

import io.vireo.harness.device.VhostUserFrontendDevice;
import io.vireo.harness.packets.ArpReply;
import io.vireo.harness.packets.DhcpMessageType;
import io.vireo.harness.packets.DhcpResponse;
import io.vireo.harness.packets.IcmpEchoReply;
import io.vireo.harness.packets.Mac;
import io.vireo.harness.packets.Packets;
import java.io.IOException;
import java.net.Inet4Address;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;

/** What a guest's kernel does, as far as the demo needs it: lease, resolve, ping, answer pings. Confined to one thread. */
final class DemoGuest implements AutoCloseable {
    private static final int RECEIVE_BUFFERS = 256;
    private static final int BUFFER_SIZE = 2048;
    private static final long TIMEOUT_MS = 2000;
    private static final int TRANSACTION = 0x56495245;
    private static final int TTL = 64;
    private static final int PORT = 7;

    private final String name;
    private final VhostUserFrontendDevice device;
    private final Mac mac;
    private Inet4Address address = Packets.ip("0.0.0.0");
    private Mac gatewayMac = new Mac(0);

    private DemoGuest(String name, VhostUserFrontendDevice device) {
        this.name = name;
        this.device = device;
        mac = Mac.of(device.mac());
    }

    /** Attaches a network card to a socket and gives it buffers. */
    static DemoGuest attach(String name, Path socket) throws IOException {
        VhostUserFrontendDevice device = VhostUserFrontendDevice.connect(socket);
        device.setup();
        for (int i = 0; i < RECEIVE_BUFFERS; i++) {
            device.provideRxBuffer(BUFFER_SIZE);
        }
        return new DemoGuest(name, device);
    }

    String name() {
        return name;
    }

    Mac mac() {
        return mac;
    }

    int mtu() {
        return device.mtu();
    }

    boolean usesHugePages() {
        return device.usesHugePages();
    }

    Inet4Address address() {
        return address;
    }

    DhcpResponse lease() throws IOException {
        DhcpResponse offer =
                ask(Packets.createDhcpDiscover(mac, TRANSACTION), "a DHCP offer", Packets::parseDhcpResponse);
        byte[] request = Packets.createDhcpRequest(mac, TRANSACTION, offer.yourIp(), offer.serverIp());
        DhcpResponse ack = ask(request, "a DHCP acknowledgement", Packets::parseDhcpResponse);
        if (ack.msgType() != DhcpMessageType.ACK) {
            throw new IOException(name + " got " + ack.msgType() + " instead of a lease");
        }
        address = ack.yourIp();
        return ack;
    }

    Mac resolve(Inet4Address gateway) throws IOException {
        ArpReply reply = ask(Packets.createArpRequest(mac, address, gateway), "an ARP reply", Packets::parseArpReply);
        gatewayMac = reply.senderMac();
        return gatewayMac;
    }

    /** @return the round trip in nanoseconds */
    long ping(Inet4Address target, int sequence) throws IOException {
        long start = System.nanoTime();
        sendEcho(target, sequence);
        awaitEcho(target, sequence);
        return System.nanoTime() - start;
    }

    /** As {@link #ping}, of another guest that this thread plays too. */
    long ping(DemoGuest other, int sequence) throws IOException {
        long start = System.nanoTime();
        sendEcho(other.address, sequence);
        other.device.sendPacket(other.expect("a ping from " + name, Packets::createIcmpEchoReply));
        awaitEcho(other.address, sequence);
        return System.nanoTime() - start;
    }

    private void sendEcho(Inet4Address target, int sequence) throws IOException {
        device.sendPacket(echoTo(target, sequence));
    }

    private void awaitEcho(Inet4Address target, int sequence) throws IOException {
        IcmpEchoReply reply = expect("an echo reply", Packets::parseIcmpEchoReply);
        if (!reply.srcIp().equals(target) || reply.sequence() != sequence) {
            throw new IOException(name + " got another answer than to its ping of " + target.getHostAddress());
        }
    }

    /** What the next frame is that the parser knows; others, as are sent unasked, are passed over. */
    <T> T expect(String what, Function<byte[], Optional<T>> parser) throws IOException {
        long deadlineNs = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(TIMEOUT_MS);
        while (device.waitForRx(TimeUnit.NANOSECONDS.toMillis(Math.max(deadlineNs - System.nanoTime(), 0)))) {
            Optional<T> parsed = device.recvPacket().flatMap(parser);
            if (parsed.isPresent()) {
                return parsed.get();
            }
        }
        throw new IOException(name + " waited for " + what + " in vain");
    }

    /** Sends a frame and returns what the next frame is that the parser knows. */
    <T> T ask(byte[] frame, String what, Function<byte[], Optional<T>> parser) throws IOException {
        device.sendPacket(frame);
        return expect(what, parser);
    }

    /** A datagram to another guest with so much payload. */
    byte[] datagramTo(DemoGuest other, int payload) {
        return datagramTo(other.address, payload);
    }

    byte[] datagramTo(Inet4Address target, int payload) {
        return Packets.createUdp(mac, gatewayMac, address, target, PORT, PORT, new byte[payload], TTL);
    }

    byte[] echoTo(Inet4Address target, int sequence) {
        return Packets.createIcmpEchoRequest(mac, gatewayMac, address, target, sequence);
    }

    int send(byte[] packet, int copies) {
        return device.sendCopies(packet, copies);
    }

    int discardReceived() {
        return device.discardReceived();
    }

    @Override
    public void close() {
        device.close();
    }
}
