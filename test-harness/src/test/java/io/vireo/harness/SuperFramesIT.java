package io.vireo.harness;

import static io.vireo.harness.TestGuest.GATEWAY_MAC;
import static io.vireo.harness.TestGuest.TTL;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.vireo.harness.device.FrontendOptions;
import io.vireo.harness.packets.TcpSegment;
import io.vireo.protocols.ipv6.Ipv6Prefix;
import io.vireo.router.config.Addressing;
import io.vireo.router.config.Ipv6Addressing;
import io.vireo.router.config.Ipv6Network;
import io.vireo.router.dataplane.Counter;
import io.vireo.virtqueue.Features;
import io.vireo.virtqueue.VirtioNetHeader;
import java.io.IOException;
import java.net.InetAddress;
import java.util.Arrays;
import java.util.stream.Stream;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Segments far longer than the MTU between two guests: whole to who takes them so, and cut for who does not. */
@Timeout(60)
class SuperFramesIT {
    private static final int ROUNDS = 20;
    private static final int BUFFERS = 64;
    private static final long SENDS = Features.NET_CSUM | Features.NET_HOST_TSO4 | Features.NET_HOST_TSO6;
    private static final long TAKES = Features.NET_GUEST_CSUM | Features.NET_GUEST_TSO4 | Features.NET_GUEST_TSO6;

    /** What differs between the families: how long a segment is, and what of it fits the MTU. */
    enum Family {
        IPV4(8000, 1460),
        IPV6(4000, 1440);

        private final int payload;
        private final int segmentSize;

        Family(int payload, int segmentSize) {
            this.payload = payload;
            this.segmentSize = segmentSize;
        }

        private InetAddress address(TestGuest guest) throws IOException {
            return this == IPV4 ? guest.ip : GuestIpv6.leaseAddress(guest);
        }
    }

    static Stream<Arguments> familiesAndFormats() {
        return Stream.of(Family.values())
                .flatMap(family -> Stream.of(RingFormat.values()).map(format -> Arguments.of(family, format)));
    }

    @ParameterizedTest
    @MethodSource("familiesAndFormats")
    void passWholeToAGuestThatTakesThem(Family family, RingFormat format) throws IOException {
        try (TestRouter router = start();
                TestGuest vm1 = attach(router, 1, format.options().with(SENDS));
                TestGuest vm2 = attach(router, 2, format.options().with(TAKES))) {
            InetAddress src = family.address(vm1);
            InetAddress dst = family.address(vm2);
            for (int round = 0; round < ROUNDS; round++) {
                TcpSegment segment = segment(family, vm1, src, dst, round);
                vm1.send(segment.superFrame(family.segmentSize));
                byte[] expected = forwarded(segment, vm2).superFrame(family.segmentSize);
                byte[] received = vm2.receiveUnlessAdvertised();
                assertArrayEquals(header(expected), header(received), "virtio-net header");
                assertArrayEquals(TestGuest.frame(expected), TestGuest.frame(received));
            }
            assertEquals(0, router.counter(2, Counter.RX_SEGMENTED));
        }
    }

    @ParameterizedTest
    @MethodSource("familiesAndFormats")
    void areCutForAGuestThatDoesNot(Family family, RingFormat format) throws IOException {
        try (TestRouter router = start();
                TestGuest vm1 = attach(router, 1, format.options().with(SENDS));
                TestGuest vm2 = attach(router, 2, format.options())) {
            InetAddress src = family.address(vm1);
            InetAddress dst = family.address(vm2);
            for (int round = 0; round < ROUNDS; round++) {
                TcpSegment segment = segment(family, vm1, src, dst, round);
                vm1.send(segment.superFrame(family.segmentSize));
                for (TcpSegment piece : forwarded(segment, vm2).cut(family.segmentSize)) {
                    byte[] received = vm2.receiveUnlessAdvertised();
                    assertArrayEquals(new byte[VirtioNetHeader.NUM_BUFFERS_OFFSET], header(received), "is complete");
                    assertArrayEquals(TestGuest.frame(piece.frame()), TestGuest.frame(received));
                }
            }
            assertEquals(ROUNDS, router.counter(2, Counter.RX_SEGMENTED));
        }
    }

    @ParameterizedTest
    @MethodSource("familiesAndFormats")
    void areDroppedOfAGuestThatDidNotNegotiateThem(Family family, RingFormat format) throws IOException {
        try (TestRouter router = start();
                TestGuest vm1 = attach(router, 1, format.options());
                TestGuest vm2 = attach(router, 2, format.options().with(TAKES))) {
            TcpSegment segment = segment(family, vm1, family.address(vm1), family.address(vm2), 0);
            vm1.send(segment.superFrame(family.segmentSize));
            vm1.send(vm1.datagramTo(vm2, TestGuest.payload(32, 1)));
            byte[] received = vm2.receiveUnlessAdvertised();
            byte[] next = vm1.datagramAsReceivedBy(vm2, TestGuest.payload(32, 1), TTL - 1);
            assertArrayEquals(TestGuest.frame(next), TestGuest.frame(received));
            assertEquals(1, router.counter(1, Counter.TX_DROP_OVERSIZED), "it is a frame like any other");
        }
    }

    private static TestRouter start() throws IOException {
        Ipv6Network network = new Ipv6Network(Ipv6Prefix.parse("2001:db8:1::/48"), Ipv6Addressing.DHCPV6);
        return TestRouter.start(Addressing.ROUTED, network, 2);
    }

    private static TestGuest attach(TestRouter router, int number, FrontendOptions options) throws IOException {
        return TestGuest.attach(router, number, options, BUFFERS, TestGuest.BUFFER_SIZE);
    }

    private static TcpSegment segment(Family family, TestGuest from, InetAddress src, InetAddress dst, int round) {
        byte[] payload = TestGuest.payload(family.payload, round);
        return new TcpSegment(from.mac, GATEWAY_MAC, src, dst, TTL, 100 * round, 1_000_000 * round, payload);
    }

    private static TcpSegment forwarded(TcpSegment segment, TestGuest to) {
        return segment.forwarded(GATEWAY_MAC, to.mac, TTL - 1);
    }

    /** Without the number of buffers, which is the receiver's own affair. */
    private static byte[] header(byte[] packet) {
        return Arrays.copyOf(packet, VirtioNetHeader.NUM_BUFFERS_OFFSET);
    }
}
