package io.vireo.linux;

import static io.vireo.linux.NativeCall.INT;
import static io.vireo.linux.NativeCall.LONG;
import static io.vireo.linux.NativeCall.POINTER;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/** A socket of the family rtnetlink(7), in the network namespace of the thread that opens it. Confined to one thread. */
final class NetlinkSocket implements AutoCloseable {
    /** What {@link #receive} returns if nothing waits, on a socket that does not block. */
    static final int NOTHING = -1;
    /** What {@link #receive} returns once after the kernel had to throw messages away. */
    static final int OVERRUN = -2;

    private static final int AF_NETLINK = 16;
    private static final int SOCK_RAW = 3;
    private static final int SOCK_NONBLOCK = 0x800;
    private static final int SOCK_CLOEXEC = 0x80000;
    private static final int NETLINK_ROUTE = 0;
    private static final int MSG_TRUNC = 0x20;

    private static final int SOL_SOCKET = 1;
    private static final int SO_RCVTIMEO = 20;
    private static final int SOL_NETLINK = 270;
    private static final int NETLINK_ADD_MEMBERSHIP = 1;
    private static final int NETLINK_EXT_ACK = 11;
    private static final int NETLINK_GET_STRICT_CHK = 12;

    // struct sockaddr_nl: family, padding, port, groups
    private static final int ADDRESS_SIZE = 12;
    private static final int ADDRESS_PORT = 4;

    /** The kernel makes no message of a dump longer than this (NLMSG_GOODSIZE and netlink_dump). */
    private static final int BUFFER_SIZE = 32 * 1024;
    /** An answer is there when the request's send(2) returns: this is for a kernel that has none. */
    private static final long ANSWER_TIMEOUT_SECONDS = 5;

    private static final MethodHandle SOCKET = NativeCall.bind("socket", FunctionDescriptor.of(INT, INT, INT, INT));
    private static final MethodHandle BIND = NativeCall.bind("bind", FunctionDescriptor.of(INT, INT, POINTER, INT));
    private static final MethodHandle GETSOCKNAME =
            NativeCall.bind("getsockname", FunctionDescriptor.of(INT, INT, POINTER, POINTER));
    private static final MethodHandle SETSOCKOPT =
            NativeCall.bind("setsockopt", FunctionDescriptor.of(INT, INT, INT, INT, POINTER, INT));
    private static final MethodHandle SEND =
            NativeCall.bind("send", FunctionDescriptor.of(LONG, INT, POINTER, LONG, INT));
    private static final MethodHandle RECVFROM =
            NativeCall.bind("recvfrom", FunctionDescriptor.of(LONG, INT, POINTER, LONG, INT, POINTER, POINTER));

    private final Arena arena = Arena.ofShared();
    private final MemorySegment buffer = arena.allocate(BUFFER_SIZE, 8);
    private final MemorySegment address = arena.allocate(ADDRESS_SIZE, 4);
    private final MemorySegment size = arena.allocate(INT);
    private final Fd fd;

    private NetlinkSocket(int flags) throws LinuxException {
        try {
            int number = (int) SOCKET.invokeExact(
                    NativeCall.errnoState(), AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC | flags, NETLINK_ROUTE);
            fd = new Fd(NativeCall.check(number, "socket(AF_NETLINK)"));
        } catch (Throwable thrown) {
            arena.close();
            throw NativeCall.rethrow(thrown);
        }
    }

    /** For requests: {@link #receive} waits for the answer. */
    static NetlinkSocket forRequests() throws LinuxException {
        NetlinkSocket socket = new NetlinkSocket(0);
        try {
            socket.bind();
            socket.setTimeout();
            // Both only make answers better: a kernel without them is served as well.
            socket.setOption(NETLINK_EXT_ACK, 1);
            socket.setOption(NETLINK_GET_STRICT_CHK, 1);
            return socket;
        } catch (Throwable thrown) {
            socket.close();
            throw NativeCall.rethrow(thrown);
        }
    }

    /** For the notifications of these groups (RTNLGRP_ numbers): {@link #receive} does not block. */
    static NetlinkSocket forGroups(int... groups) throws LinuxException {
        NetlinkSocket socket = new NetlinkSocket(SOCK_NONBLOCK);
        try {
            socket.bind();
            for (int group : groups) {
                if (!socket.setOption(NETLINK_ADD_MEMBERSHIP, group)) {
                    throw NativeCall.failure("setsockopt(NETLINK_ADD_MEMBERSHIP)");
                }
            }
            return socket;
        } catch (Throwable thrown) {
            socket.close();
            throw NativeCall.rethrow(thrown);
        }
    }

    private void bind() throws LinuxException {
        address.fill((byte) 0);
        address.set(ValueLayout.JAVA_SHORT, 0, (short) AF_NETLINK);
        try {
            int result = (int) BIND.invokeExact(NativeCall.errnoState(), fd.number(), address, ADDRESS_SIZE);
            NativeCall.check(result, "bind of a netlink socket");
        } catch (Throwable thrown) {
            throw NativeCall.rethrow(thrown);
        }
    }

    private void setTimeout() throws LinuxException {
        MemorySegment time = arena.allocate(2L * Long.BYTES, 8);
        time.set(LONG, 0, ANSWER_TIMEOUT_SECONDS);
        if (!setOption(SOL_SOCKET, SO_RCVTIMEO, time)) {
            throw NativeCall.failure("setsockopt(SO_RCVTIMEO)");
        }
    }

    private boolean setOption(int option, int value) {
        return setOption(SOL_NETLINK, option, arena.allocateFrom(INT, value));
    }

    private boolean setOption(int level, int option, MemorySegment value) {
        try {
            int result = (int) SETSOCKOPT.invokeExact(
                    NativeCall.errnoState(), fd.number(), level, option, value, (int) value.byteSize());
            return result == 0;
        } catch (Throwable thrown) {
            throw NativeCall.unexpected(thrown);
        }
    }

    Fd fd() {
        return fd;
    }

    /** By which the kernel tells this socket from others: what it has changed is announced under this number. */
    int port() throws LinuxException {
        size.set(INT, 0, ADDRESS_SIZE);
        try {
            int result = (int) GETSOCKNAME.invokeExact(NativeCall.errnoState(), fd.number(), address, size);
            NativeCall.check(result, "getsockname");
            return address.get(INT, ADDRESS_PORT);
        } catch (Throwable thrown) {
            throw NativeCall.rethrow(thrown);
        }
    }

    /** Sends a request to the kernel. */
    void send(byte[] request) throws LinuxException {
        try (Arena call = Arena.ofConfined()) {
            MemorySegment bytes = call.allocateFrom(ValueLayout.JAVA_BYTE, request);
            long sent;
            do {
                sent = (long) SEND.invokeExact(NativeCall.errnoState(), fd.number(), bytes, bytes.byteSize(), 0);
            } while (sent < 0 && NativeCall.errno() == Errno.EINTR);
            if (sent != request.length) {
                throw NativeCall.failure("send to netlink");
            }
        } catch (Throwable thrown) {
            throw NativeCall.rethrow(thrown);
        }
    }

    /**
     * Receives messages from the kernel, which {@link #received} then shows; those of anybody else are ignored.
     *
     * @return how many bytes, {@link #NOTHING} or {@link #OVERRUN}
     */
    int receive() throws LinuxException {
        try {
            while (true) {
                size.set(INT, 0, ADDRESS_SIZE);
                long length = (long) RECVFROM.invokeExact(
                        NativeCall.errnoState(), fd.number(), buffer, buffer.byteSize(), MSG_TRUNC, address, size);
                if (length < 0) {
                    switch (NativeCall.errno()) {
                        case Errno.EINTR -> {}
                        case Errno.EAGAIN -> {
                            return NOTHING;
                        }
                        case Errno.ENOBUFS -> {
                            return OVERRUN;
                        }
                        default -> throw NativeCall.failure("recvfrom of netlink");
                    }
                } else if (length > BUFFER_SIZE) {
                    return OVERRUN;
                } else if (address.get(INT, ADDRESS_PORT) == 0) {
                    return (int) length;
                }
            }
        } catch (Throwable thrown) {
            throw NativeCall.rethrow(thrown);
        }
    }

    /** A copy of the bytes that {@link #receive} has returned the length of, in the byte order of this machine. */
    ByteBuffer received(int length) {
        byte[] bytes = buffer.asSlice(0, length).toArray(ValueLayout.JAVA_BYTE);
        return ByteBuffer.wrap(bytes).order(ByteOrder.nativeOrder());
    }

    @Override
    public void close() {
        if (fd.isOpen()) {
            fd.close();
            arena.close();
        }
    }
}
