package io.vireo.linux;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;

/**
 * Two connected sockets that keep packets apart and do not block (unix(7), SOCK_SEQPACKET), one of which stands for a TUN
 * device: needs no privilege. Of this package as nobody else can own a descriptor.
 */
public final class PacketSockets implements AutoCloseable {
    private static final int AF_UNIX = 1;
    private static final int SOCK_SEQPACKET = 5;
    private static final int SOCK_NONBLOCK = 0x800;
    private static final int SOCK_CLOEXEC = 0x80000;

    private static final MethodHandle SOCKETPAIR = NativeCall.bind(
            "socketpair",
            FunctionDescriptor.of(NativeCall.INT, NativeCall.INT, NativeCall.INT, NativeCall.INT, NativeCall.POINTER));

    private final Fd device;
    private final Fd host;

    public PacketSockets() throws LinuxException {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment ends = arena.allocate(NativeCall.INT, 2);
            int type = SOCK_SEQPACKET | SOCK_NONBLOCK | SOCK_CLOEXEC;
            int result = (int) SOCKETPAIR.invokeExact(NativeCall.errnoState(), AF_UNIX, type, 0, ends);
            NativeCall.check(result, "socketpair");
            device = new Fd(ends.getAtIndex(ValueLayout.JAVA_INT, 0));
            host = new Fd(ends.getAtIndex(ValueLayout.JAVA_INT, 1));
        } catch (Throwable thrown) {
            throw NativeCall.rethrow(thrown);
        }
    }

    /** The end that a queue takes for its device, and owns. */
    public Fd device() {
        return device;
    }

    /** The next packet that the device's end sent. @throws LinuxException with EAGAIN if there is none */
    public byte[] receive() throws LinuxException {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment buffer = arena.allocate(70_000);
            int length = PacketIo.read(host, buffer.address(), (int) buffer.byteSize());
            if (length < 0) {
                throw new LinuxException("read", -length);
            }
            return buffer.asSlice(0, length).toArray(ValueLayout.JAVA_BYTE);
        }
    }

    /** Sends a packet to the device's end. */
    public void send(byte[] packet) throws LinuxException {
        try (Arena arena = Arena.ofConfined();
                IoVectors vectors = new IoVectors(1)) {
            vectors.set(0, arena.allocateFrom(ValueLayout.JAVA_BYTE, packet).address(), packet.length);
            int written = PacketIo.write(host, vectors, 0, 1);
            if (written != packet.length) {
                throw new LinuxException("write", -written);
            }
        }
    }

    /** The other side goes away. */
    public void hangUp() {
        host.close();
    }

    @Override
    public void close() {
        device.close();
        host.close();
    }
}
