package io.vireo.harness;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.vireo.harness.device.FrontendOptions;
import io.vireo.protocols.ipv4.Ipv4Prefix;
import io.vireo.router.config.Addressing;
import io.vireo.router.config.NetworkConfig;
import io.vireo.router.config.Rate;
import io.vireo.router.dataplane.Counter;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A guest that may send 20 Mbit/s and be given 40 has that, within 5%, and costs those beside it nothing. */
@Timeout(60)
class LimitedGuestsIT {
    private static final int BUFFERS = 200;
    private static final int SIZE = 1000;
    private static final int FRAME_BYTES = SIZE + 42;
    private static final long MEASURED_NS = TimeUnit.MILLISECONDS.toNanos(500);
    private static final int MEASUREMENTS = 3;
    private static final long EGRESS = 20_000_000;
    private static final long INGRESS = 40_000_000;
    /** So long that the limit is kept though the machine is busy with other things for a while. */
    private static final long BURST_NS = TimeUnit.MILLISECONDS.toNanos(50);

    private static final double TOLERANCE = 0.05;

    private TestRouter router;
    private TestGuest limited;
    private TestGuest other;
    private Bystanders others;

    @BeforeEach
    void start() throws Exception {
        NetworkConfig network = new NetworkConfig("default", Ipv4Prefix.parse("10.0.0.0/24"), Addressing.SUBNET);
        Rate rate = new Rate(EGRESS, INGRESS, 0, 0, BURST_NS);
        router = TestRouter.start(
                1, List.of(network), guest -> guest.name().equals("vm1") ? guest.withRate(rate) : guest, 4);
        limited = TestGuest.attach(router, 1, FrontendOptions.DEFAULT, BUFFERS, TestGuest.BUFFER_SIZE);
        other = TestGuest.attach(router, 4, FrontendOptions.DEFAULT, BUFFERS, TestGuest.BUFFER_SIZE);
        others = Bystanders.start(router, 2, 3);
    }

    @AfterEach
    void stop() throws Exception {
        others.assertUnharmed();
        others.close();
        limited.close();
        other.close();
        router.close();
    }

    /** @return bits a second that arrived once the burst was used up, the median of some measurements */
    private double flood(TestGuest from, TestGuest to, int receiver) {
        byte[] packet = from.datagramTo(to, TestGuest.payload(SIZE, 1));
        flood(from, packet, to, MEASURED_NS / 5);
        double[] bits = new double[MEASUREMENTS];
        for (int i = 0; i < MEASUREMENTS; i++) {
            long bytes = router.counter(receiver, Counter.RX_BYTES);
            double seconds = flood(from, packet, to, MEASURED_NS);
            bits[i] = (router.counter(receiver, Counter.RX_BYTES) - bytes) * Byte.SIZE / seconds;
        }
        Arrays.sort(bits);
        return bits[MEASUREMENTS / 2];
    }

    private static double flood(TestGuest from, byte[] packet, TestGuest to, long ns) {
        long startNs = System.nanoTime();
        while (System.nanoTime() - startNs < ns) {
            if (from.device().sendCopies(packet, 64) == 0) {
                LockSupport.parkNanos(50_000); // the others want the processor too
            }
            to.device().discardReceived();
        }
        return (System.nanoTime() - startNs) / 1e9;
    }

    @Test
    void sendsWhatItMayAndLosesNothing() {
        assertEquals(EGRESS, flood(limited, other, 4), EGRESS * TOLERANCE);
        assertEquals(0, router.drops(1));
        assertTrue(router.counter(1, Counter.TX_PAUSED) > 100);
    }

    @Test
    void isGivenWhatItMay() {
        assertEquals(INGRESS, flood(other, limited, 1), INGRESS * TOLERANCE);
        assertTrue(router.counter(1, Counter.RX_DROP_RATE) > 0);
        long sent = router.counter(4, Counter.TX_BYTES) * Byte.SIZE;
        assertTrue(sent > 2 * INGRESS, "who sends to it is not held up: " + sent / FRAME_BYTES);
    }
}
