package io.vireo.linux;

import static io.vireo.linux.NativeCall.INT;
import static io.vireo.linux.NativeCall.POINTER;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;

/**
 * An epoll(7) instance. Edge-triggered, so the descriptors need not be read: each is reported once for each time it became
 * readable. Confined to one thread.
 */
public final class Epoll implements AutoCloseable {
    private static final int EPOLL_CLOEXEC = 0x80000;
    private static final int EPOLL_CTL_ADD = 1;
    private static final int EPOLL_CTL_DEL = 2;
    private static final int EPOLLIN_EDGE = 1 | 1 << 31;
    /** Errors and hang-ups are reported without being asked for. */
    private static final int BOTH_WAYS_EDGE = EPOLLIN_EDGE | 4;

    private static final int MAX_EVENTS = 64;

    // struct epoll_event: events, data; packed on x86-64 alone
    private static final boolean PACKED = System.getProperty("os.arch").equals("amd64");
    private static final int EVENT_DATA = PACKED ? 4 : 8;
    private static final int EVENT_SIZE = EVENT_DATA + Long.BYTES;
    private static final ValueLayout.OfLong DATA = ValueLayout.JAVA_LONG_UNALIGNED;

    private static final MethodHandle EPOLL_CREATE = NativeCall.bind("epoll_create1", FunctionDescriptor.of(INT, INT));
    private static final MethodHandle EPOLL_CTL =
            NativeCall.bind("epoll_ctl", FunctionDescriptor.of(INT, INT, INT, INT, POINTER));
    private static final MethodHandle EPOLL_WAIT =
            NativeCall.bind("epoll_wait", FunctionDescriptor.of(INT, INT, POINTER, INT, INT));

    private final Fd fd;
    private final Arena arena = Arena.ofShared();
    private final MemorySegment event = arena.allocate(EVENT_SIZE, 8);
    private final MemorySegment events = arena.allocate((long) MAX_EVENTS * EVENT_SIZE, 8);

    public Epoll() throws LinuxException {
        try {
            int number = (int) EPOLL_CREATE.invokeExact(NativeCall.errnoState(), EPOLL_CLOEXEC);
            fd = new Fd(NativeCall.check(number, "epoll_create1"));
        } catch (Throwable thrown) {
            throw NativeCall.rethrow(thrown);
        }
    }

    /** Watches a descriptor whose tag does not matter. */
    public void add(Fd watched) throws LinuxException {
        add(watched, 0);
    }

    /** @param tag by which {@link #tag} will name the descriptor */
    public void add(Fd watched, long tag) throws LinuxException {
        add(watched, tag, EPOLLIN_EDGE);
    }

    /** As {@link #add(Fd, long)}, and the descriptor is reported each time it becomes writable, too. */
    public void addBothWays(Fd watched, long tag) throws LinuxException {
        add(watched, tag, BOTH_WAYS_EDGE);
    }

    private void add(Fd watched, long tag, int events) throws LinuxException {
        event.set(ValueLayout.JAVA_INT, 0, events);
        event.set(DATA, EVENT_DATA, tag);
        control(EPOLL_CTL_ADD, watched, "epoll_ctl(ADD)");
    }

    public void remove(Fd watched) throws LinuxException {
        control(EPOLL_CTL_DEL, watched, "epoll_ctl(DEL)");
    }

    private void control(int operation, Fd watched, String call) throws LinuxException {
        try {
            int result = (int)
                    EPOLL_CTL.invokeExact(NativeCall.errnoState(), fd.number(), operation, watched.number(), event);
            NativeCall.check(result, call);
        } catch (Throwable thrown) {
            throw NativeCall.rethrow(thrown);
        }
    }

    /**
     * Blocks until a watched descriptor became readable since it was last reported, or a signal arrives.
     *
     * @param timeoutMs 0 not to block, negative to block for ever
     * @return how many descriptors are reported, to be named by {@link #tag}; there may be more if it is {@link #isFull}
     */
    public int await(int timeoutMs) throws LinuxException {
        try {
            int ready =
                    (int) EPOLL_WAIT.invokeExact(NativeCall.errnoState(), fd.number(), events, MAX_EVENTS, timeoutMs);
            if (ready < 0 && NativeCall.errno() != Errno.EINTR) {
                throw NativeCall.failure("epoll_wait");
            }
            return Math.max(ready, 0);
        } catch (Throwable thrown) {
            throw NativeCall.rethrow(thrown);
        }
    }

    /** Whether so many were reported that more may be waiting. */
    public static boolean isFull(int reported) {
        return reported == MAX_EVENTS;
    }

    /** The tag of the {@code index}th descriptor that the last {@link #await} reported. */
    public long tag(int index) {
        return events.get(DATA, (long) index * EVENT_SIZE + EVENT_DATA);
    }

    @Override
    public void close() {
        if (fd.isOpen()) {
            fd.close();
            arena.close();
        }
    }
}
