package io.vireo.benchmarks.live;

import io.vireo.harness.device.FrontendOptions;
import io.vireo.harness.device.VhostUserFrontendDevice;
import io.vireo.harness.packets.IcmpEchoReply;
import io.vireo.harness.packets.Mac;
import io.vireo.harness.packets.Packets;
import java.io.IOException;
import java.net.Inet4Address;
import java.util.ArrayList;
import java.util.List;

/** A guest of a {@link LiveVireo}. Confined to one thread. */
final class LiveGuest implements AutoCloseable {
    /** Rings and buffers of a guest that exchanges many frames. */
    static final FrontendOptions BUSY = FrontendOptions.DEFAULT.withQueueSize(1024);
    /** Of one among a thousand. */
    static final FrontendOptions SMALL =
            FrontendOptions.DEFAULT.withQueueSize(16).withBufferSize(256);

    private static final Mac GATEWAY_MAC = Packets.mac("02:00:00:00:00:01");
    private static final Inet4Address GATEWAY = Packets.ip("10.0.0.1");
    private static final int BUFFER_SIZE = 2048;
    private static final int PORT = 7;
    private static final int TTL = 64;
    private static final long TIMEOUT_MS = 5000;

    private final VhostUserFrontendDevice device;
    private final Mac mac;
    private final Inet4Address address;
    private int sequence;

    private LiveGuest(VhostUserFrontendDevice device, Mac mac, Inet4Address address) {
        this.device = device;
        this.mac = mac;
        this.address = address;
    }

    static LiveGuest attach(LiveVireo vireo, int number, FrontendOptions options) throws IOException {
        VhostUserFrontendDevice device = VhostUserFrontendDevice.connect(vireo.socket(number), options);
        try {
            device.setup();
            for (int i = 0; i < options.queueSize(); i++) {
                device.provideRxBuffer(BUFFER_SIZE);
            }
            return new LiveGuest(device, Packets.mac(LiveVireo.mac(number)), LiveVireo.address(number));
        } catch (IOException | RuntimeException e) {
            device.close();
            throw e;
        }
    }

    /** Small guests with the numbers {@code first} to {@code last}. */
    static List<LiveGuest> attachSmall(LiveVireo vireo, int first, int last) throws IOException {
        List<LiveGuest> guests = new ArrayList<>();
        try {
            for (int number = first; number <= last; number++) {
                guests.add(attach(vireo, number, SMALL));
            }
            return guests;
        } catch (IOException | RuntimeException e) {
            close(guests);
            throw e;
        }
    }

    static void close(List<LiveGuest> guests) {
        guests.forEach(LiveGuest::close);
    }

    VhostUserFrontendDevice device() {
        return device;
    }

    /** A datagram to another guest with so much payload. */
    byte[] datagramTo(LiveGuest other, int payload) {
        return Packets.createUdp(mac, GATEWAY_MAC, address, other.address, PORT, PORT, new byte[payload], TTL);
    }

    /** An echo of the gateway. @return the round trip in nanoseconds */
    long ping() throws IOException {
        byte[] request = Packets.createIcmpEchoRequest(mac, GATEWAY_MAC, address, GATEWAY, ++sequence);
        long startNs = System.nanoTime();
        device.sendPacket(request);
        byte[] reply = device.receive(TIMEOUT_MS);
        long tripNs = System.nanoTime() - startNs;
        if (Packets.parseIcmpEchoReply(reply).map(IcmpEchoReply::sequence).orElse(-1) != sequence) {
            throw new IOException("got something else than the reply to an echo");
        }
        return tripNs;
    }

    @Override
    public void close() {
        device.close();
    }
}
