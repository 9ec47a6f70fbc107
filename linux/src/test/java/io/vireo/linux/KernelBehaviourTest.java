package io.vireo.linux;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What the design relies on the kernel for. */
@Timeout(10)
class KernelBehaviourTest {
    private static final MethodHandle EVENTFD = NativeCall.bind(
            "eventfd", FunctionDescriptor.of(ValueLayout.JAVA_INT, ValueLayout.JAVA_INT, ValueLayout.JAVA_INT));
    private static final MethodHandle SOCKETPAIR = NativeCall.bind(
            "socketpair",
            FunctionDescriptor.of(
                    ValueLayout.JAVA_INT,
                    ValueLayout.JAVA_INT,
                    ValueLayout.JAVA_INT,
                    ValueLayout.JAVA_INT,
                    ValueLayout.ADDRESS));
    private static final MethodHandle SOCKET = NativeCall.bind(
            "socket",
            FunctionDescriptor.of(
                    ValueLayout.JAVA_INT, ValueLayout.JAVA_INT, ValueLayout.JAVA_INT, ValueLayout.JAVA_INT));
    private static final MethodHandle OPEN = NativeCall.bindVariadic(
            "open", FunctionDescriptor.of(ValueLayout.JAVA_INT, ValueLayout.ADDRESS, ValueLayout.JAVA_INT), 2);
    private static final MethodHandle READ = NativeCall.bind(
            "read",
            FunctionDescriptor.of(
                    ValueLayout.JAVA_LONG, ValueLayout.JAVA_INT, ValueLayout.ADDRESS, ValueLayout.JAVA_LONG));
    private static final MethodHandle WRITE = NativeCall.bind(
            "write",
            FunctionDescriptor.of(
                    ValueLayout.JAVA_LONG, ValueLayout.JAVA_INT, ValueLayout.ADDRESS, ValueLayout.JAVA_LONG));

    @Test
    void aDoorbellAddsOneToAnEventFd() throws Exception {
        try (Doorbell doorbell = new Doorbell();
                EventFd event = EventFd.create()) {
            for (int i = 0; i < 1000; i++) {
                assertTrue(doorbell.ringEventFd(event.fd().number()));
            }
            assertEquals(1000, event.drain());
        }
    }

    @Test
    void aDoorbellNeverBlocksOnAFullBlockingEventFd() throws Throwable {
        int number = (int) EVENTFD.invokeExact(NativeCall.errnoState(), 0, 0);
        try (Fd full = new Fd(number);
                Doorbell doorbell = new Doorbell();
                Arena arena = Arena.ofConfined()) {
            MemorySegment most = arena.allocateFrom(ValueLayout.JAVA_LONG, -2L);
            assertEquals(8, (long) WRITE.invokeExact(NativeCall.errnoState(), number, most, 8L));
            assertTrue(doorbell.ringEventFd(number));
            assertTrue(doorbell.ringEventFd(number));
        }
    }

    @Test
    void aDoorbellNeverBlocksOnAFullBlockingSocket() throws Throwable {
        try (Arena arena = Arena.ofConfined();
                Doorbell doorbell = new Doorbell()) {
            MemorySegment ends = arena.allocate(8, 4);
            assertEquals(0, (int) SOCKETPAIR.invokeExact(NativeCall.errnoState(), 1, 1, 0, ends));
            try (Fd reader = new Fd(ends.get(ValueLayout.JAVA_INT, 0));
                    Fd writer = new Fd(ends.get(ValueLayout.JAVA_INT, 4))) {
                assertEquals(FileStatus.Kind.SOCKET, FileStatus.of(writer).kind());
                for (int i = 0; i < 10_000; i++) {
                    assertTrue(doorbell.ringSocket(writer.number()));
                }
                MemorySegment value = arena.allocate(8, 8);
                assertEquals(8, (long) READ.invokeExact(NativeCall.errnoState(), reader.number(), value, 8L));
                assertEquals(1, value.get(ValueLayout.JAVA_LONG, 0));
                reader.close();
                assertFalse(doorbell.ringSocket(writer.number()));
            }
        }
    }

    @Test
    void theDoorbellRefusesADescriptorThatIsNoEventFd() throws Exception {
        try (Doorbell doorbell = new Doorbell();
                Fd file = Memory.memfdCreate("file", false)) {
            assertFalse(doorbell.ringEventFd(file.number()));
        }
    }

    @Test
    void anEdgeTriggeredEventFdWakesForEachSignalWithoutBeingRead() throws Exception {
        try (Epoll epoll = new Epoll();
                EventFd event = EventFd.create()) {
            epoll.add(event.fd());
            for (int i = 0; i < 3; i++) {
                event.signal();
                long start = System.nanoTime();
                epoll.await(5_000);
                assertTrue(System.nanoTime() - start < 4_000_000_000L);
            }
            long start = System.nanoTime();
            epoll.await(20);
            assertTrue(System.nanoTime() - start >= 10_000_000L, "no edge, yet the wait ended");
        }
    }

    @Test
    void epollNamesTheDescriptorsThatWereSignalled() throws Exception {
        try (Epoll epoll = new Epoll();
                EventFd first = EventFd.create();
                EventFd second = EventFd.create();
                EventFd silent = EventFd.create()) {
            epoll.add(first.fd(), 1L << 40);
            epoll.add(second.fd(), -7);
            epoll.add(silent.fd(), 3);
            second.signal();
            first.signal();
            assertEquals(2, epoll.await(0));
            assertEquals(Set.of(1L << 40, -7L), Set.of(epoll.tag(0), epoll.tag(1)));
            assertEquals(0, epoll.await(0), "each is reported once");
        }
    }

    @Test
    void tellsDescriptorsApart() throws Exception {
        try (EventFd event = EventFd.create();
                Epoll epoll = new Epoll();
                Fd file = Memory.memfdCreate("file", false)) {
            Memory.truncate(file, 12_288);
            assertEquals(FileStatus.Kind.EVENTFD, FileStatus.of(event.fd()).kind());
            FileStatus status = FileStatus.of(file);
            assertEquals(FileStatus.Kind.REGULAR, status.kind());
            assertEquals(12_288, status.size());
            assertTrue(status.inMemory());
            assertEquals(4096, status.blockSize());
        }
        try (Fd huge = Memory.memfdCreate("file", true)) {
            assertTrue(FileStatus.of(huge).inMemory());
            assertTrue(FileStatus.of(huge).blockSize() > 4096, "the size of a huge page");
        }
    }

    @Test
    void tellsWhatAFileIsMountedOn() throws Throwable {
        assertEquals("proc", MountTable.fileSystem(mountOf("/proc/self/mountinfo")));
        assertEquals("tmpfs", MountTable.fileSystem(mountOf("/dev/shm")));
        assertEquals("", MountTable.fileSystem(0xffff_ffffL));
        try (Fd folder = open("/dev/shm")) {
            assertEquals(FileStatus.Kind.OTHER, FileStatus.of(folder).kind());
        }
    }

    private static long mountOf(String path) throws Throwable {
        try (Fd fd = open(path)) {
            return FileStatus.of(fd).mount();
        }
    }

    private static Fd open(String path) throws Throwable {
        try (Arena arena = Arena.ofConfined()) {
            return new Fd((int) OPEN.invokeExact(NativeCall.errnoState(), arena.allocateFrom(path), 0));
        }
    }

    @Test
    void takesSocketsOfTheNetworkForSomethingElse() throws Throwable {
        try (Fd udp = new Fd((int) SOCKET.invokeExact(NativeCall.errnoState(), 2, 2, 0))) {
            assertEquals(FileStatus.Kind.OTHER, FileStatus.of(udp).kind());
        }
    }

    @Test
    void aSharedMappingShowsWhatAnotherOneWrote() throws Exception {
        try (Fd file = Memory.memfdCreate("shared", false)) {
            Memory.truncate(file, 8192);
            long one = Memory.map(file, 0, 8192);
            long two = Memory.map(file, 4096, 4096);
            at(one, 8192).set(ValueLayout.JAVA_LONG, 4096, 42);
            assertEquals(42, at(two, 4096).get(ValueLayout.JAVA_LONG, 0));
            Memory.unmap(one, 8192);
            Memory.unmap(two, 4096);
        }
    }

    @Test
    void aTruncatedMemoryFileIsAnInternalErrorNotTheEndOfTheProcess() throws Exception {
        try (Fd file = Memory.memfdCreate("truncated", false)) {
            Memory.truncate(file, 4096);
            long address = Memory.map(file, 0, 4096);
            Memory.truncate(file, 0);
            assertThrows(InternalError.class, () -> at(address, 4096).get(ValueLayout.JAVA_LONG, 0));
            Memory.unmap(address, 4096);
        }
    }

    @Test
    void aClosedDescriptorIsClosedOnce() throws IOException {
        Fd first = Memory.memfdCreate("first", false);
        first.close();
        try (Fd second = Memory.memfdCreate("second", false)) {
            assertEquals(first.number(), second.number());
            first.close();
            assertEquals(0, FileStatus.of(second).size());
        }
    }

    @SuppressWarnings("restricted")
    private static MemorySegment at(long address, long size) {
        return MemorySegment.ofAddress(address).reinterpret(size);
    }
}
