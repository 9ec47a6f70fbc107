package io.vireo.hugepages;

import io.vireo.linux.Errno;
import io.vireo.linux.Fd;
import io.vireo.linux.FileStatus;
import io.vireo.linux.LinuxException;
import io.vireo.linux.Memory;

/**
 * A block of memory of our own that others can map: zeroed, page-aligned, in huge pages if the host has enough of them
 * free. {@link #close} unmaps; the owner calls it after the last access.
 */
public final class SharedMemory implements AutoCloseable {
    private static final long PAGE_SIZE = 4096;

    private final Fd fd;
    private final long address;
    private final long size;
    private final boolean huge;

    private SharedMemory(Fd fd, long address, long size, boolean huge) {
        this.fd = fd;
        this.address = address;
        this.size = size;
        this.huge = huge;
    }

    /** @param size bytes; rounded up to whole pages of the kind that is used */
    public static SharedMemory allocate(String name, long size) throws LinuxException {
        try {
            return allocate(name, size, true);
        } catch (LinuxException e) {
            boolean hugePagesLack = e.errno() == Errno.ENOMEM || e.errno() == Errno.EINVAL || e.errno() == Errno.ENOSYS;
            if (!hugePagesLack) {
                throw e;
            }
            return allocate(name, size, false);
        }
    }

    /** Memory in pages of the given kind, or an exception. */
    public static SharedMemory allocate(String name, long size, boolean huge) throws LinuxException {
        if (size <= 0) {
            throw new IllegalArgumentException("size " + size);
        }
        Fd fd = Memory.memfdCreate(name, huge);
        try {
            long page = huge ? FileStatus.of(fd).blockSize() : PAGE_SIZE;
            long rounded = Math.ceilDiv(size, page) * page;
            Memory.truncate(fd, rounded);
            return new SharedMemory(fd, Memory.map(fd, 0, rounded), rounded, huge);
        } catch (LinuxException e) {
            fd.close();
            throw e;
        }
    }

    /** The file behind it, for handing to others; it stays this object's. */
    public Fd fd() {
        return fd;
    }

    public long address() {
        return address;
    }

    public long size() {
        return size;
    }

    public boolean isHuge() {
        return huge;
    }

    @Override
    public void close() {
        if (!fd.isOpen()) {
            return;
        }
        fd.close();
        try {
            Memory.unmap(address, size);
        } catch (LinuxException e) {
            throw new IllegalStateException("unmapping memory of our own", e);
        }
    }
}
