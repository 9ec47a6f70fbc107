package io.vireo.linux;

import static io.vireo.linux.NativeCall.INT;
import static io.vireo.linux.NativeCall.LONG;
import static io.vireo.linux.NativeCall.POINTER;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import java.util.List;

/**
 * Gives up what root may do (credentials(7), capabilities(7)).
 *
 * <p>The kernel knows credentials of threads only. What makes all threads a user's is the C library, which has each of them
 * make the same call; a thread that becomes a user's loses its capabilities, but for one that has asked to keep them. What
 * cannot be undone for all threads by the library is done by the kernel along with a system call filter (seccomp(2), TSYNC).
 */
public final class Privileges {
    /** To change network interfaces, addresses and routes (capabilities(7)). */
    public static final int CAP_NET_ADMIN = 12;

    private static final int PR_SET_KEEPCAPS = 8;
    private static final int PR_SET_NO_NEW_PRIVS = 38;
    private static final int CAPABILITY_VERSION_3 = 0x2008_0522;

    private static final MethodHandle PRCTL =
            NativeCall.bindVariadic("prctl", FunctionDescriptor.of(INT, INT, LONG, LONG, LONG, LONG), 1);
    private static final MethodHandle SETGROUPS =
            NativeCall.bind("setgroups", FunctionDescriptor.of(INT, LONG, POINTER));
    private static final MethodHandle SETRESGID =
            NativeCall.bind("setresgid", FunctionDescriptor.of(INT, INT, INT, INT));
    private static final MethodHandle SETRESUID =
            NativeCall.bind("setresuid", FunctionDescriptor.of(INT, INT, INT, INT));
    private static final MethodHandle CAPSET = NativeCall.bind("capset", FunctionDescriptor.of(INT, POINTER, POINTER));
    private static final MethodHandle GETTID = NativeCall.bind("gettid", FunctionDescriptor.of(INT));

    private Privileges() {}

    /**
     * Makes all threads of this process the user's, for good: without capabilities, with {@code no_new_privs}, and without
     * the system calls of {@link SystemCallFilter}. Threads started later are as the thread that starts them: so the calling
     * one, which keeps a capability, should start none.
     *
     * <p>The process is then not "dumpable" (proc(5)): other processes of this user can neither trace it nor see its memory.
     *
     * @param user not root
     * @param kept the one capability, below 32, that the calling thread keeps
     * @throws LinuxException if something was refused: what was done before that stays done, and the process should end
     * @throws IOException if afterwards a thread is found that has more than it should
     */
    public static void drop(User user, int kept) throws IOException {
        dropAllBut(1 << kept, user);
    }

    /** The same without keeping any capability. */
    public static void drop(User user) throws IOException {
        dropAllBut(0, user);
    }

    private static void dropAllBut(int capabilities, User user) throws IOException {
        if (user.id() == 0) {
            throw new IllegalArgumentException(user.name() + " is root");
        }
        prctl(PR_SET_KEEPCAPS, 1, "prctl(PR_SET_KEEPCAPS)");
        become(user);
        prctl(PR_SET_KEEPCAPS, 0, "prctl(PR_SET_KEEPCAPS)");
        keepOnly(capabilities);
        prctl(PR_SET_NO_NEW_PRIVS, 1, "prctl(PR_SET_NO_NEW_PRIVS)");
        SystemCallFilter.install();
        verify(user, capabilities);
    }

    private static void become(User user) throws LinuxException {
        try (Arena arena = Arena.ofConfined()) {
            int[] groups = user.groups().stream().mapToInt(Integer::intValue).toArray();
            MemorySegment list = arena.allocateFrom(INT, groups);
            int result = (int) SETGROUPS.invokeExact(NativeCall.errnoState(), (long) groups.length, list);
            NativeCall.check(result, "setgroups");
            result = (int) SETRESGID.invokeExact(NativeCall.errnoState(), user.group(), user.group(), user.group());
            NativeCall.check(result, "setresgid");
            result = (int) SETRESUID.invokeExact(NativeCall.errnoState(), user.id(), user.id(), user.id());
            NativeCall.check(result, "setresuid");
        } catch (Throwable thrown) {
            throw NativeCall.rethrow(thrown);
        }
    }

    /** Capabilities of the calling thread: permitted and effective these, inheritable none. */
    private static void keepOnly(int capabilities) throws LinuxException {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment header = arena.allocateFrom(INT, CAPABILITY_VERSION_3, 0);
            // effective, permitted, inheritable; the second three are for numbers from 32 on
            MemorySegment sets = arena.allocateFrom(INT, capabilities, capabilities, 0, 0, 0, 0);
            NativeCall.check((int) CAPSET.invokeExact(NativeCall.errnoState(), header, sets), "capset");
        } catch (Throwable thrown) {
            throw NativeCall.rethrow(thrown);
        }
    }

    private static void prctl(int option, long value, String call) throws LinuxException {
        try {
            NativeCall.check((int) PRCTL.invokeExact(NativeCall.errnoState(), option, value, 0L, 0L, 0L), call);
        } catch (Throwable thrown) {
            throw NativeCall.rethrow(thrown);
        }
    }

    private static void verify(User user, long kept) throws IOException {
        int self = currentThread();
        List<ThreadStatus> threads = ThreadStatus.all();
        for (ThreadStatus thread : threads) {
            long allowed = thread.id() == self ? kept : 0;
            if (!thread.isUnprivileged(user, allowed)) {
                throw new IOException("a thread has not become " + user.name() + "'s: " + thread);
            }
        }
        if (threads.stream().noneMatch(thread -> thread.id() == self && thread.effective() == kept)) {
            throw new IOException("thread " + self + " has not kept what it should: " + threads);
        }
    }

    private static int currentThread() {
        try {
            return (int) GETTID.invokeExact(NativeCall.errnoState());
        } catch (Throwable thrown) {
            throw NativeCall.unexpected(thrown);
        }
    }
}
