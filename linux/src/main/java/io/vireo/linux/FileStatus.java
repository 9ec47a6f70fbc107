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
 * What a descriptor that somebody else handed over really is.
 *
 * @param kind the file type
 * @param size bytes, as statx(2) says
 * @param fileSystem the magic number of fstatfs(2)
 * @param blockSize the file system's block size in bytes; on hugetlbfs the huge page size
 */
public record FileStatus(Kind kind, long size, long fileSystem, long blockSize) {
    /** File types that matter to this project. */
    public enum Kind {
        REGULAR,
        SOCKET,
        EVENTFD,
        OTHER
    }

    public static final long TMPFS_MAGIC = 0x01021994;
    public static final long HUGETLBFS_MAGIC = 0x958458f6L;

    private static final int AT_EMPTY_PATH = 0x1000;
    private static final int STATX_BASIC_STATS = 0x7ff;
    private static final int STATX_SIZE = 256;
    private static final int STATX_MODE_OFFSET = 28;
    private static final int STATX_FILE_SIZE_OFFSET = 40;
    private static final int STATFS_SIZE = 128;
    private static final int STATFS_BLOCK_SIZE_OFFSET = 8;
    private static final int S_IFMT = 0xf000;

    private static final MethodHandle STATX =
            NativeCall.bind("statx", FunctionDescriptor.of(INT, INT, POINTER, INT, INT, POINTER));
    private static final MethodHandle FSTATFS = NativeCall.bind("fstatfs", FunctionDescriptor.of(INT, INT, POINTER));

    public static FileStatus of(Fd fd) throws LinuxException {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment statx = arena.allocate(STATX_SIZE, 8);
            MemorySegment statfs = arena.allocate(STATFS_SIZE, 8);
            MemorySegment empty = arena.allocateFrom("");
            int result = (int) STATX.invokeExact(
                    NativeCall.errnoState(), fd.number(), empty, AT_EMPTY_PATH, STATX_BASIC_STATS, statx);
            NativeCall.check(result, "statx");
            result = (int) FSTATFS.invokeExact(NativeCall.errnoState(), fd.number(), statfs);
            NativeCall.check(result, "fstatfs");
            int mode = Short.toUnsignedInt(statx.get(ValueLayout.JAVA_SHORT, STATX_MODE_OFFSET));
            return new FileStatus(
                    kind(mode & S_IFMT, fd),
                    statx.get(LONG, STATX_FILE_SIZE_OFFSET),
                    statfs.get(LONG, 0),
                    statfs.get(LONG, STATFS_BLOCK_SIZE_OFFSET));
        } catch (Throwable thrown) {
            throw NativeCall.rethrow(thrown);
        }
    }

    private static Kind kind(int type, Fd fd) {
        return switch (type) {
            case 0x8000 -> Kind.REGULAR;
            case 0xc000 -> Kind.SOCKET;
            default -> isEventFd(fd) ? Kind.EVENTFD : Kind.OTHER;
        };
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
