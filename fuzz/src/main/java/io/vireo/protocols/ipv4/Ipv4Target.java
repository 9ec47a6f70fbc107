package io.vireo.protocols.ipv4;

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
 * An IPv4 packet of which not all need be visible, after two bytes that say how much: its view against a reading of RFC 791
 * that knows nothing of it, and its changes of hops and addresses against the header's checksum.
 */
public final class Ipv4Target implements FuzzTarget {
    private static final int BEFORE = 2;

    private final Ipv4Packet packet = new Ipv4Packet();

    @Override
    public List<byte[]> seeds() {
        byte[] udp = Frames.strip(Packets.createUdp(
                Frames.GUEST_MAC, Packets.GATEWAY_MAC, Frames.GUEST, Frames.NEIGHBOUR, 1, 2, new byte[9], 64));
        byte[] fragment = Frames.strip(RawPackets.createIpv4(
                Frames.GUEST_MAC,
                Packets.GATEWAY_MAC,
                Frames.GUEST,
                Frames.NEIGHBOUR,
                17,
                64,
                7,
                RawPackets.MORE_FRAGMENTS | 3,
                new byte[16]));
        return List.of(seed(udp, 0), seed(udp, 4), seed(fragment, 0));
    }

    /** The packet of a frame, of which the last bytes are not visible. */
    private static byte[] seed(byte[] frame, int hidden) {
        byte[] seed = Arrays.copyOfRange(frame, 14 - BEFORE, frame.length);
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
        claim(wrapped == isPacket(slow, visible), "a packet, or not");
        if (!wrapped) {
            return;
        }
        compare(slow, visible, offset);
        change(placed);
    }

    private static boolean isPacket(ByteBuffer bytes, int visible) {
        if (visible < 20 || bytes.get(0) >> 4 != 4) {
            return false;
        }
        int header = (bytes.get(0) & 15) * 4;
        int total = bytes.getShort(2) & 0xFFFF;
        return header >= 20 && header <= visible && total >= header && total <= bytes.limit();
    }

    private void compare(ByteBuffer slow, int visible, int offset) {
        int header = (slow.get(0) & 15) * 4;
        int total = slow.getShort(2) & 0xFFFF;
        int flags = slow.getShort(6) & 0xFFFF;
        claim(packet.headerLength() == header && packet.totalLength() == total, "lengths");
        claim(packet.payloadOffset() == offset + header, "payload's place");
        claim(packet.visiblePayload() == Math.max(0, Math.min(visible, total) - header), "payload's length");
        claim(packet.fragmentOffset() == flags % 0x2000 * 8, "fragment offset");
        claim(packet.moreFragments() == (flags & 0x2000) > 0, "more fragments");
        claim(packet.mayBeFragmented() == ((flags & 0x4000) == 0), "don't fragment");
        claim(packet.isFragment() == (packet.moreFragments() || packet.fragmentOffset() > 0), "a fragment");
        claim(packet.source() == slow.getInt(12) && packet.destination() == slow.getInt(16), "addresses");
        claim(packet.hasValidChecksum() == (sum(slow, header) == 0xFFFF), "checksum");
    }

    /** The ones-complement sum, word by word. */
    private static int sum(ByteBuffer bytes, int length) {
        int sum = 0;
        for (int i = 0; i < length; i += 2) {
            sum += bytes.getShort(i) & 0xFFFF;
            sum = (sum & 0xFFFF) + (sum >> 16);
        }
        return sum;
    }

    /** What forwarding and answering change keeps a right checksum right, and a wrong one wrong. */
    private void change(byte[] placed) {
        boolean valid = packet.hasValidChecksum();
        int ttl = packet.timeToLive();
        if (ttl > 1) {
            packet.decrementTimeToLive();
            claim(packet.timeToLive() == ttl - 1, "a hop less");
            claim(packet.hasValidChecksum() == valid, "checksum after a hop");
        }
        byte[] before = placed.clone();
        packet.swapAddresses();
        claim(packet.hasValidChecksum() == valid, "checksum after swapping");
        packet.swapAddresses();
        claim(Arrays.equals(before, placed), "swapped twice");
    }
}
