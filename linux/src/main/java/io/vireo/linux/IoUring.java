package io.vireo.linux;

import static io.vireo.linux.NativeCall.INT;
import static io.vireo.linux.NativeCall.LONG;

import java.lang.foreign.FunctionDescriptor;
import java.lang.invoke.MethodHandle;

/**
 * Requests to the kernel in batches, about one file (io_uring_enter(2), linux/io_uring.h): prepared here, handed over and
 * carried out by {@link #submit}, answered by completions.
 *
 * <pre>
 *   read, write, pollIn, cancelAll --&gt; submission queue --submit--&gt; kernel --&gt; completion queue --&gt; next, tag, result
 * </pre>
 *
 * <p>Made and given its file and memory by any thread; {@link #enable} makes it the calling thread's, which alone may use
 * it then. The kernel does nothing behind that thread's back (DEFER_TASKRUN): what comes in meanwhile is announced by {@link
 * #hasWork}, which reads shared memory. It does not wake a thread that sleeps in epoll with the ring's descriptor (as of
 * Linux 6.18), which is why that is not to be had here: sleepers watch the file. Needs Linux 6.1. Allocates nothing once
 * made.
 *
 * <p>Addresses are absolute. The caller vouches for them until the request's completion is there; memory that is gone is
 * EFAULT.
 */
public final class IoUring implements AutoCloseable {
    /** Flag of a read or write: EAGAIN instead of waiting, whatever the file's O_NONBLOCK says (RWF_NOWAIT). */
    public static final int NO_WAIT = 8;

    // io_uring_register(2)
    private static final int REGISTER_BUFFERS = 0;
    private static final int UNREGISTER_BUFFERS = 1;
    private static final int REGISTER_FILES = 2;
    private static final int UNREGISTER_FILES = 3;
    private static final int REGISTER_ENABLE_RINGS = 12;

    private static final int ENTER_GETEVENTS = 1;
    private static final int POLLIN = 1;
    private static final int CANCEL_ALL_OF_ANY = 1 | 4;
    private static final int SQ_CQ_OVERFLOW = 2;
    private static final int SQ_TASKRUN = 4;

    // the same numbers on every architecture
    private static final long SYS_IO_URING_ENTER = 426;
    private static final long SYS_IO_URING_REGISTER = 427;

    private static final MethodHandle ENTER =
            NativeCall.bindVariadic("syscall", FunctionDescriptor.of(LONG, LONG, INT, INT, INT, INT, LONG, LONG), 1);
    private static final MethodHandle REGISTER =
            NativeCall.bindVariadic("syscall", FunctionDescriptor.of(LONG, LONG, INT, INT, LONG, INT), 1);

    private final IoUringMemory memory;
    private final SubmissionQueue submissions;
    private final CompletionQueue completions;
    private boolean bufferRegistered;

    /**
     * @param entries a power of two: how many requests may be prepared at once; of completions there may be twice as many
     * @throws LinuxException ENOSYS or EPERM if this process may not, EINVAL if the kernel is older
     */
    public IoUring(int entries) throws LinuxException {
        memory = IoUringMemory.create(entries);
        submissions = new SubmissionQueue(memory);
        completions = new CompletionQueue(memory);
    }

    /** Makes this the file that all requests are about; the kernel holds it open from now on. */
    public void registerFile(Fd file) throws LinuxException {
        try (IoVectors number = new IoVectors(1)) {
            number.set(0, file.number(), 0);
            check(register(REGISTER_FILES, number.address(0), 1), "io_uring_register(FILES)");
        }
    }

    /**
     * Pins the memory that all reads are into, which makes them cheaper.
     *
     * @return false if that is more than RLIMIT_MEMLOCK allows; reads work all the same
     */
    public boolean registerBuffer(long address, long length) throws LinuxException {
        try (IoVectors buffer = new IoVectors(1)) {
            buffer.set(0, address, length);
            int status = register(REGISTER_BUFFERS, buffer.address(0), 1);
            if (status != -Errno.ENOMEM) {
                check(status, "io_uring_register(BUFFERS)");
                bufferRegistered = true;
            }
            return bufferRegistered;
        }
    }

    /** Makes it the calling thread's. */
    public void enable() throws LinuxException {
        check(register(REGISTER_ENABLE_RINGS, 0, 0), "io_uring_register(ENABLE_RINGS)");
    }

    private static void check(int status, String call) throws LinuxException {
        if (status < 0) {
            throw new LinuxException(call, -status);
        }
    }

    private int register(int operation, long argument, int count) {
        try {
            long status = (long) REGISTER.invokeExact(
                    NativeCall.errnoState(), SYS_IO_URING_REGISTER, memory.fd.number(), operation, argument, count);
            return status < 0 ? -NativeCall.errno() : 0;
        } catch (Throwable thrown) {
            throw NativeCall.unexpected(thrown);
        }
    }

    // ---- requests, named by a tag; false: the submission queue is full

    /** @param flags 0 or {@link #NO_WAIT} */
    public boolean read(long address, int length, int flags, long tag) {
        byte operation = bufferRegistered ? SubmissionQueue.OP_READ_FIXED : SubmissionQueue.OP_READ;
        return submissions.prepare(operation, address, length, flags, tag);
    }

    /**
     * Writes pieces as one packet; the elements are free again after {@link #submit}.
     *
     * @param flags 0 or {@link #NO_WAIT}
     */
    public boolean write(IoVectors vectors, int first, int count, int flags, long tag) {
        if (count == 1) {
            return submissions.prepare(
                    SubmissionQueue.OP_WRITE, vectors.base(first), vectors.length(first), flags, tag);
        }
        return submissions.prepare(SubmissionQueue.OP_WRITEV, vectors.address(first), count, flags, tag);
    }

    /** Completes once, when the file is readable. */
    public boolean pollIn(long tag) {
        return submissions.prepare(SubmissionQueue.OP_POLL_ADD, 0, 0, POLLIN, tag);
    }

    /** Cancels all requests that wait, which complete with ECANCELED. */
    public boolean cancelAll(long tag) {
        return submissions.prepare(SubmissionQueue.OP_ASYNC_CANCEL, 0, 0, CANCEL_ALL_OF_ANY, tag);
    }

    /**
     * Hands over what was prepared, in order, and runs the kernel's deferred work. Whatever need not wait is complete when
     * this returns. What the kernel does not take, for want of memory, is withdrawn and will never run.
     *
     * @return how many requests the kernel took: these, the first ones, complete
     */
    public int submit() {
        submissions.publish();
        int status;
        do {
            status = enter(submissions.waiting(), 0);
        } while (status == -Errno.EINTR || (status > 0 && submissions.waiting() > 0));
        return submissions.settle();
    }

    /** Takes back what was prepared and not handed over, should an error have come between: it will never run. */
    public void withdraw() {
        submissions.settle();
    }

    /** Waits for a completion; for requests that are sure to have one. */
    public void await() {
        int status;
        do {
            status = enter(0, 1);
        } while (status == -Errno.EINTR);
        if (status < 0) {
            throw new IllegalStateException("io_uring_enter: " + Errno.name(-status));
        }
    }

    private int enter(int submit, int complete) {
        try {
            long status = (long) ENTER.invokeExact(
                    NativeCall.errnoState(),
                    SYS_IO_URING_ENTER,
                    memory.fd.number(),
                    submit,
                    complete,
                    ENTER_GETEVENTS,
                    0L,
                    0L);
            return status < 0 ? -NativeCall.errno() : (int) status;
        } catch (Throwable thrown) {
            throw NativeCall.unexpected(thrown);
        }
    }

    // ---- completions

    /** Whether there are completions, or {@link #submit} would bring some. Makes no system call. */
    public boolean hasWork() {
        return !completions.isEmpty() || (submissions.flags() & (SQ_TASKRUN | SQ_CQ_OVERFLOW)) != 0;
    }

    /** Goes on to the next completion, in whatever order; to be called until it returns false, as there is none. */
    public boolean next() {
        return completions.next();
    }

    /** Which request completed. */
    public long tag() {
        return completions.tag();
    }

    /** What the system call of its kind would return, or a negative errno. */
    public int result() {
        return completions.result();
    }

    /**
     * Lets go of file and memory: at once if no request is under way and this is the thread that it belongs to, or it was
     * never enabled; else the kernel does so a little later.
     */
    @Override
    public void close() {
        if (memory.fd.isOpen()) {
            register(UNREGISTER_FILES, 0, 0);
            register(UNREGISTER_BUFFERS, 0, 0);
            memory.close();
        }
    }
}
