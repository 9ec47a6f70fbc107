package io.vireo.linux;

import static io.vireo.linux.NativeCall.INT;
import static io.vireo.linux.NativeCall.LONG;
import static io.vireo.linux.NativeCall.POINTER;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * A user of this machine, as getpwnam(3) and getgrouplist(3) know it.
 *
 * @param group the number of its own group
 * @param groups the numbers of all its groups, its own among them
 */
public record User(String name, int id, int group, List<Integer> groups) {
    // struct passwd: name, password, then both numbers
    private static final int ENTRY_SIZE = 48;
    private static final int ENTRY_ID = 16;
    private static final int ENTRY_GROUP = 20;

    private static final int TEXT_SIZE = 64 * 1024;
    private static final int MAX_GROUPS = 65_536;
    private static final int MAX_NAME = 256;

    private static final MethodHandle GETPWNAM =
            NativeCall.bind("getpwnam_r", FunctionDescriptor.of(INT, POINTER, POINTER, POINTER, LONG, POINTER));
    private static final MethodHandle GETPWUID =
            NativeCall.bind("getpwuid_r", FunctionDescriptor.of(INT, INT, POINTER, POINTER, LONG, POINTER));
    private static final MethodHandle GETGROUPLIST =
            NativeCall.bind("getgrouplist", FunctionDescriptor.of(INT, POINTER, INT, POINTER, POINTER));

    public User {
        groups = List.copyOf(groups);
    }

    /** The user of that name; of that number, if it is one and no user's name. */
    public static Optional<User> find(String nameOrNumber) throws LinuxException {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment entry = arena.allocate(ENTRY_SIZE, 8);
            MemorySegment text = arena.allocate(TEXT_SIZE);
            MemorySegment found = arena.allocate(POINTER);
            MemorySegment name = arena.allocateFrom(nameOrNumber);
            int result = (int) GETPWNAM.invokeExact(NativeCall.errnoState(), name, entry, text, text.byteSize(), found);
            if (isNone(found) && nameOrNumber.matches("[0-9]{1,9}")) {
                int id = Integer.parseInt(nameOrNumber);
                result = (int) GETPWUID.invokeExact(NativeCall.errnoState(), id, entry, text, text.byteSize(), found);
            }
            if (!isNone(found)) {
                return Optional.of(read(arena, entry));
            }
            // getpwnam_r(3) names these as meaning that there is none
            if (result == 0 || result == Errno.ENOENT || result == Errno.ESRCH || result == Errno.EPERM) {
                return Optional.empty();
            }
            throw new LinuxException("getpwnam of " + nameOrNumber, result);
        } catch (Throwable thrown) {
            throw NativeCall.rethrow(thrown);
        }
    }

    private static boolean isNone(MemorySegment found) {
        return found.get(LONG, 0) == 0;
    }

    @SuppressWarnings("restricted") // the name lies within the text that the library was given
    private static User read(Arena arena, MemorySegment entry) throws LinuxException {
        MemorySegment name = entry.get(ValueLayout.ADDRESS, 0).reinterpret(MAX_NAME);
        int id = entry.get(INT, ENTRY_ID);
        int group = entry.get(INT, ENTRY_GROUP);
        MemorySegment groups = arena.allocate((long) MAX_GROUPS * Integer.BYTES, 4);
        MemorySegment count = arena.allocateFrom(INT, MAX_GROUPS);
        try {
            int result = (int) GETGROUPLIST.invokeExact(NativeCall.errnoState(), name, group, groups, count);
            NativeCall.check(result, "getgrouplist");
        } catch (Throwable thrown) {
            throw NativeCall.rethrow(thrown);
        }
        int[] numbers =
                groups.asSlice(0, (long) count.get(INT, 0) * Integer.BYTES).toArray(INT);
        return new User(
                name.getString(0), id, group, Arrays.stream(numbers).boxed().toList());
    }
}
