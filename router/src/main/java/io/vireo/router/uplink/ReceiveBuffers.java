package io.vireo.router.uplink;

import io.vireo.hugepages.SharedMemory;
import io.vireo.linux.LinuxException;
import io.vireo.linux.Tun;

/** Room for the packets of one read, and for an Ethernet header in front of each; in huge pages where the host has them. */
final class ReceiveBuffers implements AutoCloseable {
    /** Virtio-net header, IPv6 header and the longest payload; no interface sends more without being told to. */
    static final int CAPACITY = Tun.HEADER_SIZE + 40 + 65_535;

    private static final int HEADROOM = 16;
    private static final int CACHE_LINE = 64;
    /** An odd number of cache lines, so that the headers of a batch do not fight for the same few sets of the cache. */
    private static final int STRIDE = (Math.ceilDiv(HEADROOM + CAPACITY, CACHE_LINE) | 1) * CACHE_LINE;

    private final SharedMemory memory;

    ReceiveBuffers() throws LinuxException {
        memory = SharedMemory.allocate("vireo-uplink", (long) UplinkQueue.BATCH * STRIDE);
    }

    /** Where the packet in a buffer begins. */
    long address(int buffer) {
        return memory.address() + (long) buffer * STRIDE + HEADROOM;
    }

    /** Where all of them begin. */
    long start() {
        return memory.address();
    }

    long size() {
        return memory.size();
    }

    /** The owner vouches that neither the kernel nor a thread touches them any more. */
    @Override
    public void close() {
        memory.close();
    }
}
