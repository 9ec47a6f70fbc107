package io.vireo.harness;

import static io.vireo.harness.TestGuest.BUFFER_SIZE;
import static io.vireo.harness.TestGuest.GATEWAY;
import static io.vireo.harness.TestGuest.GATEWAY_MAC;
import static io.vireo.harness.TestGuest.TTL;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.vireo.harness.device.FrontendOptions;
import io.vireo.harness.packets.Mac;
import io.vireo.harness.packets.Packets;
import io.vireo.router.config.Addressing;
import io.vireo.router.config.VhostConfig;
import io.vireo.router.dataplane.Counter;
import io.vireo.virtqueue.Features;
import io.vireo.virtqueue.VirtioNetHeader;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/** What a frontend is told, that each frame it sends comes back, and that its rings stop and go on where they were. */
@Timeout(60)
class VhostUserIT {
    private static final int ETHERNET_HEADER = 14;
    private static final int GARBAGE = 2000;
    private static final int LONGEST_GARBAGE = 1500;
    /** So that rings of 256 entries go round. */
    private static final int ROUNDS = 6;

    /** So that virtio-net headers mean something. */
    private static final long OFFLOADS = Features.NET_CSUM | Features.NET_HOST_TSO4 | Features.NET_HOST_TSO6;

    private TestRouter router;

    @BeforeEach
    void start() throws IOException {
        router = TestRouter.start(Addressing.SUBNET, 2);
    }

    @AfterEach
    void stop() throws IOException {
        router.close();
    }

    @Test
    void deviceTellsWhatItIs() throws IOException {
        try (TestGuest guest = TestGuest.attach(router, 1)) {
            assertEquals(guest.mac, Mac.of(guest.device().mac()));
            assertEquals(VhostConfig.DEFAULT_MTU, guest.device().mtu());
            assertEquals(3, guest.device().protocol().getQueueNum(), "one pair of queues, and the control queue");
            long offered = guest.device().protocol().getFeatures();
            for (long feature : List.of(
                    Features.VERSION_1,
                    Features.RING_PACKED,
                    Features.RING_EVENT_IDX,
                    Features.RING_INDIRECT_DESC,
                    Features.IN_ORDER,
                    Features.NET_MRG_RXBUF,
                    Features.NET_MAC,
                    Features.NET_MTU,
                    Features.NET_HOST_TSO4,
                    Features.NET_GUEST_TSO6,
                    Features.VHOST_USER_PROTOCOL_FEATURES)) {
                assertEquals(feature, offered & feature);
            }
        }
    }

    static Stream<Arguments> countsAndGuests() {
        return Stream.of(RingFormat.values())
                .flatMap(format -> Stream.of(format.options(), format.options().without(Features.RING_EVENT_IDX)))
                .flatMap(options -> Stream.of(1, 10, 50, 100).map(count -> Arguments.of(count, options)));
    }

    @ParameterizedTest
    @MethodSource("countsAndGuests")
    void eachFrameSentComesBack(int count, FrontendOptions options) throws IOException {
        try (TestGuest vm1 = TestGuest.attach(router, 1, options, 16, BUFFER_SIZE);
                TestGuest vm2 = TestGuest.attach(router, 2, options, count, BUFFER_SIZE)) {
            for (int round = 0; round < ROUNDS; round++) {
                for (int i = 0; i < count; i++) {
                    vm1.send(vm1.datagramTo(vm2, TestGuest.payload(100, i)));
                }
                vm1.flush();
                for (int i = 0; i < count; i++) {
                    vm2.expect(vm1.datagramAsReceivedBy(vm2, TestGuest.payload(100, i), TTL));
                }
                assertEquals(count, vm1.device().sendCopies(vm1.datagramTo(vm2, new byte[8]), count), "at once");
                vm1.flush();
                for (int i = 0; i < count; i++) {
                    vm2.expect(vm1.datagramAsReceivedBy(vm2, new byte[8], TTL));
                }
            }
            assertEquals(2L * ROUNDS * count, router.counter(1, Counter.TX_FRAMES));
            assertEquals(0, router.drops(1));
        }
    }

    /** How much of a frame is garbage: all of it, or what comes after a header that is right. */
    enum Garbage {
        ALL(-1),
        VIRTIO_NET_HEADER(-1),
        ARP(0x0806),
        IPV4(0x0800),
        IPV6(0x86DD),
        OTHER(0x88CC);

        private final int etherType;

        Garbage(int etherType) {
            this.etherType = etherType;
        }

        private byte[] frame(TestGuest from, TestGuest to, SplittableRandom random) {
            int length = 1 + random.nextInt(LONGEST_GARBAGE);
            if (this == VIRTIO_NET_HEADER) {
                byte[] frame = from.datagramTo(to, TestGuest.payload(32, length));
                byte[] header = new byte[VirtioNetHeader.NUM_BUFFERS_OFFSET];
                random.nextBytes(header);
                header[VirtioNetHeader.GSO_TYPE_OFFSET] |= 2; // no such type
                System.arraycopy(header, 0, frame, 0, header.length);
                return frame;
            }
            byte[] frame = new byte[this == ALL ? length : VirtioNetHeader.SIZE + ETHERNET_HEADER + length];
            random.nextBytes(frame);
            if (this != ALL) {
                byte[] header = Packets.createUdp(from.mac, GATEWAY_MAC, from.ip, to.ip, 1, 2, new byte[0], TTL);
                System.arraycopy(header, 0, frame, 0, VirtioNetHeader.SIZE + ETHERNET_HEADER);
                frame[VirtioNetHeader.SIZE + ETHERNET_HEADER - 2] = (byte) (etherType >> 8);
                frame[VirtioNetHeader.SIZE + ETHERNET_HEADER - 1] = (byte) etherType;
            }
            return frame;
        }
    }

    static Stream<Arguments> garbageAndFormats() {
        return Stream.of(Garbage.values())
                .flatMap(garbage -> Stream.of(RingFormat.values()).map(format -> Arguments.of(garbage, format)));
    }

    @ParameterizedTest
    @MethodSource("garbageAndFormats")
    void garbageComesBackTooAndIsCountedAndHarmsNobody(Garbage garbage, RingFormat format) throws IOException {
        SplittableRandom random = new SplittableRandom(garbage.etherType);
        FrontendOptions options = format.options().with(OFFLOADS);
        try (TestGuest vm1 = TestGuest.attach(router, 1, options, 16, BUFFER_SIZE);
                TestGuest vm2 = TestGuest.attach(router, 2)) {
            for (int i = 0; i < GARBAGE; i++) {
                vm1.send(garbage.frame(vm1, vm2, random));
            }
            vm1.flush();
            assertEquals(GARBAGE, router.counter(1, Counter.TX_FRAMES));
            assertEquals(GARBAGE, router.drops(1));
            assertEquals(0, router.counter(2, Counter.RX_FRAMES));
            vm1.deliver(vm2, TestGuest.payload(32, 1), TTL);
            vm1.lease();
        }
    }

    @ParameterizedTest
    @EnumSource
    void stoppedRingTellsHowFarItGotAndGoesOnFromThere(RingFormat format) throws IOException {
        try (TestGuest vm1 = TestGuest.attach(router, 1, format.options(), 16, BUFFER_SIZE);
                TestGuest vm2 = TestGuest.attach(router, 2, FrontendOptions.DEFAULT, 64, BUFFER_SIZE)) {
            int sent = 0;
            for (int round = 0; round < 20; round++) {
                for (int i = 0; i <= round; i++) {
                    vm1.deliver(vm2, TestGuest.payload(8, sent++), TTL);
                }
                int base = vm1.device().stopTransmitting();
                for (int i = 0; i <= round; i++) {
                    vm1.send(vm1.datagramTo(vm2, TestGuest.payload(8, sent++)));
                }
                assertEquals(sent - round - 1, router.counter(1, Counter.TX_FRAMES), "nobody looks at a stopped ring");
                vm1.device().resumeTransmitting(base);
                for (int i = round; i >= 0; i--) {
                    vm2.expect(vm1.datagramAsReceivedBy(vm2, TestGuest.payload(8, sent - 1 - i), TTL));
                }
                vm1.flush();
            }
            assertEquals(sent, router.counter(1, Counter.TX_FRAMES));
        }
    }

    @ParameterizedTest
    @EnumSource
    void disabledRingIsEmptiedAndNothingIsForwarded(RingFormat format) throws IOException {
        try (TestGuest vm1 = TestGuest.attach(router, 1, format.options(), 16, BUFFER_SIZE);
                TestGuest vm2 = TestGuest.attach(router, 2)) {
            vm1.device().enableTransmitting(false);
            for (int i = 0; i < 10; i++) {
                vm1.send(vm1.datagramTo(vm2, TestGuest.payload(8, i)));
            }
            vm1.flush();
            assertEquals(10, router.counter(1, Counter.TX_DROP_DISABLED));
            vm1.device().enableTransmitting(true);
            vm1.deliver(vm2, TestGuest.payload(8, 10), TTL);
            vm1.ping(GATEWAY, new byte[56]);
        }
    }

    /** Negotiation decides on a header's length nowhere: with VERSION_1 it is 12 bytes, whatever else is accepted. */
    @Test
    void headerHasTwelveBytesWithoutMergeableBuffersToo() throws IOException {
        FrontendOptions options = FrontendOptions.DEFAULT.without(Features.NET_MRG_RXBUF);
        try (TestGuest guest = TestGuest.attach(router, 1, options, 16, BUFFER_SIZE)) {
            byte[] request = Packets.createArpRequest(guest.mac, guest.ip, GATEWAY);
            byte[] reply = guest.exchange(request);
            assertArrayEquals(
                    new byte[VirtioNetHeader.NUM_BUFFERS_OFFSET],
                    Arrays.copyOf(reply, VirtioNetHeader.NUM_BUFFERS_OFFSET));
            assertEquals(GATEWAY_MAC, Packets.parseArpReply(reply).orElseThrow().senderMac());
        }
    }
}
