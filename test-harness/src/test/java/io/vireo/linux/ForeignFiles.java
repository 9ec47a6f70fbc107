package io.vireo.linux;

import static io.vireo.linux.NativeCall.INT;
import static io.vireo.linux.NativeCall.LONG;
import static io.vireo.linux.NativeCall.POINTER;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import java.nio.file.Path;

/** Descriptors of kinds and in states that Vireo makes none of, for tests that pass them as a hostile VMM would. */
public final class ForeignFiles {
    public static final int READ_ONLY = 0;
    public static final int READ_WRITE = 2;

    private static final int O_CLOEXEC = 0x80000;
    private static final int O_NONBLOCK = 0x800;
    private static final int F_GETFL = 3;
    private static final int F_SETFL = 4;
    private static final int AF_UNIX = 1;
    private static final int SOCK_STREAM_CLOEXEC = 0x80001;
    private static final int EFD_CLOEXEC = 0x80000;
    /** What an eventfd's counter can hold: a write of one more blocks (eventfd(2)). */
    private static final long FULL = -2;

    private static final MethodHandle OPEN =
            NativeCall.bindVariadic("open", FunctionDescriptor.of(INT, POINTER, INT), 2);
    private static final MethodHandle PIPE = NativeCall.bind("pipe2", FunctionDescriptor.of(INT, POINTER, INT));
    private static final MethodHandle SOCKET_PAIR =
            NativeCall.bind("socketpair", FunctionDescriptor.of(INT, INT, INT, INT, POINTER));
    private static final MethodHandle EVENTFD = NativeCall.bind("eventfd", FunctionDescriptor.of(INT, INT, INT));
    private static final MethodHandle FCNTL =
            NativeCall.bindVariadic("fcntl", FunctionDescriptor.of(INT, INT, INT, INT), 2);
    private static final MethodHandle READ = NativeCall.bind("read", FunctionDescriptor.of(LONG, INT, POINTER, LONG));
    private static final MethodHandle WRITE = NativeCall.bind("write", FunctionDescriptor.of(LONG, INT, POINTER, LONG));

    private ForeignFiles() {}

    public static Fd open(Path path, int access) throws LinuxException {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment name = arena.allocateFrom(path.toString());
            int number = (int) OPEN.invokeExact(NativeCall.errnoState(), name, access | O_CLOEXEC);
            return new Fd(NativeCall.check(number, "open of " + path));
        } catch (Throwable thrown) {
            throw NativeCall.rethrow(thrown);
        }
    }

    /** The same open file anew, with other access. */
    public static Fd reopen(Fd fd, int access) throws LinuxException {
        return open(Path.of("/proc/self/fd/" + fd.number()), access);
    }

    /** Both ends: the one to read, then the one to write. */
    public static Fd[] pipe() throws LinuxException {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment both = arena.allocate(LONG);
            NativeCall.check((int) PIPE.invokeExact(NativeCall.errnoState(), both, O_CLOEXEC), "pipe2");
            return pair(both);
        } catch (Throwable thrown) {
            throw NativeCall.rethrow(thrown);
        }
    }

    /** Two stream sockets that are connected to each other, and block. */
    public static Fd[] socketPair() throws LinuxException {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment both = arena.allocate(LONG);
            int result = (int) SOCKET_PAIR.invokeExact(NativeCall.errnoState(), AF_UNIX, SOCK_STREAM_CLOEXEC, 0, both);
            NativeCall.check(result, "socketpair");
            return pair(both);
        } catch (Throwable thrown) {
            throw NativeCall.rethrow(thrown);
        }
    }

    private static Fd[] pair(MemorySegment both) {
        return new Fd[] {new Fd(both.get(INT, 0)), new Fd(both.get(INT, Integer.BYTES))};
    }

    /** An eventfd that blocks who reads it when it is zero, and who writes it when it is full. */
    public static Fd blockingEventFd() throws LinuxException {
        try {
            int number = (int) EVENTFD.invokeExact(NativeCall.errnoState(), 0, EFD_CLOEXEC);
            return new Fd(NativeCall.check(number, "eventfd"));
        } catch (Throwable thrown) {
            throw NativeCall.rethrow(thrown);
        }
    }

    /** Adds to a blocking eventfd's counter, which has room for it. */
    public static void add(Fd eventFd, long count) throws LinuxException {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment value = arena.allocateFrom(LONG, count);
            long written =
                    (long) WRITE.invokeExact(NativeCall.errnoState(), eventFd.number(), value, (long) Long.BYTES);
            NativeCall.check((int) written, "write to an eventfd");
        } catch (Throwable thrown) {
            throw NativeCall.rethrow(thrown);
        }
    }

    /** Takes a blocking eventfd's counter, which is not zero. */
    public static void take(Fd eventFd) throws LinuxException {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment value = arena.allocate(LONG);
            long read = (long) READ.invokeExact(NativeCall.errnoState(), eventFd.number(), value, (long) Long.BYTES);
            NativeCall.check((int) read, "read of an eventfd");
        } catch (Throwable thrown) {
            throw NativeCall.rethrow(thrown);
        }
    }

    /** An eventfd to which any write would block. */
    public static Fd fullEventFd() throws LinuxException {
        Fd eventFd = blockingEventFd();
        add(eventFd, FULL);
        return eventFd;
    }

    /** Writes to a socket or pipe until there is no room, and leaves it such that the next write would block. */
    public static void fill(Fd fd) throws LinuxException {
        try (Arena arena = Arena.ofConfined()) {
            int flags = (int) FCNTL.invokeExact(NativeCall.errnoState(), fd.number(), F_GETFL, 0);
            setFlags(fd, flags | O_NONBLOCK);
            for (long size = 65_536; size > 0; size /= 2) {
                MemorySegment bytes = arena.allocate(size);
                long written = size;
                while (written > 0) {
                    written = (long) WRITE.invokeExact(NativeCall.errnoState(), fd.number(), bytes, size);
                }
            }
            setFlags(fd, flags & ~O_NONBLOCK);
        } catch (Throwable thrown) {
            throw NativeCall.rethrow(thrown);
        }
    }

    private static void setFlags(Fd fd, int flags) throws Throwable {
        NativeCall.check(
                (int) FCNTL.invokeExact(NativeCall.errnoState(), fd.number(), F_SETFL, flags), "fcntl(F_SETFL)");
    }
}
