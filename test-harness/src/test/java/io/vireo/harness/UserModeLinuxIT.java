package io.vireo.harness;

import static io.vireo.harness.Traffic.assertPings;
import static io.vireo.harness.Traffic.medianThroughput;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.vireo.harness.guests.Guest;
import io.vireo.harness.guests.UserModeLinux;
import io.vireo.router.config.Addressing;
import io.vireo.router.dataplane.Counter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Two real Linux kernels, in both kinds of addressing. */
@Timeout(180)
class UserModeLinuxIT {
    private static final Duration SOON = Duration.ofSeconds(30);
    private static final double WANTED_GBIT = 1.0;
    private static final long LONGEST_FRAME = 1514;
    /** Less than Linux makes of a stream, and far more than a frame of the MTU. */
    private static final long SUPER_FRAME = 10_000;
    /** CSUM, GUEST_CSUM, GUEST_TSO4, HOST_TSO4: what Linux 6.1 needs for TCP over IPv4. */
    private static final int[] OFFLOAD_BITS = {0, 1, 7, 11};

    private static final int MULTIQUEUE_BIT = 22;

    @ParameterizedTest
    @EnumSource(Addressing.class)
    void twoGuestsLeaseTheirAddressesPingAndTalkTcp(Addressing addressing) throws Exception {
        try (TestRouter router = TestRouter.start(addressing, 2);
                Guest vm1 = UserModeLinux.boot("vm1", router.socket(1));
                Guest vm2 = UserModeLinux.boot("vm2", router.socket(2))) {
            assertLeased(vm1.lease(), addressing, "10.0.0.5");
            assertLeased(vm2.lease(), addressing, "10.0.0.6");
            assertPings(vm1, "169.254.0.1");
            assertPings(vm1, "10.0.0.1");
            assertPings(vm1, "10.0.0.6");
            assertPings(vm2, "10.0.0.5");

            double gbit = medianThroughput(vm1, vm2, "10.0.0.6", "");
            System.out.println(
                    "iperf3 between two user-mode Linux guests, %s: %.2f Gbit/s".formatted(addressing, gbit));
            assertTrue(gbit > WANTED_GBIT, gbit + " Gbit/s");
        }
    }

    /** Queues beyond the first are there and unused: such a guest has one processor, and says so over the control queue. */
    @Test
    void twoGuestsOfTwoReactorsWithTwoPairsOfQueuesTalkTcp() throws Exception {
        try (TestRouter router = TestRouter.start(2, Addressing.SUBNET, true, 2, new int[] {2});
                Guest vm1 = UserModeLinux.boot("vm1", router.socket(1));
                Guest vm2 = UserModeLinux.boot("vm2", router.socket(2))) {
            for (Guest guest : new Guest[] {vm1, vm2}) {
                String features = guest.run("cat /sys/bus/virtio/devices/virtio0/features", SOON);
                assertEquals('1', features.charAt(MULTIQUEUE_BIT), features);
                guest.lease();
            }
            assertPings(vm1, "10.0.0.6");
            double gbit = medianThroughput(vm1, vm2, "10.0.0.6", "");
            System.out.println("iperf3 between user-mode Linux guests of two reactors: %.2f Gbit/s".formatted(gbit));
            assertTrue(gbit > WANTED_GBIT, gbit + " Gbit/s");
        }
    }

    @Test
    void aGuestThatIsKilledAndStartedAgainLeasesAndPingsAgain() throws Exception {
        try (TestRouter router = TestRouter.start(Addressing.SUBNET, 2);
                Guest vm2 = UserModeLinux.boot("vm2", router.socket(2))) {
            vm2.lease();
            for (int round = 0; round < 2; round++) {
                Guest vm1 = UserModeLinux.boot("vm1", router.socket(1));
                try (vm1) {
                    assertLeased(vm1.lease(), Addressing.SUBNET, "10.0.0.5");
                    assertPings(vm1, "10.0.0.1");
                    assertPings(vm1, "10.0.0.6");
                    long group = vm1.processGroup();
                    vm1.kill();
                    assertFalse(Files.exists(Path.of("/proc/" + group)), "the guest's process is still there");
                }
            }
            assertPings(vm2, "10.0.0.1");
        }
    }

    /** The guest's driver asks for it over the control queue, and is told that it may not. */
    @Test
    void aGuestMayNotTakeAnotherMac() throws Exception {
        try (TestRouter router = TestRouter.start(Addressing.SUBNET, 1);
                Guest vm1 = UserModeLinux.boot("vm1", router.socket(1))) {
            assertTrue(
                    vm1.exec("ip link set eth0 address 52:54:00:00:00:99", SOON).exitCode() != 0);
            assertLeased(vm1.lease(), Addressing.SUBNET, "10.0.0.5");
            assertEquals(0, router.counter(1, Counter.TX_DROP_SPOOFED_MAC));
        }
    }

    /** With offloads, frames of up to 64 KiB pass whole from one kernel to the other, and without checksums. */
    @Test
    void offloadsLetSuperFramesPassWholeBetweenGuests() throws Exception {
        Transfer without = transferBetweenGuests(false);
        Transfer with = transferBetweenGuests(true);
        System.out.println(
                "iperf3 between two user-mode Linux guests: %s without offloads, %s with".formatted(without, with));
        assertTrue(without.frameBytes() <= LONGEST_FRAME, without.toString());
        assertTrue(with.frameBytes() >= SUPER_FRAME, with.toString());
    }

    /** What a guest received: how fast, and how long its frames were on average. */
    private record Transfer(double gbit, long frameBytes) {
        @Override
        public String toString() {
            return "%.2f Gbit/s in frames of %d bytes".formatted(gbit, frameBytes);
        }
    }

    private static Transfer transferBetweenGuests(boolean offloads) throws Exception {
        try (TestRouter router = TestRouter.start(Addressing.SUBNET, offloads, 2);
                Guest vm1 = UserModeLinux.boot("vm1", router.socket(1));
                Guest vm2 = UserModeLinux.boot("vm2", router.socket(2))) {
            vm1.lease();
            vm2.lease();
            String features = vm1.run("cat /sys/bus/virtio/devices/virtio0/features", SOON);
            for (int bit : OFFLOAD_BITS) {
                assertEquals(offloads ? '1' : '0', features.charAt(bit), "feature " + bit + " of " + features);
            }
            double there = medianThroughput(vm1, vm2, "10.0.0.6", "");
            long frameBytes = router.counter(2, Counter.RX_BYTES) / router.counter(2, Counter.RX_FRAMES);
            double back = medianThroughput(vm1, vm2, "10.0.0.6", " -R");
            for (int number = 1; number <= 2; number++) {
                assertEquals(0, router.counter(number, Counter.TX_DROP_OFFLOAD));
            }
            return new Transfer(Math.min(there, back), frameBytes);
        }
    }

    private static void assertLeased(String lease, Addressing addressing, String address) {
        String expected = addressing == Addressing.SUBNET
                ? "ip=%s mask=24 router=10.0.0.1 dns=1.1.1.1 8.8.8.8 mtu=1500 lease=86400 server=10.0.0.1"
                : "ip=%s mask=32 router=169.254.0.1 dns=1.1.1.1 8.8.8.8 mtu=1500 lease=86400 server=169.254.0.1";
        assertTrue(lease.contains("LEASED " + expected.formatted(address)), lease);
    }
}
