package io.vireo.linux;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.VarHandle;

/**
 * Binds C library functions. Every handle takes, as its first argument, the calling thread's {@link #errnoState()}; the
 * errno of the call that just returned is read back with {@link #errno()}.
 */
final class NativeCall {
    private static final Linker LINKER = Linker.nativeLinker();
    private static final MemoryLayout CAPTURE = Linker.Option.captureStateLayout();
    private static final VarHandle ERRNO = CAPTURE.varHandle(MemoryLayout.PathElement.groupElement("errno"));
    private static final ThreadLocal<MemorySegment> STATE =
            ThreadLocal.withInitial(() -> Arena.ofAuto().allocate(CAPTURE));

    private NativeCall() {}

    static MethodHandle bind(String function, FunctionDescriptor descriptor) {
        return bind(function, descriptor, Linker.Option.captureCallState("errno"));
    }

    /** A function with a variable argument list whose first variable argument is number {@code firstVariadic}. */
    static MethodHandle bindVariadic(String function, FunctionDescriptor descriptor, int firstVariadic) {
        return bind(
                function,
                descriptor,
                Linker.Option.captureCallState("errno"),
                Linker.Option.firstVariadicArg(firstVariadic));
    }

    @SuppressWarnings("restricted") // this is the one place that links native code
    private static MethodHandle bind(String function, FunctionDescriptor descriptor, Linker.Option... options) {
        return LINKER.downcallHandle(LINKER.defaultLookup().findOrThrow(function), descriptor, options);
    }

    static MemorySegment errnoState() {
        return STATE.get();
    }

    static int errno() {
        return (int) ERRNO.get(STATE.get(), 0L);
    }

    static LinuxException failure(String call) {
        return new LinuxException(call, errno());
    }

    /** Passes a call's result on, or throws what errno says if it is negative. */
    static int check(int result, String call) throws LinuxException {
        if (result < 0) {
            throw failure(call);
        }
        return result;
    }

    /** As {@link #rethrow}, where no call checks its errno. */
    static RuntimeException unexpected(Throwable thrown) {
        try {
            return rethrow(thrown);
        } catch (LinuxException e) {
            return new IllegalStateException(e);
        }
    }

    /** {@code invokeExact} declares Throwable, a downcall throws nothing checked: this sorts out what can really arrive. */
    static RuntimeException rethrow(Throwable thrown) throws LinuxException {
        return switch (thrown) {
            case LinuxException e -> throw e;
            case Error e -> throw e;
            case RuntimeException e -> e;
            default -> new IllegalStateException(thrown);
        };
    }

    static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT;
    static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG;
    static final MemoryLayout POINTER = ValueLayout.ADDRESS;
}
