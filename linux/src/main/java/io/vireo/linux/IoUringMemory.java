package io.vireo.linux;

import static io.vireo.linux.NativeCall.INT;
import static io.vireo.linux.NativeCall.LONG;
import static io.vireo.linux.NativeCall.POINTER;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;

/**
 * An io_uring's descriptor and the memory that it shares with the kernel (io_uring_setup(2)): absolute addresses of what
 * is in there, valid until {@link #close}.
 */
final class IoUringMemory implements AutoCloseable {
    private static final long SYS_IO_URING_SETUP = 425;

    // flags of io_uring_setup(2)
    private static final int R_DISABLED = 1 << 6;
    private static final int SUBMIT_ALL = 1 << 7;
    private static final int TASKRUN_FLAG = 1 << 9;
    private static final int SINGLE_ISSUER = 1 << 12;
    private static final int DEFER_TASKRUN = 1 << 13;

    // struct io_uring_params: entries, flags, features; then where things are in the mapping
    private static final int PARAMETERS_SIZE = 120;
    private static final int FLAGS = 8;
    private static final int SQ_HEAD = 40;
    private static final int SQ_TAIL = 44;
    private static final int SQ_MASK = 48;
    private static final int SQ_FLAGS = 56;
    private static final int SQ_ARRAY = 64;
    private static final int CQ_HEAD = 80;
    private static final int CQ_TAIL = 84;
    private static final int CQ_MASK = 88;
    private static final int CQ_CQES = 100;

    private static final long RINGS_OFFSET = 0;
    private static final long SQES_OFFSET = 0x1000_0000L;
    static final int SQE_SIZE = 64;
    static final int CQE_SIZE = 16;

    private static final MethodHandle SETUP =
            NativeCall.bindVariadic("syscall", FunctionDescriptor.of(LONG, LONG, INT, POINTER), 1);

    /** The rings are checked by nobody else: users keep to the addresses below, and mask every index. */
    @SuppressWarnings("restricted")
    static final MemorySegment ALL = MemorySegment.NULL.reinterpret(Long.MAX_VALUE);

    final Fd fd;
    final int entries;
    final long sqHead;
    final long sqTail;
    final long sqMask;
    final long sqFlags;
    final long sqArray;
    final long sqes;
    final long cqHead;
    final long cqTail;
    final long cqMask;
    final long cqes;
    private final long ringsSize;
    private final long rings;

    private IoUringMemory(Fd fd, int entries, MemorySegment parameters) throws LinuxException {
        this.fd = fd;
        this.entries = entries;
        long endOfSubmissions = parameters.get(INT, SQ_ARRAY) + (long) entries * Integer.BYTES;
        long endOfCompletions = parameters.get(INT, CQ_CQES) + 2L * entries * CQE_SIZE;
        // one mapping for both rings since Linux 5.4
        ringsSize = Math.max(endOfSubmissions, endOfCompletions);
        rings = Memory.map(fd, RINGS_OFFSET, ringsSize);
        try {
            sqes = Memory.map(fd, SQES_OFFSET, (long) entries * SQE_SIZE);
        } catch (LinuxException e) {
            Memory.unmap(rings, ringsSize);
            throw e;
        }
        sqHead = rings + parameters.get(INT, SQ_HEAD);
        sqTail = rings + parameters.get(INT, SQ_TAIL);
        sqMask = rings + parameters.get(INT, SQ_MASK);
        sqFlags = rings + parameters.get(INT, SQ_FLAGS);
        sqArray = rings + parameters.get(INT, SQ_ARRAY);
        cqHead = rings + parameters.get(INT, CQ_HEAD);
        cqTail = rings + parameters.get(INT, CQ_TAIL);
        cqMask = rings + parameters.get(INT, CQ_MASK);
        cqes = rings + parameters.get(INT, CQ_CQES);
    }

    /** Not yet enabled; then of one thread, with deferred work that is announced, and no request that stops others. */
    static IoUringMemory create(int entries) throws LinuxException {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment parameters = arena.allocate(PARAMETERS_SIZE, 8);
            parameters.set(INT, FLAGS, R_DISABLED | SUBMIT_ALL | TASKRUN_FLAG | SINGLE_ISSUER | DEFER_TASKRUN);
            long number = (long) SETUP.invokeExact(NativeCall.errnoState(), SYS_IO_URING_SETUP, entries, parameters);
            Fd fd = new Fd(NativeCall.check((int) number, "io_uring_setup"));
            try {
                return new IoUringMemory(fd, entries, parameters);
            } catch (LinuxException e) {
                fd.close();
                throw e;
            }
        } catch (Throwable thrown) {
            throw NativeCall.rethrow(thrown);
        }
    }

    @Override
    public void close() {
        fd.close();
        try {
            Memory.unmap(sqes, (long) entries * SQE_SIZE);
            Memory.unmap(rings, ringsSize);
        } catch (LinuxException e) {
            throw new IllegalStateException("unmapping rings of our own", e);
        }
    }
}
