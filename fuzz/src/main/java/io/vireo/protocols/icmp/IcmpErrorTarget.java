package io.vireo.protocols.icmp;

import static io.vireo.fuzz.FuzzTarget.claim;

import io.vireo.fuzz.Frames;
import io.vireo.fuzz.FuzzTarget;
import io.vireo.fuzz.Input;
import io.vireo.harness.packets.Packets;
import io.vireo.protocols.ethernet.EtherType;
import io.vireo.protocols.ethernet.EthernetFrame;
import io.vireo.protocols.gateway.Gateway;
import io.vireo.protocols.icmpv6.Icmpv6Error;
import io.vireo.protocols.ipv4.Ipv4Packet;
import io.vireo.protocols.ipv6.ExtensionHeaders;
import io.vireo.protocols.ipv6.Ipv6Packet;
import java.lang.foreign.MemorySegment;
import java.util.List;

/** A frame that cannot be delivered: whether an error is due, and that it is one to a strict guest's reading, and not longer than allowed. */
public final class IcmpErrorTarget implements FuzzTarget {
    private static final int IP = EthernetFrame.HEADER_LENGTH;
    private static final int LARGEST_IPV4 = IP + 576;
    private static final int LARGEST_IPV6 = IP + 1280;
    private static final int TIME_EXCEEDED = 3;

    private final EthernetFrame frame = new EthernetFrame();
    private final Ipv4Packet packet = new Ipv4Packet();
    private final Ipv6Packet packet6 = new Ipv6Packet();
    private final ExtensionHeaders headers = new ExtensionHeaders();
    private final byte[] error = new byte[Icmpv6Error.QUOTE + Icmpv6Error.MOST_QUOTED];

    @Override
    public int maximumLength() {
        return 1500;
    }

    @Override
    public List<byte[]> seeds() {
        return Frames.of(
                Packets.createUdp(
                        Frames.GUEST_MAC, Packets.GATEWAY_MAC, Frames.GUEST, Frames.NEIGHBOUR, 1, 2, new byte[700], 64),
                Packets.createUdp(
                        Frames.GUEST_MAC, Packets.GATEWAY_MAC, Frames.GUEST6, Frames.NEIGHBOUR6, 1, 2, new byte[9], 64),
                Packets.createIcmpEchoRequest(
                        Frames.GUEST_MAC, Packets.GATEWAY_MAC, Frames.GUEST, Frames.NEIGHBOUR, 8));
    }

    @Override
    public void run(Input input) {
        byte[] bytes = input.rest();
        MemorySegment segment = MemorySegment.ofArray(bytes);
        if (!frame.tryWrap(segment, 0, bytes.length)) {
            return;
        }
        int length = bytes.length - IP;
        if (frame.etherType() == EtherType.IPV4 && packet.tryWrap(segment, IP, length, length)) {
            judge(segment);
        } else if (frame.etherType() == EtherType.IPV6 && packet6.tryWrap(segment, IP, length, length)) {
            judge6(segment);
        }
    }

    private void judge(MemorySegment segment) {
        if (!IcmpError.isDueAbout(segment, frame, packet)) {
            return;
        }
        int quoted = IcmpError.quotable(packet.totalLength());
        MemorySegment out = MemorySegment.ofArray(error);
        MemorySegment.copy(segment, IP, out, IcmpError.QUOTE, quoted);
        int length = IcmpError.write(
                out, 0, quoted, IcmpError.TIME_TO_LIVE_EXCEEDED, 0, Gateway.GATEWAY_IPV4_LINK_LOCAL, frame.source());
        claim(length <= LARGEST_IPV4, "too long");
        byte[] whole = Frames.forHarness(error, length);
        claim(Packets.parseIcmpError(whole).isPresent(), "no error to a guest's reading");
        claim(Packets.destinationMac(whole).value() == frame.source(), "to another");
        MemorySegment own = MemorySegment.ofArray(error).asSlice(0, length);
        EthernetFrame answer = new EthernetFrame();
        Ipv4Packet ip = new Ipv4Packet();
        claim(answer.tryWrap(own, 0, length) && ip.tryWrap(own, IP, length - IP, length - IP), "a packet");
        claim(!IcmpError.isDueAbout(own, answer, ip), "an error about an error");
    }

    private void judge6(MemorySegment segment) {
        if (headers.walk(segment, packet6) != ExtensionHeaders.Outcome.FOUND
                || !Icmpv6Error.isDueAbout(segment, frame, packet6, headers)) {
            return;
        }
        int quoted = Icmpv6Error.quotable(packet6.totalLength());
        MemorySegment out = MemorySegment.ofArray(error);
        MemorySegment.copy(segment, IP, out, Icmpv6Error.QUOTE, quoted);
        int length =
                Icmpv6Error.write(out, 0, quoted, TIME_EXCEEDED << 8, 0, 0xFE80_0000_0000_0000L, 1, frame.source());
        claim(length <= LARGEST_IPV6, "too long");
        claim(Packets.parseIcmpv6Error(Frames.forHarness(error, length)).isPresent(), "no error to a guest's reading");
    }
}
