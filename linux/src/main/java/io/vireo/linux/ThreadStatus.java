package io.vireo.linux;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * What a thread of this process may do, as {@code /proc/self/task/ID/status} tells it (proc(5)).
 *
 * @param users its user numbers: real, effective, saved, for files
 * @param groups the same of its group
 * @param permitted the capabilities that it can have, a bit for each
 * @param effective those that it has
 * @param seccomp 2 if system calls are filtered
 */
public record ThreadStatus(
        int id,
        String name,
        List<Integer> users,
        List<Integer> groups,
        long inheritable,
        long permitted,
        long effective,
        long ambient,
        boolean noNewPrivileges,
        int seccomp) {
    private static final int FILTERED = 2;
    private static final int HEXADECIMAL = 16;

    /** All threads of this process; one that ends meanwhile may be missing. */
    public static List<ThreadStatus> all() throws IOException {
        List<ThreadStatus> threads = new ArrayList<>();
        try (DirectoryStream<Path> tasks = Files.newDirectoryStream(Path.of("/proc/self/task"))) {
            for (Path task : tasks) {
                try {
                    threads.add(parse(Files.readString(task.resolve("status"))));
                } catch (IOException e) {
                    if (Files.exists(task)) { // else it has ended
                        throw e;
                    }
                }
            }
        }
        return threads;
    }

    /** @throws IOException if something is missing, or no number */
    static ThreadStatus parse(String text) throws IOException {
        Map<String, String> fields = new HashMap<>();
        for (String line : text.split("\n", -1)) {
            int colon = line.indexOf(':');
            if (colon > 0) {
                fields.put(line.substring(0, colon), line.substring(colon + 1).strip());
            }
        }
        try {
            return new ThreadStatus(
                    Integer.parseInt(field(fields, "Pid")),
                    field(fields, "Name"),
                    numbers(field(fields, "Uid")),
                    numbers(field(fields, "Gid")),
                    set(fields, "CapInh"),
                    set(fields, "CapPrm"),
                    set(fields, "CapEff"),
                    set(fields, "CapAmb"),
                    field(fields, "NoNewPrivs").equals("1"),
                    Integer.parseInt(field(fields, "Seccomp")));
        } catch (NumberFormatException e) {
            throw new IOException("a thread's status is not understood: " + text, e);
        }
    }

    private static String field(Map<String, String> fields, String name) throws IOException {
        String value = fields.get(name);
        if (value == null) {
            throw new IOException("a thread's status has no " + name);
        }
        return value;
    }

    private static List<Integer> numbers(String value) {
        return Arrays.stream(value.split("\\s+", -1))
                .map(Integer::parseUnsignedInt)
                .toList();
    }

    private static long set(Map<String, String> fields, String name) throws IOException {
        return Long.parseUnsignedLong(field(fields, name), HEXADECIMAL);
    }

    /** Whether it is wholly the user's, can get no capabilities but these, and has its system calls filtered. */
    public boolean isUnprivileged(User user, long capabilities) {
        return users.stream().allMatch(number -> number == user.id())
                && groups.stream().allMatch(number -> number == user.group())
                && (inheritable | ambient) == 0
                && (permitted & ~capabilities) == 0
                && (effective & ~capabilities) == 0
                && noNewPrivileges
                && seccomp == FILTERED;
    }
}
