package io.vireo.harness;

import io.vireo.hugepages.HostMemory;
import io.vireo.hugepages.MemoryRegion;
import io.vireo.hugepages.SharedMemory;
import io.vireo.linux.Fd;
import io.vireo.linux.LinuxException;
import io.vireo.virtqueue.SplitRingLayout;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The memory of a {@link RawFrontend}'s guest: one file, in two regions that follow each other in the guest. Any thread may
 * write what it likes.
 *
 * <pre>
 *   0                 descriptors of each queue | driver areas | device areas | indirect tables
 *   REGION            buffers
 *   2 * REGION - AREA one of the areas instead, if it is to be lost first when the file is cut short
 * </pre>
 */
final class RawMemory implements AutoCloseable {
    /** Entries of each ring. */
    static final int SIZE = 256;

    static final long GUEST = 0x1000_0000L;
    static final long REGION = 0x20_0000;
    static final long BUFFERS = GUEST + REGION;
    static final long END = GUEST + 2 * REGION;

    private static final int STRIDE = 0x2000;
    /** Bytes of an area of all queues. */
    static final int AREA = 0x8000;

    private static final int DESCRIPTOR = SplitRingLayout.DESCRIPTOR_SIZE;

    /** What a ring consists of. */
    enum Area {
        DESCRIPTORS(0),
        DRIVER(1),
        DEVICE(2),
        TABLE(3);

        private final int place;

        Area(int place) {
            this.place = place;
        }
    }

    /**
     * @param last an area at the end of the file, or null
     * @param hugePages whether the memory is made of huge pages, where the host has some
     */
    record Layout(@Nullable Area last, boolean hugePages) {
        static final Layout PLAIN = new Layout(null, false);
    }

    private final SharedMemory memory;
    private final @Nullable Area last;

    RawMemory(Layout layout) throws LinuxException {
        last = layout.last;
        memory = layout.hugePages
                ? SharedMemory.allocate("raw", 2 * REGION)
                : SharedMemory.allocate("raw", 2 * REGION, false);
    }

    List<MemoryRegion> regions() {
        return List.of(
                new MemoryRegion(GUEST, REGION, memory.address(), 0),
                new MemoryRegion(GUEST + REGION, REGION, memory.address() + REGION, REGION));
    }

    /** For what a hostile VMM does to it. */
    Fd file() {
        return memory.fd();
    }

    /** In this process. */
    long address(Area area, int queue) {
        long start = area == last ? 2 * REGION - AREA : (long) area.place * AREA;
        return memory.address() + start + (long) queue * STRIDE;
    }

    /** The guest address of a queue's place for an indirect table, unless those are last. */
    static long table(int queue) {
        return GUEST + (long) Area.TABLE.place * AREA + (long) queue * STRIDE;
    }

    /** The same if they are last. */
    static long lastTable(int queue) {
        return END - AREA + (long) queue * STRIDE;
    }

    void write(long guestAddress, byte[] bytes) {
        HostMemory.write(bytes, 0, memory.address() + guestAddress - GUEST, bytes.length);
    }

    byte[] read(long guestAddress, int length) {
        byte[] bytes = new byte[length];
        HostMemory.read(memory.address() + guestAddress - GUEST, bytes, 0, length);
        return bytes;
    }

    /** Writes one byte of a queue's rings; for any thread. */
    void poke(Area area, int queue, int offset, byte value) {
        HostMemory.putByte(address(area, queue) + offset, value);
    }

    /** Writes a descriptor: a split ring's with flags and next, a packed one's with id and flags. */
    void forge(int queue, int index, long address, long length, int third, int fourth) {
        long descriptor = address(Area.DESCRIPTORS, queue) + (long) index * DESCRIPTOR;
        forgeAt(descriptor, address, length, third, fourth);
    }

    /** The same in the queue's indirect table. */
    void forgeTable(int queue, int index, long address, long length, int third, int fourth) {
        forgeAt(address(Area.TABLE, queue) + (long) index * DESCRIPTOR, address, length, third, fourth);
    }

    private static void forgeAt(long descriptor, long address, long length, int third, int fourth) {
        HostMemory.putLong(descriptor, address);
        long rest = (length & 0xffff_ffffL) | (long) (third & 0xffff) << 32 | (long) fourth << 48;
        HostMemory.putLongRelease(descriptor + Long.BYTES, rest);
    }

    @Override
    public void close() {
        memory.close();
    }
}
