package io.vireo.appliance.check;

import io.vireo.router.FrameMemory;
import io.vireo.router.config.RouterConfig;
import io.vireo.router.config.VhostConfig;
import io.vireo.vsock.endpoint.Endpoint;
import io.vireo.vsock.host.VsockGuest;
import java.util.ArrayList;
import java.util.List;

/** Whether there is as much of everything as the configuration takes. */
final class ResourceCheck {
    /** What the Java machine, the log, the journal and the address service have open. */
    private static final int FILES = 150;

    /** Polling, waking, one queue of the uplink and its io_uring. */
    private static final int FILES_OF_REACTOR = 8;

    /** Two sockets and the regions of its memory. */
    private static final int FILES_OF_GUEST = 10;

    /** Kick, call and error. */
    private static final int FILES_OF_RING = 3;

    /** Receiving, transmitting, events. */
    private static final int RINGS_OF_VSOCK = 3;

    /** What a guest's vsock has beside its socket and memory: polling, waking, and the socket for programs of the host. */
    private static final int FILES_OF_VSOCK = 3;

    private final Machine machine;
    private final ProcessStatus process;
    private final RouterConfig config;
    private final List<VsockGuest> vsock;

    ResourceCheck(Machine machine, RouterConfig config, List<VsockGuest> vsock) {
        this.machine = machine;
        this.process = new ProcessStatus(machine);
        this.config = config;
        this.vsock = vsock;
    }

    List<Finding> find() {
        List<Finding> findings = new ArrayList<>();
        findings.add(hugePages());
        findings.add(files());
        if (config.uplink().isPresent()) {
            findings.add(uring());
            findings.add(lockedMemory());
        }
        return findings;
    }

    private Finding hugePages() {
        long page = memory("Hugepagesize") * 1024;
        if (page == 0) {
            return Finding.lacks("the kernel has no huge pages", "use a kernel with CONFIG_HUGETLBFS");
        }
        long needed = FrameMemory.blocks(config).stream()
                .mapToLong(block -> Math.ceilDiv(block, page))
                .sum();
        long free = memory("HugePages_Free") - memory("HugePages_Rsvd");
        String what = "of the %d huge pages that are needed, %d are free".formatted(needed, Math.min(free, needed));
        return free >= needed
                ? Finding.ok(what)
                : Finding.lacks(
                        what + "; normal ones are slower",
                        "sysctl -w vm.nr_hugepages=" + (memory("HugePages_Total") + needed - free));
    }

    /** A line of /proc/meminfo; 0 where it is not there. */
    private long memory(String key) {
        return machine.read("/proc/meminfo").stream()
                .flatMap(String::lines)
                .filter(line -> line.startsWith(key + ":"))
                .map(line -> line.substring(key.length() + 1).strip().split(" ", -1)[0])
                .filter(number -> number.matches("[0-9]{1,15}"))
                .mapToLong(Long::parseLong)
                .findFirst()
                .orElse(0);
    }

    private Finding files() {
        long needed = FILES + (long) FILES_OF_REACTOR * config.reactors();
        for (VhostConfig guest : config.guests()) {
            int rings = 2 * guest.queues() + 1; // with the one for control
            needed += FILES_OF_GUEST + (long) FILES_OF_RING * rings;
        }
        for (VsockGuest guest : vsock) {
            needed += FILES_OF_GUEST + FILES_OF_VSOCK + (long) FILES_OF_RING * RINGS_OF_VSOCK;
            needed += guest.uds().isPresent() ? Endpoint.MAX_CONNECTIONS : 0; // with a program of the host each
        }
        long limit = process.limit("Max open files");
        return limit >= needed
                ? Finding.ok("as many files may be open as are needed, " + needed)
                : Finding.lacks(
                        "%d files may be open, and %d are needed".formatted(limit, needed),
                        "ulimit -n " + needed + " (of a systemd unit: LimitNOFILE=" + needed + ")");
    }

    /** Values as in Documentation/admin-guide/sysctl/kernel: 1 leaves it to administrators, 2 to nobody. */
    private Finding uring() {
        String disabled = machine.read("/proc/sys/kernel/io_uring_disabled").orElse("0");
        boolean isDisabled =
                disabled.equals("2") || (disabled.equals("1") && !process.has(ProcessStatus.CAP_SYS_ADMIN));
        if (isDisabled) {
            return Finding.lacks(
                    "io_uring is disabled; the uplink makes a system call for each packet instead",
                    "sysctl -w kernel.io_uring_disabled=0");
        }
        return process.isFiltered()
                ? Finding.unknown(
                        "a seccomp filter may forbid io_uring; the uplink then makes a system call for each packet")
                : Finding.ok("io_uring is not disabled");
    }

    /** Buffers that an io_uring knows count as locked, unless their owner may lock what it likes. */
    private Finding lockedMemory() {
        long needed = config.reactors() * FrameMemory.UPLINK_BYTES;
        long limit = process.has(ProcessStatus.CAP_IPC_LOCK) ? Long.MAX_VALUE : process.limit("Max locked memory");
        return limit >= needed
                ? Finding.ok("as much memory may be locked as is needed, " + needed + " bytes")
                : Finding.lacks(
                        "%d bytes of memory may be locked, and %d are needed".formatted(limit, needed),
                        "ulimit -l %d (of a systemd unit: LimitMEMLOCK=%d)"
                                .formatted(Math.ceilDiv(needed, 1024), needed));
    }
}
