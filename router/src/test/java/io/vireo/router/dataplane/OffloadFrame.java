package io.vireo.router.dataplane;

import io.vireo.hugepages.HostMemory;
import io.vireo.protocols.gateway.Gateway;
import io.vireo.virtqueue.VirtioNetHeader;
import io.vireo.virtqueue.device.DescriptorChains;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;

/**
 * A TCP or UDP frame with a begun checksum, as a guest sends it: cut at random over the segments of a chain, and its head in
 * a private slot. Built, and checksums judged, without the code under test.
 */
final class OffloadFrame {
    private static final int HEAD = 128;
    private static final int TCP_HEADER = 32;
    private static final int CWR = 0x80;

    final byte[] bytes;
    final boolean ipv6;
    final boolean tcp;
    final int transportOffset;
    final int headerLength;
    final int checksumOffset;

    /** Chain 1 is the frame's, so that nothing begins at segment 0 by chance. */
    final DescriptorChains chains = new DescriptorChains(2, 4096);

    private final Arena arena = Arena.global(); // addresses alone keep nothing alive
    private final MemorySegment slot = arena.allocate(192);

    OffloadFrame(boolean ipv6, boolean tcp, int payload, SplittableRandom random) {
        this.ipv6 = ipv6;
        this.tcp = tcp;
        transportOffset = ipv6 ? 54 : 34;
        headerLength = transportOffset + (tcp ? TCP_HEADER : 8);
        checksumOffset = tcp ? 16 : 6;
        bytes = new byte[headerLength + payload];
        random.nextBytes(bytes);
        writeHeaders(ByteBuffer.wrap(bytes), bytes.length - transportOffset);
        VirtioNetHeader.writePartialChecksum(slot(), transportOffset, checksumOffset, 0);
        fillSlot();
        fillChain(random);
    }

    private void writeHeaders(ByteBuffer frame, int transportLength) {
        int protocol = tcp ? 6 : 17;
        if (ipv6) {
            frame.putShort(12, (short) 0x86dd).putInt(14, 0x6000_0000);
            frame.putShort(18, (short) transportLength).putShort(20, (short) (protocol << 8 | 64));
        } else {
            frame.putShort(12, (short) 0x0800).putShort(14, (short) 0x4500);
            frame.putShort(16, (short) (20 + transportLength)).putShort(20, (short) 0x4000);
            frame.putShort(22, (short) (64 << 8 | protocol));
        }
        if (tcp) {
            frame.put(transportOffset + 12, (byte) (TCP_HEADER << 2)).put(transportOffset + 13, (byte) 0x10);
        } else {
            frame.putShort(transportOffset + 4, (short) transportLength);
        }
    }

    /** The frame with addresses such that it passes from one guest to another. */
    OffloadFrame addressed(Guest from, Guest to) {
        ByteBuffer frame = ByteBuffer.wrap(bytes)
                .putShort(0, (short) (Gateway.GATEWAY_MAC >>> 32))
                .putInt(2, (int) Gateway.GATEWAY_MAC)
                .putShort(6, (short) (from.mac() >>> 32))
                .putInt(8, (int) from.mac());
        if (ipv6) {
            frame.position(22);
            frame.put(from.ipv6().toBytes()).put(to.ipv6().toBytes());
        } else {
            frame.putInt(26, from.ipv4()).putInt(30, to.ipv4());
            Frames.sealed(bytes);
        }
        return fillSlot();
    }

    /** As a guest sends it: virtio-net header first. */
    byte[] packet() {
        byte[] packet = Guest.withHeader(bytes);
        System.arraycopy(header(), 0, packet, 0, VirtioNetHeader.SIZE);
        return packet;
    }

    /** A frame like this one with its checksum complete. */
    byte[] completed(byte[] frame) {
        byte[] copy = frame.clone();
        ByteBuffer.wrap(copy).putShort(transportOffset + checksumOffset, (short) 0);
        short sum = (short) ~transportSum(copy);
        ByteBuffer.wrap(copy).putShort(transportOffset + checksumOffset, sum == 0 && !tcp ? (short) 0xffff : sum);
        return copy;
    }

    /** The complete segments of a super-frame like this one, by the book. */
    List<byte[]> segments(byte[] superFrame, int size) {
        List<byte[]> segments = new ArrayList<>();
        for (int at = headerLength; at < superFrame.length; at += size) {
            int length = Math.min(size, superFrame.length - at);
            byte[] segment = Arrays.copyOf(superFrame, headerLength + length);
            System.arraycopy(superFrame, at, segment, headerLength, length);
            ByteBuffer data = ByteBuffer.wrap(segment);
            if (ipv6) {
                data.putShort(18, (short) (segment.length - transportOffset)); // payload length
            } else {
                data.putShort(16, (short) (segment.length - 14)); // total length
                data.putShort(18, (short) (data.getShort(18) + segments.size())); // identification
                Frames.sealed(segment);
            }
            if (tcp) {
                data.putInt(transportOffset + 4, data.getInt(transportOffset + 4) + at - headerLength); // sequence
            } else {
                data.putShort(transportOffset + 4, (short) (segment.length - transportOffset)); // length
            }
            segments.add(completed(segment));
        }
        return segments;
    }

    OffloadFrame withCongestionWindowReduced() {
        bytes[transportOffset + 13] |= (byte) CWR;
        return fillSlot();
    }

    OffloadFrame withSegmentation(int type, int size) {
        VirtioNetHeader.writeSegmentation(slot(), type, 9, size, transportOffset, checksumOffset, 0);
        return this;
    }

    OffloadFrame fillSlot() {
        MemorySegment.copy(MemorySegment.ofArray(bytes), 0, slot, VirtioNetHeader.SIZE, visible());
        return this;
    }

    private void fillChain(SplittableRandom random) {
        int total = VirtioNetHeader.SIZE + bytes.length;
        MemorySegment memory = arena.allocate(total);
        MemorySegment.copy(MemorySegment.ofArray(bytes), 0, memory, VirtioNetHeader.SIZE, bytes.length);
        int longest = 1 + random.nextInt(random.nextBoolean() ? 64 : total);
        longest = Math.max(longest, total / 4000);
        int segment = 1;
        chains.firstSegment[1] = segment;
        for (int at = 0; at < total; segment++) {
            int part = Math.min(total - at, longest - random.nextInt((longest + 1) / 2));
            chains.address[segment] = memory.address() + at;
            chains.length[segment] = part;
            at += part;
            if (segment == 4000) {
                chains.length[segment] += total - at;
                at = total;
            }
        }
        chains.firstSegment[2] = segment;
        chains.bytes[1] = total;
    }

    long slot() {
        return slot.address();
    }

    int visible() {
        return Math.min(bytes.length, HEAD);
    }

    boolean isReadBy(OffloadRequest request, long features) {
        return request.tryRead(slot(), visible(), bytes.length, features);
    }

    /** The slot's virtio-net header. */
    byte[] header() {
        return slotBytes(0, VirtioNetHeader.SIZE);
    }

    /** What goes to a receiver that gets this frame and not segments of it. */
    byte[] sent() {
        byte[] sent = bytes.clone();
        System.arraycopy(slotBytes(VirtioNetHeader.SIZE, visible()), 0, sent, 0, visible());
        return sent;
    }

    private byte[] slotBytes(int from, int length) {
        byte[] copy = new byte[length];
        for (int i = 0; i < length; i++) {
            copy[i] = HostMemory.getByte(slot() + from + i);
        }
        return copy;
    }

    /** The ones-complement sum of pseudo-header, transport header and payload: 0xffff if the checksum is right. */
    int transportSum(byte[] frame) {
        ByteBuffer data = ByteBuffer.wrap(frame);
        int length = frame.length - transportOffset;
        long sum = length + (tcp ? 6L : 17L);
        int addresses = ipv6 ? 32 : 8;
        for (int i = transportOffset - addresses; i < transportOffset; i += 2) {
            sum += Short.toUnsignedInt(data.getShort(i));
        }
        return transportSum(sum, frame);
    }

    /** As the other, after completing a checksum that was begun: 0xffff if it was begun rightly. */
    int completedSum(byte[] frame) {
        byte[] copy = frame.clone();
        short checksum = (short) ~transportSum(0, frame);
        ByteBuffer.wrap(copy).putShort(transportOffset + checksumOffset, checksum);
        return transportSum(copy);
    }

    private int transportSum(long start, byte[] frame) {
        long sum = start;
        for (int i = transportOffset; i < frame.length; i++) {
            sum += (frame[i] & 0xffL) << ((i & 1) == 0 ? 8 : 0);
        }
        while (sum >>> 16 != 0) {
            sum = (sum & 0xffff) + (sum >>> 16);
        }
        return (int) sum;
    }
}
