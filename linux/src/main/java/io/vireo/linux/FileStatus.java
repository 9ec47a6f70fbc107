package io.vireo.linux;

import static io.vireo.linux.NativeCall.INT;
import static io.vireo.linux.NativeCall.LONG;
import static io.vireo.linux.NativeCall.POINTER;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * What a descriptor that somebody else handed over really is. Nothing here asks a file system that a process serves (FUSE) or
 * another machine, which need not answer: statx(2) is satisfied with what the kernel knows, and fstatfs(2) is not used.
 *
 * @param kind the file type
 * @param size bytes, as statx(2) says
 * @param blockSize of the file, in bytes; on hugetlbfs the huge page size
 * @param inMemory whether its content is nowhere but in memory: on tmpfs or hugetlbfs, memory files included
 * @param mount the number of the mount that it was opened on
 */
public record FileStatus(Kind kind, long size, long blockSize, boolean inMemory, long mount) {
    /** File types that matter to this project. */
    public enum Kind {
        REGULAR,
        /** A Unix socket. */
        SOCKET,
        EVENTFD,
        OTHER
    }

    private static final int AT_EMPTY_PATH = 0x1000;
    private static final int AT_STATX_DONT_SYNC = 0x4000;
    private static final int STATX_BASIC_STATS = 0x7ff;
    private static final int STATX_MNT_ID = 0x1000;
    private static final int STATX_STRUCT_SIZE = 256;
    private static final int STATX_BLOCK_SIZE_OFFSET = 4;
    private static final int STATX_MODE_OFFSET = 28;
    private static final int STATX_FILE_SIZE_OFFSET = 40;
    private static final int STATX_MOUNT_OFFSET = 144;
    private static final int S_IFMT = 0xf000;
    private static final int F_GET_SEALS = 1034;
    private static final int SOL_SOCKET = 1;
    private static final int SO_DOMAIN = 39;
    private static final int AF_UNIX = 1;

    private static final MethodHandle STATX =
            NativeCall.bind("statx", FunctionDescriptor.of(INT, INT, POINTER, INT, INT, POINTER));
    private static final MethodHandle FCNTL =
            NativeCall.bindVariadic("fcntl", FunctionDescriptor.of(INT, INT, INT, INT), 2);
    private static final MethodHandle GETSOCKOPT =
            NativeCall.bind("getsockopt", FunctionDescriptor.of(INT, INT, INT, INT, POINTER, POINTER));

    public static FileStatus of(Fd fd) throws LinuxException {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment statx = arena.allocate(STATX_STRUCT_SIZE, 8);
            MemorySegment empty = arena.allocateFrom("");
            int flags = AT_EMPTY_PATH | AT_STATX_DONT_SYNC;
            int result = (int) STATX.invokeExact(
                    NativeCall.errnoState(), fd.number(), empty, flags, STATX_BASIC_STATS | STATX_MNT_ID, statx);
            NativeCall.check(result, "statx");
            int mode = Short.toUnsignedInt(statx.get(ValueLayout.JAVA_SHORT, STATX_MODE_OFFSET));
            // only files of shmem and hugetlbfs can have seals
            int seals = (int) FCNTL.invokeExact(NativeCall.errnoState(), fd.number(), F_GET_SEALS, 0);
            return new FileStatus(
                    kind(mode & S_IFMT, fd),
                    statx.get(LONG, STATX_FILE_SIZE_OFFSET),
                    Integer.toUnsignedLong(statx.get(INT, STATX_BLOCK_SIZE_OFFSET)),
                    seals >= 0,
                    statx.get(LONG, STATX_MOUNT_OFFSET));
        } catch (Throwable thrown) {
            throw NativeCall.rethrow(thrown);
        }
    }

    private static Kind kind(int type, Fd fd) {
        return switch (type) {
            case 0x8000 -> Kind.REGULAR;
            case 0xc000 -> isUnixSocket(fd) ? Kind.SOCKET : Kind.OTHER;
            default -> isEventFd(fd) ? Kind.EVENTFD : Kind.OTHER;
        };
    }

    /** Sockets of other families may linger when they are closed, or take what is sent to them for a command. */
    private static boolean isUnixSocket(Fd fd) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment domain = arena.allocate(INT);
            MemorySegment length = arena.allocateFrom(INT, Integer.BYTES);
            int result = (int)
                    GETSOCKOPT.invokeExact(NativeCall.errnoState(), fd.number(), SOL_SOCKET, SO_DOMAIN, domain, length);
            return result == 0 && domain.get(INT, 0) == AF_UNIX;
        } catch (Throwable thrown) {
            throw NativeCall.unexpected(thrown);
        }
    }

    /** Anonymous inodes have no type bits; the kernel names their kind in /proc alone. */
    private static boolean isEventFd(Fd fd) {
        try {
            Path link = Files.readSymbolicLink(Path.of("/proc/self/fd/" + fd.number()));
            return link.toString().equals("anon_inode:[eventfd]");
        } catch (IOException e) {
            return false;
        }
    }
}
