package io.vireo.benchmarks.guests;

import io.vireo.benchmarks.dpdk.Cpus;
import io.vireo.harness.guests.Guest;
import io.vireo.harness.guests.GuestConfig;
import io.vireo.harness.guests.UserModeLinux;
import java.io.IOException;
import java.time.Duration;
import java.util.List;

/** What connects the two guests, 1 and 2, of a run. Whoever started it closes it, after the guests. */
abstract sealed class Network implements AutoCloseable permits VireoNetwork, BridgeNetwork {
    private static final int MEMORY_MEBIBYTES = 256;
    private static final int FIRST_HOST = 4;

    /** Boots a guest, with its address set and its card up. */
    abstract Guest boot(int guest) throws IOException;

    /** The time that a process of the network's own has spent on frames; 0 if it is the kernel who moves them. */
    abstract long workNs() throws IOException;

    @Override
    public abstract void close();

    static String address(int guest) {
        return "10.0.0." + (FIRST_HOST + guest);
    }

    /** @param card the name of its network card */
    static GuestConfig config(int guest, String card) throws IOException {
        List<Integer> cpus = Cpus.allowedHere();
        return GuestConfig.of("vm" + guest)
                .withMemory(MEMORY_MEBIBYTES)
                .withCpu(cpus.get((guest - 1) % cpus.size()))
                .withIperf3()
                .withBootTimeout(Duration.ofSeconds(30))
                .withScript("ip address add %1$s/24 dev %2$s && ip link set %2$s up".formatted(address(guest), card));
    }

    static Guest start(GuestConfig config) throws IOException {
        return UserModeLinux.start(config);
    }
}
