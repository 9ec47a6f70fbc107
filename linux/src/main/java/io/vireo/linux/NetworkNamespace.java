package io.vireo.linux;

import static io.vireo.linux.NativeCall.INT;

import java.lang.foreign.FunctionDescriptor;
import java.lang.invoke.MethodHandle;

/** Network namespaces (network_namespaces(7)), which belong to threads, and not to processes. */
public final class NetworkNamespace {
    private static final int CLONE_NEWNET = 0x4000_0000;
    private static final MethodHandle UNSHARE = NativeCall.bind("unshare", FunctionDescriptor.of(INT, INT));

    private NetworkNamespace() {}

    /**
     * Puts the calling thread into a new network namespace, empty but for a loopback interface that is down; threads and
     * processes that it starts from now on are there, too. It ends with the last of them, and of the descriptors opened
     * there. For platform threads that end soon: there is no way back. Takes CAP_SYS_ADMIN.
     */
    public static void enterNew() throws LinuxException {
        try {
            NativeCall.check((int) UNSHARE.invokeExact(NativeCall.errnoState(), CLONE_NEWNET), "unshare(CLONE_NEWNET)");
        } catch (Throwable thrown) {
            throw NativeCall.rethrow(thrown);
        }
    }
}
