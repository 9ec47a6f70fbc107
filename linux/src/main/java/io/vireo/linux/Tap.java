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
 * A network interface of the kernel whose other end is this process (Documentation/networking/tuntap in the kernel's
 * source): what the kernel sends there is read here, whole Ethernet frames without anything in front. It is gone when it is
 * closed, in whatever network namespace it is then. Making one takes CAP_NET_ADMIN. Not thread-safe; nothing blocks.
 */
public final class Tap implements AutoCloseable {
    /** What {@link #read} returns when no frame is waiting. */
    public static final int NONE = -1;

    private static final String DEVICE = "/dev/net/tun";
    private static final int O_RDWR = 2;
    private static final int O_NONBLOCK = 0x800;
    private static final int O_CLOEXEC = 0x80000;
    private static final long TUNSETIFF = 0x4004_54caL;
    private static final short IFF_TAP_NO_PI = 0x1002;

    // struct ifreq: name, then a union of which the flags are a short
    private static final int NAME_SIZE = 16;
    private static final int IFREQ_SIZE = 40;

    private static final MethodHandle OPEN =
            NativeCall.bindVariadic("open", FunctionDescriptor.of(INT, POINTER, INT, INT), 2);
    private static final MethodHandle IOCTL =
            NativeCall.bindVariadic("ioctl", FunctionDescriptor.of(INT, INT, LONG, POINTER), 2);
    private static final MethodHandle READ = NativeCall.bind("read", FunctionDescriptor.of(LONG, INT, POINTER, LONG));
    private static final MethodHandle WRITE = NativeCall.bind("write", FunctionDescriptor.of(LONG, INT, POINTER, LONG));

    private final Fd fd;
    private final String name;

    private Tap(Fd fd, String name) {
        this.fd = fd;
        this.name = name;
    }

    /**
     * Makes an interface, which is down and has a random address, in the calling thread's network namespace.
     *
     * @param pattern at most 15 ASCII characters; in a name with {@code %d} the kernel puts the first free number there
     */
    public static Tap create(String pattern) throws LinuxException {
        Fd fd = open();
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment request = arena.allocate(IFREQ_SIZE, 8);
            if (pattern.length() >= NAME_SIZE) {
                throw new IllegalArgumentException("an interface's name is not as long as " + pattern);
            }
            request.setString(0, pattern);
            request.set(ValueLayout.JAVA_SHORT, NAME_SIZE, IFF_TAP_NO_PI);
            int result = (int) IOCTL.invokeExact(NativeCall.errnoState(), fd.number(), TUNSETIFF, request);
            NativeCall.check(result, "ioctl(TUNSETIFF) for " + pattern);
            return new Tap(fd, request.getString(0));
        } catch (Throwable thrown) {
            fd.close();
            throw NativeCall.rethrow(thrown);
        }
    }

    private static Fd open() throws LinuxException {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment path = arena.allocateFrom(DEVICE);
            int number = (int) OPEN.invokeExact(NativeCall.errnoState(), path, O_RDWR | O_NONBLOCK | O_CLOEXEC, 0);
            return new Fd(NativeCall.check(number, "open of " + DEVICE));
        } catch (Throwable thrown) {
            throw NativeCall.rethrow(thrown);
        }
    }

    /** The name it was made with; who renames it does not tell. */
    public String name() {
        return name;
    }

    /** Readable when a frame waits. */
    public Fd fd() {
        return fd;
    }

    /**
     * Takes the next frame that the kernel has sent.
     *
     * @param buffer native memory; what does not fit is lost
     * @return the frame's length, or {@link #NONE}
     */
    public int read(MemorySegment buffer) throws LinuxException {
        try {
            long length = (long) READ.invokeExact(NativeCall.errnoState(), fd.number(), buffer, buffer.byteSize());
            if (length >= 0) {
                return (int) length;
            }
            if (NativeCall.errno() == Errno.EAGAIN) {
                return NONE;
            }
            throw NativeCall.failure("read of " + name);
        } catch (Throwable thrown) {
            throw NativeCall.rethrow(thrown);
        }
    }

    /**
     * Gives the kernel a frame to receive.
     *
     * @param frame native memory
     * @return false if the kernel does not take it, because the interface is down or there is no memory for it
     */
    public boolean write(MemorySegment frame) throws LinuxException {
        try {
            long written = (long) WRITE.invokeExact(NativeCall.errnoState(), fd.number(), frame, frame.byteSize());
            if (written >= 0) {
                return true;
            }
            return switch (NativeCall.errno()) {
                case Errno.EIO, Errno.EAGAIN, Errno.ENOMEM -> false;
                default -> throw NativeCall.failure("write to " + name);
            };
        } catch (Throwable thrown) {
            throw NativeCall.rethrow(thrown);
        }
    }

    @Override
    public void close() {
        fd.close();
    }
}
