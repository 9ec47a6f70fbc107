package io.vireo.protocols.arp;

import static io.vireo.fuzz.FuzzTarget.claim;

import io.vireo.fuzz.Frames;
import io.vireo.fuzz.FuzzTarget;
import io.vireo.fuzz.Input;
import io.vireo.harness.packets.ArpReply;
import io.vireo.harness.packets.Packets;
import io.vireo.protocols.ethernet.EthernetFrame;
import io.vireo.protocols.gateway.Gateway;
import io.vireo.protocols.ipv4.Ipv4Address;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.List;

/** A frame of ARP: what is not answered stays as it was, and an answer is what a strict guest asked for. */
public final class ArpTarget implements FuzzTarget {
    private static final int GUEST = Ipv4Address.parse("10.0.0.5").value();

    private final ArpResponder responder = new ArpResponder(Gateway.GATEWAY_MAC, address -> (address & 1) == 0);
    private final EthernetFrame frame = new EthernetFrame();
    private final ArpPacket packet = new ArpPacket();

    @Override
    public List<byte[]> seeds() {
        return Frames.of(
                Packets.createArpRequest(Frames.GUEST_MAC, Frames.GUEST, Frames.NEIGHBOUR),
                Packets.createArpRequest(Frames.GUEST_MAC, Frames.GUEST, Frames.GUEST));
    }

    @Override
    public void run(Input input) {
        byte[] before = input.rest();
        byte[] bytes = before.clone();
        MemorySegment segment = MemorySegment.ofArray(bytes);
        int length = bytes.length - EthernetFrame.HEADER_LENGTH;
        if (!frame.tryWrap(segment, 0, bytes.length) || !packet.tryWrap(segment, EthernetFrame.HEADER_LENGTH, length)) {
            return;
        }
        long asker = packet.senderHardware();
        int askerIpv4 = packet.senderProtocol();
        int wanted = packet.targetProtocol();
        if (!responder.respond(frame, packet, GUEST)) {
            claim(Arrays.equals(before, bytes), "what is not answered was changed");
            return;
        }
        claim(wanted != GUEST && (wanted & 1) == 0 && wanted != askerIpv4, "an answer that is not due");
        int etherType =
                (before[12] & 0xFF) << 8 | (before[13] & 0xFF); // the classifier's business, not the responder's
        if (etherType == 0x0806) {
            ArpReply reply = Packets.parseArpReply(Frames.forHarness(bytes, ArpResponder.REPLY_FRAME_LENGTH))
                    .orElseThrow(() -> new AssertionError("no reply that a guest would read"));
            claim(reply.senderMac().value() == Gateway.GATEWAY_MAC, "not the gateway's address");
            claim(reply.targetMac().value() == asker, "not to who asked");
            claim(
                    Packets.destinationMac(Frames.forHarness(bytes, bytes.length))
                                    .value()
                            == asker,
                    "a frame to another");
        }
    }
}
