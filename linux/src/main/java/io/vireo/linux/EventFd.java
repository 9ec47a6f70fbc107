package io.vireo.linux;

import static io.vireo.linux.NativeCall.INT;
import static io.vireo.linux.NativeCall.LONG;
import static io.vireo.linux.NativeCall.POINTER;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;

/**
 * An eventfd(2) of our own. Any thread may {@link #signal}; none of its operations block. For one that somebody else
 * made, and may make blocking behind our back, there is {@link Doorbell}.
 */
public final class EventFd implements AutoCloseable {
    private static final int EFD_CLOEXEC = 0x80000;
    private static final int EFD_NONBLOCK = 0x800;

    private static final MethodHandle EVENTFD = NativeCall.bind("eventfd", FunctionDescriptor.of(INT, INT, INT));
    private static final MethodHandle READ = NativeCall.bind("read", FunctionDescriptor.of(LONG, INT, POINTER, LONG));
    private static final MethodHandle WRITE = NativeCall.bind("write", FunctionDescriptor.of(LONG, INT, POINTER, LONG));
    private static final MemorySegment ONE = Arena.global().allocateFrom(LONG, 1L);

    private final Fd fd;

    private EventFd(Fd fd) {
        this.fd = fd;
    }

    public static EventFd create() throws LinuxException {
        try {
            int number = (int) EVENTFD.invokeExact(NativeCall.errnoState(), 0, EFD_CLOEXEC | EFD_NONBLOCK);
            return new EventFd(new Fd(NativeCall.check(number, "eventfd")));
        } catch (Throwable thrown) {
            throw NativeCall.rethrow(thrown);
        }
    }

    public Fd fd() {
        return fd;
    }

    /** Adds one to the counter. A counter that is full already says what this would say. */
    public void signal() {
        try {
            long ignored = (long) WRITE.invokeExact(NativeCall.errnoState(), fd.number(), ONE, (long) Long.BYTES);
        } catch (Throwable thrown) {
            throw NativeCall.unexpected(thrown);
        }
    }

    /** The counter, which is zero afterwards; 0 if nobody signalled. */
    public long drain() throws LinuxException {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment value = arena.allocate(LONG);
            long read = (long) READ.invokeExact(NativeCall.errnoState(), fd.number(), value, (long) Long.BYTES);
            if (read < 0 && NativeCall.errno() != Errno.EAGAIN) {
                throw NativeCall.failure("read of an eventfd");
            }
            return read == Long.BYTES ? value.get(LONG, 0) : 0;
        } catch (Throwable thrown) {
            throw NativeCall.rethrow(thrown);
        }
    }

    @Override
    public void close() {
        fd.close();
    }
}
