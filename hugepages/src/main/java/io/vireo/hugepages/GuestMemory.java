package io.vireo.hugepages;

import io.vireo.linux.Fd;
import io.vireo.linux.FileStatus;
import io.vireo.linux.LinuxException;
import io.vireo.linux.Memory;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/**
 * A guest's memory as one immutable snapshot of its memory table, mapped into this process. {@link #translate} is the
 * bounds gate: the only way from an address that a guest names to one that this process touches.
 *
 * <p>Translation is for any thread. {@link #close} is for the owner alone, after all readers have let go.
 */
public final class GuestMemory implements AutoCloseable {
    /** What the gate answers for a range that is not wholly inside one region. */
    public static final long INVALID = -1;

    /** The most regions of a table (vhost-user, "Multiple memory regions description"). */
    public static final int MAX_REGIONS = 8;

    // A page fault on a file that a user process serves (FUSE) would stop the whole JVM at its next safepoint: allowed
    // are
    // only file systems whose pages come from the kernel itself.
    private static final Set<Long> FILE_SYSTEMS = Set.of(
            FileStatus.TMPFS_MAGIC,
            FileStatus.HUGETLBFS_MAGIC,
            0xef53L, // ext2, ext3, ext4
            0x58465342L, // XFS
            0x9123683eL, // Btrfs
            0xf2f52010L, // F2FS
            0x794c7630L); // overlayfs: hosts in containers

    private final MemoryRegion[] regions;
    private final long[] guestStart;
    private final long[] size;
    private final long[] hostStart;
    private final List<Mapping> mappings = new ArrayList<>();

    private record Mapping(Fd fd, long address, long length, long fileEnd) {}

    private GuestMemory(List<MemoryRegion> table) {
        regions = table.toArray(MemoryRegion[]::new);
        guestStart = table.stream().mapToLong(MemoryRegion::guestAddress).toArray();
        size = table.stream().mapToLong(MemoryRegion::size).toArray();
        hostStart = new long[regions.length];
    }

    /** The memory of a guest that has told of none: nothing translates. */
    public static GuestMemory empty() {
        return new GuestMemory(List.of());
    }

    /**
     * Maps a memory table. The descriptors become this object's, also when it fails.
     *
     * @param files one for each region, in the same order
     */
    public static GuestMemory map(List<MemoryRegion> table, List<Fd> files)
            throws GuestMemoryException, LinuxException {
        GuestMemory memory = new GuestMemory(table);
        try {
            validate(table, files);
            for (int i = 0; i < table.size(); i++) {
                memory.map(i, files.get(i));
            }
            return memory;
        } catch (GuestMemoryException | LinuxException e) {
            memory.close();
            files.forEach(Fd::close);
            throw e;
        }
    }

    private static void validate(List<MemoryRegion> table, List<Fd> files) throws GuestMemoryException {
        if (table.isEmpty() || table.size() > MAX_REGIONS) {
            throw new GuestMemoryException(
                    "a memory table of " + table.size() + " regions, 1 to " + MAX_REGIONS + " are allowed");
        }
        if (table.size() != files.size()) {
            throw new GuestMemoryException(
                    "a memory table of " + table.size() + " regions came with " + files.size() + " descriptors");
        }
        for (int i = 0; i < table.size(); i++) {
            table.get(i).validate();
            for (MemoryRegion earlier : table.subList(0, i)) {
                if (earlier.overlaps(table.get(i))) {
                    throw new GuestMemoryException("memory regions " + earlier + " and " + table.get(i) + " overlap");
                }
            }
        }
    }

    private void map(int index, Fd file) throws GuestMemoryException, LinuxException {
        MemoryRegion region = regions[index];
        FileStatus status = FileStatus.of(file);
        if (status.kind() != FileStatus.Kind.REGULAR || !FILE_SYSTEMS.contains(status.fileSystem())) {
            throw new GuestMemoryException("memory region " + region
                    + " comes from a file that is neither shared memory nor on a local disk (type 0x"
                    + Long.toHexString(status.fileSystem()) + ")");
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
        long address = Memory.map(file, start, length);
        mappings.add(new Mapping(file, address, length, end));
        hostStart[index] = address + (region.fileOffset() - start);
    }

    /**
     * The gate for guest addresses, as descriptors carry them.
     *
     * @param length bytes, 0 to 2^32-1
     * @return the address in this process, or {@link #INVALID} unless the whole range lies in one region
     */
    public long translate(long guestAddress, long length) {
        for (int i = 0; i < guestStart.length; i++) {
            long offset = guestAddress - guestStart[i];
            // a difference that wrapped is negative or far above any size
            if (offset >= 0 && offset < size[i] && length <= size[i] - offset) {
                return hostStart[i] + offset;
            }
        }
        return INVALID;
    }

    /**
     * The gate for a batch of ranges, up to the first that is empty or does not pass.
     *
     * @param guestAddresses addresses, {@code count} from 0 on
     * @param lengths bytes, 0 to 2^32-1 each, {@code count} from {@code at} on
     * @param hostAddresses receives the addresses in this process, from {@code at} on
     * @return how many passed
     */
    public int translate(long[] guestAddresses, long[] lengths, long[] hostAddresses, int at, int count) {
        if (count == 0 || guestStart.length == 0) {
            return 0;
        }
        int likely = Math.max(regionOf(guestAddresses[0]), 0);
        long start = guestStart[likely];
        long bytes = size[likely];
        long host = hostStart[likely];
        for (int i = 0; i < count; i++) {
            long offset = guestAddresses[i] - start;
            long length = lengths[at + i];
            boolean inside = offset >= 0 && offset < bytes && length <= bytes - offset;
            long address = inside ? host + offset : translate(guestAddresses[i], length);
            if (address == INVALID || length == 0) {
                return i;
            }
            hostAddresses[at + i] = address;
        }
        return count;
    }

    private int regionOf(long guestAddress) {
        for (int i = guestStart.length - 1; i >= 0; i--) {
            long offset = guestAddress - guestStart[i];
            if (offset >= 0 && offset < size[i]) {
                return i;
            }
        }
        return -1;
    }

    /** The same for the frontend's own addresses, in which the rings' places are told. */
    public long translateUser(long userAddress, long length) {
        for (int i = 0; i < regions.length; i++) {
            long offset = userAddress - regions[i].userAddress();
            if (offset >= 0 && offset < size[i] && length <= size[i] - offset) {
                return hostStart[i] + offset;
            }
        }
        return INVALID;
    }

    /** Whether every file is still as long as what is mapped of it: false tells whose pages an InternalError was about. */
    public boolean isIntact() {
        try {
            for (Mapping mapping : mappings) {
                if (FileStatus.of(mapping.fd).size() < mapping.fileEnd) {
                    return false;
                }
            }
            return true;
        } catch (LinuxException e) {
            return false;
        }
    }

    @Override
    public void close() {
        for (Mapping mapping : mappings) {
            mapping.fd.close();
            try {
                Memory.unmap(mapping.address, mapping.length);
            } catch (LinuxException e) {
                throw new IllegalStateException("unmapping a guest's memory", e);
            }
        }
        mappings.clear();
    }
}
