package io.vireo.virtqueue;

import io.vireo.hugepages.HostMemory;

/**
 * The header before each frame in a network device's buffers, little endian (virtio 1.3, 5.1.6). Absolute addresses; what
 * is read more than once is a private copy.
 *
 * <pre>
 *  0 flags u8 | 1 gso_type u8 | 2 hdr_len u16 | 4 gso_size u16
 *  6 csum_start u16 | 8 csum_offset u16 | 10 num_buffers u16
 * </pre>
 */
public final class VirtioNetHeader {
    /** With VERSION_1 the header has num_buffers whatever else was negotiated (5.1.6). */
    public static final int SIZE = 12;

    public static final int FLAGS_OFFSET = 0;
    public static final int GSO_TYPE_OFFSET = 1;
    public static final int HDR_LEN_OFFSET = 2;
    public static final int GSO_SIZE_OFFSET = 4;
    public static final int CSUM_START_OFFSET = 6;
    public static final int CSUM_OFFSET_OFFSET = 8;
    public static final int NUM_BUFFERS_OFFSET = 10;

    /** The checksum field holds the pseudo-header's sum; what is from csum_start on is still to be added. */
    public static final int F_NEEDS_CSUM = 1;
    /** Device to driver: the checksum has been verified. */
    public static final int F_DATA_VALID = 2;
    /** Device to driver: csum_start and csum_offset count coalesced segments instead. */
    public static final int F_RSC_INFO = 4;

    public static final int GSO_NONE = 0;
    public static final int GSO_TCPV4 = 1;
    /** Fragmentation of UDP, which is not offered. */
    public static final int GSO_UDP = 3;

    public static final int GSO_TCPV6 = 4;
    /** Segmentation of UDP, over either version of IP. */
    public static final int GSO_UDP_L4 = 5;
    /** May be added to either TCP type. */
    public static final int GSO_ECN = 0x80;

    private VirtioNetHeader() {}

    /**
     * Whether the header at {@code address} asks for nothing. Without the checksum and segmentation features a driver must
     * send it so (5.1.6.2.1).
     */
    public static boolean isPlain(long address) {
        return HostMemory.getShort(address) == 0; // flags and gso_type together
    }

    public static int flags(long address) {
        return HostMemory.getByte(address + FLAGS_OFFSET) & 0xff;
    }

    public static int gsoType(long address) {
        return HostMemory.getByte(address + GSO_TYPE_OFFSET) & 0xff;
    }

    /** A hint at best: a driver may write what it likes (5.1.6.2.2). */
    public static int headerLength(long address) {
        return Short.toUnsignedInt(HostMemory.getShort(address + HDR_LEN_OFFSET));
    }

    public static int gsoSize(long address) {
        return Short.toUnsignedInt(HostMemory.getShort(address + GSO_SIZE_OFFSET));
    }

    public static int checksumStart(long address) {
        return Short.toUnsignedInt(HostMemory.getShort(address + CSUM_START_OFFSET));
    }

    public static int checksumOffset(long address) {
        return Short.toUnsignedInt(HostMemory.getShort(address + CSUM_OFFSET_OFFSET));
    }

    public static int buffers(long address) {
        return Short.toUnsignedInt(HostMemory.getShort(address + NUM_BUFFERS_OFFSET));
    }

    /** Changes num_buffers alone: for a frame whose header was written before its buffers were known. */
    public static void buffers(long address, int buffers) {
        HostMemory.putShort(address + NUM_BUFFERS_OFFSET, (short) buffers);
    }

    /** Writes the header of a frame as it is: nothing to be completed, spread over {@code buffers} buffers (5.1.6.4.1). */
    public static void writePlain(long address, int buffers) {
        HostMemory.putLong(address, 0);
        HostMemory.putInt(address + Long.BYTES, buffers << 16);
    }

    /**
     * Copies a header to where it belongs when something is put in front of what it is about: its offsets count from the
     * new beginning, it says of one buffer, and nothing but what is left to be done.
     *
     * @param added bytes in front
     * @param from the header as it is; the two may not overlap
     */
    public static void moveInFrontOf(int added, long from, long to) {
        int flags = flags(from) & F_NEEDS_CSUM;
        int type = gsoType(from);
        if (flags == 0 && type == GSO_NONE) {
            writePlain(to, 1);
            return;
        }
        HostMemory.putLong(
                to,
                flags
                        | (long) type << 8
                        | (long) (headerLength(from) + added & 0xffff) << 16
                        | (long) gsoSize(from) << 32
                        | (long) (checksumStart(from) + added & 0xffff) << 48);
        HostMemory.putInt(to + Long.BYTES, checksumOffset(from) | 1 << 16);
    }

    /**
     * Writes the header of a frame whose checksum is only begun (5.1.6.4.1).
     *
     * @param start of the transport header, from the frame's beginning
     * @param offset of the checksum field, from there
     */
    public static void writePartialChecksum(long address, int start, int offset, int buffers) {
        writeSegmentation(address, GSO_NONE, 0, 0, start, offset, buffers);
    }

    /**
     * Writes the header of a frame that is still to be segmented, and so has its checksum only begun (5.1.6.4.1).
     *
     * @param headerLength bytes of all headers, from the frame's beginning
     * @param gsoSize bytes of payload in each segment but the last
     */
    public static void writeSegmentation(
            long address, int gsoType, int headerLength, int gsoSize, int start, int offset, int buffers) {
        HostMemory.putLong(
                address,
                F_NEEDS_CSUM
                        | (long) gsoType << 8
                        | (long) headerLength << 16
                        | (long) gsoSize << 32
                        | (long) start << 48);
        HostMemory.putInt(address + Long.BYTES, offset | buffers << 16);
    }
}
