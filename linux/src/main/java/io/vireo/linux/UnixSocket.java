package io.vireo.linux;

import static io.vireo.linux.NativeCall.INT;
import static io.vireo.linux.NativeCall.LONG;
import static io.vireo.linux.NativeCall.POINTER;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;

/**
 * A Unix stream socket that passes descriptors (unix(7), SCM_RIGHTS). One thread sends and receives; any thread may
 * {@link #shutdown}, which ends a blocked call of that thread.
 */
public final class UnixSocket implements AutoCloseable {
    /** The longest path, in bytes, that fits {@code sun_path} with its end mark. */
    public static final int MAX_PATH_BYTES = 107;
    /** The most descriptors accepted with one message: more than any vhost-user message carries. */
    public static final int MAX_FDS = 16;

    private static final int AF_UNIX = 1;
    private static final int SOCK_STREAM = 1;
    static final int SOCK_CLOEXEC = 0x80000;
    static final int SOCK_NONBLOCK = 0x800;
    private static final int SHUT_RDWR = 2;
    private static final int MSG_NOSIGNAL = 0x4000;
    private static final int MSG_CMSG_CLOEXEC = 0x40000000;
    private static final int MSG_CTRUNC = 8;
    private static final int SOCKADDR_SIZE = 110;

    // struct pollfd of poll(2): fd, events, revents
    private static final int POLLFD_SIZE = 8;
    private static final int POLLFD_WANTED = 4;
    private static final int POLLFD_REPORTED = 6;
    private static final short POLLIN = 1;
    private static final int POLLHUP = 16;

    private static final MethodHandle POLL = NativeCall.bind("poll", FunctionDescriptor.of(INT, POINTER, LONG, INT));
    private static final MethodHandle SOCKET = NativeCall.bind("socket", FunctionDescriptor.of(INT, INT, INT, INT));
    private static final MethodHandle BIND = NativeCall.bind("bind", FunctionDescriptor.of(INT, INT, POINTER, INT));
    private static final MethodHandle CONNECT =
            NativeCall.bind("connect", FunctionDescriptor.of(INT, INT, POINTER, INT));
    private static final MethodHandle LISTEN = NativeCall.bind("listen", FunctionDescriptor.of(INT, INT, INT));
    private static final MethodHandle ACCEPT =
            NativeCall.bind("accept4", FunctionDescriptor.of(INT, INT, POINTER, POINTER, INT));
    private static final MethodHandle SHUTDOWN = NativeCall.bind("shutdown", FunctionDescriptor.of(INT, INT, INT));
    private static final MethodHandle SENDMSG =
            NativeCall.bind("sendmsg", FunctionDescriptor.of(LONG, INT, POINTER, INT));
    private static final MethodHandle RECVMSG =
            NativeCall.bind("recvmsg", FunctionDescriptor.of(LONG, INT, POINTER, INT));

    private final Fd fd;

    private UnixSocket(Fd fd) {
        this.fd = fd;
    }

    /** A new socket bound to {@code path}, which must not exist yet. Call {@link #listen} next. */
    public static UnixSocket bind(Path path) throws LinuxException {
        return open(path, BIND, "bind of " + path);
    }

    public static UnixSocket connect(Path path) throws LinuxException {
        return open(path, CONNECT, "connect to " + path);
    }

    /**
     * As {@link #connect}, which waits while the listener has no room for one more who waits to be accepted.
     *
     * @throws LinuxException with EAGAIN if that is so
     */
    public static UnixSocket connectNow(Path path) throws LinuxException {
        Fd fd = create(SOCK_NONBLOCK);
        try {
            connect(fd, path);
            fd.clearStatusFlags();
            return new UnixSocket(fd);
        } catch (LinuxException | RuntimeException e) {
            fd.close();
            throw e;
        }
    }

    private static UnixSocket open(Path path, MethodHandle call, String name) throws LinuxException {
        Fd fd = create(0);
        try {
            open(fd, path, call, name);
            return new UnixSocket(fd);
        } catch (LinuxException | RuntimeException e) {
            fd.close();
            throw e;
        }
    }

    static void bind(Fd fd, Path path) throws LinuxException {
        open(fd, path, BIND, "bind of " + path);
    }

    static void connect(Fd fd, Path path) throws LinuxException {
        open(fd, path, CONNECT, "connect to " + path);
    }

    private static void open(Fd fd, Path path, MethodHandle call, String name) throws LinuxException {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment address = address(arena, path);
            int result =
                    (int) call.invokeExact(NativeCall.errnoState(), fd.number(), address, (int) address.byteSize());
            NativeCall.check(result, name);
        } catch (Throwable thrown) {
            throw NativeCall.rethrow(thrown);
        }
    }

    /** @param flags beside SOCK_CLOEXEC */
    static Fd create(int flags) throws LinuxException {
        try {
            int type = SOCK_STREAM | SOCK_CLOEXEC | flags;
            int number = (int) SOCKET.invokeExact(NativeCall.errnoState(), AF_UNIX, type, 0);
            return new Fd(NativeCall.check(number, "socket"));
        } catch (Throwable thrown) {
            throw NativeCall.rethrow(thrown);
        }
    }

    private static MemorySegment address(Arena arena, Path path) {
        byte[] bytes = path.toString().getBytes(StandardCharsets.UTF_8);
        if (bytes.length > MAX_PATH_BYTES) {
            throw new IllegalArgumentException(
                    "socket path of " + bytes.length + " bytes, at most " + MAX_PATH_BYTES + " are allowed: " + path);
        }
        MemorySegment address = arena.allocate(SOCKADDR_SIZE, 2);
        address.set(ValueLayout.JAVA_SHORT, 0, (short) AF_UNIX);
        MemorySegment.copy(bytes, 0, address, ValueLayout.JAVA_BYTE, 2, bytes.length);
        return address;
    }

    public void listen(int backlog) throws LinuxException {
        listen(fd, backlog);
    }

    static void listen(Fd fd, int backlog) throws LinuxException {
        try {
            NativeCall.check((int) LISTEN.invokeExact(NativeCall.errnoState(), fd.number(), backlog), "listen");
        } catch (Throwable thrown) {
            throw NativeCall.rethrow(thrown);
        }
    }

    /** Waits for a peer. After {@link #shutdown} it fails with EINVAL. */
    public UnixSocket accept() throws LinuxException {
        try {
            int number;
            do {
                number = (int) ACCEPT.invokeExact(
                        NativeCall.errnoState(), fd.number(), MemorySegment.NULL, MemorySegment.NULL, SOCK_CLOEXEC);
            } while (number < 0 && NativeCall.errno() == Errno.EINTR);
            return new UnixSocket(new Fd(NativeCall.check(number, "accept")));
        } catch (Throwable thrown) {
            throw NativeCall.rethrow(thrown);
        }
    }

    /** Ends every present and later accept, send and receive on this socket. */
    public void shutdown() {
        shutdown(fd, SHUT_RDWR);
    }

    static void shutdown(Fd fd, int how) {
        try {
            int ignored = (int) SHUTDOWN.invokeExact(NativeCall.errnoState(), fd.number(), how);
        } catch (Throwable thrown) {
            throw NativeCall.unexpected(thrown);
        }
    }

    /** Sends all of {@code data}; the descriptors travel with its first byte and stay the caller's. */
    public void send(byte[] data, List<Fd> fds) throws LinuxException {
        int sent = 0;
        while (sent < data.length) {
            try (Arena arena = Arena.ofConfined()) {
                MessageHeader header = new MessageHeader(arena, data.length - sent, sent == 0 ? fds.size() : 0);
                header.data().copyFrom(MemorySegment.ofArray(data).asSlice(sent));
                if (sent == 0) {
                    header.writeDescriptors(fds);
                }
                long count = (long)
                        SENDMSG.invokeExact(NativeCall.errnoState(), fd.number(), header.segment(), MSG_NOSIGNAL);
                if (count < 0 && NativeCall.errno() != Errno.EINTR) {
                    throw NativeCall.failure("sendmsg");
                }
                sent += (int) Math.max(count, 0);
            } catch (Throwable thrown) {
                throw NativeCall.rethrow(thrown);
            }
        }
    }

    /**
     * Receives up to {@code length} bytes into {@code into} at {@code offset}, and adds the descriptors that came along
     * to {@code fds}, whose owner the caller becomes in every case.
     *
     * @return how many bytes came; 0 when the peer closed
     * @throws LinuxException with EMFILE if descriptors were cut off, be it for our limit or for {@link #MAX_FDS}
     */
    public int receive(byte[] into, int offset, int length, List<Fd> fds) throws LinuxException {
        try (Arena arena = Arena.ofConfined()) {
            MessageHeader header = new MessageHeader(arena, length, MAX_FDS);
            long count;
            do {
                count = (long)
                        RECVMSG.invokeExact(NativeCall.errnoState(), fd.number(), header.segment(), MSG_CMSG_CLOEXEC);
            } while (count < 0 && NativeCall.errno() == Errno.EINTR);
            if (count < 0) {
                if (NativeCall.errno() == Errno.ECONNRESET) {
                    return 0;
                }
                throw NativeCall.failure("recvmsg");
            }
            header.readDescriptors(fds);
            if ((header.flags() & MSG_CTRUNC) != 0) {
                throw new LinuxException("recvmsg: descriptors were cut off", Errno.EMFILE);
            }
            MemorySegment.copy(header.data(), ValueLayout.JAVA_BYTE, 0, into, offset, (int) count);
            return (int) count;
        } catch (Throwable thrown) {
            throw NativeCall.rethrow(thrown);
        }
    }

    /**
     * Waits until there is something to receive, or the peer has closed.
     *
     * @return false if neither was so within the time
     */
    public boolean awaitInput(int timeoutMs) throws LinuxException {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment polled = arena.allocate(POLLFD_SIZE, 4);
            writePoll(polled, fd);
            return poll(polled, 1, timeoutMs) > 0;
        }
    }

    /**
     * Waits as {@link #awaitInput} does, but not longer than until a peer can be accepted at {@code listener}.
     *
     * @return false if one can, and there is nothing to receive
     */
    public boolean awaitInputBefore(UnixSocket listener) throws LinuxException {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment polled = arena.allocate(2 * POLLFD_SIZE, 4);
            writePoll(polled, fd);
            writePoll(polled.asSlice(POLLFD_SIZE), listener.fd);
            poll(polled, 2, -1);
            int others = polled.get(ValueLayout.JAVA_SHORT, POLLFD_SIZE + POLLFD_REPORTED);
            return polled.get(ValueLayout.JAVA_SHORT, POLLFD_REPORTED) != 0
                    || (others & (POLLIN | POLLHUP)) != POLLIN; // hung up: it was shut down
        }
    }

    private static void writePoll(MemorySegment polled, Fd fd) {
        polled.set(INT, 0, fd.number());
        polled.set(ValueLayout.JAVA_SHORT, POLLFD_WANTED, POLLIN);
    }

    private static int poll(MemorySegment polled, long count, int timeoutMs) throws LinuxException {
        try {
            int reported;
            do {
                reported = (int) POLL.invokeExact(NativeCall.errnoState(), polled, count, timeoutMs);
            } while (reported < 0 && NativeCall.errno() == Errno.EINTR);
            return NativeCall.check(reported, "poll");
        } catch (Throwable thrown) {
            throw NativeCall.rethrow(thrown);
        }
    }

    @Override
    public void close() {
        fd.close();
    }
}
