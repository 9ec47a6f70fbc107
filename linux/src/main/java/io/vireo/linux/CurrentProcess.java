package io.vireo.linux;

import static io.vireo.linux.NativeCall.INT;

import java.lang.foreign.FunctionDescriptor;
import java.lang.invoke.MethodHandle;

/** What this process is to the kernel's permission checks. Neither call can fail. For any thread. */
public final class CurrentProcess {
    private static final MethodHandle GETEUID = NativeCall.bind("geteuid", FunctionDescriptor.of(INT));
    private static final MethodHandle UMASK = NativeCall.bind("umask", FunctionDescriptor.of(INT, INT));

    private CurrentProcess() {}

    public static int effectiveUserId() {
        try {
            return (int) GETEUID.invokeExact(NativeCall.errnoState());
        } catch (Throwable thrown) {
            throw NativeCall.unexpected(thrown);
        }
    }

    /** Takes these permission bits from all files that any thread creates from now on (umask(2)). @return those before */
    public static int setUmask(int bits) {
        try {
            return (int) UMASK.invokeExact(NativeCall.errnoState(), bits);
        } catch (Throwable thrown) {
            throw NativeCall.unexpected(thrown);
        }
    }
}
