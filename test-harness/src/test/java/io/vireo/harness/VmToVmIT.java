package io.vireo.harness;

import static io.vireo.harness.TestGuest.BUFFER_SIZE;
import static io.vireo.harness.TestGuest.GATEWAY_MAC;
import static io.vireo.harness.TestGuest.TTL;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.vireo.harness.device.FrontendOptions;
import io.vireo.harness.packets.Packets;
import io.vireo.router.config.Addressing;
import io.vireo.router.dataplane.Counter;
import io.vireo.vhostuser.backend.GuestLog;
import io.vireo.virtqueue.Features;
import java.io.IOException;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/** What two guests send each other: what arrives, how it is changed, and what never arrives. */
@Timeout(60)
class VmToVmIT {
    private static final int MAX_PAYLOAD = 1472; // with 20 bytes of IPv4 and 8 of UDP, the MTU of 1500

    /** Every kind of guest: by format of its rings, with and without the two features, by number of memory regions and size of queues. */
    static Stream<FrontendOptions> guests() {
        return Stream.of(RingFormat.values())
                .flatMap(format -> Stream.of(
                                0L,
                                Features.RING_EVENT_IDX,
                                Features.NET_MRG_RXBUF,
                                Features.RING_EVENT_IDX | Features.NET_MRG_RXBUF)
                        .map(format.options()::without))
                .flatMap(options -> Stream.of(1, 2, 8)
                        .flatMap(regions -> Stream.of(16, 1024)
                                .map(size -> options.withRegions(regions).withQueueSize(size))));
    }

    @ParameterizedTest
    @MethodSource("guests")
    void datagramsOfEveryLengthArriveWhateverTheGuestsAre(FrontendOptions options) throws IOException {
        try (TestRouter router = TestRouter.start(Addressing.SUBNET, 2);
                TestGuest vm1 = TestGuest.attach(router, 1, options, options.queueSize(), BUFFER_SIZE);
                TestGuest vm2 = TestGuest.attach(router, 2, options, options.queueSize(), BUFFER_SIZE)) {
            exchangeEveryLength(vm1, vm2, TTL);
        }
    }

    @ParameterizedTest
    @EnumSource(Addressing.class)
    void hopsAreCountedOnlyBetweenSubnets(Addressing addressing) throws IOException {
        try (TestRouter router = TestRouter.start(addressing, 2);
                TestGuest vm1 = TestGuest.attach(router, 1);
                TestGuest vm2 = TestGuest.attach(router, 2)) {
            exchangeEveryLength(vm1, vm2, addressing == Addressing.ROUTED ? TTL - 1 : TTL);
        }
    }

    @ParameterizedTest
    @EnumSource
    void framesSentFromManyDescriptorsArriveInMergedBuffersOf128Bytes(RingFormat format) throws IOException {
        FrontendOptions options = format.options().withBufferSize(100);
        try (TestRouter router = TestRouter.start(Addressing.SUBNET, 2);
                TestGuest vm1 = TestGuest.attach(router, 1, options, 256, 128);
                TestGuest vm2 = TestGuest.attach(router, 2, options, 256, 128)) {
            exchangeEveryLength(vm1, vm2, TTL);
        }
    }

    private static void exchangeEveryLength(TestGuest vm1, TestGuest vm2, int ttl) throws IOException {
        for (int length = 1; length <= MAX_PAYLOAD; length++) {
            vm1.deliver(vm2, TestGuest.payload(length, length), ttl);
            vm2.deliver(vm1, TestGuest.payload(length, -length), ttl);
        }
    }

    @Test
    void aFrameThatIsTooLongForABufferThatCannotBeMergedIsDropped() throws IOException {
        FrontendOptions options = FrontendOptions.DEFAULT.without(Features.NET_MRG_RXBUF);
        try (TestRouter router = TestRouter.start(Addressing.SUBNET, 2);
                TestGuest vm1 = TestGuest.attach(router, 1);
                TestGuest vm2 = TestGuest.attach(router, 2, options, 16, 128)) {
            vm1.send(vm1.datagramTo(vm2, TestGuest.payload(MAX_PAYLOAD, 1)));
            vm1.deliver(vm2, TestGuest.payload(64, 2), TTL);
            assertEquals(1, router.counter(2, Counter.RX_DROP_BUFFER_TOO_SMALL));
        }
    }

    @Test
    void aFrameWithoutHopsLeftIsDroppedWhereHopsAreCounted() throws IOException {
        try (TestRouter router = TestRouter.start(Addressing.ROUTED, 2);
                TestGuest vm1 = TestGuest.attach(router, 1);
                TestGuest vm2 = TestGuest.attach(router, 2)) {
            for (int ttl = 0; ttl <= 1; ttl++) {
                vm1.expectError(Packets.createUdp(vm1.mac, GATEWAY_MAC, vm1.ip, vm2.ip, 1, 2, new byte[8], ttl), 11, 0);
            }
            vm1.deliver(vm2, TestGuest.payload(8, 1), TTL - 1);
            assertEquals(2, router.counter(1, Counter.TX_DROP_TTL_EXPIRED));
        }
    }

    @Test
    void spoofedMacsAndAddressesAreDroppedAndTheMacIsLoggedOnce() throws IOException {
        try (CapturedLog log = new CapturedLog(GuestLog.class);
                TestRouter router = TestRouter.start(Addressing.SUBNET, 2);
                TestGuest vm1 = TestGuest.attach(router, 1);
                TestGuest vm2 = TestGuest.attach(router, 2)) {
            byte[] payload = TestGuest.payload(32, 1);
            for (int i = 0; i < 10; i++) {
                vm1.send(Packets.createUdp(vm2.mac, GATEWAY_MAC, vm1.ip, vm2.ip, 1, 2, payload, TTL));
                vm1.send(Packets.createUdp(vm1.mac, GATEWAY_MAC, vm2.ip, vm2.ip, 1, 2, payload, TTL));
                vm1.send(Packets.createArpRequest(vm1.mac, vm2.ip, TestGuest.GATEWAY));
            }
            vm1.deliver(vm2, payload, TTL);
            assertEquals(10, router.counter(1, Counter.TX_DROP_SPOOFED_MAC));
            assertEquals(20, router.counter(1, Counter.TX_DROP_SPOOFED_IPV4));
            vm1.lease(); // by then the address service, which logs, has had its turn
            router.counter(1, Counter.PUNTED); // what the service did before is visible here after this
            assertEquals(
                    List.of("vm1: frames from MAC " + vm2.mac + " are dropped: the port's is " + vm1.mac),
                    log.linesWith("frames from MAC"));
        }
    }

    @Test
    void broadcastAndMulticastDoNotPassBetweenGuests() throws IOException {
        try (TestRouter router = TestRouter.start(Addressing.SUBNET, 2);
                TestGuest vm1 = TestGuest.attach(router, 1);
                TestGuest vm2 = TestGuest.attach(router, 2)) {
            byte[] payload = TestGuest.payload(32, 1);
            for (String mac : List.of("ff:ff:ff:ff:ff:ff", "01:00:5e:00:00:fb")) {
                vm1.send(Packets.createUdp(vm1.mac, Packets.mac(mac), vm1.ip, vm2.ip, 1, 2, payload, TTL));
            }
            for (String address : List.of("255.255.255.255", "224.0.0.251")) {
                vm1.send(Packets.createUdp(vm1.mac, GATEWAY_MAC, vm1.ip, Packets.ip(address), 1, 2, payload, TTL));
            }
            vm1.send(Packets.createUdp(vm1.mac, GATEWAY_MAC, vm1.ip, Packets.ip("10.0.0.255"), 1, 2, payload, TTL));
            vm1.send(Packets.createUdp(vm1.mac, vm2.mac, vm1.ip, vm2.ip, 1, 2, payload, TTL));
            vm1.deliver(vm2, payload, TTL);
            assertEquals(5, router.counter(1, Counter.TX_DROP_BROADCAST));
            assertEquals(1, router.counter(1, Counter.TX_DROP_FOREIGN_MAC));
        }
    }

    @ParameterizedTest
    @EnumSource(Addressing.class)
    void networksAreIsolatedEvenWhereTheirAddressesAreTheSame(Addressing addressing) throws IOException {
        int ttl = addressing == Addressing.ROUTED ? TTL - 1 : TTL;
        try (TestRouter router = TestRouter.start(addressing, 2, 3);
                TestGuest red1 = TestGuest.attach(router, 1);
                TestGuest red2 = TestGuest.attach(router, 2);
                TestGuest blue1 = TestGuest.attach(router, 3);
                TestGuest blue2 = TestGuest.attach(router, 4);
                TestGuest blue3 = TestGuest.attach(router, 5)) {
            assertEquals(red2.ip, blue2.ip);
            red1.lease();
            blue1.lease();
            red1.deliver(red2, TestGuest.payload(32, 1), ttl);
            blue1.deliver(blue2, TestGuest.payload(32, 2), ttl);
            red1.deliver(red2, TestGuest.payload(32, 3), ttl);

            red1.expectError(red1.datagramTo(blue3, TestGuest.payload(32, 4)), 3, 1);
            red1.sendExpectingNothing(Packets.createArpRequest(red1.mac, red1.ip, blue3.ip));
            assertEquals(1, router.counter(1, Counter.TX_DROP_NO_ROUTE));
            blue1.deliver(blue3, TestGuest.payload(32, 5), ttl);
        }
    }

    @Test
    void framesWaitInOrderForAGuestWithoutReceiveBuffersUpToTheBacklogsLimit() throws IOException {
        int count = 1000;
        try (TestRouter router = TestRouter.start(Addressing.SUBNET, 2);
                TestGuest vm1 = TestGuest.attach(router, 1);
                TestGuest vm2 = TestGuest.attach(router, 2, FrontendOptions.DEFAULT, 0, BUFFER_SIZE)) {
            for (int i = 0; i < count; i++) {
                vm1.send(vm1.datagramTo(vm2, TestGuest.payload(MAX_PAYLOAD - i % 60, i)));
            }
            vm1.flush();
            long kept = router.counter(2, Counter.RX_BACKLOGGED);
            assertTrue(kept >= 128, kept + " frames have room");
            assertEquals(count - kept, router.counter(2, Counter.RX_DROP_BACKLOG_FULL));
            assertEquals(0, router.counter(2, Counter.RX_FRAMES));

            vm2.post(4, BUFFER_SIZE);
            for (int i = 0; i < kept; i++) {
                vm2.expect(vm1.datagramAsReceivedBy(vm2, TestGuest.payload(MAX_PAYLOAD - i % 60, i), TTL));
            }
            vm1.deliver(vm2, TestGuest.payload(32, -1), TTL);
            assertEquals(kept + 1, router.counter(2, Counter.RX_FRAMES));
        }
    }
}
