package io.vireo.protocols.ndp;

import static io.vireo.fuzz.FuzzTarget.claim;

import io.vireo.fuzz.Frames;
import io.vireo.fuzz.FuzzTarget;
import io.vireo.fuzz.Input;
import io.vireo.harness.packets.NaResponse;
import io.vireo.harness.packets.Packets;
import io.vireo.protocols.ethernet.EthernetFrame;
import io.vireo.protocols.gateway.Gateway;
import io.vireo.protocols.icmpv6.Icmpv6Checksum;
import io.vireo.protocols.ipv6.Ipv6Address;
import io.vireo.protocols.ipv6.Ipv6Packet;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * A frame of neighbour discovery, whose checksum is made right if the first byte says so: a solicitation that is answered
 * gives an advertisement that a strict guest reads, and what is not answered stays as it was.
 */
public final class NdpTarget implements FuzzTarget {
    private static final int IP = EthernetFrame.HEADER_LENGTH;

    private final EthernetFrame frame = new EthernetFrame();
    private final Ipv6Packet packet = new Ipv6Packet();
    private final NeighborSolicitation solicitation = new NeighborSolicitation();
    private final NdpResponder responder = new NdpResponder(Gateway.GATEWAY_MAC, (_, low) -> (low & 1) == 1);

    @Override
    public List<byte[]> seeds() {
        return Frames.of(
                        Packets.createNeighborSolicitation(
                                Frames.GUEST_MAC, Packets.linkLocal(Frames.GUEST_MAC), Packets.GATEWAY_IPV6_LINK_LOCAL),
                        Packets.createNeighborSolicitation(
                                Frames.GUEST_MAC, Packets.UNSPECIFIED, Packets.GATEWAY_IPV6_LINK_LOCAL),
                        Packets.createRouterSolicitation(Frames.GUEST_MAC, Packets.linkLocal(Frames.GUEST_MAC)))
                .stream()
                .map(bytes -> {
                    byte[] seed = new byte[bytes.length + 1];
                    seed[0] = 1;
                    System.arraycopy(bytes, 0, seed, 1, bytes.length);
                    return seed;
                })
                .toList();
    }

    @Override
    public void run(Input input) {
        boolean repair = input.flag();
        byte[] bytes = input.rest();
        int length = bytes.length;
        byte[] room = Arrays.copyOf(bytes, Math.max(length, NdpResponder.REPLY_FRAME_LENGTH));
        MemorySegment segment = MemorySegment.ofArray(room);
        if (!frame.tryWrap(segment, 0, length)
                || !packet.tryWrap(segment, IP, length - IP, length - IP)
                || packet.payloadLength() < 4
                || Ipv6Address.isMulticast(packet.sourceHigh())) { // no sender's, as the classifier has seen
            return;
        }
        if (repair) {
            Icmpv6Checksum.write(segment, IP, packet.payloadLength());
        }
        byte[] before = room.clone();
        RouterSolicitation.parse(room, length); // throws for nothing that comes
        long asker = frame.source();
        if (!solicitation.tryWrap(segment, packet) || !responder.respond(segment, 0, frame, packet, solicitation)) {
            claim(Arrays.equals(before, room), "what is not answered was changed");
            return;
        }
        NaResponse read = Packets.parseNeighborAdvertisement(Frames.forHarness(room, NdpResponder.REPLY_FRAME_LENGTH))
                .orElseThrow(() -> new AssertionError("no advertisement to a guest's reading"));
        claim(read.router() && read.targetLinkLayer().equals(Optional.of(Packets.GATEWAY_MAC)), "what it says");
        claim(
                !read.solicited()
                        || Packets.destinationMac(Frames.forHarness(room, IP)).value() == asker,
                "to another");
    }
}
