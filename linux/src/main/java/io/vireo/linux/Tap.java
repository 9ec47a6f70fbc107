package io.vireo.linux;

import static io.vireo.linux.NativeCall.INT;
import static io.vireo.linux.NativeCall.LONG;
import static io.vireo.linux.NativeCall.POINTER;

import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;

/**
 * A network interface of the kernel whose other end is this process (Documentation/networking/tuntap in the kernel's
 * source): what the kernel sends there is read here, whole Ethernet frames without anything in front. It is gone when it is
 * closed, in whatever network namespace it is then. Making one takes CAP_NET_ADMIN. Not thread-safe; nothing blocks.
 */
public final class Tap implements AutoCloseable {
    /** What {@link #read} returns when no frame is waiting. */
    public static final int NONE = -1;

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
        Fd fd = TunDriver.open();
        try {
            return new Tap(fd, TunDriver.attach(fd, pattern, (short) (TunDriver.IFF_TAP | TunDriver.IFF_NO_PI)));
        } catch (LinuxException | RuntimeException e) {
            fd.close();
            throw e;
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
