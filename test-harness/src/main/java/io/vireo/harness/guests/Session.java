package io.vireo.harness.guests;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;

/**
 * The processes of one session (setsid(2)). Unlike descendants they remain findable when their parent has died, which
 * matters for user-mode Linux: each of its guest's address spaces is a process of the host.
 *
 * @param id the session, which is the number of the process that began it
 */
record Session(long id) {
    private static final Duration PATIENCE = Duration.ofSeconds(10);
    private static final long POLL_NS = 1_000_000;

    /** Those that run; a zombie holds nothing but its number. */
    List<ProcessHandle> processes() {
        try (Stream<Path> entries = Files.list(Path.of("/proc"))) {
            return entries.map(entry -> entry.getFileName().toString())
                    .filter(name -> name.chars().allMatch(c -> c >= '0' && c <= '9'))
                    .mapToLong(Long::parseLong)
                    .filter(this::holds)
                    .mapToObj(ProcessHandle::of)
                    .flatMap(Optional::stream)
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Kills all with SIGKILL, and what they may have started meanwhile; fails if any survives. */
    void kill() {
        long deadlineNs = System.nanoTime() + PATIENCE.toNanos();
        for (List<ProcessHandle> left = processes(); !left.isEmpty(); left = processes()) {
            if (System.nanoTime() - deadlineNs > 0) {
                throw new IllegalStateException("processes that cannot be killed: " + left);
            }
            left.forEach(ProcessHandle::destroyForcibly);
            LockSupport.parkNanos(POLL_NS);
        }
    }

    private boolean holds(long pid) {
        String stat;
        try {
            stat = Files.readString(Path.of("/proc/" + pid + "/stat"));
        } catch (IOException e) {
            return false; // It has ended meanwhile.
        }
        // proc(5): pid (comm) state ppid pgrp session ...; comm may contain anything, parentheses and spaces too.
        String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ", 5);
        return fields.length == 5
                && !fields[0].equals("Z")
                && !fields[0].equals("X")
                && Long.parseLong(fields[3]) == id;
    }
}
