package io.vireo.appliance.check;

import java.util.Optional;

/** What /proc says of this process (proc_pid_status(5), proc_pid_limits(5)). */
final class ProcessStatus {
    /** Bits of capabilities(7). */
    static final int CAP_NET_ADMIN = 12;

    static final int CAP_IPC_LOCK = 14;
    static final int CAP_SYS_ADMIN = 21;

    private final Machine machine;

    ProcessStatus(Machine machine) {
        this.machine = machine;
    }

    boolean has(int capability) {
        return status("CapEff")
                .map(hex -> (Long.parseUnsignedLong(hex, 16) >>> capability & 1) != 0)
                .orElse(false);
    }

    /** Whether a filter decides which system calls it may make, as in most containers. */
    boolean isFiltered() {
        return status("Seccomp").map(mode -> mode.equals("2")).orElse(false);
    }

    private Optional<String> status(String key) {
        return machine.read("/proc/self/status").stream()
                .flatMap(String::lines)
                .filter(line -> line.startsWith(key + ":"))
                .map(line -> line.substring(key.length() + 1).strip())
                .findFirst();
    }

    /** The soft limit of that name; {@link Long#MAX_VALUE} where there is none or it is not known. */
    long limit(String name) {
        return machine.read("/proc/self/limits").stream()
                .flatMap(String::lines)
                .filter(line -> line.startsWith(name))
                .map(line -> line.substring(name.length()).strip().split(" +", -1)[0])
                .filter(soft -> soft.matches("[0-9]{1,18}"))
                .map(Long::parseLong)
                .findFirst()
                .orElse(Long.MAX_VALUE);
    }
}
