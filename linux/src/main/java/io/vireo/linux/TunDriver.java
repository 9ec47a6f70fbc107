package io.vireo.linux;

import static io.vireo.linux.NativeCall.INT;
import static io.vireo.linux.NativeCall.LONG;
import static io.vireo.linux.NativeCall.POINTER;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;

/** The kernel's driver of {@link Tap} and {@link Tun} (linux/if_tun.h), and its requests. */
final class TunDriver {
    static final short IFF_TUN = 1;
    static final short IFF_TAP = 2;
    static final short IFF_MULTI_QUEUE = 0x100;
    /** In what {@link #flags} returns: the interface is there without anybody holding it. */
    static final short IFF_PERSIST = 0x800;
    /** No bytes with the protocol's number in front. */
    static final short IFF_NO_PI = 0x1000;

    static final short IFF_VNET_HDR = 0x4000;
    /** Not if the interface is there: EBUSY. */
    static final short IFF_TUN_EXCL = (short) 0x8000;

    static final long TUNSETOFFLOAD = 0x4004_54d0L;
    static final long TUNSETVNETHDRSZ = 0x4004_54d8L;
    static final long TUNSETVNETLE = 0x4004_54dcL;
    private static final long TUNSETIFF = 0x4004_54caL;
    private static final long TUNGETIFF = 0x8004_54d2L;

    private static final String DEVICE = "/dev/net/tun";
    private static final int O_RDWR = 2;
    private static final int O_NONBLOCK = 0x800;
    private static final int O_CLOEXEC = 0x80000;

    // struct ifreq: name, then a union of which the flags are a short
    private static final int NAME_SIZE = 16;
    private static final int IFREQ_SIZE = 40;

    private static final MethodHandle OPEN =
            NativeCall.bindVariadic("open", FunctionDescriptor.of(INT, POINTER, INT, INT), 2);
    private static final MethodHandle IOCTL =
            NativeCall.bindVariadic("ioctl", FunctionDescriptor.of(INT, INT, LONG, POINTER), 2);
    private static final MethodHandle IOCTL_BY_VALUE =
            NativeCall.bindVariadic("ioctl", FunctionDescriptor.of(INT, INT, LONG, LONG), 2);

    private TunDriver() {}

    /** A descriptor that is to become an interface by {@link #attach}; its reads and writes do not block. */
    static Fd open() throws LinuxException {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment path = arena.allocateFrom(DEVICE);
            int number = (int) OPEN.invokeExact(NativeCall.errnoState(), path, O_RDWR | O_NONBLOCK | O_CLOEXEC, 0);
            return new Fd(NativeCall.check(number, "open of " + DEVICE));
        } catch (Throwable thrown) {
            throw NativeCall.rethrow(thrown);
        }
    }

    /**
     * Makes the descriptor a queue of an interface, in the calling thread's network namespace.
     *
     * @param pattern at most 15 ASCII characters; in a name with {@code %d} the kernel puts the first free number there
     * @return the interface's name
     */
    static String attach(Fd fd, String pattern, short flags) throws LinuxException {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment request = arena.allocate(IFREQ_SIZE, 8);
            if (pattern.length() >= NAME_SIZE) {
                throw new IllegalArgumentException("an interface's name is not as long as " + pattern);
            }
            request.setString(0, pattern);
            request.set(ValueLayout.JAVA_SHORT, NAME_SIZE, flags);
            int result = (int) IOCTL.invokeExact(NativeCall.errnoState(), fd.number(), TUNSETIFF, request);
            NativeCall.check(result, "ioctl(TUNSETIFF) for " + pattern);
            return request.getString(0);
        } catch (Throwable thrown) {
            throw NativeCall.rethrow(thrown);
        }
    }

    /** The flags of the interface that the descriptor belongs to. */
    static short flags(Fd fd) throws LinuxException {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment request = arena.allocate(IFREQ_SIZE, 8);
            int result = (int) IOCTL.invokeExact(NativeCall.errnoState(), fd.number(), TUNGETIFF, request);
            NativeCall.check(result, "ioctl(TUNGETIFF)");
            return request.get(ValueLayout.JAVA_SHORT, NAME_SIZE);
        } catch (Throwable thrown) {
            throw NativeCall.rethrow(thrown);
        }
    }

    /** Sets what takes an int by its address. */
    static void set(Fd fd, long request, int value, String name) throws LinuxException {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment holder = arena.allocateFrom(INT, value);
            int result = (int) IOCTL.invokeExact(NativeCall.errnoState(), fd.number(), request, holder);
            NativeCall.check(result, "ioctl(" + name + ")");
        } catch (Throwable thrown) {
            throw NativeCall.rethrow(thrown);
        }
    }

    /** Tells the kernel what packets may be like that it leaves here. @return false if it does not know one of the flags */
    static boolean setOffload(Fd fd, int flags) throws LinuxException {
        try {
            int result =
                    (int) IOCTL_BY_VALUE.invokeExact(NativeCall.errnoState(), fd.number(), TUNSETOFFLOAD, (long) flags);
            if (result < 0 && NativeCall.errno() == Errno.EINVAL) {
                return false;
            }
            NativeCall.check(result, "ioctl(TUNSETOFFLOAD)");
            return true;
        } catch (Throwable thrown) {
            throw NativeCall.rethrow(thrown);
        }
    }
}
