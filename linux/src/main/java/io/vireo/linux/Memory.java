package io.vireo.linux;

import static io.vireo.linux.NativeCall.INT;
import static io.vireo.linux.NativeCall.LONG;
import static io.vireo.linux.NativeCall.POINTER;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;

/** Memory files and mappings: memfd_create(2), ftruncate(2), mmap(2), munmap(2). */
public final class Memory {
    private static final int MFD_CLOEXEC = 1;
    private static final int MFD_HUGETLB = 4;
    private static final int PROT_READ_WRITE = 3;
    private static final int MAP_SHARED = 1;

    private static final MethodHandle MEMFD_CREATE =
            NativeCall.bind("memfd_create", FunctionDescriptor.of(INT, POINTER, INT));
    private static final MethodHandle FTRUNCATE = NativeCall.bind("ftruncate", FunctionDescriptor.of(INT, INT, LONG));
    private static final MethodHandle MMAP =
            NativeCall.bind("mmap", FunctionDescriptor.of(LONG, LONG, LONG, INT, INT, INT, LONG));
    private static final MethodHandle PWRITE =
            NativeCall.bind("pwrite", FunctionDescriptor.of(LONG, INT, POINTER, LONG, LONG));
    private static final MethodHandle MUNMAP = NativeCall.bind("munmap", FunctionDescriptor.of(INT, LONG, LONG));

    private Memory() {}

    /** An anonymous memory file, of huge pages of the default size if {@code huge}. */
    public static Fd memfdCreate(String name, boolean huge) throws LinuxException {
        try (Arena arena = Arena.ofConfined()) {
            int flags = MFD_CLOEXEC | (huge ? MFD_HUGETLB : 0);
            int fd = (int) MEMFD_CREATE.invokeExact(NativeCall.errnoState(), arena.allocateFrom(name), flags);
            return new Fd(NativeCall.check(fd, "memfd_create"));
        } catch (Throwable thrown) {
            throw NativeCall.rethrow(thrown);
        }
    }

    public static void truncate(Fd fd, long size) throws LinuxException {
        try {
            int result = (int) FTRUNCATE.invokeExact(NativeCall.errnoState(), fd.number(), size);
            NativeCall.check(result, "ftruncate");
        } catch (Throwable thrown) {
            throw NativeCall.rethrow(thrown);
        }
    }

    /**
     * Maps {@code length} bytes of {@code fd} from {@code offset}, shared, for reading and writing.
     *
     * @return the address; the caller owns the mapping and must {@link #unmap} it
     */
    public static long map(Fd fd, long offset, long length) throws LinuxException {
        try {
            long address = (long) MMAP.invokeExact(
                    NativeCall.errnoState(), 0L, length, PROT_READ_WRITE, MAP_SHARED, fd.number(), offset);
            if (address == -1) {
                throw NativeCall.failure("mmap");
            }
            return address;
        } catch (Throwable thrown) {
            throw NativeCall.rethrow(thrown);
        }
    }

    /** Writes into a file without mapping it: then its length is nobody's concern. The file grows if it is shorter. */
    public static void write(Fd fd, long offset, byte[] bytes) throws LinuxException {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment data = arena.allocate(bytes.length);
            data.copyFrom(MemorySegment.ofArray(bytes));
            long written = 0;
            while (written < bytes.length) {
                long count = (long) PWRITE.invokeExact(
                        NativeCall.errnoState(),
                        fd.number(),
                        data.asSlice(written),
                        bytes.length - written,
                        offset + written);
                if (count < 0 && NativeCall.errno() != Errno.EINTR) {
                    throw NativeCall.failure("pwrite");
                }
                written += Math.max(count, 0);
            }
        } catch (Throwable thrown) {
            throw NativeCall.rethrow(thrown);
        }
    }

    /** The caller vouches that no thread will touch the range again: a later access ends the process. */
    public static void unmap(long address, long length) throws LinuxException {
        try {
            int result = (int) MUNMAP.invokeExact(NativeCall.errnoState(), address, length);
            NativeCall.check(result, "munmap");
        } catch (Throwable thrown) {
            throw NativeCall.rethrow(thrown);
        }
    }
}
