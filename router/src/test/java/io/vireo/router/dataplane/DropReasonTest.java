package io.vireo.router.dataplane;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.vireo.protocols.gateway.Gateway;
import io.vireo.virtqueue.Features;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Each reason to drop a frame, by a frame that is dropped for it: counted once, completed, and seen by nobody. */
class DropReasonTest {
    @ParameterizedTest
    @MethodSource("io.vireo.router.dataplane.Drop#all")
    void dropsAndCounts(Drop drop) throws Exception {
        try (DataPlane plane = DataPlane.subnet()) {
            Guest a = plane.guest();
            Guest b = plane.guest();
            a.post(2, 1500);
            b.post(2, 1500);
            drop.sending().send(plane, a, b);
            assertEquals(1, plane.visit(a));

            assertEquals(1, a.transmitted().size(), "a dropped frame's chain completes");
            assertTrue(a.receive().isEmpty());
            assertTrue(b.receive().isEmpty());
            assertEquals(1, a.port.counter(Counter.TX_FRAMES));
            assertEquals(Set.of(drop.reason()), reasonsOf(a, b));
        }
    }

    /** The reasons counted, each of which once. */
    private static Set<Counter> reasonsOf(Guest a, Guest b) {
        Set<Counter> reasons = EnumSet.noneOf(Counter.class);
        for (Counter counter : dropCounters()) {
            long count = a.port.counter(counter) + b.port.counter(counter);
            if (count != 0) {
                assertEquals(1, count, counter.label());
                assertEquals(1, counter.name().startsWith("TX") ? a.port.counter(counter) : b.port.counter(counter));
                reasons.add(counter);
            }
        }
        return reasons;
    }

    private static List<Counter> dropCounters() {
        return Arrays.stream(Counter.values())
                .filter(counter -> counter.name().contains("DROP"))
                .toList();
    }

    @Test
    void everyReasonIsReached() throws Exception {
        Set<Counter> elsewhere = EnumSet.of(
                Counter.TX_DROP_TTL_EXPIRED, // below: needs a routed network
                Counter.TX_DROP_MTU, // below: needs a receiver with a smaller MTU
                Counter.TX_DROP_FRAGMENTABLE, // the same
                Counter.TX_DROP_BLACKHOLE, // RoutesTest
                Counter.TX_DROP_UPLINK_DOWN, // UplinkSenderTest
                Counter.TX_DROP_UPLINK_FULL, // UplinkSenderTest
                Counter.TX_DROP_UPLINK_REFUSED, // UplinkSenderTest
                Counter.TX_DROP_HANDOVER_FULL, // HandedOverFramesTest
                Counter.RX_DROP_BACKLOG_FULL, // BackloggedFramesTest
                Counter.RX_DROP_RESET, // BackloggedFramesTest
                Counter.RX_DROP_RATE); // LimitedGuestsIT
        Set<Counter> reached = Drop.all().map(Drop::reason).collect(Collectors.toSet());
        reached.addAll(elsewhere);
        assertEquals(Set.copyOf(dropCounters()), reached);
    }

    @Test
    void dropsWhatHasNoHopLeftInARoutedNetwork() throws Exception {
        try (DataPlane plane = new DataPlane(true)) {
            Guest a = plane.guest();
            Guest b = plane.guest();
            b.post(2, 2000);
            for (int timeToLive = 0; timeToLive <= 1; timeToLive++) {
                a.send(Frames.ipv4(Gateway.GATEWAY_MAC, a.mac(), a.ipv4(), b.ipv4(), 17, timeToLive, 60));
            }
            plane.visit(a);
            assertEquals(2, a.port.counter(Counter.TX_DROP_TTL_EXPIRED));
            assertTrue(b.receive().isEmpty());
        }
    }

    @Test
    void dropsWhatTheReceiversLinkDoesNotCarry() throws Exception {
        try (DataPlane plane = DataPlane.subnet()) {
            Guest a = plane.guest();
            Guest narrow = plane.stoppedGuest(plane.network, 9, 1000);
            narrow.start(Features.NET_MRG_RXBUF);
            narrow.post(2, 2000);
            a.send(Frames.udp(a, narrow.ipv4(), 1014));
            a.send(Frames.udp(a, narrow.ipv4(), 1015));
            byte[] fragmentable = Frames.udp(a, narrow.ipv4(), 1016);
            fragmentable[Frames.IP_FLAGS] = 0;
            a.send(Frames.sealed(fragmentable));
            plane.visit(a);
            assertEquals(1, narrow.receive().size());
            assertEquals(1, a.port.counter(Counter.TX_DROP_MTU));
            assertEquals(1, a.port.counter(Counter.TX_DROP_FRAGMENTABLE));
        }
    }
}
