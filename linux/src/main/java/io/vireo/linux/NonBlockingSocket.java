package io.vireo.linux;

import static io.vireo.linux.NativeCall.INT;
import static io.vireo.linux.NativeCall.LONG;
import static io.vireo.linux.NativeCall.POINTER;

import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/** A Unix stream socket none of whose calls waits: for a thread that has an {@link Epoll} to wait for many. */
public final class NonBlockingSocket implements AutoCloseable {
    /** Nothing can be received, or sent, at the moment. */
    public static final int WOULD_BLOCK = -1;
    /** The peer closed without having received everything (ECONNRESET), or receives no more (EPIPE). */
    public static final int RESET = -2;

    private static final int MSG_DONTWAIT = 0x40;
    private static final int MSG_NOSIGNAL = 0x4000;
    private static final int SHUT_RD = 0;
    private static final int SHUT_WR = 1;

    // ssize_t recv(int, void *, size_t, int), and send, whose buffer is an address of this process's as a number
    private static final MethodHandle RECV = NativeCall.bind("recv", FunctionDescriptor.of(LONG, INT, LONG, LONG, INT));
    private static final MethodHandle SEND = NativeCall.bind("send", FunctionDescriptor.of(LONG, INT, LONG, LONG, INT));
    private static final MethodHandle ACCEPT =
            NativeCall.bind("accept4", FunctionDescriptor.of(INT, INT, POINTER, POINTER, INT));

    private final Fd fd;

    private NonBlockingSocket(Fd fd) {
        this.fd = fd;
    }

    /** A new socket bound to {@code path}, which must not exist yet. Call {@link #listen} next. */
    public static NonBlockingSocket bind(Path path) throws LinuxException {
        Fd fd = UnixSocket.create(UnixSocket.SOCK_NONBLOCK);
        try {
            UnixSocket.bind(fd, path);
            return new NonBlockingSocket(fd);
        } catch (LinuxException | RuntimeException e) {
            fd.close();
            throw e;
        }
    }

    /**
     * A socket that is connected to who listens at {@code path}.
     *
     * @return null if there is no room for one more who waits to be accepted: try again later
     * @throws LinuxException with ENOENT or ECONNREFUSED if nobody listens there
     */
    public static @Nullable NonBlockingSocket connect(Path path) throws LinuxException {
        Fd fd = UnixSocket.create(UnixSocket.SOCK_NONBLOCK);
        try {
            UnixSocket.connect(fd, path);
            return new NonBlockingSocket(fd);
        } catch (LinuxException e) {
            fd.close();
            if (e.errno() == Errno.EAGAIN) {
                return null;
            }
            throw e;
        } catch (RuntimeException e) {
            fd.close();
            throw e;
        }
    }

    /**
     * From now on others can connect.
     *
     * @param backlog how many, and one more, may wait to be accepted
     */
    public void listen(int backlog) throws LinuxException {
        UnixSocket.listen(fd, backlog);
    }

    /** The next one that connected; null if there is none. */
    public @Nullable NonBlockingSocket accept() throws LinuxException {
        try {
            int number = (int) ACCEPT.invokeExact(
                    NativeCall.errnoState(),
                    fd.number(),
                    MemorySegment.NULL,
                    MemorySegment.NULL,
                    UnixSocket.SOCK_NONBLOCK | UnixSocket.SOCK_CLOEXEC);
            if (number < 0 && (NativeCall.errno() == Errno.EAGAIN || NativeCall.errno() == Errno.ECONNABORTED)) {
                return null;
            }
            return new NonBlockingSocket(new Fd(NativeCall.check(number, "accept")));
        } catch (Throwable thrown) {
            throw NativeCall.rethrow(thrown);
        }
    }

    /** To be watched. */
    public Fd fd() {
        return fd;
    }

    /**
     * Receives what is there, to an absolute address with room for {@code length} bytes.
     *
     * @param length at least one
     * @return how many bytes came; 0 if no more will come, {@link #WOULD_BLOCK} or {@link #RESET}
     */
    public int receive(long address, int length) throws LinuxException {
        try {
            long count;
            do {
                count = (long)
                        RECV.invokeExact(NativeCall.errnoState(), fd.number(), address, (long) length, MSG_DONTWAIT);
            } while (count < 0 && NativeCall.errno() == Errno.EINTR);
            return outcome(count, "recv");
        } catch (Throwable thrown) {
            throw NativeCall.rethrow(thrown);
        }
    }

    /**
     * Sends bytes from an absolute address.
     *
     * @return how many of them were sent; {@link #WOULD_BLOCK} or {@link #RESET}
     */
    public int send(long address, int length) throws LinuxException {
        try {
            long count;
            do {
                count = (long) SEND.invokeExact(
                        NativeCall.errnoState(), fd.number(), address, (long) length, MSG_DONTWAIT | MSG_NOSIGNAL);
            } while (count < 0 && NativeCall.errno() == Errno.EINTR);
            return outcome(count, "send");
        } catch (Throwable thrown) {
            throw NativeCall.rethrow(thrown);
        }
    }

    private static int outcome(long count, String call) throws LinuxException {
        if (count >= 0) {
            return (int) count;
        }
        return switch (NativeCall.errno()) {
            case Errno.EAGAIN -> WOULD_BLOCK;
            case Errno.ECONNRESET, Errno.EPIPE -> RESET;
            default -> throw NativeCall.failure(call);
        };
    }

    /** The peer will hear that no more comes, once it has received what was sent. */
    public void shutdownSending() {
        UnixSocket.shutdown(fd, SHUT_WR);
    }

    /** What the peer still sends fails with EPIPE. */
    public void shutdownReceiving() {
        UnixSocket.shutdown(fd, SHUT_RD);
    }

    @Override
    public void close() {
        fd.close();
    }
}
