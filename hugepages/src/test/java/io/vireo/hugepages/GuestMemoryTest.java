package io.vireo.hugepages;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.vireo.linux.EventFd;
import io.vireo.linux.Fd;
import io.vireo.linux.Memory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class GuestMemoryTest {
    private static final long LOW = 0x1000;
    private static final long HIGH = 0x1_0000_0000L;
    private static final long USER = 0x7f00_0000_0000L;

    @Test
    void translatesEachRegionToItsOwnPlaceInTheFile() throws Exception {
        try (SharedMemory file = SharedMemory.allocate("guest", 0x8000, false);
                GuestMemory memory = twoRegions(file)) {
            HostMemory.putLong(file.address() + 0x2010, 42);
            HostMemory.putLong(file.address() + 0x4020, 43);
            assertEquals(42, HostMemory.getLong(memory.translate(LOW + 0x10, 8)));
            assertEquals(43, HostMemory.getLong(memory.translate(HIGH + 0x20, 8)));
            assertEquals(42, HostMemory.getLong(memory.translateUser(USER + 0x10, 8)));
            assertEquals(43, HostMemory.getLong(memory.translateUser(USER + 0x10_0020, 8)));
        }
    }

    @ParameterizedTest
    @CsvSource({
        "0xfff, 1", // before the first region
        "0x1000, 0x2001", // longer than it
        "0x2fff, 2", // over its end
        "0x3000, 0", // behind it, even if empty
        "0x100002000, 1", // behind the second
        "-1, 1",
        "-4096, 0x3000", // wraps into the first
        "0x1000, 0xffffffff",
        "0x7fffffffffffffff, 0xffffffff",
    })
    void refusesWhatIsNotWhollyInsideOneRegion(String address, String length) throws Exception {
        try (SharedMemory file = SharedMemory.allocate("guest", 0x8000, false);
                GuestMemory memory = twoRegions(file)) {
            assertEquals(GuestMemory.INVALID, memory.translate(Long.decode(address), Long.decode(length)));
        }
    }

    @Test
    void allowsARangeUpToTheLastByte() throws Exception {
        try (SharedMemory file = SharedMemory.allocate("guest", 0x8000, false);
                GuestMemory memory = twoRegions(file)) {
            assertNotEquals(GuestMemory.INVALID, memory.translate(LOW, 0x2000));
            assertNotEquals(GuestMemory.INVALID, memory.translate(LOW + 0x1fff, 1));
            assertNotEquals(GuestMemory.INVALID, memory.translate(HIGH + 0x1fff, 0));
        }
    }

    @ParameterizedTest
    @CsvSource({
        "0, 0, 0, 0, impossible size",
        "0, -4096, 0, 0, impossible size",
        "0, 0x10000000001, 0, 0, at most 1099511627776 are allowed",
        "-1, 4096, 0, 0, leaves the address space",
        "0x7fffffffffffffff, 4096, 0, 0, leaves the address space",
        "0, 4096, -1, 0, wraps around",
        "0, 4096, 0, -4096, leaves the address space",
        "0, 4096, 0, 0x8000, ends behind its file",
        "0, 0x8001, 0, 0, ends behind its file",
    })
    void refusesAnImpossibleRegion(String guest, String size, String user, String offset, String message)
            throws Exception {
        try (SharedMemory file = SharedMemory.allocate("guest", 0x8000, false)) {
            MemoryRegion region =
                    new MemoryRegion(Long.decode(guest), Long.decode(size), Long.decode(user), Long.decode(offset));
            Fd passed = duplicate(file);
            GuestMemoryException e =
                    assertThrows(GuestMemoryException.class, () -> GuestMemory.map(List.of(region), List.of(passed)));
            assertTrue(String.valueOf(e.getMessage()).contains(message), e.getMessage());
            assertFalse(passed.isOpen(), "the descriptor is ours to close");
        }
    }

    @Test
    void refusesOverlappingRegions() throws Exception {
        try (SharedMemory file = SharedMemory.allocate("guest", 0x8000, false)) {
            List<MemoryRegion> table =
                    List.of(new MemoryRegion(0, 0x2000, 0, 0), new MemoryRegion(0x1fff, 0x1000, 0x10_0000, 0x4000));
            GuestMemoryException e = assertThrows(
                    GuestMemoryException.class,
                    () -> GuestMemory.map(table, List.of(duplicate(file), duplicate(file))));
            assertTrue(String.valueOf(e.getMessage()).contains("overlap"), e.getMessage());
        }
    }

    @Test
    void refusesATableThatIsEmptyTooLongOrWithoutItsFiles() throws Exception {
        assertThrows(GuestMemoryException.class, () -> GuestMemory.map(List.of(), List.of()));
        List<MemoryRegion> table = new ArrayList<>();
        for (int i = 0; i <= GuestMemory.MAX_REGIONS; i++) {
            table.add(new MemoryRegion(0x10_0000L * i, 4096, 0, 0));
        }
        assertThrows(GuestMemoryException.class, () -> GuestMemory.map(table, List.of()));
        assertThrows(GuestMemoryException.class, () -> GuestMemory.map(table.subList(0, 1), List.of()));
    }

    @Test
    void addsAndRemovesRegionsWithoutMappingTheOthersAnew() throws Exception {
        MemoryRegion more = new MemoryRegion(HIGH * 2, 0x1000, USER + 0x20_0000, 0x6000);
        try (SharedMemory file = SharedMemory.allocate("guest", 0x8000, false)) {
            HostMemory.putLong(file.address() + 0x6010, 44);
            GuestMemory two = twoRegions(file);
            long low = HostMemory.absolute(two.translate(LOW, 8), 8);
            long high = HostMemory.absolute(two.translate(HIGH, 8), 8);
            GuestMemory three = two.plus(more, duplicate(file));
            two.closeExcept(three);
            assertEquals(low, HostMemory.absolute(three.translate(LOW, 8), 8));
            assertEquals(high, HostMemory.absolute(three.translate(HIGH, 8), 8));
            assertEquals(44, HostMemory.getLong(three.translate(HIGH * 2 + 0x10, 8)));
            assertTrue(three.isIntact());

            GuestMemory one = three.minus(new MemoryRegion(LOW, 0x2000, USER, 0x7777))
                    .minus(new MemoryRegion(HIGH, 0x2000, USER + 0x10_0000, 0));
            three.closeExcept(one);
            assertEquals(GuestMemory.INVALID, one.translate(LOW, 8));
            assertEquals(44, HostMemory.getLong(one.translate(HIGH * 2 + 0x10, 8)));
            GuestMemory none = one.minus(more);
            one.closeExcept(none);
            assertEquals(GuestMemory.INVALID, none.translate(HIGH * 2 + 0x10, 8));
            none.close();
        }
        assertEquals(0, mappings(), "each mapping has ended");
    }

    @Test
    void refusesToAddWhatOverlapsAndToRemoveWhatIsNotThere() throws Exception {
        try (SharedMemory file = SharedMemory.allocate("guest", 0x8000, false);
                GuestMemory memory = twoRegions(file)) {
            Fd passed = duplicate(file);
            MemoryRegion overlapping = new MemoryRegion(HIGH - 0x1000, 0x1001, 0, 0);
            assertThrows(GuestMemoryException.class, () -> memory.plus(overlapping, passed));
            assertFalse(passed.isOpen(), "the descriptor is ours to close");
            for (MemoryRegion absent : List.of(
                    new MemoryRegion(LOW, 0x1000, USER, 0x2000),
                    new MemoryRegion(LOW, 0x2000, USER + 1, 0x2000),
                    new MemoryRegion(LOW + 1, 0x2000, USER, 0x2000))) {
                assertThrows(GuestMemoryException.class, () -> memory.minus(absent));
            }
        }
    }

    @Test
    void refusesMoreRegionsThanSlots() throws Exception {
        try (SharedMemory file = SharedMemory.allocate("guest", 0x8000, false)) {
            GuestMemory memory = GuestMemory.empty();
            for (int i = 0; i < GuestMemory.MAX_REGIONS; i++) {
                GuestMemory next = memory.plus(new MemoryRegion(i * 0x1000L, 0x1000, 0, 0), duplicate(file));
                memory.closeExcept(next);
                memory = next;
            }
            try (GuestMemory full = memory) {
                MemoryRegion surplus = new MemoryRegion(HIGH, 0x1000, 0, 0);
                assertThrows(GuestMemoryException.class, () -> full.plus(surplus, duplicate(file)));
            }
        }
    }

    /** How often test guests' memory is mapped into this process. */
    private static long mappings() throws Exception {
        try (Stream<String> all = Files.lines(Path.of("/proc/self/maps"))) {
            return all.filter(line -> line.contains("memfd:guest")).count();
        }
    }

    @Test
    void refusesADescriptorThatIsNoMemoryFile() throws Exception {
        try (EventFd event = EventFd.create()) {
            GuestMemoryException e = assertThrows(
                    GuestMemoryException.class,
                    () -> GuestMemory.map(List.of(new MemoryRegion(0, 4096, 0, 0)), List.of(event.fd())));
            assertTrue(String.valueOf(e.getMessage()).contains("neither shared memory"), e.getMessage());
        }
    }

    @Test
    void noticesAFileThatWasTruncated() throws Exception {
        try (SharedMemory file = SharedMemory.allocate("guest", 0x8000, false);
                GuestMemory memory = twoRegions(file)) {
            assertTrue(memory.isIntact());
            Memory.truncate(file.fd(), 0x5000);
            assertFalse(memory.isIntact());
            assertThrows(InternalError.class, () -> HostMemory.getLong(memory.translate(HIGH + 0x1ff0, 8)));
        }
    }

    /** Addresses and lengths at random, most of them at the edges of three regions, two of which touch. */
    @Test
    void translatesABatchAsOneByOneUpToTheFirstThatIsEmptyOrOutside() throws Exception {
        long[] edges = {0, LOW, LOW + 0x2000, HIGH, HIGH + 0x1000, HIGH + 0x3000, Long.MAX_VALUE, -0x1000, -1};
        long[] lengths = {0, 1, 0xfff, 0x1000, 0x1001, 0x2000, 0x2001, 0x7fff_ffff, 0x8000_0000L, 0xffff_ffffL};
        Random random = new Random(3);
        try (SharedMemory file = SharedMemory.allocate("guest", 0x8000, false);
                GuestMemory memory = threeRegions(file)) {
            int[] runs = new int[8];
            for (int round = 0; round < 200_000; round++) {
                int count = random.nextInt(runs.length);
                int at = random.nextInt(4);
                long[] guest = new long[count];
                long[] bytes = new long[at + count];
                for (int i = 0; i < count; i++) {
                    boolean easy = random.nextInt(4) != 0;
                    long edge = edges[easy ? 3 : random.nextInt(edges.length)];
                    guest[i] = edge + random.nextInt(16) - (easy ? 0 : 8);
                    bytes[at + i] = easy ? 1 + random.nextInt(64) : lengths[random.nextInt(lengths.length)];
                }
                runs[assertTranslatesAsOneByOne(memory, guest, bytes, at)]++;
            }
            assertTrue(Arrays.stream(runs).allMatch(run -> run > 1000), Arrays.toString(runs));
        }
    }

    /** @return how many passed */
    private static int assertTranslatesAsOneByOne(GuestMemory memory, long[] guest, long[] lengths, int at) {
        long[] expected = new long[lengths.length];
        int passing = 0;
        while (passing < guest.length && lengths[at + passing] != 0) {
            long host = memory.translate(guest[passing], lengths[at + passing]);
            if (host == GuestMemory.INVALID) {
                break;
            }
            expected[at + passing] = HostMemory.absolute(host, lengths[at + passing]);
            passing++;
        }
        long[] host = new long[lengths.length];
        assertEquals(passing, memory.translate(guest, lengths, host, at, guest.length));
        for (int i = at; i < at + passing; i++) {
            host[i] = HostMemory.absolute(host[i], lengths[i]);
        }
        assertArrayEquals(expected, host);
        return passing;
    }

    @Test
    void translatesNothingWithoutMemory() {
        try (GuestMemory memory = GuestMemory.empty()) {
            assertEquals(0, memory.translate(new long[] {0}, new long[] {1}, new long[1], 0, 1));
        }
    }

    @Test
    void fallsBackToNormalPagesWhereHugeOnesLack() throws Exception {
        try (SharedMemory memory = SharedMemory.allocate("pages", 4096)) {
            assertEquals(memory.isHuge() ? 0 : 4096, memory.size() & 0x1f_ffff);
            HostMemory.putLong(memory.address() + memory.size() - 8, 1);
        }
    }

    private static GuestMemory twoRegions(SharedMemory file) throws Exception {
        return GuestMemory.map(
                List.of(
                        new MemoryRegion(LOW, 0x2000, USER, 0x2000),
                        new MemoryRegion(HIGH, 0x2000, USER + 0x10_0000, 0x4000)),
                List.of(duplicate(file), duplicate(file)));
    }

    private static GuestMemory threeRegions(SharedMemory file) throws Exception {
        return GuestMemory.map(
                List.of(
                        new MemoryRegion(HIGH, 0x1000, USER, 0x2000),
                        new MemoryRegion(LOW, 0x2000, USER + 0x10_0000, 0x4000),
                        new MemoryRegion(HIGH + 0x1000, 0x2000, USER + 0x20_0000, 0x6000)),
                List.of(duplicate(file), duplicate(file), duplicate(file)));
    }

    private static Fd duplicate(SharedMemory file) throws Exception {
        return file.fd().duplicate();
    }
}
