package io.vireo.virtqueue;

import io.vireo.hugepages.HostMemory;

/**
 * The header before each frame in a network device's buffers, little endian (virtio 1.3, 5.1.6).
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
    public static final int NUM_BUFFERS_OFFSET = 10;

    private VirtioNetHeader() {}

    /**
     * Whether the header at {@code address} asks for nothing. Without the checksum and segmentation features a driver must
     * send it so (5.1.6.2.1).
     */
    public static boolean isPlain(long address) {
        return HostMemory.getShort(address) == 0; // flags and gso_type together
    }

    /** Writes the header of a frame as it is: nothing to be completed, spread over {@code buffers} buffers (5.1.6.4.1). */
    public static void writePlain(long address, int buffers) {
        HostMemory.putLong(address, 0);
        HostMemory.putInt(address + Long.BYTES, buffers << 16);
    }
}
