package io.vireo.benchmarks.dhcp;

import io.vireo.benchmarks.live.LiveVireo;
import io.vireo.harness.guests.NamespaceGuest;
import java.io.IOException;
import java.time.Duration;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Kea's load generator as one DHCPv4 client. Of itself it plays a relay agent; the templates given to it here have no relay's
 * address, so that it is a client on the server's link.
 */
final class Perfdhcp {
    static final String SERVER = "10.0.0.1";

    private static final String MAC = LiveVireo.mac(1);
    private static final String ADDRESS = LiveVireo.address(1).getHostAddress();

    // RFC 2131, 2: op, htype, hlen; ... chaddr; ... the magic cookie, then options
    private static final String HEADER = "010106"
            .concat("00".repeat(25))
            .concat(MAC.replace(":", ""))
            .concat("00".repeat(202))
            .concat("63825363");
    private static final String PARAMETERS = "3706" + "0103060f1a33";
    private static final String DISCOVER = HEADER + "350101" + PARAMETERS + "ff";
    /** Requested address and server identifier are written over. */
    private static final String REQUEST = HEADER + "350103" + "320400000000" + "360400000000" + PARAMETERS + "ff";

    private static final int XID_OFFSET = 4;
    private static final int CHADDR_END_OFFSET = 33;
    private static final int REQUESTED_OFFSET = 243;
    private static final int SERVER_OFFSET = 249;

    private static final Pattern EXCHANGES = Pattern.compile(
            "Statistics for: REQUEST-ACK\\*\\*\\*\\s+sent packets: \\d+\\s+received packets: (\\d+)", Pattern.DOTALL);

    private Perfdhcp() {}

    /** Makes the namespace one where the program runs. */
    static void prepare(NamespaceGuest client) throws IOException {
        client.run("""
                command -v perfdhcp || { echo 'perfdhcp is missing: install the Debian package kea-admin'; exit 1; }
                ip address add %s/16 dev eth0
                ip link set eth0 up
                echo %s >/run/discover
                echo %s >/run/request
                """.formatted(ADDRESS, DISCOVER, REQUEST), Duration.ofSeconds(10));
    }

    /**
     * Begins leases at a rate, each of which is DISCOVER, OFFER, REQUEST, ACK.
     *
     * @return the part of them that was completed within a second each
     */
    static double completed(NamespaceGuest client, int rate, int seconds) throws IOException {
        int leases = rate * seconds;
        String command =
                "perfdhcp -4 -B -l eth0 -L 68 -N 67 -R 1 -b mac=%s -r %d -n %d -W 200000 -T /run/discover -T /run/request"
                        .formatted(MAC, rate, leases);
        String offsets = " -X %d -O %d -I %d -S %d 255.255.255.255"
                .formatted(XID_OFFSET, CHADDR_END_OFFSET, REQUESTED_OFFSET, SERVER_OFFSET);
        String report = client.exec(command + offsets, Duration.ofSeconds(seconds + 20L))
                .output();
        return (double) acknowledged(report) / leases;
    }

    static int acknowledged(String report) {
        Matcher matcher = EXCHANGES.matcher(report);
        if (!matcher.find()) {
            throw new IllegalArgumentException("not a report of perfdhcp: " + report);
        }
        return Integer.parseInt(matcher.group(1));
    }
}
