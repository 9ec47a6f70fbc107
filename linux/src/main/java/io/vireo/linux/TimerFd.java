package io.vireo.linux;

import static io.vireo.linux.NativeCall.INT;
import static io.vireo.linux.NativeCall.LONG;
import static io.vireo.linux.NativeCall.POINTER;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;

/**
 * A timerfd_create(2) of our own, for a wait in {@link Epoll} that ends at a time finer than epoll_wait's milliseconds. As
 * epoll watches edges, it is never read. Confined to one thread.
 */
public final class TimerFd implements AutoCloseable {
    private static final int CLOCK_MONOTONIC = 1;
    private static final int TFD_CLOEXEC = 0x80000;
    private static final int TFD_NONBLOCK = 0x800;
    private static final int RELATIVE = 0;
    private static final long SECOND_NS = 1_000_000_000;

    // struct itimerspec: interval, value; each seconds and nanoseconds
    private static final int VALUE_SECONDS = 16;
    private static final int VALUE_NANOSECONDS = 24;
    private static final int SPEC_SIZE = 32;

    private static final MethodHandle TIMERFD_CREATE =
            NativeCall.bind("timerfd_create", FunctionDescriptor.of(INT, INT, INT));
    private static final MethodHandle TIMERFD_SETTIME =
            NativeCall.bind("timerfd_settime", FunctionDescriptor.of(INT, INT, INT, POINTER, POINTER));

    private final Fd fd;
    private final Arena arena = Arena.ofShared();
    private final MemorySegment spec = arena.allocate(SPEC_SIZE, Long.BYTES);

    public TimerFd() throws LinuxException {
        try {
            int number = (int)
                    TIMERFD_CREATE.invokeExact(NativeCall.errnoState(), CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK);
            fd = new Fd(NativeCall.check(number, "timerfd_create"));
        } catch (Throwable thrown) {
            throw NativeCall.rethrow(thrown);
        }
    }

    public Fd fd() {
        return fd;
    }

    /** Becomes readable after so many nanoseconds, once, and not when it was to before; a time that is over is soon. */
    public void expireIn(long ns) throws LinuxException {
        long wait = Math.max(ns, 1); // zero would disarm it
        spec.set(LONG, VALUE_SECONDS, wait / SECOND_NS);
        spec.set(LONG, VALUE_NANOSECONDS, wait % SECOND_NS);
        try {
            int result = (int) TIMERFD_SETTIME.invokeExact(
                    NativeCall.errnoState(), fd.number(), RELATIVE, spec, MemorySegment.NULL);
            NativeCall.check(result, "timerfd_settime");
        } catch (Throwable thrown) {
            throw NativeCall.rethrow(thrown);
        }
    }

    @Override
    public void close() {
        if (fd.isOpen()) {
            fd.close();
            arena.close();
        }
    }
}
