package io.vireo.router.dataplane;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.vireo.protocols.ipv6.Ipv6Address;
import io.vireo.virtqueue.Features;
import io.vireo.virtqueue.VirtioNetHeader;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What a guest is told about its IPv6 packets that did not get through, and about which it is told nothing. */
class Icmpv6ErrorsTest {
    private static final int QUOTE = Frames6.UPPER + 8;
    private static final int MOST_QUOTED = 1232;

    private DataPlane plane;
    private Guest a;

    @BeforeEach
    void start() throws Exception {
        plane = DataPlane.subnet();
        a = plane.guest();
        a.post(200, 2000);
    }

    @AfterEach
    void close() {
        plane.close();
    }

    /** Sends a frame that is dropped. @return the errors that come of it */
    private List<byte[]> errorsAbout(byte[] frame, int... pieces) {
        a.send(frame, pieces);
        plane.visit(a);
        assertEquals(1, a.transmitted().size());
        assertTrue(a.receive().isEmpty(), "it waits for the next visit");
        plane.visit(a);
        return a.receiveFrames();
    }

    private byte[] errorAbout(byte[] frame, int... pieces) {
        List<byte[]> errors = errorsAbout(frame, pieces);
        assertEquals(1, errors.size());
        return errors.getFirst();
    }

    private void check(byte[] error, int typeAndCode, Ipv6Address from, byte[] frame) {
        ByteBuffer data = ByteBuffer.wrap(error);
        int quoted = Math.min(frame.length - Frames.ETHERNET, MOST_QUOTED);
        assertEquals(QUOTE + quoted, error.length);
        assertArrayEquals(
                Arrays.copyOf(Frames.forwarded(frame, a), Frames.ETHERNET), Arrays.copyOf(error, Frames.ETHERNET));
        assertEquals(error.length - Frames6.UPPER, data.getShort(Frames6.PAYLOAD_LENGTH));
        assertEquals(Frames6.ICMP, error[Frames6.NEXT_HEADER]);
        assertArrayEquals(from.toBytes(), Arrays.copyOfRange(error, Frames6.SOURCE, Frames6.DESTINATION));
        assertArrayEquals(
                Arrays.copyOfRange(frame, Frames6.SOURCE, Frames6.DESTINATION),
                Arrays.copyOfRange(error, Frames6.DESTINATION, Frames6.UPPER));
        assertEquals(Integer.toHexString(typeAndCode), Integer.toHexString(data.getShort(Frames6.UPPER)));
        assertEquals(0xffff, Frames6.sum(error, Frames6.UPPER));
        assertArrayEquals(
                Arrays.copyOfRange(frame, Frames.ETHERNET, Frames.ETHERNET + quoted),
                Arrays.copyOfRange(error, QUOTE, error.length),
                "the packet as it came");
    }

    private static int mtu(byte[] error) {
        return ByteBuffer.wrap(error).getInt(Frames6.UPPER + 4);
    }

    @ParameterizedTest
    @ValueSource(ints = {54, 62, 128, 129, 142, 1245, 1246, 1247, 1514})
    void quotesAPacketAsItCame(int length) {
        byte[] frame = Frames6.udp(a, Frames6.STRANGER, length);
        byte[] error = errorAbout(frame);
        check(error, 0x0103, Frames6.GATEWAY, frame);
        assertEquals(0, mtu(error));
        assertEquals(1, a.port.counter(Counter.ICMP_ERRORS));
        assertEquals(1, a.port.counter(Counter.TX_DROP_NO_ROUTE));
    }

    @ParameterizedTest
    @CsvSource({"1,1,1", "12,14,40", "140,1,2", "141,300,1", "100,50,1200"})
    void quotesFromChainsThatAreSplitAnywhere(int first, int second, int third) {
        byte[] frame = Frames6.udp(a, Frames6.STRANGER, 1400);
        check(errorAbout(frame, first, second, third), 0x0103, Frames6.GATEWAY, frame);
    }

    @Test
    void tellsNeighboursFromOtherNetworks() {
        byte[] frame = Frames6.udp(a, Frames6.ELSEWHERE, 100);
        check(errorAbout(frame), 0x0100, Frames6.GATEWAY, frame);
    }

    @Test
    void speaksLinkLocallyToWhoDoes() {
        Ipv6Address neighbour = Ipv6Address.parse("fe80::99");
        byte[] frame = Frames6.udp(a, Frames6.linkLocal(a), neighbour, 100);
        check(errorAbout(frame), 0x0103, Frames6.LINK_LOCAL_GATEWAY, frame);
        byte[] toGateway = Frames6.udp(a, Frames6.linkLocal(a), Frames6.LINK_LOCAL_GATEWAY, 100);
        check(errorAbout(toGateway), 0x0104, Frames6.LINK_LOCAL_GATEWAY, toGateway);
    }

    @ParameterizedTest
    @ValueSource(ints = {Frames6.UDP, Frames6.TCP})
    void tellsThatTheGatewayServesNothing(int protocol) {
        byte[] frame = Frames6.ipv6(a, a.ipv6(), Frames6.GATEWAY, protocol, 64, Frames6.pattern(40));
        check(errorAbout(frame), 0x0104, Frames6.GATEWAY, frame);
        byte[] behind = Frames6.behind(Frames6.DESTINATION_OPTIONS, "00010400000000", frame);
        check(errorAbout(behind), 0x0104, Frames6.GATEWAY, behind);
        assertEquals(2, a.port.counter(Counter.TX_DROP_NOT_SERVED));
    }

    @Test
    void tellsHowLongAPacketMayBe() throws Exception {
        Guest narrow = plane.stoppedGuest(plane.network, 9, 1300);
        narrow.start(Features.NET_MRG_RXBUF);
        byte[] frame = Frames6.udp(a, narrow.ipv6(), 1315);
        byte[] error = errorAbout(frame);
        check(error, 0x0200, Frames6.GATEWAY, frame);
        assertEquals(1300, mtu(error));
        assertEquals(1, a.port.counter(Counter.TX_DROP_MTU));
    }

    @Test
    void tellsHowLongTheSegmentsOfASuperFrameMayBe() throws Exception {
        Guest narrow = plane.stoppedGuest(plane.network, 99, 1300);
        narrow.start(OffloadedTrafficTest.TAKES_ALL);
        Guest sender = plane.guest(plane.network, OffloadedTrafficTest.SENDS);
        sender.post(10, 2000);
        OffloadFrame frame = new OffloadFrame(true, true, 20_000, new SplittableRandom(1)).addressed(sender, narrow);
        sender.sendLong(frame.withSegmentation(VirtioNetHeader.GSO_TCPV6, 1400).packet());
        plane.visit(sender);
        plane.visit(sender);
        assertEquals(1, sender.port.counter(Counter.TX_DROP_MTU));
        byte[] error = sender.receiveFrames().getFirst();
        assertEquals(1300, mtu(error));
        assertEquals(0xffff, Frames6.sum(error, Frames6.UPPER));
        assertArrayEquals(
                Arrays.copyOfRange(frame.bytes, Frames.ETHERNET, Frames.ETHERNET + MOST_QUOTED),
                Arrays.copyOfRange(error, QUOTE, error.length));
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1})
    void tellsThatNoHopIsLeft(int hopLimit) throws Exception {
        plane.close();
        plane = new DataPlane(true);
        a = plane.guest();
        Guest b = plane.guest();
        a.post(10, 2000);
        byte[] frame = Frames6.udp(a, b.ipv6(), 100);
        frame[Frames6.HOP_LIMIT] = (byte) hopLimit;
        check(errorAbout(frame), 0x0300, Frames6.GATEWAY, frame);
        assertEquals(1, a.port.counter(Counter.TX_DROP_TTL_EXPIRED));
    }

    @Test
    void tellsAboutEchoesAndFirstFragments() {
        byte[] echo = Frames6.echo(a, a.ipv6(), Frames6.STRANGER, 118);
        check(errorAbout(echo), 0x0103, Frames6.GATEWAY, echo);
        byte[] first = Frames6.behind(Frames6.FRAGMENT, "00000112345678", echo);
        check(errorAbout(first), 0x0103, Frames6.GATEWAY, first);
    }

    @ParameterizedTest
    @ValueSource(strings = {"ff02::1", "ff02::fb", "ff05::2", "ff0e::1"})
    void tellsNothingAboutWhatIsToAGroup(String group) {
        assertTrue(errorsAbout(Frames6.udp(a, Ipv6Address.parse(group), 100)).isEmpty());
        assertEquals(1, a.port.counter(Counter.TX_DROP_BROADCAST));
    }

    @Test
    void tellsNothingAboutLaterFragments() {
        byte[] later = Frames6.behind(Frames6.FRAGMENT, "00000912345678", Frames6.udp(a, Frames6.STRANGER, 100));
        assertTrue(errorsAbout(later).isEmpty());
        assertEquals(1, a.port.counter(Counter.TX_DROP_NO_ROUTE));
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 4, 0, 127})
    void tellsNothingAboutErrors(int type) {
        for (Ipv6Address to : List.of(Frames6.STRANGER, Frames6.GATEWAY)) {
            byte[] message = Frames6.pattern(60);
            message[0] = (byte) type;
            byte[] frame = Frames6.icmp(a, a.ipv6(), to, 64, message);
            assertTrue(errorsAbout(frame).isEmpty());
            assertTrue(errorsAbout(Frames6.behind(Frames6.DESTINATION_OPTIONS, "00010400000000", frame))
                    .isEmpty());
        }
        assertEquals(0, a.port.counter(Counter.ICMP_ERRORS_LIMITED));
    }

    @Test
    void tellsNothingAboutFragmentsToTheGateway() {
        byte[] first = Frames6.behind(Frames6.FRAGMENT, "00000112345678", Frames6.udp(a, Frames6.GATEWAY, 100));
        assertTrue(errorsAbout(first).isEmpty());
        assertEquals(1, a.port.counter(Counter.TX_DROP_NOT_SERVED));
    }

    @Test
    void tellsNothingAboutForgeries() {
        assertTrue(errorsAbout(Frames6.udp(a, Frames6.STRANGER, Frames6.ELSEWHERE, 100))
                .isEmpty());
        assertEquals(1, a.port.counter(Counter.TX_DROP_SPOOFED_IPV6));
    }

    @Test
    void sharesTheAllowanceWithIpv4() {
        for (int i = 0; i < ErrorAllowance.BURST; i++) {
            a.send(Frames6.udp(a, Frames6.STRANGER, 100));
        }
        a.send(Frames.udp(a, DataPlane.PREFIX + 200, 60));
        plane.visit(a);
        assertEquals(ErrorAllowance.BURST, a.port.counter(Counter.ICMP_ERRORS));
        assertEquals(1, a.port.counter(Counter.ICMP_ERRORS_LIMITED));
    }
}
