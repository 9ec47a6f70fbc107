package io.vireo.linux;

import java.lang.foreign.FunctionDescriptor;
import java.lang.invoke.MethodHandle;
import java.util.concurrent.atomic.AtomicBoolean;

/** An owned file descriptor. {@link #close} closes it exactly once, however often and from whatever thread it is called. */
public final class Fd implements AutoCloseable {
    private static final MethodHandle CLOSE =
            NativeCall.bind("close", FunctionDescriptor.of(NativeCall.INT, NativeCall.INT));

    private static final MethodHandle FCNTL = NativeCall.bindVariadic(
            "fcntl", FunctionDescriptor.of(NativeCall.INT, NativeCall.INT, NativeCall.INT, NativeCall.INT), 2);
    private static final int F_SETFL = 4;
    private static final int F_DUPFD_CLOEXEC = 1030;

    private final int number;
    private final AtomicBoolean open = new AtomicBoolean(true);

    Fd(int number) {
        this.number = number;
    }

    /** The number, for a system call made while the owner keeps this descriptor open. */
    public int number() {
        return number;
    }

    /** A second descriptor for the same open file, owned on its own. */
    public Fd duplicate() throws LinuxException {
        try {
            int copy = (int) FCNTL.invokeExact(NativeCall.errnoState(), number, F_DUPFD_CLOEXEC, 0);
            return new Fd(NativeCall.check(copy, "fcntl(F_DUPFD_CLOEXEC)"));
        } catch (Throwable thrown) {
            throw NativeCall.rethrow(thrown);
        }
    }

    /** From now on calls wait, as those of a new file do, whatever was said when it was opened (O_NONBLOCK). */
    void clearStatusFlags() throws LinuxException {
        try {
            int result = (int) FCNTL.invokeExact(NativeCall.errnoState(), number, F_SETFL, 0);
            NativeCall.check(result, "fcntl(F_SETFL)");
        } catch (Throwable thrown) {
            throw NativeCall.rethrow(thrown);
        }
    }

    public boolean isOpen() {
        return open.get();
    }

    /** Errors of close(2) are not reported: the descriptor is released in every case, and nothing is buffered behind it. */
    @Override
    public void close() {
        if (!open.compareAndSet(true, false)) {
            return;
        }
        try {
            int ignored = (int) CLOSE.invokeExact(NativeCall.errnoState(), number);
        } catch (Throwable thrown) {
            throw NativeCall.unexpected(thrown);
        }
    }

    @Override
    public String toString() {
        return "fd " + number;
    }
}
