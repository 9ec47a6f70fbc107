package io.vireo.harness;

import static io.vireo.harness.OwnNamespace.ip;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.vireo.harness.guests.Guest;
import io.vireo.harness.guests.Host;
import io.vireo.harness.guests.UserModeLinux;
import io.vireo.router.dataplane.Counter;
import io.vireo.router.dataplane.UplinkCounter;
import java.net.InetAddress;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * TCP between a real Linux guest and the host over the uplink, in each direction, with offloads and without. A capture on the
 * device shows whether packets longer than the MTU pass whole. Takes root.
 */
@Timeout(120)
class UplinkStreamsIT {
    private static final double WANTED_GBIT = 0.3;
    private static final int MTU = 1500;
    /** Less than Linux makes of a stream, and far more than the MTU. */
    private static final int SUPER_PACKET = 10_000;

    private static final int HEADERS = 64;

    /** Gbit/s from the guest to the host and back, and the longest packets captured meanwhile. */
    private record Transfer(double out, double in, int longestOut, int longestIn) {
        @Override
        public String toString() {
            return "%.2f Gbit/s out in packets of up to %d bytes, %.2f in, up to %d"
                    .formatted(out, longestOut, in, longestIn);
        }
    }

    @Test
    void superPacketsPassWhole() throws Exception {
        OwnNamespace.run(() -> {
            Transfer transfer = transfer(true);
            System.out.println("iperf3 over the uplink, with offloads: " + transfer);
            assertTrue(transfer.longestOut() > SUPER_PACKET, transfer.toString());
            assertTrue(transfer.longestIn() > SUPER_PACKET, transfer.toString());
        });
    }

    /** What comes in is then cut for the guest, which the host need not know. */
    @Test
    void aGuestWithoutOffloadsSendsNothingLongerThanItsMtu() throws Exception {
        OwnNamespace.run(() -> {
            Transfer transfer = transfer(false);
            System.out.println("iperf3 over the uplink, without offloads: " + transfer);
            assertEquals(MTU, transfer.longestOut());
            assertTrue(transfer.longestIn() > SUPER_PACKET, transfer.toString());
        });
    }

    private static Transfer transfer(boolean offloads) throws Exception {
        ip("link set lo up");
        Process server = new ProcessBuilder(Host.program("iperf3", "iperf3").toString(), "-s")
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .start();
        try (UplinkNetwork network = UplinkNetwork.start(1, offloads);
                Guest vm1 = UserModeLinux.boot("vm1", network.socket(1))) {
            vm1.lease();
            Traffic.assertPings(vm1, UplinkNetwork.HOST);
            double out = Traffic.throughput(vm1, UplinkNetwork.HOST, 3, "");
            double in = Traffic.throughput(vm1, UplinkNetwork.HOST, 3, " -R");
            int longestOut;
            int longestIn;
            try (TunCapture capture = TunCapture.open(HEADERS)) { // which takes its share of the processors
                Traffic.throughput(vm1, UplinkNetwork.HOST, 1, "");
                longestOut = longest(capture, UplinkNetwork.address(1));
            }
            try (TunCapture capture = TunCapture.open(HEADERS)) {
                Traffic.throughput(vm1, UplinkNetwork.HOST, 1, " -R");
                longestIn = longest(capture, UplinkNetwork.HOST);
            }
            assertTrue(out > WANTED_GBIT && in > WANTED_GBIT, out + ", " + in + " Gbit/s");
            assertEquals(0, network.counter(1, Counter.TX_DROP_OFFLOAD));
            assertEquals(0, network.counter(1, Counter.TX_DROP_UPLINK_REFUSED));
            for (UplinkCounter never : List.of(
                    UplinkCounter.OUT_DROP_REFUSED,
                    UplinkCounter.IN_DROP_MALFORMED,
                    UplinkCounter.IN_DROP_OFFLOAD,
                    UplinkCounter.IN_DROP_MTU)) {
                assertEquals(0, network.counter(never), never.label());
            }
            return new Transfer(out, in, longestOut, longestIn);
        } finally {
            server.destroyForcibly();
            assertTrue(server.waitFor(10, TimeUnit.SECONDS));
        }
    }

    /** Bytes of the longest IPv4 packet from an address. */
    private static int longest(TunCapture capture, String from) throws Exception {
        byte[] source = InetAddress.ofLiteral(from).getAddress();
        return capture.packets().stream()
                .filter(packet -> packet.isFrom(source))
                .mapToInt(TunCapture.Captured::length)
                .max()
                .orElseThrow();
    }
}
