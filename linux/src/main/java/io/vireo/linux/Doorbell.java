package io.vireo.linux;

import static io.vireo.linux.NativeCall.INT;
import static io.vireo.linux.NativeCall.LONG;
import static io.vireo.linux.NativeCall.POINTER;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;

/**
 * Rings eventfds and sockets that somebody else made, without ever blocking. Confined to one thread.
 *
 * <p>A write to a full eventfd or socket blocks unless O_NONBLOCK is set, and that flag belongs to the open file: the other
 * side can clear it at any time. So neither is written to:
 * <ul>
 *   <li>An eventfd is signalled by the kernel itself as the completion of an asynchronous read of no bytes
 *       ({@code IOCB_FLAG_RESFD} of io_submit(2)); that path saturates the counter instead of waiting.
 *   <li>A socket gets eight bytes by send(2), whose MSG_DONTWAIT belongs to the call.
 * </ul>
 */
public final class Doorbell implements AutoCloseable {
    private static final int CONTEXT_EVENTS = 64;
    private static final int MSG_DONTWAIT = 0x40;
    private static final int MSG_NOSIGNAL = 0x4000;
    private static final int O_RDONLY = 0;
    private static final int O_CLOEXEC = 0x80000;

    // struct iocb of linux/aio_abi.h, little endian
    private static final int IOCB_SIZE = 64;
    private static final int IOCB_OPCODE = 16;
    private static final int IOCB_FILE = 20;
    private static final int IOCB_BUFFER = 24;
    private static final int IOCB_FLAGS = 56;
    private static final int IOCB_RESULT_FD = 60;
    private static final short IOCB_CMD_PREAD = 0;
    private static final int IOCB_FLAG_RESFD = 1;

    // struct aio_ring, which io_setup maps into this process: completions are discarded by moving head to tail
    private static final int AIO_RING_HEAD = 8;
    private static final int AIO_RING_TAIL = 12;
    private static final int AIO_RING_HEADER_SIZE = 32;

    private static final boolean X86_64 = System.getProperty("os.arch").equals("amd64");
    private static final long SYS_IO_SETUP = X86_64 ? 206 : 0;
    private static final long SYS_IO_DESTROY = X86_64 ? 207 : 1;
    private static final long SYS_IO_SUBMIT = X86_64 ? 209 : 2;

    private static final MethodHandle IO_SETUP =
            NativeCall.bindVariadic("syscall", FunctionDescriptor.of(LONG, LONG, INT, POINTER), 1);
    private static final MethodHandle IO_DESTROY =
            NativeCall.bindVariadic("syscall", FunctionDescriptor.of(LONG, LONG, LONG), 1);
    private static final MethodHandle IO_SUBMIT =
            NativeCall.bindVariadic("syscall", FunctionDescriptor.of(LONG, LONG, LONG, LONG, POINTER), 1);
    private static final MethodHandle OPEN =
            NativeCall.bindVariadic("open", FunctionDescriptor.of(INT, POINTER, INT), 2);
    private static final MethodHandle SEND =
            NativeCall.bind("send", FunctionDescriptor.of(LONG, INT, POINTER, LONG, INT));

    private static final MemorySegment ONE = Arena.global().allocateFrom(LONG, 1L);

    private final Arena arena = Arena.ofShared();
    private final Fd zero;
    private final long context;
    private final MemorySegment ring;
    private final MemorySegment request = arena.allocate(IOCB_SIZE, 8);
    private final MemorySegment requestPointer = arena.allocate(ValueLayout.ADDRESS);

    @SuppressWarnings("restricted") // the ring's address is the context number, by the kernel's design
    public Doorbell() throws LinuxException {
        zero = openZero();
        try {
            MemorySegment result = arena.allocate(LONG);
            long status = (long) IO_SETUP.invokeExact(NativeCall.errnoState(), SYS_IO_SETUP, CONTEXT_EVENTS, result);
            NativeCall.check((int) status, "io_setup");
            context = result.get(LONG, 0);
        } catch (Throwable thrown) {
            zero.close();
            throw NativeCall.rethrow(thrown);
        }
        ring = MemorySegment.ofAddress(context).reinterpret(AIO_RING_HEADER_SIZE);
        request.set(ValueLayout.JAVA_SHORT, IOCB_OPCODE, IOCB_CMD_PREAD);
        request.set(INT, IOCB_FILE, zero.number());
        request.set(LONG, IOCB_BUFFER, request.address());
        request.set(INT, IOCB_FLAGS, IOCB_FLAG_RESFD);
        requestPointer.set(ValueLayout.ADDRESS, 0, request);
    }

    private static Fd openZero() throws LinuxException {
        try (Arena arena = Arena.ofConfined()) {
            int fd = (int)
                    OPEN.invokeExact(NativeCall.errnoState(), arena.allocateFrom("/dev/zero"), O_RDONLY | O_CLOEXEC);
            return new Fd(NativeCall.check(fd, "open of /dev/zero"));
        } catch (Throwable thrown) {
            throw NativeCall.rethrow(thrown);
        }
    }

    /** Adds one to an eventfd's counter. @return false if the kernel refused */
    public boolean ringEventFd(int eventFd) {
        try {
            request.set(INT, IOCB_RESULT_FD, eventFd);
            long submitted =
                    (long) IO_SUBMIT.invokeExact(NativeCall.errnoState(), SYS_IO_SUBMIT, context, 1L, requestPointer);
            ring.set(INT, AIO_RING_HEAD, ring.get(INT, AIO_RING_TAIL));
            return submitted == 1;
        } catch (Throwable thrown) {
            throw NativeCall.unexpected(thrown);
        }
    }

    /** Sends eight bytes over a socket. @return false if it is broken; one that is full has been rung enough */
    public boolean ringSocket(int socket) {
        try {
            long sent = (long) SEND.invokeExact(
                    NativeCall.errnoState(), socket, ONE, (long) Long.BYTES, MSG_DONTWAIT | MSG_NOSIGNAL);
            return sent > 0 || NativeCall.errno() == Errno.EAGAIN;
        } catch (Throwable thrown) {
            throw NativeCall.unexpected(thrown);
        }
    }

    @Override
    public void close() {
        if (!zero.isOpen()) {
            return;
        }
        zero.close();
        try {
            long ignored = (long) IO_DESTROY.invokeExact(NativeCall.errnoState(), SYS_IO_DESTROY, context);
        } catch (Throwable thrown) {
            throw NativeCall.unexpected(thrown);
        }
        arena.close();
    }
}
