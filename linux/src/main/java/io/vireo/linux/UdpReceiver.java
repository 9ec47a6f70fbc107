package io.vireo.linux;

import static io.vireo.linux.NativeCall.INT;
import static io.vireo.linux.NativeCall.POINTER;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.nio.ByteOrder;

/**
 * A UDP socket over IPv4 that counts the datagrams it receives and throws them away, many with one call (recvmmsg(2)): for
 * more of them than a call each could take. Confined to one thread at a time.
 */
public final class UdpReceiver implements AutoCloseable {
    private static final int AF_INET = 2;
    private static final int SOCK_DGRAM = 2;
    private static final int SOCK_NONBLOCK = 0x800;
    private static final int SOCK_CLOEXEC = 0x80000;

    private static final int SOL_SOCKET = 1;
    private static final int SO_RCVBUFFORCE = 33;
    private static final int IPPROTO_UDP = 17;
    private static final int UDP_GRO = 104;

    private static final int BATCH = 64;
    private static final int MAX_LENGTH = 65_535;

    // struct mmsghdr of 64-bit systems: a struct msghdr and the length of what was received
    private static final int MESSAGE_SIZE = 64;
    private static final int VECTORS = 16;
    private static final int VECTOR_COUNT = 24;
    private static final int CONTROL = 32;
    private static final int CONTROL_LENGTH = 40;
    private static final int RECEIVED = 56;

    // struct cmsghdr, with one int
    private static final int CONTROL_SIZE = 24;
    private static final int CONTROL_LEVEL = 8;
    private static final int CONTROL_TYPE = 12;
    private static final int CONTROL_VALUE = 16;

    private static final ValueLayout.OfShort PORT = ValueLayout.JAVA_SHORT.withOrder(ByteOrder.BIG_ENDIAN);

    private static final MethodHandle SOCKET = NativeCall.bind("socket", FunctionDescriptor.of(INT, INT, INT, INT));
    private static final MethodHandle BIND = NativeCall.bind("bind", FunctionDescriptor.of(INT, INT, POINTER, INT));
    private static final MethodHandle SETSOCKOPT =
            NativeCall.bind("setsockopt", FunctionDescriptor.of(INT, INT, INT, INT, POINTER, INT));
    private static final MethodHandle RECVMMSG =
            NativeCall.bind("recvmmsg", FunctionDescriptor.of(INT, INT, POINTER, INT, INT, POINTER));

    private final Arena arena = Arena.ofShared();
    private final MemorySegment messages = arena.allocate((long) BATCH * MESSAGE_SIZE, 8);
    private final MemorySegment controls = arena.allocate((long) BATCH * CONTROL_SIZE, 8);
    private final Fd fd;

    private UdpReceiver() throws LinuxException {
        prepareMessages();
        try {
            int type = SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC;
            int number = (int) SOCKET.invokeExact(NativeCall.errnoState(), AF_INET, type, 0);
            fd = new Fd(NativeCall.check(number, "socket(AF_INET)"));
        } catch (Throwable thrown) {
            arena.close();
            throw NativeCall.rethrow(thrown);
        }
    }

    /**
     * Opens one on all addresses of the network namespace of the calling thread. Takes CAP_NET_ADMIN there.
     *
     * @param port as in the UDP header
     * @param bufferBytes what may wait, with all that the kernel spends on it
     * @param merged whether the kernel may pass on as one what came as one (UDP_GRO); it is counted one by one
     */
    public static UdpReceiver open(int port, int bufferBytes, boolean merged) throws LinuxException {
        UdpReceiver receiver = new UdpReceiver();
        try {
            receiver.setOption(SOL_SOCKET, SO_RCVBUFFORCE, bufferBytes, "setsockopt(SO_RCVBUFFORCE)");
            receiver.setOption(IPPROTO_UDP, UDP_GRO, merged ? 1 : 0, "setsockopt(UDP_GRO)");
            receiver.bind(port);
            return receiver;
        } catch (LinuxException | RuntimeException e) {
            receiver.close();
            throw e;
        }
    }

    /** All have the same place for what is thrown away. */
    private void prepareMessages() {
        MemorySegment vector = arena.allocate(IoVectors.SIZE, 8);
        vector.set(ValueLayout.ADDRESS, 0, arena.allocate(MAX_LENGTH));
        vector.set(ValueLayout.JAVA_LONG, Long.BYTES, MAX_LENGTH);
        for (int i = 0; i < BATCH; i++) {
            long message = (long) i * MESSAGE_SIZE;
            messages.set(ValueLayout.ADDRESS, message + VECTORS, vector);
            messages.set(ValueLayout.JAVA_LONG, message + VECTOR_COUNT, 1);
            messages.set(
                    ValueLayout.ADDRESS, message + CONTROL, controls.asSlice((long) i * CONTROL_SIZE, CONTROL_SIZE));
        }
    }

    private void setOption(int level, int option, int value, String call) throws LinuxException {
        try (Arena own = Arena.ofConfined()) {
            MemorySegment number = own.allocateFrom(INT, value);
            NativeCall.check(
                    (int) SETSOCKOPT.invokeExact(
                            NativeCall.errnoState(), fd.number(), level, option, number, Integer.BYTES),
                    call);
        } catch (Throwable thrown) {
            throw NativeCall.rethrow(thrown);
        }
    }

    /** To a struct sockaddr_in: family, port, address (any: 0), padding. */
    private void bind(int port) throws LinuxException {
        try (Arena own = Arena.ofConfined()) {
            MemorySegment address = own.allocate(16, 4);
            address.set(ValueLayout.JAVA_SHORT, 0, (short) AF_INET);
            address.set(PORT, Short.BYTES, (short) port);
            NativeCall.check(
                    (int) BIND.invokeExact(
                            NativeCall.errnoState(), fd.number(), address, Math.toIntExact(address.byteSize())),
                    "bind");
        } catch (Throwable thrown) {
            throw NativeCall.rethrow(thrown);
        }
    }

    /** Takes what waits, up to a limit, without waiting itself. @return how many datagrams that was; 0: none waited */
    public int receive() throws LinuxException {
        for (int i = 0; i < BATCH; i++) {
            messages.set(ValueLayout.JAVA_LONG, (long) i * MESSAGE_SIZE + CONTROL_LENGTH, CONTROL_SIZE);
        }
        int received;
        try {
            received = (int)
                    RECVMMSG.invokeExact(NativeCall.errnoState(), fd.number(), messages, BATCH, 0, MemorySegment.NULL);
        } catch (Throwable thrown) {
            throw NativeCall.rethrow(thrown);
        }
        if (received < 0) {
            if (NativeCall.errno() == Errno.EAGAIN || NativeCall.errno() == Errno.EINTR) {
                return 0;
            }
            throw NativeCall.failure("recvmmsg");
        }
        int datagrams = 0;
        for (int i = 0; i < received; i++) {
            datagrams += datagramsIn(i);
        }
        return datagrams;
    }

    private int datagramsIn(int index) {
        long message = (long) index * MESSAGE_SIZE;
        long control = (long) index * CONTROL_SIZE;
        boolean together = messages.get(ValueLayout.JAVA_LONG, message + CONTROL_LENGTH) == CONTROL_SIZE
                && controls.get(INT, control + CONTROL_LEVEL) == IPPROTO_UDP
                && controls.get(INT, control + CONTROL_TYPE) == UDP_GRO;
        if (!together) {
            return 1;
        }
        int each = controls.get(INT, control + CONTROL_VALUE);
        return Math.ceilDiv(messages.get(INT, message + RECEIVED), each);
    }

    /** Not while another thread receives. */
    @Override
    public void close() {
        fd.close();
        if (arena.scope().isAlive()) {
            arena.close();
        }
    }
}
