package io.vireo.linux;

import static io.vireo.linux.IoUringMemory.ALL;
import static io.vireo.linux.NativeCall.INT;
import static io.vireo.linux.NativeCall.LONG;

import java.lang.invoke.VarHandle;

/**
 * This process's side of an io_uring's submission queue: entries are written behind the tail, and the kernel, which reads the
 * tail in io_uring_enter(2) alone, moves the head. Confined to one thread.
 */
final class SubmissionQueue {
    static final byte OP_WRITEV = 2;
    static final byte OP_READ_FIXED = 4;
    static final byte OP_POLL_ADD = 6;
    static final byte OP_ASYNC_CANCEL = 14;
    static final byte OP_READ = 22;
    static final byte OP_WRITE = 23;

    // struct io_uring_sqe; operation, flags, priority are its first int
    private static final int OPERATION_FLAGS_SHIFT = 8;
    private static final int FIXED_FILE = 1;
    private static final int FD = 4;
    private static final int FILE_OFFSET = 8;
    private static final int ADDRESS = 16;
    private static final int LENGTH = 24;
    private static final int OPERATION_FLAGS = 28;
    private static final int USER_DATA = 32;
    private static final int BUFFER_INDEX = 40;
    private static final int ADDRESS_3 = 48;
    private static final int PADDING = 56;

    private static final VarHandle SHARED_INT = INT.varHandle();

    private final IoUringMemory memory;
    private final int mask;
    private int submitted;
    private int tail;

    SubmissionQueue(IoUringMemory memory) {
        this.memory = memory;
        mask = ALL.get(INT, memory.sqMask);
        for (int i = 0; i < memory.entries; i++) {
            ALL.set(INT, memory.sqArray + (long) i * Integer.BYTES, i);
        }
    }

    /** A request about registered file 0, at its position 0. @return false if the queue is full */
    boolean prepare(byte operation, long address, int length, int flags, long tag) {
        if (tail - submitted == memory.entries) {
            return false;
        }
        long entry = memory.sqes + (long) (tail & mask) * IoUringMemory.SQE_SIZE;
        ALL.set(INT, entry, operation | FIXED_FILE << OPERATION_FLAGS_SHIFT);
        ALL.set(INT, entry + FD, 0);
        ALL.set(LONG, entry + FILE_OFFSET, 0L);
        ALL.set(LONG, entry + ADDRESS, address);
        ALL.set(INT, entry + LENGTH, length);
        ALL.set(INT, entry + OPERATION_FLAGS, flags);
        ALL.set(LONG, entry + USER_DATA, tag);
        ALL.set(LONG, entry + BUFFER_INDEX, 0L);
        ALL.set(LONG, entry + ADDRESS_3, 0L);
        ALL.set(LONG, entry + PADDING, 0L);
        tail++;
        return true;
    }

    /** Shows the kernel what was prepared. */
    void publish() {
        SHARED_INT.setRelease(ALL, memory.sqTail, tail);
    }

    /** How many published entries the kernel has not taken. */
    int waiting() {
        return tail - (int) SHARED_INT.getAcquire(ALL, memory.sqHead);
    }

    /** Takes back what the kernel has not taken. @return how many it took since the last time */
    int settle() {
        tail -= waiting();
        publish();
        int taken = tail - submitted;
        submitted = tail;
        return taken;
    }

    /** What the kernel says of the ring, IORING_SQ_...: changes at any time. */
    int flags() {
        return (int) SHARED_INT.getAcquire(ALL, memory.sqFlags);
    }
}
