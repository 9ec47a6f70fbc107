package io.vireo.linux;

import static io.vireo.linux.NativeCall.LONG;
import static io.vireo.linux.NativeCall.POINTER;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;

/**
 * System calls that this process never needs, and whoever took it over would: they fail with EPERM, in all threads (seccomp(2)
 * with a program of classic BPF).
 *
 * <p>It is a list of what is forbidden, and not of what is allowed: the JVM's own calls change from version to version, and
 * which ones it makes in the rarest case nobody can tell beforehand. Neither does it look at arguments: what clone3(2) makes
 * is behind a pointer, so new namespaces of a new process cannot be told from threads.
 *
 * <p>The filter is there also because installing it is the one way to set {@code no_new_privs} for threads that run already.
 */
final class SystemCallFilter {
    /** Names, and numbers on x86-64 and on aarch64; -1 where there is none (asm/unistd_64.h, asm-generic/unistd.h). */
    private enum Call {
        // other programs
        EXECVE(59, 221),
        EXECVEAT(322, 281),
        // other processes
        PTRACE(101, 117),
        PROCESS_VM_READV(310, 270),
        PROCESS_VM_WRITEV(311, 271),
        PROCESS_MADVISE(440, 440),
        PIDFD_GETFD(438, 438),
        KCMP(312, 272),
        // file systems and namespaces
        MOUNT(165, 40),
        UMOUNT2(166, 39),
        PIVOT_ROOT(155, 41),
        CHROOT(161, 51),
        MOVE_MOUNT(429, 429),
        OPEN_TREE(428, 428),
        FSOPEN(430, 430),
        FSCONFIG(431, 431),
        FSMOUNT(432, 432),
        FSPICK(433, 433),
        MOUNT_SETATTR(442, 442),
        OPEN_BY_HANDLE_AT(304, 265),
        SWAPON(167, 224),
        SWAPOFF(168, 225),
        QUOTACTL(179, 60),
        QUOTACTL_FD(443, 443),
        UNSHARE(272, 97),
        SETNS(308, 268),
        // the kernel
        KEXEC_LOAD(246, 104),
        KEXEC_FILE_LOAD(320, 294),
        INIT_MODULE(175, 105),
        FINIT_MODULE(313, 273),
        DELETE_MODULE(176, 106),
        BPF(321, 280),
        PERF_EVENT_OPEN(298, 241),
        USERFAULTFD(323, 282),
        KEYCTL(250, 219),
        ADD_KEY(248, 217),
        REQUEST_KEY(249, 218),
        REBOOT(169, 142),
        ACCT(163, 89),
        SETHOSTNAME(170, 161),
        SETDOMAINNAME(171, 162),
        SETTIMEOFDAY(164, 170),
        CLOCK_SETTIME(227, 112),
        PERSONALITY(135, 92),
        IOPL(172, -1),
        IOPERM(173, -1),
        MODIFY_LDT(154, -1);

        final int x86;
        final int arm;

        Call(int x86, int arm) {
            this.x86 = x86;
            this.arm = arm;
        }
    }

    private enum Machine {
        X86_64(0xc000_003e, 317),
        AARCH64(0xc000_00b7, 277);

        /** AUDIT_ARCH_, by which the kernel tells whose numbers a call is made by. */
        final int architecture;

        final int seccomp;

        Machine(int architecture, int seccomp) {
            this.architecture = architecture;
            this.seccomp = seccomp;
        }

        static Machine own() throws LinuxException {
            return switch (System.getProperty("os.arch")) {
                case "amd64" -> X86_64;
                case "aarch64" -> AARCH64;
                default -> throw new LinuxException("seccomp on this architecture", Errno.ENOSYS);
            };
        }

        int number(Call call) {
            return this == X86_64 ? call.x86 : call.arm;
        }
    }

    private static final int SECCOMP_SET_MODE_FILTER = 1;
    private static final int SECCOMP_FILTER_FLAG_TSYNC = 1;

    // struct seccomp_data: the call's number, then the architecture
    private static final int DATA_NUMBER = 0;
    private static final int DATA_ARCHITECTURE = 4;
    /** On x86-64, numbers from here on are of x32, which nobody here uses, and which are the same calls again. */
    private static final int X32 = 0x4000_0000;

    // struct sock_filter: code, two jump distances, operand
    private static final int INSTRUCTION_SIZE = 8;
    private static final short LOAD = 0x20;
    private static final short JUMP_IF_EQUAL = 0x15;
    private static final short JUMP_IF_AT_LEAST = 0x35;
    private static final short RETURN = 0x06;
    private static final int ALLOW = 0x7fff_0000;
    private static final int FAIL_WITH = 0x0005_0000;

    // struct sock_fprog: how many instructions, and where
    private static final int PROGRAM_SIZE = 16;

    private static final MethodHandle SYSCALL =
            NativeCall.bindVariadic("syscall", FunctionDescriptor.of(LONG, LONG, LONG, LONG, POINTER), 1);

    private SystemCallFilter() {}

    /** Has it filter all threads' calls, for good, and sets {@code no_new_privs} of all if the calling one has it. */
    static void install() throws LinuxException {
        Machine machine = Machine.own();
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment instructions = program(arena, machine);
            MemorySegment program = arena.allocate(PROGRAM_SIZE, 8);
            program.set(ValueLayout.JAVA_SHORT, 0, (short) (instructions.byteSize() / INSTRUCTION_SIZE));
            program.set(ValueLayout.ADDRESS, 8, instructions);
            long result = (long) SYSCALL.invokeExact(
                    NativeCall.errnoState(),
                    (long) machine.seccomp,
                    (long) SECCOMP_SET_MODE_FILTER,
                    (long) SECCOMP_FILTER_FLAG_TSYNC,
                    program);
            if (result > 0) {
                throw new LinuxException("seccomp(TSYNC): thread " + result + " has a filter of its own", Errno.EBUSY);
            }
            NativeCall.check((int) result, "seccomp");
        } catch (Throwable thrown) {
            throw NativeCall.rethrow(thrown);
        }
    }

    /** The instructions; the last two allow a call, and refuse it. */
    private static MemorySegment program(Arena arena, Machine machine) {
        Call[] calls = Call.values();
        int length = 4 + calls.length + 2;
        MemorySegment program = arena.allocate((long) length * INSTRUCTION_SIZE, 8);
        int refuse = length - 1;
        write(program, 0, LOAD, 0, 0, DATA_ARCHITECTURE);
        write(program, 1, JUMP_IF_EQUAL, 0, refuse - 2, machine.architecture);
        write(program, 2, LOAD, 0, 0, DATA_NUMBER);
        write(program, 3, JUMP_IF_AT_LEAST, refuse - 4, 0, X32);
        for (int i = 0; i < calls.length; i++) {
            int at = 4 + i;
            write(program, at, JUMP_IF_EQUAL, refuse - at - 1, 0, machine.number(calls[i]));
        }
        write(program, refuse - 1, RETURN, 0, 0, ALLOW);
        write(program, refuse, RETURN, 0, 0, FAIL_WITH | Errno.EPERM);
        return program;
    }

    private static void write(MemorySegment program, int index, short code, int ifTrue, int ifFalse, int operand) {
        long at = (long) index * INSTRUCTION_SIZE;
        program.set(ValueLayout.JAVA_SHORT, at, code);
        program.set(ValueLayout.JAVA_BYTE, at + 2, (byte) ifTrue);
        program.set(ValueLayout.JAVA_BYTE, at + 3, (byte) ifFalse);
        program.set(ValueLayout.JAVA_INT, at + 4, operand);
    }
}
