package io.vireo.harness;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.vireo.harness.guests.Guest;
import io.vireo.harness.guests.GuestException;
import java.time.Duration;
import java.util.Arrays;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** What tests have real guests do over their network; addresses are of either family. */
final class Traffic {
    private static final Duration SOON = Duration.ofSeconds(30);
    private static final Pattern RECEIVED = Pattern.compile("([0-9.]+) ([KMG])bits/sec +receiver");
    private static final int RUNS = 3;

    private Traffic() {}

    /** Five echoes, none of them lost. @return what ping(8) printed */
    static String assertPings(Guest guest, String address) throws GuestException {
        String output = guest.run("ping -c 5 -i 0.1 -W 10 " + address, SOON);
        assertTrue(output.contains("5 packets transmitted, 5 packets received, 0% packet loss"), output);
        return output;
    }

    /**
     * Gbit/s of TCP, the median of three runs of three seconds each.
     *
     * @param address the server's
     * @param options of iperf3's client, with a space before each
     */
    static double medianThroughput(Guest client, Guest server, String address, String options) throws GuestException {
        double[] gbit = new double[RUNS];
        for (int run = 0; run < RUNS; run++) {
            gbit[run] = throughput(client, server, address, options);
        }
        Arrays.sort(gbit);
        return gbit[RUNS / 2];
    }

    /** Gbit/s of TCP in three seconds. */
    static double throughput(Guest client, Guest server, String address, String options) throws GuestException {
        server.run("pidof iperf3 || iperf3 -s -D", SOON);
        return throughput(client, address, 3, options);
    }

    /** Gbit/s of TCP, with a server that is there already. */
    static double throughput(Guest client, String address, int seconds, String options) throws GuestException {
        String report = client.run("iperf3 -c %s -t %d -f m%s".formatted(address, seconds, options), SOON);
        Matcher received = RECEIVED.matcher(report);
        assertTrue(received.find(), report);
        assertEquals("M", received.group(2));
        return Double.parseDouble(received.group(1)) / 1000;
    }
}
