package io.vireo.benchmarks.guests;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;

/**
 * CPU time so far, in nanoseconds.
 *
 * @param machine of all processes and kernel threads
 * @param guestUser of the guests' processes outside the host's kernel
 * @param guestSystem of the guests' processes within the host's kernel: their system calls and signals, and what a system
 *     call that sends a frame through the kernel has it do
 * @param network of the network's own process, if it has one
 */
record CpuTimes(long machine, long guestUser, long guestSystem, long network) {
    /** USER_HZ is 100 on every architecture that Java runs on. */
    private static final long TICK_NS = 10_000_000;

    private static final Path PROC = Path.of("/proc");

    /** @param sessions the guests' */
    static CpuTimes now(Set<Long> sessions, long networkNs) throws IOException {
        long machine = 0;
        long user = 0;
        long system = 0;
        for (ProcessTimes process : processes()) {
            machine += process.userNs() + process.systemNs();
            if (sessions.contains(process.session())) {
                user += process.userNs();
                system += process.systemNs();
            }
        }
        return new CpuTimes(machine, user, system, networkNs);
    }

    CpuTimes minus(CpuTimes earlier) {
        return new CpuTimes(
                machine - earlier.machine,
                guestUser - earlier.guestUser,
                guestSystem - earlier.guestSystem,
                network - earlier.network);
    }

    /** What is neither the guests' nor the network's: above all the compilers of the network's JVM, and kernel threads. */
    long rest() {
        return machine - guestUser - guestSystem - network;
    }

    /**
     * What a process and the children it has waited for have used.
     *
     * @param session its session's number
     */
    record ProcessTimes(long session, long userNs, long systemNs) {
        /** @param stat as in proc(5), /proc/PID/stat */
        static ProcessTimes parse(String stat) {
            // pid (comm) state ppid pgrp session ...; comm may contain anything, parentheses and spaces too.
            String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ", -1);
            return new ProcessTimes(
                    Long.parseLong(fields[3]),
                    (Long.parseLong(fields[11]) + Long.parseLong(fields[13])) * TICK_NS,
                    (Long.parseLong(fields[12]) + Long.parseLong(fields[14])) * TICK_NS);
        }
    }

    private static List<ProcessTimes> processes() throws IOException {
        List<ProcessTimes> all = new ArrayList<>();
        try (Stream<Path> entries = Files.list(PROC)) {
            for (Path entry : entries.toList()) {
                if (entry.getFileName().toString().matches("[0-9]+")) {
                    try {
                        all.add(ProcessTimes.parse(Files.readString(entry.resolve("stat"))));
                    } catch (IOException e) {
                        // It has ended meanwhile.
                    }
                }
            }
        }
        return all;
    }
}
