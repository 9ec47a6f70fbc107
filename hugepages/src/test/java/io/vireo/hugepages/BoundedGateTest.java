package io.vireo.hugepages;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.vireo.linux.Memory;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** The gate's bounded form, in a process of its own. */
@Tag("bounded-gate")
class BoundedGateTest {
    private static final long GUEST = 0x1_0000_0000L;
    private static final long USER = 0x7f00_0000_0000L;
    private static final int SIZE = 0x3000;

    private static GuestMemory map(SharedMemory file, GateForm form) throws Exception {
        return GuestMemory.map(
                List.of(new MemoryRegion(GUEST, SIZE, USER, 0)),
                List.of(file.fd().duplicate()),
                form);
    }

    @Test
    void isTheOneOfThisProcess() {
        assertEquals(GateForm.BOUNDED, GateForm.ofThisProcess());
    }

    @Test
    void touchesWhatPassedAndNothingBesideIt() throws Exception {
        try (SharedMemory file = SharedMemory.allocate("bounded", SIZE, false);
                GuestMemory memory = map(file, GateForm.BOUNDED)) {
            HostMemory.putLong(file.address() + 0x1010, 42);
            long handle = memory.translate(GUEST + 0x1010, 24);
            assertEquals(42, HostMemory.getLong(handle));
            HostMemory.putLong(handle + 16, 43);
            assertEquals(43, HostMemory.getLong(file.address() + 0x1020));
            assertEquals(42, HostMemory.getLongAcquire(handle));
            for (long beside : new long[] {-0x1010, -8, -1, 17, 24, 0x1000, 0xffff_ffffL}) {
                assertThrows(IndexOutOfBoundsException.class, () -> HostMemory.getLong(handle + beside));
                assertThrows(IndexOutOfBoundsException.class, () -> HostMemory.putLong(handle + beside, 1));
            }
            assertThrows(IndexOutOfBoundsException.class, () -> HostMemory.copy(file.address(), handle, 25));
            assertThrows(IndexOutOfBoundsException.class, () -> HostMemory.copy(handle + 1, file.address(), 24));
            assertThrows(IndexOutOfBoundsException.class, () -> HostMemory.fill(handle, 25, (byte) 0));
            assertThrows(IndexOutOfBoundsException.class, () -> HostMemory.read(handle, new byte[25], 0, 25));
            assertThrows(IndexOutOfBoundsException.class, () -> HostMemory.write(new byte[25], 0, handle, 25));
            assertThrows(IndexOutOfBoundsException.class, () -> HostMemory.absolute(handle, 25));
        }
    }

    @Test
    void isKnownToTheKernelByItsAddress() throws Exception {
        try (SharedMemory file = SharedMemory.allocate("bounded", SIZE, false);
                GuestMemory memory = map(file, GateForm.BOUNDED)) {
            HostMemory.putLong(file.address() + 0x1010, 42);
            long address = HostMemory.absolute(memory.translate(GUEST + 0x1000, 0x20) + 0x10, 8);
            assertTrue(address > 0);
            assertEquals(42, HostMemory.getLong(address));
            assertEquals(file.address(), HostMemory.absolute(file.address(), 8));
        }
    }

    @Test
    void showsTheAlignmentOfTheMapping() throws Exception {
        try (SharedMemory file = SharedMemory.allocate("bounded", SIZE, false);
                GuestMemory memory = map(file, GateForm.BOUNDED)) {
            for (int offset = 0; offset < 0x2000; offset += 0x7f) {
                assertEquals(offset & 0xfff, memory.translate(GUEST + offset, 8) & 0xfff);
                assertEquals(offset & 0xfff, memory.translateUser(USER + offset, 8) & 0xfff);
            }
        }
    }

    @Test
    void refusesWhatTheAbsoluteFormRefuses() throws Exception {
        try (SharedMemory file = SharedMemory.allocate("bounded", SIZE, false);
                GuestMemory bounded = map(file, GateForm.BOUNDED);
                GuestMemory absolute = map(file, GateForm.ABSOLUTE)) {
            long[] edges = {GUEST - 1, GUEST, GUEST + 0x1000, GUEST + SIZE - 1, GUEST + SIZE, -1, Long.MAX_VALUE};
            long[] lengths = {0, 1, 0x1000, SIZE, SIZE + 1, 0xffff_ffffL};
            for (long edge : edges) {
                for (long length : lengths) {
                    boolean passes = absolute.translate(edge, length) != GuestMemory.INVALID;
                    assertEquals(passes, bounded.translate(edge, length) != GuestMemory.INVALID);
                    int run = passes && length != 0 ? 1 : 0;
                    assertEquals(run, bounded.translate(new long[] {edge}, new long[] {length}, new long[1], 0, 1));
                }
            }
        }
    }

    /** A guest has a limited number of buffers at a time; the parts of its rings stay. */
    @Test
    void forgetsBuffersOfLongAgo() throws Exception {
        try (SharedMemory file = SharedMemory.allocate("bounded", SIZE, false);
                GuestMemory memory = map(file, GateForm.BOUNDED)) {
            long part = memory.translateUser(USER, 16);
            long buffer = memory.translate(GUEST, 16);
            for (int i = 0; i < 10_000; i++) {
                memory.translate(GUEST + 16, 16);
            }
            HostMemory.getLong(buffer);
            for (int i = 0; i < 10_000; i++) {
                memory.translate(GUEST + 16, 16);
            }
            assertThrows(IllegalStateException.class, () -> HostMemory.getLong(buffer));
            HostMemory.getLong(part);
        }
    }

    @Test
    void touchesNothingThatIsUnmapped() throws Exception {
        try (SharedMemory file = SharedMemory.allocate("bounded", SIZE, false)) {
            GuestMemory memory = map(file, GateForm.BOUNDED);
            long buffer = memory.translate(GUEST, 16);
            memory.close();
            assertThrows(IllegalStateException.class, () -> HostMemory.getLong(buffer));
        }
    }

    @Test
    void tellsOfMemoryThatWasTakenAway() throws Exception {
        try (SharedMemory file = SharedMemory.allocate("bounded", SIZE, false);
                GuestMemory memory = map(file, GateForm.BOUNDED)) {
            long handle = memory.translate(GUEST, SIZE);
            Memory.truncate(file.fd(), 0x1000);
            assertThrows(InternalError.class, () -> HostMemory.getLong(handle + 0x2000));
        }
    }

    /** What reckons with addresses around the class that knows of handles would touch anything: it must fail instead. */
    @Test
    void isNoAddressForOthers() throws Exception {
        try (SharedMemory file = SharedMemory.allocate("bounded", SIZE, false);
                GuestMemory memory = map(file, GateForm.BOUNDED)) {
            long handle = memory.translate(GUEST, 16);
            assertThrows(IndexOutOfBoundsException.class, () -> HostMemory.ALL.asSlice(handle, 1));
        }
    }
}
