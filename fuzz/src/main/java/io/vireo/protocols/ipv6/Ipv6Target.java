package io.vireo.protocols.ipv6;

import static io.vireo.fuzz.FuzzTarget.claim;

import io.vireo.fuzz.Frames;
import io.vireo.fuzz.FuzzTarget;
import io.vireo.fuzz.Input;
import io.vireo.harness.packets.Packets;
import io.vireo.harness.packets.RawPackets;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;

/**
 * An IPv6 packet of which not all need be visible, after two bytes that say how much: its view, and the walk over its
 * extension headers, against one that is written down as RFC 8200 says it.
 */
public final class Ipv6Target implements FuzzTarget {
    private static final int BEFORE = 2;

    private final Ipv6Packet packet = new Ipv6Packet();
    private final ExtensionHeaders headers = new ExtensionHeaders();

    /** Where a walk came to. */
    private record End(ExtensionHeaders.Outcome outcome, int protocol, int at, boolean fragment, boolean later) {}

    @Override
    public List<byte[]> seeds() {
        byte[] udp = Packets.createUdp(
                Frames.GUEST_MAC, Packets.GATEWAY_MAC, Frames.GUEST6, Frames.NEIGHBOUR6, 1, 2, new byte[9], 64);
        byte[] options = RawPackets.insertExtensionHeader(
                udp, RawPackets.DESTINATION_OPTIONS, new byte[] {0, 0, 1, 4, 0, 0, 0, 0});
        byte[] fragment =
                RawPackets.insertExtensionHeader(options, RawPackets.FRAGMENT, new byte[] {0, 0, 0, 1, 0, 0, 0, 9});
        byte[] later = RawPackets.insertExtensionHeader(udp, RawPackets.FRAGMENT, new byte[] {0, 0, 0, 8, 0, 0, 0, 9});
        byte[] hops =
                RawPackets.insertExtensionHeader(fragment, RawPackets.HOP_BY_HOP, new byte[] {0, 0, 1, 4, 0, 0, 0, 0});
        return List.of(seed(udp, 0), seed(options, 3), seed(fragment, 0), seed(later, 0), seed(hops, 9));
    }

    /** The packet of a frame, of which the last bytes are not visible. */
    private static byte[] seed(byte[] frame, int hidden) {
        byte[] seed = Arrays.copyOfRange(Frames.strip(frame), 14 - BEFORE, Frames.strip(frame).length);
        seed[0] = 0;
        seed[1] = (byte) hidden;
        return seed;
    }

    @Override
    public void run(Input input) {
        int offset = input.below(8);
        int hidden = input.below(64);
        byte[] bytes = input.rest();
        int visible = Math.max(0, bytes.length - hidden);
        byte[] placed = new byte[offset + visible];
        System.arraycopy(bytes, 0, placed, offset, visible);
        MemorySegment segment = MemorySegment.ofArray(placed);
        boolean wrapped = packet.tryWrap(segment, offset, visible, bytes.length);
        ByteBuffer slow = ByteBuffer.wrap(bytes);
        boolean expected =
                visible >= 40 && (bytes[0] & 0xF0) == 0x60 && 40 + (slow.getShort(4) & 0xFFFF) <= bytes.length;
        claim(wrapped == expected, "a packet, or not");
        if (wrapped) {
            int end = 40 + (slow.getShort(4) & 0xFFFF);
            claim(packet.totalLength() == end && packet.payloadOffset() == offset + 40, "lengths");
            claim(packet.visiblePayload() == Math.max(0, Math.min(visible, end) - 40), "what is visible");
            compare(segment, offset, slow, visible, end);
        }
    }

    private void compare(MemorySegment segment, int offset, ByteBuffer slow, int visible, int end) {
        ExtensionHeaders.Outcome outcome = headers.walk(segment, packet);
        End expected = walk(slow, Math.min(visible, end), end);
        claim(outcome == expected.outcome, "how the walk ends");
        if (outcome == ExtensionHeaders.Outcome.FOUND) {
            claim(headers.protocol() == expected.protocol, "the upper layer");
            claim(headers.offset() == offset + expected.at, "where it is");
            claim(headers.length() == end - expected.at, "how long it is");
            claim(headers.visible() == Math.max(0, Math.min(visible, end) - expected.at), "how much is visible");
            claim(
                    headers.isFragment() == expected.fragment && headers.isLaterFragment() == expected.later,
                    "a fragment");
        }
    }

    private static End walk(ByteBuffer bytes, int visible, int end) {
        int protocol = bytes.get(6) & 0xFF;
        int at = 40;
        boolean fragment = false;
        boolean later = false;
        for (int count = 0; !later && List.of(0, 43, 44, 51, 60).contains(protocol); count++) {
            if (count == ExtensionHeaders.MOST) {
                return new End(ExtensionHeaders.Outcome.TOO_DEEP, 0, 0, false, false);
            }
            if (end - at < 8 || (protocol == 0 && count > 0) || (protocol == 44 && fragment)) {
                return new End(ExtensionHeaders.Outcome.MALFORMED, 0, 0, false, false);
            }
            if (visible - at < 8) {
                return new End(ExtensionHeaders.Outcome.TOO_DEEP, 0, 0, false, false);
            }
            int field = bytes.get(at + 1) & 0xFF;
            int length = protocol == 44 ? 8 : protocol == 51 ? Math.max(8, 4 * (field + 2)) : 8 * (field + 1);
            if (length > end - at) {
                return new End(ExtensionHeaders.Outcome.MALFORMED, 0, 0, false, false);
            }
            if (length > visible - at) {
                return new End(ExtensionHeaders.Outcome.TOO_DEEP, 0, 0, false, false);
            }
            if (protocol == 44) {
                int word = bytes.getShort(at + 2) & 0xFFFF;
                later = word >> 3 != 0;
                fragment = later || (word & 1) != 0;
            }
            protocol = bytes.get(at) & 0xFF;
            at += length;
        }
        return new End(ExtensionHeaders.Outcome.FOUND, protocol, at, fragment, later);
    }
}
