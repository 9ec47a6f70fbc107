package io.vireo.router.dataplane;

import static io.vireo.fuzz.FuzzTarget.claim;

import io.vireo.fuzz.Frames;
import io.vireo.fuzz.FuzzTarget;
import io.vireo.fuzz.Input;
import io.vireo.harness.packets.DhcpBuilder;
import io.vireo.harness.packets.Mac;
import io.vireo.harness.packets.Packets;
import io.vireo.harness.packets.RawPackets;
import io.vireo.hugepages.SharedMemory;
import io.vireo.linux.Doorbell;
import io.vireo.linux.LinuxException;
import io.vireo.protocols.checksum.InternetChecksum;
import io.vireo.protocols.ipv4.Ipv4Address;
import io.vireo.protocols.ipv4.Ipv4Prefix;
import io.vireo.protocols.ipv6.Ipv6Prefix;
import io.vireo.virtqueue.Features;
import io.vireo.virtqueue.VirtioNetHeader;
import io.vireo.virtqueue.device.RingFault;
import java.lang.foreign.MemorySegment;
import java.net.Inet6Address;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * Two guests that send each other, and the gateway, any frames: most are real ones with bytes changed. Each chain comes back
 * once and in order, what arrives is whole and addressed to who gets it, no port stops, and every frame is counted for what
 * became of it.
 */
public final class ForwarderTarget implements FuzzTarget {
    private static final Mac FIRST = Packets.mac("52:54:00:12:34:01");
    private static final Mac SECOND = Packets.mac("52:54:00:12:34:02");
    private static final Inet6Address FIRST6 = Packets.ip6("2001:db8:1:1::5");
    private static final Inet6Address SECOND6 = Packets.ip6("2001:db8:1:2::5");
    private static final long OFFLOADS = Features.NET_CSUM
            | Features.NET_HOST_TSO4
            | Features.NET_HOST_TSO6
            | Features.NET_GUEST_CSUM
            | Features.NET_GUEST_TSO4
            | Features.NET_GUEST_TSO6;

    private final List<byte[]> templates = templates();
    private final List<FuzzedGuest> guests;
    private final FrameBatch batch;
    private final Doorbell doorbell;
    private boolean merging;

    public ForwarderTarget() {
        try {
            doorbell = new Doorbell();
            batch = new FrameBatch(SharedMemory.allocate("batch", FrameBatch.MEMORY_SIZE, false)
                    .address());
        } catch (LinuxException e) {
            throw new IllegalStateException(e);
        }
        guests = List.of(new FuzzedGuest(1), new FuzzedGuest(2));
    }

    static Network network(boolean routed) {
        return new Network(
                "net",
                Ipv4Prefix.parse("10.0.0.0/24"),
                Ipv4Address.parse("10.0.0.1"),
                routed,
                Optional.of(Ipv6Prefix.parse("2001:db8:1::/48")));
    }

    private static List<byte[]> templates() {
        byte[] payload = new byte[40];
        Mac gateway = Packets.GATEWAY_MAC;
        byte[] udp6 = Packets.createUdp(FIRST, gateway, FIRST6, SECOND6, 1, 2, payload, 64);
        byte[] tcp = Packets.createUdp(
                FIRST, gateway, Frames.GUEST, Frames.NEIGHBOUR, 1, 2, Arrays.copyOf(payload, 1400), 64);
        tcp[VirtioNetHeader.SIZE + 23] = 6;
        tcp[VirtioNetHeader.SIZE + 46] = 0x50;
        return List.of(
                Packets.createUdp(FIRST, gateway, Frames.GUEST, Frames.NEIGHBOUR, 1, 2, payload, 64),
                udp6,
                Packets.createArpRequest(FIRST, Frames.GUEST, Frames.NEIGHBOUR),
                Packets.createIcmpEchoRequest(FIRST, gateway, Frames.GUEST, Packets.ip("10.0.0.1"), 1),
                Packets.createIcmpv6EchoRequest(FIRST, gateway, FIRST6, Packets.GATEWAY_IPV6_LINK_LOCAL, 1),
                Packets.createNeighborSolicitation(FIRST, Packets.linkLocal(FIRST), Packets.GATEWAY_IPV6_LINK_LOCAL),
                Packets.createRouterSolicitation(FIRST, Packets.linkLocal(FIRST)),
                DhcpBuilder.discover(FIRST, 1).frame(),
                RawPackets.insertExtensionHeader(udp6, RawPackets.FRAGMENT, new byte[] {0, 0, 0, 1, 0, 0, 0, 9}),
                Packets.createUdp(FIRST, gateway, Frames.GUEST, Packets.ip("10.0.0.77"), 1, 2, payload, 1),
                tcp,
                Packets.createUdp(SECOND, gateway, Frames.NEIGHBOUR, Frames.GUEST, 1, 2, payload, 64));
    }

    @Override
    public List<byte[]> seeds() {
        byte[] each = new byte[3 + 5 * templates.size()];
        each[0] = 1;
        for (int i = 0; i < templates.size(); i++) {
            each[2 + 5 * i] = (byte) (i == templates.size() - 1 ? 1 : 0);
            each[3 + 5 * i] = (byte) i;
            each[4 + 5 * i] = 20;
        }
        byte[] superFrame = {7, 0, 10, 12, 3, 0, 1, 1, 1, 4, 54, 6, 100, 8, 34, 10, 16, 2};
        byte[] packed = each.clone();
        packed[0] = 27;
        return List.of(each, packed, superFrame);
    }

    @Override
    public void run(Input input) {
        int options = input.u8();
        merging = (options & 1) != 0;
        boolean offloads = (options & 4) != 0;
        long features = Features.VERSION_1
                | (merging ? Features.NET_MRG_RXBUF : 0)
                | ((options & 2) != 0 ? Features.RING_EVENT_IDX : 0)
                | (offloads ? OFFLOADS : 0)
                | ((options & 8) != 0 ? Features.RING_PACKED : 0)
                | ((options & 16) != 0 ? Features.IN_ORDER : 0);
        Network network = network((options & 32) != 0);
        guests.forEach(guest -> guest.begin(network, features));
        Forwarder forwarder = new Forwarder(batch, new Punts(), doorbell, Uplink.none(), () -> 0);
        while (input.hasMore()) {
            step(forwarder, input);
        }
        for (int i = 0; i < 4; i++) { // whatever waits gets room
            guests.forEach(guest -> guest.post(FuzzedGuest.RING_SIZE, FuzzedGuest.SLOT));
            visit(forwarder);
        }
        guests.forEach(guest -> claim(guest.isAllSentBack(), "all chains came back"));
        account(offloads);
    }

    private void step(Forwarder forwarder, Input input) {
        int choice = input.u8();
        FuzzedGuest guest = guests.get(choice & 1);
        switch ((choice >> 1) & 7) {
            case 5 -> visit(forwarder);
            case 6 -> {
                int length = 1 + input.u16() % FuzzedGuest.SLOT;
                guest.post(1 + (choice >> 4), merging ? length : FuzzedGuest.SLOT);
            }
            case 7 -> guest.send(input.take(input.u8()), choice >> 4);
            default -> guest.send(frame(input, (choice & 0x80) != 0), (choice >> 4) & 7);
        }
    }

    /** A template with some of its bytes changed, and its length. */
    private byte[] frame(Input input, boolean repair) {
        byte[] frame = templates.get(input.below(templates.size())).clone();
        int cut = input.u8();
        int patches = input.below(8);
        for (int i = 0; i < patches; i++) {
            int at = input.u8();
            frame[at % frame.length] = (byte) input.u8();
        }
        if (repair && frame[VirtioNetHeader.SIZE + 14] == 0x45) {
            MemorySegment header = MemorySegment.ofArray(frame);
            int ip = VirtioNetHeader.SIZE + 14;
            frame[ip + 10] = 0;
            frame[ip + 11] = 0;
            int checksum = InternetChecksum.finish(InternetChecksum.sum(header, ip, 20));
            frame[ip + 10] = (byte) (checksum >> 8);
            frame[ip + 11] = (byte) checksum;
        }
        return cut < 20 ? Arrays.copyOf(frame, frame.length - Math.min(cut, frame.length)) : frame;
    }

    private void visit(Forwarder forwarder) {
        for (FuzzedGuest guest : guests) {
            forwarder.visit(guest.port());
            claim(!guest.port().isBroken(), "a port stopped, and its driver did no wrong");
        }
        guests.forEach(FuzzedGuest::reap);
    }

    private void account(boolean offloads) {
        long sent = 0;
        long ended = 0;
        for (FuzzedGuest guest : guests) {
            NetPort port = guest.port();
            claim(port.counter(Counter.RX_FRAMES) == guest.received(), "frames that arrived are counted");
            sent += port.counter(Counter.TX_FRAMES) + port.counter(Counter.ICMP_ERRORS);
            ended += port.counter(Counter.RX_FRAMES) + port.counter(Counter.PUNTED);
            for (Counter counter : Counter.values()) {
                if (counter.name().contains("_DROP_")) {
                    ended += port.counter(counter);
                }
            }
        }
        claim(offloads || sent == ended, "each frame is counted for what became of it");
    }

    /** Takes everything, and answers nothing. */
    private static final class Punts implements SlowPath {
        @Override
        public boolean punt(NetPort port, FrameBatch batch, int frame) {
            return true;
        }

        @Override
        public boolean spoofedMac(NetPort port, long mac) {
            return true;
        }

        @Override
        public void portBroken(NetPort port, RingFault fault) {
            throw new AssertionError(fault.description());
        }
    }
}
