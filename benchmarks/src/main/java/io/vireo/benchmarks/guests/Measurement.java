package io.vireo.benchmarks.guests;

import io.vireo.harness.guests.Guest;
import java.io.IOException;
import java.time.Duration;
import java.util.Locale;
import java.util.Set;

/**
 * One run.
 *
 * @param pingMs round trip between the guests while nothing else happens, median
 * @param cpu used during {@code tcp}
 */
record Measurement(Iperf3Report tcp, double pingMs, CpuTimes cpu) {
    private static final Duration SOON = Duration.ofSeconds(30);
    private static final int WARM_UP_SECONDS = 2;

    /** Boots both guests on a network, measures, and ends the guests. */
    static Measurement take(Network network, int seconds) throws IOException {
        try (Guest client = network.boot(1);
                Guest server = network.boot(2)) {
            server.run("iperf3 -s -D", SOON);
            client.run("ping -c 1 -W 5 " + Network.address(2), SOON);
            tcp(client, WARM_UP_SECONDS);
            Set<Long> sessions = Set.of(client.processGroup(), server.processGroup());
            CpuTimes before = CpuTimes.now(sessions, network.workNs());
            Iperf3Report tcp = tcp(client, seconds);
            CpuTimes cpu = CpuTimes.now(sessions, network.workNs()).minus(before);
            String pings = client.run("ping -c 50 -i 0.02 -W 2 " + Network.address(2), SOON);
            return new Measurement(tcp, PingReport.medianMilliseconds(pings), cpu);
        }
    }

    private static Iperf3Report tcp(Guest client, int seconds) throws IOException {
        String command = "iperf3 -c %s -t %d --json".formatted(Network.address(2), seconds);
        try {
            return Iperf3Report.parse(client.run(command, SOON.plusSeconds(seconds)));
        } catch (IllegalArgumentException e) {
            throw new IOException(e.getMessage(), e);
        }
    }

    /** Seconds of CPU time for each gigabyte received. */
    double perGigabyte(long cpuNs) {
        return (double) cpuNs / tcp.bytes();
    }

    @Override
    public String toString() {
        return String.format(
                Locale.ROOT,
                "%.2f Gbit/s, %d retransmissions, ping %.2f ms; CPU s/GB: guests %.2f user %.2f system,"
                        + " reactor %.2f, rest %.2f",
                tcp.gigabits(),
                tcp.retransmissions(),
                pingMs,
                perGigabyte(cpu.guestUser()),
                perGigabyte(cpu.guestSystem()),
                perGigabyte(cpu.network()),
                perGigabyte(cpu.rest()));
    }
}
