package io.vireo.router.control;

import io.vireo.hugepages.HostMemory;

/**
 * One chain of the control virtqueue: a private copy of what the driver wrote, and where the device's answer goes. Segments
 * may be cut anywhere (virtio 1.3, 2.7.4.1). Reused for chain after chain.
 *
 * <pre>
 *   readable   class u8 | command u8 | command-specific data ...
 *   writable   ack u8 | command-specific result: none of the commands served has one
 * </pre>
 */
public final class ControlCommand {
    /** What is kept of a command. The longest is a table of MAC addresses: it may have about 680 of them. */
    static final int MAX_BYTES = 4096;

    /** There is no room for a status. */
    private static final long NOWHERE = 0;

    private final byte[] bytes = new byte[MAX_BYTES];
    private long length;
    private long status;

    /** Begins a new chain. */
    public void clear() {
        length = 0;
        status = NOWHERE;
    }

    /**
     * Adds the chain's next segment, and copies it if it is readable. Empty segments count for nothing. That all readable
     * ones come before the writable ones (2.7.4.2) is for the ring to see to.
     *
     * @param address absolute, through the gate
     * @param size bytes, 0 to 2^32-1
     */
    public void add(long address, long size, boolean writable) {
        if (size == 0) {
            return;
        }
        if (writable) {
            status = status == NOWHERE ? address : status;
            return;
        }
        int kept = (int) Math.min(length, MAX_BYTES);
        int part = (int) Math.min(size, MAX_BYTES - kept);
        HostMemory.read(address, bytes, kept, part);
        length += size;
    }

    /** Whether all of it was kept. */
    boolean isComplete() {
        return length <= MAX_BYTES;
    }

    boolean hasStatus() {
        return status != NOWHERE;
    }

    void answer(int ack) {
        HostMemory.putByte(status, (byte) ack);
    }

    /** Bytes of a command that is complete. */
    int length() {
        return (int) length;
    }

    int u8(int offset) {
        return Byte.toUnsignedInt(bytes[offset]);
    }

    int u16(int offset) {
        return u8(offset) | u8(offset + 1) << 8;
    }

    long u32(int offset) {
        return u16(offset) | (long) u16(offset + 2) << 16;
    }

    long u64(int offset) {
        return u32(offset) | u32(offset + 4) << 32;
    }

    /** A MAC address, whose first octet is the highest. */
    long mac(int offset) {
        long mac = 0;
        for (int i = 0; i < 6; i++) {
            mac = mac << 8 | u8(offset + i);
        }
        return mac;
    }
}
