package io.vireo.linux;

import static io.vireo.linux.IoUringMemory.ALL;
import static io.vireo.linux.NativeCall.INT;
import static io.vireo.linux.NativeCall.LONG;

import java.lang.invoke.VarHandle;

/** This process's side of an io_uring's completion queue, whose tail the kernel moves. Confined to one thread. */
final class CompletionQueue {
    // struct io_uring_cqe: the request's user data, then this
    private static final int RESULT = 8;

    private static final VarHandle SHARED_INT = INT.varHandle();

    private final IoUringMemory memory;
    private final int mask;
    private int head;
    private long tag;
    private int result;

    CompletionQueue(IoUringMemory memory) {
        this.memory = memory;
        mask = ALL.get(INT, memory.cqMask);
    }

    boolean isEmpty() {
        return (int) SHARED_INT.getAcquire(ALL, memory.cqTail) == head;
    }

    /** Goes on to the next one; its room is the kernel's again once there is no next. */
    boolean next() {
        if (isEmpty()) {
            SHARED_INT.setRelease(ALL, memory.cqHead, head);
            return false;
        }
        long entry = memory.cqes + (long) (head & mask) * IoUringMemory.CQE_SIZE;
        tag = ALL.get(LONG, entry);
        result = ALL.get(INT, entry + RESULT);
        head++;
        return true;
    }

    long tag() {
        return tag;
    }

    int result() {
        return result;
    }
}
