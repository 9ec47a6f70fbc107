package io.vireo.benchmarks.dpdk;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * Two guests in one testpmd. Each sends back whatever it receives, with the addresses exchanged, so that a fixed number of
 * frames goes to and fro between them.
 */
final class Generator {
    /** Both directions together: half a ring each. */
    static final int IN_FLIGHT = 1024;

    static final List<String> MACS = List.of("52:54:00:00:00:01", "52:54:00:00:00:02");
    static final List<String> ADDRESSES = List.of("10.0.0.5", "10.0.0.6");

    /** Whoever is asked to carry a frame further; a tap that is to take frames for itself has it, too. */
    static final String GATEWAY = "02:00:00:00:00:01";
    /** Of DPDK's environment layer: what {@link #requireNegotiated} reads. */
    static final String LOG_FEATURES = "--log-level=pmd.net.virtio.init:debug";

    private static final Pattern NEGOTIATED = Pattern.compile("features after negotiate = ([0-9a-f]+)");

    private final Testpmd testpmd;

    private Generator(Testpmd testpmd) {
        this.testpmd = testpmd;
    }

    /** Attaches both guests. @throws IOException also if the backend does not have these rings */
    static Generator start(Stage stage, Ring ring, int frameSize) throws IOException {
        List<String> environment = new ArrayList<>(List.of("--single-file-segments", LOG_FEATURES));
        for (int i = 0; i < MACS.size(); i++) {
            environment.add(guest(stage, i, ring));
        }
        List<String> arguments = List.of(
                "--forward-mode=5tswap",
                "--port-topology=loop",
                "--txpkts=" + frameSize,
                "--eth-peer=0," + GATEWAY,
                "--eth-peer=1," + GATEWAY,
                "--tx-ip=" + String.join(",", ADDRESSES));
        Testpmd testpmd = Testpmd.start(stage, "generator", stage.cpus().generator(), environment, arguments);
        requireNegotiated(ring, testpmd.log());
        return new Generator(testpmd);
    }

    /** The device that plays a guest, as DPDK's environment layer is told. */
    static String guest(Stage stage, int number, Ring ring) {
        return "--vdev=net_virtio_user%d,path=%s,queue_size=1024,packed_vq=%d,mac=%s"
                .formatted(number, stage.socket(number), ring == Ring.PACKED ? 1 : 0, MACS.get(number));
    }

    /** virtio-user falls back to split rings without a word. */
    static void requireNegotiated(Ring ring, String log) throws IOException {
        Set<Ring> negotiated = NEGOTIATED
                .matcher(log)
                .results()
                .map(found -> Ring.negotiated(Long.parseUnsignedLong(found.group(1), 16)))
                .collect(Collectors.toSet());
        if (negotiated.isEmpty()) {
            throw new IOException("the generator did not log which features it negotiated");
        }
        if (!negotiated.equals(Set.of(ring))) {
            throw new IOException("the backend does not offer " + ring + " rings: nothing was measured with them");
        }
    }

    /** Sends so many frames, half of them from each guest, and from then on sends back what comes. */
    void start(int frames) throws IOException {
        testpmd.command("start tx_first " + frames / 2 / Testpmd.BURST);
    }

    /** Leaves the frames where they are. */
    void stop() throws IOException {
        testpmd.command("stop");
    }

    TestpmdCounters counters() throws IOException {
        return testpmd.counters();
    }

    long waitedNs() throws IOException {
        return testpmd.waitedNs();
    }
}
