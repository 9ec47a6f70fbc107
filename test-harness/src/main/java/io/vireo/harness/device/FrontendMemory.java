package io.vireo.harness.device;

import io.vireo.hugepages.MemoryRegion;
import io.vireo.hugepages.SharedMemory;
import io.vireo.linux.Fd;
import io.vireo.linux.LinuxException;
import io.vireo.vsock.guest.DriverMemory;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/**
 * A guest's memory: one file, told to the backend as one or several regions whose guest addresses have gaps between them.
 * Handed out from the beginning and never taken back.
 */
final class FrontendMemory implements DriverMemory, AutoCloseable {
    private static final long GUEST_BASE = 0x4000_0000L;
    /** Between the guest addresses of two regions; the frontend's own addresses have no gaps. */
    private static final long GUEST_GAP = 0x1000_0000L;

    static final int ALIGNMENT = 64;
    private static final long PAGE = 4096;

    private final SharedMemory memory;
    private final long regionSize;
    private final int regions;
    private long next;

    FrontendMemory(long size, int regions) throws LinuxException {
        this.regions = regions;
        memory = SharedMemory.allocate("guest", size + regions * PAGE);
        regionSize = memory.size() / regions / PAGE * PAGE;
    }

    boolean isHuge() {
        return memory.isHuge();
    }

    List<MemoryRegion> table() {
        List<MemoryRegion> table = new ArrayList<>();
        for (int i = 0; i < regions; i++) {
            long offset = i * regionSize;
            table.add(new MemoryRegion(
                    GUEST_BASE + offset + i * GUEST_GAP, regionSize, memory.address() + offset, offset));
        }
        return table;
    }

    List<Fd> files() {
        return Collections.nCopies(regions, memory.fd());
    }

    /** The file itself, for tests that do to it what a hostile VMM would. */
    Fd file() {
        return memory.fd();
    }

    /** @return the address, in this process, of {@code bytes} bytes within one region */
    @Override
    public long allocate(long bytes) {
        long start = (next + ALIGNMENT - 1) & -ALIGNMENT;
        if (start / regionSize != (start + bytes - 1) / regionSize) {
            start = (start / regionSize + 1) * regionSize;
        }
        next = start + bytes;
        if (next > regions * regionSize) {
            throw new IllegalStateException("the guest's memory of " + memory.size() + " bytes is used up");
        }
        return memory.address() + start;
    }

    @Override
    public long guestAddress(long address) {
        long offset = address - memory.address();
        return GUEST_BASE + offset + offset / regionSize * GUEST_GAP;
    }

    @Override
    public void close() {
        memory.close();
    }
}
