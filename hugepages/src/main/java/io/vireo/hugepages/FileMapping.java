package io.vireo.hugepages;

import io.vireo.linux.Fd;
import io.vireo.linux.FileStatus;
import io.vireo.linux.LinuxException;
import io.vireo.linux.Memory;
import io.vireo.linux.MountTable;
import java.util.Set;

/** One region of a guest's memory, mapped from the file that the frontend passed. Its owner alone closes it. */
final class FileMapping implements AutoCloseable {
    // A page fault on a file that a user process serves (FUSE) would stop the whole JVM at its next safepoint: allowed
    // are
    // only files whose pages come from the kernel itself. Mounts of other namespaces may be anything underneath.
    private static final Set<String> LOCAL_DISKS = Set.of("ext2", "ext3", "ext4", "xfs", "btrfs", "f2fs", "overlay");

    private final Fd file;
    private final long mapped;
    private final long length;
    private final long fileEnd;
    private final long address;

    private FileMapping(Fd file, long mapped, long length, long fileEnd, long address) {
        this.file = file;
        this.mapped = mapped;
        this.length = length;
        this.fileEnd = fileEnd;
        this.address = address;
    }

    /**
     * Maps a region that has been validated.
     *
     * @param file becomes the mapping's own, unless this fails
     */
    static FileMapping of(MemoryRegion region, Fd file) throws GuestMemoryException, LinuxException {
        FileStatus status = FileStatus.of(file);
        if (status.kind() != FileStatus.Kind.REGULAR || !isLocal(status)) {
            throw new GuestMemoryException(
                    "memory region " + region + " comes from a file that is neither shared memory nor on a local disk");
        }
        long end = region.fileOffset() + region.size();
        if (end > status.size()) {
            throw new GuestMemoryException(
                    "memory region " + region + " ends behind its file of " + status.size() + " bytes");
        }
        // mmap wants whole pages, and on hugetlbfs whole huge pages
        long page = Math.max(status.blockSize(), 4096);
        long start = region.fileOffset() / page * page;
        long length = Math.ceilDiv(end - start, page) * page;
        long mapped = Memory.map(file, start, length);
        return new FileMapping(file, mapped, length, end, mapped + (region.fileOffset() - start));
    }

    private static boolean isLocal(FileStatus status) {
        return status.inMemory() || LOCAL_DISKS.contains(MountTable.fileSystem(status.mount()));
    }

    /** Where the region's first byte is in this process. */
    long address() {
        return address;
    }

    /** Whether the file is still as long as what is mapped of it. */
    boolean isIntact() throws LinuxException {
        return FileStatus.of(file).size() >= fileEnd;
    }

    /** Every reader has let go. */
    @Override
    public void close() {
        file.close();
        try {
            Memory.unmap(mapped, length);
        } catch (LinuxException e) {
            throw new IllegalStateException("unmapping a guest's memory", e);
        }
    }
}
