package io.vireo.virtqueue;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.vireo.hugepages.GateForm;
import io.vireo.hugepages.GuestMemory;
import io.vireo.hugepages.HostMemory;
import io.vireo.hugepages.MemoryRegion;
import io.vireo.hugepages.SharedMemory;
import io.vireo.virtqueue.device.DescriptorChains;
import io.vireo.virtqueue.device.DeviceRing;
import io.vireo.virtqueue.device.Direction;
import io.vireo.virtqueue.device.RingPlace;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A guest that is written to as if by its driver, and served through a gate of one form. One of a pair. */
final class FormsGuest implements AutoCloseable {
    static final int SIZE = 8;
    static final long GUEST = 0x1000_0000L;
    static final long APART = GUEST + 0x10_0000;
    static final long USER = 0x7000_0000_0000L;

    /** Three regions of one file: two that follow each other in the guest, and one apart. */
    static final int SECOND = 0x4000;

    static final int THIRD = 0x6000;
    static final int FILE = 0x8000;

    private static final int[] REGION_STARTS = {0, SECOND, THIRD};
    private static final int[] REGION_ENDS = {SECOND, THIRD, FILE};

    static final int DESCRIPTORS = 0;
    static final int DRIVER = 0x100;
    static final int DEVICE = 0x200;
    static final int TABLE = 0x300;
    static final int BUFFERS = 0x1000;

    final DescriptorChains chains = new DescriptorChains(2 * SIZE, 4 * SIZE);
    private final RingKind kind;
    private final SharedMemory file;
    private final GuestMemory memory;
    /** Where the regions are in this process. */
    private final long[] mapped;

    private @Nullable DeviceRing ring;

    FormsGuest(RingKind kind, GateForm form) throws Exception {
        this.kind = kind;
        file = SharedMemory.allocate("forms", FILE, false);
        memory = GuestMemory.map(
                List.of(
                        new MemoryRegion(GUEST, SECOND, USER, 0),
                        new MemoryRegion(GUEST + SECOND, THIRD - SECOND, USER + SECOND, SECOND),
                        new MemoryRegion(APART, FILE - THIRD, USER + 0x10_0000, THIRD)),
                List.of(file.fd().duplicate(), file.fd().duplicate(), file.fd().duplicate()),
                form);
        mapped = new long[] {addressOf(GUEST), addressOf(GUEST + SECOND), addressOf(APART)};
    }

    private long addressOf(long guestAddress) {
        return HostMemory.absolute(memory.translate(guestAddress, 1), 1);
    }

    void serve(int base, Direction way) {
        RingPlace place = kind.isPacked()
                ? RingPlace.packed(memory, SIZE, USER + DESCRIPTORS, USER + DRIVER, USER + DEVICE)
                : RingPlace.split(memory, SIZE, USER + DESCRIPTORS, USER + DRIVER, USER + DEVICE);
        ring = DeviceRing.serve(memory, place, base, kind.features, way);
        chains.clear();
    }

    DeviceRing ring() {
        if (ring == null) {
            throw new IllegalStateException("not served");
        }
        return ring;
    }

    /** Writes the low bytes of a value into the guest's memory. */
    void write(int offset, int bytes, long value) {
        for (int i = 0; i < bytes; i++) {
            HostMemory.putByte(file.address() + offset + i, (byte) (value >>> (8 * i)));
        }
    }

    /** Reads both ends of every segment taken, and stamps those that may be written. @return a digest of what was read */
    long touch(byte stamp) {
        long digest = 0;
        for (int chain = 0; chain < chains.count(); chain++) {
            for (int i = chains.firstSegment[chain]; i < chains.firstSegment[chain + 1]; i++) {
                long last = chains.address[i] + chains.length[i] - 1;
                digest = 31 * digest + HostMemory.getByte(chains.address[i]) + 7L * HostMemory.getByte(last);
                if (i >= chains.firstWritable[chain]) {
                    HostMemory.putByte(chains.address[i], stamp);
                    HostMemory.putByte(last, stamp);
                }
            }
        }
        return digest;
    }

    void completeAll() {
        ring().complete(chains);
        chains.clear();
    }

    /** Completes some, and gives back the others. */
    void complete(int count, int[] written) {
        ring().complete(chains, count, written);
        if (count < chains.count()) {
            ring().rewind(chains.position[count]);
        }
        chains.clear();
    }

    void giveBackFrom(int chain) {
        if (chain < chains.count()) {
            ring().rewind(chains.position[chain]);
            chains.truncate(chain);
        }
    }

    void assertTookAs(FormsGuest other) {
        int count = chains.count();
        assertEquals(other.ring().fault(), ring().fault());
        assertEquals(other.ring().base(), ring().base());
        assertEquals(other.chains.count(), count);
        assertTrue(Arrays.equals(other.chains.head, 0, count, chains.head, 0, count));
        assertTrue(Arrays.equals(other.chains.bytes, 0, count, chains.bytes, 0, count));
        assertTrue(Arrays.equals(other.chains.firstSegment, 0, count + 1, chains.firstSegment, 0, count + 1));
        assertTrue(Arrays.equals(other.chains.firstWritable, 0, count, chains.firstWritable, 0, count));
        int segments = chains.firstSegment[count];
        assertTrue(Arrays.equals(other.chains.length, 0, segments, chains.length, 0, segments));
        for (int i = 0; i < segments; i++) {
            assertEquals(other.fileOffset(i), fileOffset(i));
        }
    }

    private long fileOffset(int segment) {
        long address = HostMemory.absolute(chains.address[segment], chains.length[segment]);
        for (int i = 0; i < mapped.length; i++) {
            long offset = address - mapped[i];
            if (offset >= 0 && offset < REGION_ENDS[i] - REGION_STARTS[i]) {
                return REGION_STARTS[i] + offset;
            }
        }
        throw new AssertionError("a segment outside the guest's memory");
    }

    void assertSameAs(FormsGuest other) {
        assertArrayEquals(other.content(), content());
    }

    private byte[] content() {
        byte[] content = new byte[FILE];
        HostMemory.read(file.address(), content, 0, FILE);
        return content;
    }

    @Override
    public void close() {
        memory.close();
        file.close();
    }
}
