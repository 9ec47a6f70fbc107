package io.vireo.linux;

import static io.vireo.linux.NativeCall.INT;
import static io.vireo.linux.NativeCall.LONG;

import java.lang.foreign.FunctionDescriptor;
import java.lang.invoke.MethodHandle;

/**
 * Reads and writes whole packets at absolute addresses, whose owner vouches for them towards this process; memory that is
 * gone is EFAULT. The descriptor does not block. Allocates nothing.
 */
public final class PacketIo {
    private static final int RWF_NOWAIT = 8;

    private static final MethodHandle READ = NativeCall.bind("read", FunctionDescriptor.of(LONG, INT, LONG, LONG));
    private static final MethodHandle WRITEV = NativeCall.bind("writev", FunctionDescriptor.of(LONG, INT, LONG, INT));
    private static final MethodHandle PREADV2 =
            NativeCall.bind("preadv2", FunctionDescriptor.of(LONG, INT, LONG, INT, LONG, INT));

    private PacketIo() {}

    /**
     * Takes the next packet; what does not fit is lost.
     *
     * @return its length, 0 at the end of what has one, or a negative errno: EAGAIN if there is none
     */
    public static int read(Fd fd, long address, int length) {
        try {
            long read;
            do {
                read = (long) READ.invokeExact(NativeCall.errnoState(), fd.number(), address, (long) length);
            } while (read < 0 && NativeCall.errno() == Errno.EINTR);
            return read < 0 ? -NativeCall.errno() : (int) read;
        } catch (Throwable thrown) {
            throw NativeCall.unexpected(thrown);
        }
    }

    /** Gives a packet whose pieces are {@code count} of {@code vectors}. @return bytes taken, or a negative errno */
    public static int write(Fd fd, IoVectors vectors, int first, int count) {
        try {
            long written;
            do {
                written =
                        (long) WRITEV.invokeExact(NativeCall.errnoState(), fd.number(), vectors.address(first), count);
            } while (written < 0 && NativeCall.errno() == Errno.EINTR);
            return written < 0 ? -NativeCall.errno() : (int) written;
        } catch (Throwable thrown) {
            throw NativeCall.unexpected(thrown);
        }
    }

    /**
     * Whether a single read or write can be told not to wait (RWF_NOWAIT of preadv2(2)), which TUN devices know since
     * Linux 6.4. Takes a packet and loses it, if one is there.
     */
    public static boolean canRefuseToWait(Fd fd) {
        try (IoVectors vectors = new IoVectors(1)) {
            vectors.set(0, vectors.address(0), IoVectors.SIZE);
            long read = (long)
                    PREADV2.invokeExact(NativeCall.errnoState(), fd.number(), vectors.address(0), 1, -1L, RWF_NOWAIT);
            return read >= 0 || NativeCall.errno() == Errno.EAGAIN;
        } catch (Throwable thrown) {
            throw NativeCall.unexpected(thrown);
        }
    }
}
