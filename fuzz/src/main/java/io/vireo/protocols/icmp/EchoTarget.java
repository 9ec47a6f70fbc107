package io.vireo.protocols.icmp;

import static io.vireo.fuzz.FuzzTarget.claim;

import io.vireo.fuzz.Frames;
import io.vireo.fuzz.FuzzTarget;
import io.vireo.fuzz.Input;
import io.vireo.harness.packets.IcmpEchoReply;
import io.vireo.harness.packets.Icmpv6EchoReply;
import io.vireo.harness.packets.Packets;
import io.vireo.protocols.ethernet.EtherType;
import io.vireo.protocols.ethernet.EthernetFrame;
import io.vireo.protocols.gateway.Gateway;
import io.vireo.protocols.icmpv6.Icmpv6EchoResponder;
import io.vireo.protocols.icmpv6.Icmpv6Message;
import io.vireo.protocols.ipv4.Ipv4Packet;
import io.vireo.protocols.ipv6.Ipv6Packet;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/** A frame that may be an echo request of either family: what is not answered stays as it was, and a reply is the request's. */
public final class EchoTarget implements FuzzTarget {
    private static final int IP = EthernetFrame.HEADER_LENGTH;

    private final EthernetFrame frame = new EthernetFrame();
    private final Ipv4Packet packet = new Ipv4Packet();
    private final IcmpMessage message = new IcmpMessage();
    private final Ipv6Packet packet6 = new Ipv6Packet();
    private final Icmpv6Message message6 = new Icmpv6Message();

    @Override
    public List<byte[]> seeds() {
        return Frames.of(
                Packets.createIcmpEchoRequest(Frames.GUEST_MAC, Packets.GATEWAY_MAC, Frames.GUEST, Frames.NEIGHBOUR, 8),
                Packets.createIcmpv6EchoRequest(
                        Frames.GUEST_MAC, Packets.GATEWAY_MAC, Frames.GUEST6, Frames.NEIGHBOUR6, 8));
    }

    @Override
    public void run(Input input) {
        byte[] before = input.rest();
        byte[] bytes = before.clone();
        MemorySegment segment = MemorySegment.ofArray(bytes);
        if (!frame.tryWrap(segment, 0, bytes.length)) {
            return;
        }
        boolean answered = frame.etherType() == EtherType.IPV4
                ? respond(segment, bytes.length - IP)
                : frame.etherType() == EtherType.IPV6 && respond6(segment, bytes.length - IP);
        if (!answered) {
            claim(Arrays.equals(before, bytes), "what is not answered was changed");
            return;
        }
        byte[] request = Frames.forHarness(before, before.length);
        byte[] reply = Frames.forHarness(bytes, bytes.length);
        claim(Packets.destinationMac(reply).equals(Packets.sourceMac(request)), "to who asked");
        if (frame.etherType() == EtherType.IPV4) {
            // What the harness takes for a request, it must take for a reply afterwards.
            Optional<IcmpEchoReply> read = Packets.parseIcmpEchoReply(reply);
            claim(Packets.createIcmpEchoReply(request).isEmpty() || read.isPresent(), "no reply to a guest's reading");
        } else {
            Optional<Icmpv6EchoReply> read = Packets.parseIcmpv6EchoReply(reply);
            claim(
                    Packets.createIcmpv6EchoReply(request).isEmpty() || read.isPresent(),
                    "no reply to a guest's reading");
        }
    }

    private boolean respond(MemorySegment segment, int length) {
        return packet.tryWrap(segment, IP, length, length)
                && packet.protocol() == 1
                && message.tryWrap(segment, packet.payloadOffset(), packet.visiblePayload())
                && IcmpEchoResponder.respond(frame, packet, message, Gateway.GATEWAY_MAC);
    }

    private boolean respond6(MemorySegment segment, int length) {
        return packet6.tryWrap(segment, IP, length, length)
                && message6.tryWrap(segment, packet6.payloadOffset(), packet6.visiblePayload())
                && Icmpv6EchoResponder.respond(frame, packet6, message6, Gateway.GATEWAY_MAC);
    }
}
