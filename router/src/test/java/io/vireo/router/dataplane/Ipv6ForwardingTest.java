package io.vireo.router.dataplane;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.vireo.protocols.ipv6.Ipv6Address;
import io.vireo.protocols.ipv6.Ipv6Prefix;
import io.vireo.virtqueue.Features;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class Ipv6ForwardingTest {
    private static final String OPTIONS = "00010400000000";

    private DataPlane plane;
    private Guest a;
    private Guest b;

    @BeforeEach
    void start() throws Exception {
        plane = DataPlane.subnet();
        a = plane.guest();
        b = plane.guest();
        b.post(100, 2000);
    }

    @AfterEach
    void close() {
        plane.close();
    }

    private void expectForwarded(byte[] frame, int... pieces) {
        a.send(frame, pieces);
        plane.visit(a);
        List<byte[]> frames = b.receiveFrames();
        assertEquals(1, frames.size());
        assertArrayEquals(Frames.forwarded(frame, b), frames.getFirst());
        assertEquals(1, a.transmitted().size());
    }

    @ParameterizedTest
    @ValueSource(ints = {54, 62, 127, 128, 129, 1280, 1514})
    void rewritesTheMacAddressesAndNothingElse(int length) {
        expectForwarded(Frames6.udp(a, b.ipv6(), length));
        assertEquals(1, b.port.counter(Counter.RX_FRAMES));
    }

    @ParameterizedTest
    @CsvSource({"12,14,40", "1,1,1", "140,1,1", "100,30,900"})
    void takesFramesFromChainsThatAreSplitAnywhere(int first, int second, int third) {
        expectForwarded(Frames6.udp(a, b.ipv6(), 1400), first, second, third);
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 50, 58, 59, 132, 255})
    void passesWhateverItCarries(int nextHeader) {
        byte[] payload = Frames6.pattern(60);
        payload[0] = (byte) 129; // an echo reply, where it is ICMPv6; behind options of eight bytes, where those
        payload[1] = 0;
        expectForwarded(Frames6.ipv6(a, a.ipv6(), b.ipv6(), nextHeader, 64, payload));
    }

    @Test
    void passesExtensionHeadersAndFragments() {
        byte[] udp = Frames6.udp(a, b.ipv6(), 200);
        expectForwarded(Frames6.behind(Frames6.DESTINATION_OPTIONS, OPTIONS, udp));
        expectForwarded(Frames6.behind(Frames6.HOP_BY_HOP, OPTIONS, udp));
        expectForwarded(Frames6.behind(Frames6.ROUTING, OPTIONS, udp));
        expectForwarded(Frames6.behind(Frames6.FRAGMENT, "00000112345678", udp));
        expectForwarded(Frames6.behind(Frames6.FRAGMENT, "00018112345678", udp));
    }

    @Test
    void leavesTheHopLimitAloneInASubnet() {
        byte[] frame = Frames6.udp(a, b.ipv6(), 100);
        frame[Frames6.HOP_LIMIT] = 1;
        expectForwarded(frame);
        frame[Frames6.HOP_LIMIT] = 0;
        expectForwarded(frame);
    }

    @ParameterizedTest
    @CsvSource({"2,17", "64,17", "255,17", "64,58"})
    void lowersTheHopLimitInARoutedNetwork(int hopLimit, int protocol) throws Exception {
        try (DataPlane routed = new DataPlane(true)) {
            Guest from = routed.guest();
            Guest to = routed.guest();
            to.post(1, 2000);
            byte[] message = Frames6.pattern(50);
            message[0] = (byte) 128;
            byte[] frame = Frames6.ipv6(from, from.ipv6(), to.ipv6(), protocol, hopLimit, message);
            from.send(frame);
            routed.visit(from);
            byte[] expected = Frames.forwarded(frame, to);
            expected[Frames6.HOP_LIMIT]--;
            assertArrayEquals(expected, to.receiveFrames().getFirst());
        }
    }

    @Test
    void leadsToAllOfAPrefix() {
        long high = b.ipv6().high();
        for (long low : new long[] {0, 1, -1, Long.MIN_VALUE}) {
            expectForwarded(Frames6.udp(a, new Ipv6Address(high, low), 100));
        }
    }

    @Test
    void keepsToOneAddressIfThereIsOneAlone() throws Exception {
        Ipv6Address address = Ipv6Address.parse("2001:db8:1::77");
        plane.network.withdraw(b.port, Ipv6Prefix.of(b.ipv6(), 64));
        plane.network.assign(b.port, Ipv6Prefix.of(address, 128));
        b.port.ipv6(new PortIpv6(Optional.of(Ipv6Prefix.of(address, 128)), Optional.empty()));
        a.post(10, 2000);
        expectForwarded(Frames6.udp(a, address, 100));
        a.send(Frames6.udp(a, new Ipv6Address(address.high(), 0x78), 100));
        plane.visit(a);
        assertEquals(1, a.port.counter(Counter.TX_DROP_NO_ROUTE));
        b.send(Frames6.udp(b, address, a.ipv6(), 100));
        b.send(Frames6.udp(b, new Ipv6Address(address.high(), 0x78), a.ipv6(), 100));
        plane.visit(b);
        assertEquals(1, b.port.counter(Counter.TX_DROP_SPOOFED_IPV6));
        plane.visit(a);
        assertEquals(2, a.receiveFrames().size(), "an error and a frame");
    }

    @Test
    void leadsToADelegatedPrefixAndFromIt() {
        Ipv6Prefix delegated = Ipv6Prefix.parse("2001:db8:8000:100::/56");
        Ipv6Prefix own = Ipv6Prefix.of(b.ipv6(), 64);
        plane.network.assign(b.port, delegated);
        b.port.ipv6(new PortIpv6(Optional.of(own), Optional.of(delegated)));
        a.post(10, 2000);
        Ipv6Address inside = Ipv6Address.parse("2001:db8:8000:1ff::5");
        expectForwarded(Frames6.udp(a, inside, 100));
        byte[] frame = Frames6.udp(b, inside, a.ipv6(), 100);
        b.send(frame);
        b.send(Frames6.udp(b, Ipv6Address.parse("2001:db8:8000:200::5"), a.ipv6(), 100));
        plane.visit(b);
        assertEquals(1, b.port.counter(Counter.TX_DROP_SPOOFED_IPV6));
        List<byte[]> received = a.receiveFrames();
        assertEquals(1, received.size());
        assertArrayEquals(Frames.forwarded(frame, a), received.getFirst());
    }

    @Test
    void takesItAwayAgain() {
        plane.network.withdraw(b.port, Ipv6Prefix.of(b.ipv6(), 64));
        a.port.ipv6(PortIpv6.NONE);
        a.send(Frames6.udp(a, b.ipv6(), 100));
        plane.visit(a);
        assertEquals(1, a.port.counter(Counter.TX_DROP_SPOOFED_IPV6));
        b.send(Frames6.udp(b, b.ipv6(), 100));
        plane.visit(b);
        assertEquals(1, b.port.counter(Counter.TX_DROP_NO_ROUTE));
    }

    @Test
    void dropsPaddingNeitherFromWhatIsForwardedNorTheSender() {
        expectForwarded(Arrays.copyOf(Frames6.udp(a, b.ipv6(), 62), 80));
    }

    /** Whatever it hides behind: the receiver would believe it, as its hop limit says that it is from the link. */
    @ParameterizedTest
    @ValueSource(ints = {133, 134, 135, 136, 137, 130, 131, 132, 143})
    void neverPassesWhatIsForALinkAlone(int type) {
        byte[] message = Frames6.pattern(40);
        message[0] = (byte) type;
        byte[] plain = Frames6.icmp(a, a.ipv6(), b.ipv6(), 255, message);
        byte[] optioned = Frames6.behind(Frames6.DESTINATION_OPTIONS, OPTIONS, plain);
        byte[] fragment = Frames6.behind(Frames6.FRAGMENT, "00000112345678", plain);
        byte[] atomic = Frames6.behind(Frames6.FRAGMENT, "00000012345678", plain);
        byte[] both = Frames6.behind(Frames6.DESTINATION_OPTIONS, OPTIONS, fragment);
        for (byte[] frame : List.of(plain, optioned, fragment, atomic, both)) {
            a.send(frame);
        }
        plane.visit(a);
        assertTrue(b.receive().isEmpty());
        assertEquals(
                5,
                a.port.counter(Counter.TX_DROP_NDP_ROGUE)
                        + a.port.counter(Counter.TX_DROP_NDP_MALFORMED)
                        + a.port.counter(Counter.TX_DROP_NDP_UNANSWERED)
                        + a.port.counter(Counter.TX_DROP_MLD));
    }

    @Test
    void passesNothingWhoseUpperLayerIsOutOfSight() {
        byte[] frame = Frames6.udp(a, b.ipv6(), 200);
        for (int i = 0; i < 9; i++) {
            frame = Frames6.behind(Frames6.DESTINATION_OPTIONS, OPTIONS, frame);
        }
        a.send(frame);
        byte[] empty = Frames6.ipv6(
                a, a.ipv6(), b.ipv6(), Frames6.DESTINATION_OPTIONS, 64, new byte[] {58, 0, 1, 4, 0, 0, 0, 0});
        a.send(empty);
        byte[] hidden = Frames6.behind(Frames6.DESTINATION_OPTIONS, OPTIONS, Frames6.udp(a, b.ipv6(), 300));
        hidden[Frames6.UPPER] = 58;
        hidden[Frames6.UPPER + 1] = 8; // 72 bytes: ICMPv6 begins just behind what is visible, 54 + 74
        a.send(Arrays.copyOf(hidden, hidden.length));
        hidden[Frames6.UPPER + 1] = 9;
        a.send(hidden);
        plane.visit(a);
        assertEquals(2, a.port.counter(Counter.TX_DROP_IPV6_HEADERS));
        assertEquals(1, a.port.counter(Counter.TX_DROP_IPV6_MALFORMED));
        assertEquals(1, b.receive().size(), "two bytes of the message are visible: enough to tell what it is");
    }

    @Test
    void keepsFlowsOnTheirQueues() throws Exception {
        Guest wide = Guest.withPairs(plane.network, DataPlane.PREFIX, 90, 2);
        Guest second = new Guest(Networks.subnet("nowhere"), DataPlane.PREFIX, 91);
        plane.guests.addAll(List.of(wide, second));
        long features = Features.NET_MRG_RXBUF | Features.NET_MQ;
        wide.start(features);
        wide.port.start(second.setupAs(2, NetPort.RECEIVE_QUEUE, features, true));
        wide.port.start(second.setupAs(3, NetPort.TRANSMIT_QUEUE, features, true));
        wide.post(64, 2000);
        second.post(64, 2000);
        plane.visit(wide);
        for (int flow = 0; flow < 64; flow++) {
            byte[] frame = Frames6.udp(a, wide.ipv6(), 100);
            ByteBuffer.wrap(frame).putShort(Frames6.UPPER, (short) flow);
            a.send(frame);
        }
        plane.visit(a);
        int first = wide.receiveFrames().size();
        int other = second.receiveFrames().size();
        assertEquals(64, first + other);
        assertTrue(first > 16 && other > 16, first + " and " + other);
    }

    @Test
    void isFuzzedWithoutHarm() {
        SplittableRandom random = new SplittableRandom(12);
        byte[] good = Frames6.behind(Frames6.HOP_BY_HOP, OPTIONS, Frames6.udp(a, b.ipv6(), 150));
        a.post(a.rx.freeDescriptors(), 2000);
        for (int i = 0; i < 20_000; i++) {
            byte[] frame = Arrays.copyOf(good, random.nextInt(4) == 0 ? random.nextInt(good.length + 1) : good.length);
            for (int flips = random.nextInt(5); flips > 0 && frame.length > 12; flips--) {
                int bit = 96 + random.nextInt((frame.length - 12) * 8);
                frame[bit / 8] ^= (byte) (1 << bit % 8);
            }
            a.send(frame);
            plane.nowNs += 1_000_000;
            plane.visit(a);
            assertEquals(1, a.transmitted().size());
            for (byte[] received : b.receiveFrames()) {
                assertArrayEquals(
                        Frames.forwarded(frame, b),
                        received,
                        () -> HexFormat.of().formatHex(frame));
            }
            a.receiveFrames();
            plane.visit(a);
            a.receiveFrames();
            b.post(b.rx.freeDescriptors(), 2000);
            a.post(a.rx.freeDescriptors(), 2000);
        }
        assertTrue(b.port.counter(Counter.RX_FRAMES) > 1000);
    }
}
