package io.vireo.hugepages;

import io.vireo.linux.Fd;
import io.vireo.linux.LinuxException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A guest's memory as one immutable snapshot of its memory table, mapped into this process. {@link #translate} is the
 * bounds gate: the only way from an address that a guest names to one that this process touches.
 *
 * <p>Translation is for any thread. {@link #close} is for the owner alone, after all readers have let go.
 */
public final class GuestMemory implements AutoCloseable {
    /** What the gate answers for a range that is not wholly inside one region. */
    public static final long INVALID = -1;

    /** The most regions that one guest may have: what QEMU and the crates of rust-vmm made do with for years. */
    public static final int MAX_REGIONS = 32;

    /** The most bytes that one guest may have mapped: files without content cost it nothing, but us the address space. */
    static final long MAX_BYTES = 1L << 40;

    private final MemoryRegion[] regions;
    private final long[] guestStart;
    private final long[] size;
    private final long[] hostStart;
    private final GateForm form;
    /** In the order of the regions; some may be shared with the snapshot before or after this one. */
    private final List<FileMapping> mappings;

    /** The ranges that passed, in the gate's bounded form. */
    private final @Nullable BoundedRanges ranges;

    private GuestMemory(List<MemoryRegion> table, List<FileMapping> mappings, GateForm form) {
        this.form = form;
        this.mappings = List.copyOf(mappings);
        regions = table.toArray(MemoryRegion[]::new);
        guestStart = table.stream().mapToLong(MemoryRegion::guestAddress).toArray();
        size = table.stream().mapToLong(MemoryRegion::size).toArray();
        hostStart = mappings.stream().mapToLong(FileMapping::address).toArray();
        ranges = form == GateForm.BOUNDED && regions.length > 0 ? new BoundedRanges(hostStart, size) : null;
    }

    /** The memory of a guest that has told of none: nothing translates. */
    public static GuestMemory empty() {
        return new GuestMemory(List.of(), List.of(), GateForm.ofThisProcess());
    }

    /**
     * Maps a memory table. The descriptors become this object's, also when it fails.
     *
     * @param files one for each region, in the same order
     */
    public static GuestMemory map(List<MemoryRegion> table, List<Fd> files)
            throws GuestMemoryException, LinuxException {
        return map(table, files, GateForm.ofThisProcess());
    }

    /** The same with a gate of the given form. */
    public static GuestMemory map(List<MemoryRegion> table, List<Fd> files, GateForm form)
            throws GuestMemoryException, LinuxException {
        List<FileMapping> mapped = new ArrayList<>();
        try {
            if (table.isEmpty()) {
                throw new GuestMemoryException("a memory table of 0 regions");
            }
            if (table.size() != files.size()) {
                throw new GuestMemoryException(
                        "a memory table of " + table.size() + " regions came with " + files.size() + " descriptors");
            }
            validate(table);
            for (int i = 0; i < table.size(); i++) {
                mapped.add(FileMapping.of(table.get(i), files.get(i)));
            }
            return new GuestMemory(table, mapped, form);
        } catch (GuestMemoryException | LinuxException e) {
            mapped.forEach(FileMapping::close);
            files.forEach(Fd::close);
            throw e;
        }
    }

    /** Whether it has this region; where that lies in its file does not matter. */
    public boolean contains(MemoryRegion region) {
        return Arrays.stream(regions).anyMatch(region::isAt);
    }

    /**
     * This memory and one region more, which shares the mappings of this one: see {@link #closeExcept}.
     *
     * @param file becomes the new memory's, and is closed when this fails
     */
    public GuestMemory plus(MemoryRegion region, Fd file) throws GuestMemoryException, LinuxException {
        try {
            List<MemoryRegion> table = new ArrayList<>(List.of(regions));
            table.add(region);
            validate(table);
            List<FileMapping> all = new ArrayList<>(mappings);
            all.add(FileMapping.of(region, file));
            return new GuestMemory(table, all, form);
        } catch (GuestMemoryException | LinuxException e) {
            file.close();
            throw e;
        }
    }

    /**
     * This memory without one region, whose mapping stays with this one: see {@link #closeExcept}.
     *
     * @param removed named by its addresses and size; where it lies in its file does not matter
     */
    public GuestMemory minus(MemoryRegion removed) throws GuestMemoryException {
        for (int i = 0; i < regions.length; i++) {
            if (regions[i].isAt(removed)) {
                List<MemoryRegion> table = new ArrayList<>(List.of(regions));
                table.remove(i);
                List<FileMapping> rest = new ArrayList<>(mappings);
                rest.remove(i);
                return new GuestMemory(table, rest, form);
            }
        }
        throw new GuestMemoryException("there is no memory region " + removed);
    }

    private static void validate(List<MemoryRegion> table) throws GuestMemoryException {
        if (table.size() > MAX_REGIONS) {
            throw new GuestMemoryException(table.size() + " memory regions, at most " + MAX_REGIONS + " are allowed");
        }
        long bytes = 0;
        for (int i = 0; i < table.size(); i++) {
            table.get(i).validate();
            bytes += table.get(i).size();
            for (MemoryRegion earlier : table.subList(0, i)) {
                if (earlier.overlaps(table.get(i))) {
                    throw new GuestMemoryException("memory regions " + earlier + " and " + table.get(i) + " overlap");
                }
            }
        }
        if (bytes > MAX_BYTES) {
            throw new GuestMemoryException("memory of " + bytes + " bytes, at most " + MAX_BYTES + " are allowed");
        }
    }

    /**
     * The gate for guest addresses, as descriptors carry them.
     *
     * @param length bytes, 0 to 2^32-1
     * @return the address in this process, or {@link #INVALID} unless the whole range lies in one region
     */
    public long translate(long guestAddress, long length) {
        return passed(find(guestAddress, length), length);
    }

    /** What becomes of an address that passed: itself, or in the bounded form a handle. */
    private long passed(long address, long length) {
        return BoundedRanges.ENABLED && ranges != null && address != INVALID ? ranges.buffer(address, length) : address;
    }

    private long find(long guestAddress, long length) {
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
            long address = inside ? host + offset : find(guestAddresses[i], length);
            if (address == INVALID || length == 0) {
                return i;
            }
            hostAddresses[at + i] = passed(address, length);
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
                long address = hostStart[i] + offset;
                return ranges != null ? ranges.part(address, length) : address;
            }
        }
        return INVALID;
    }

    /** Whether every file is still as long as what is mapped of it: false tells whose pages an InternalError was about. */
    public boolean isIntact() {
        try {
            for (FileMapping mapping : mappings) {
                if (!mapping.isIntact()) {
                    return false;
                }
            }
            return true;
        } catch (LinuxException e) {
            return false;
        }
    }

    /** Unmaps what the memory that follows this one does not share. */
    public void closeExcept(GuestMemory successor) {
        if (ranges != null) {
            ranges.close();
        }
        for (FileMapping mapping : mappings) {
            if (!successor.mappings.contains(mapping)) {
                mapping.close();
            }
        }
    }

    @Override
    public void close() {
        closeExcept(empty());
    }
}
