package io.vireo.router.dataplane;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.vireo.protocols.gateway.Gateway;
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

/** What a guest is told about its IPv4 packets that did not get through, and about which it is told nothing. */
class IcmpErrorsTest {
    private static final int STRANGER = DataPlane.PREFIX + 200;
    private static final int ELSEWHERE = 0xc0a8_0001;
    private static final int ICMP = Frames.ETHERNET + Frames.IPV4;
    private static final int QUOTE = ICMP + 8;
    private static final int MOST_QUOTED = 548;

    private DataPlane plane;
    private Guest a;
    private Guest b;

    @BeforeEach
    void start() throws Exception {
        plane = DataPlane.subnet();
        a = plane.guest();
        b = plane.guest();
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

    private void check(byte[] error, int typeAndCode, int from, byte[] frame) {
        ByteBuffer data = ByteBuffer.wrap(error);
        int quoted = Math.min(frame.length - Frames.ETHERNET, MOST_QUOTED);
        assertEquals(QUOTE + quoted, error.length);
        assertArrayEquals(
                Arrays.copyOf(Frames.forwarded(frame, a), Frames.ETHERNET), Arrays.copyOf(error, Frames.ETHERNET));
        assertEquals(0x45, error[Frames.ETHERNET]);
        assertEquals(error.length - Frames.ETHERNET, data.getShort(Frames.ETHERNET + 2));
        assertEquals(1, error[Frames.IP_TTL + 1]);
        assertEquals(0xffff, Frames.sum(error));
        assertEquals(from, data.getInt(26));
        assertEquals(a.ipv4(), data.getInt(30));
        assertEquals(Integer.toHexString(typeAndCode), Integer.toHexString(data.getShort(ICMP)));
        assertEquals(0xffff, Frames.sum(error, ICMP, error.length));
        assertArrayEquals(
                Arrays.copyOfRange(frame, Frames.ETHERNET, Frames.ETHERNET + quoted),
                Arrays.copyOfRange(error, QUOTE, error.length),
                "the packet as it came");
    }

    private static int mtu(byte[] error) {
        return ByteBuffer.wrap(error).getInt(ICMP + 4);
    }

    @ParameterizedTest
    @ValueSource(ints = {42, 127, 128, 129, 142, 561, 562, 563, 1514})
    void quotesAPacketAsItCame(int length) {
        byte[] frame = Frames.udp(a, STRANGER, length);
        byte[] error = errorAbout(frame);
        check(error, 0x0301, DataPlane.GATEWAY, frame);
        assertEquals(0, mtu(error));
        assertEquals(1, a.port.counter(Counter.ICMP_ERRORS));
        assertEquals(1, a.port.counter(Counter.TX_DROP_NO_ROUTE));
    }

    @ParameterizedTest
    @CsvSource({"1,1,1", "12,14,20", "140,1,2", "141,300,1", "100,50,410", "3,560,1"})
    void quotesFromChainsThatAreSplitAnywhere(int first, int second, int third) {
        byte[] frame = Frames.udp(a, STRANGER, 1000);
        check(errorAbout(frame, first, second, third), 0x0301, DataPlane.GATEWAY, frame);
    }

    @Test
    void doesNotQuotePadding() {
        byte[] packet = Frames.udp(a, STRANGER, 50);
        check(errorAbout(Arrays.copyOf(packet, 200)), 0x0301, DataPlane.GATEWAY, packet);
    }

    @Test
    void tellsNeighboursFromOtherNetworks() {
        byte[] frame = Frames.udp(a, ELSEWHERE, 60);
        check(errorAbout(frame), 0x0300, DataPlane.GATEWAY, frame);
    }

    @ParameterizedTest
    @CsvSource({"17,0x0303", "6,0x0303", "132,0x0302", "47,0x0302"})
    void tellsThatTheGatewayServesNothing(int protocol, String typeAndCode) {
        for (int gateway : new int[] {DataPlane.GATEWAY, Gateway.GATEWAY_IPV4_LINK_LOCAL}) {
            byte[] frame = Frames.ipv4(Gateway.GATEWAY_MAC, a.mac(), a.ipv4(), gateway, protocol, 64, 60);
            check(errorAbout(frame), Integer.decode(typeAndCode), gateway, frame);
        }
        assertEquals(2, a.port.counter(Counter.TX_DROP_NOT_SERVED));
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void tellsHowLongAPacketMayBe(boolean fragmentable) throws Exception {
        Guest narrow = plane.stoppedGuest(plane.network, 9, 1000);
        narrow.start(Features.NET_MRG_RXBUF);
        byte[] frame = Frames.udp(a, narrow.ipv4(), 1015);
        if (fragmentable) {
            frame[Frames.IP_FLAGS] = 0;
            Frames.sealed(frame);
        }
        byte[] error = errorAbout(frame);
        check(error, 0x0304, DataPlane.GATEWAY, frame);
        assertEquals(1000, mtu(error));
    }

    @Test
    void tellsHowLongTheSegmentsOfASuperFrameMayBe() throws Exception {
        Guest narrow = plane.stoppedGuest(plane.network, 99, 1000);
        narrow.start(OffloadedTrafficTest.TAKES_ALL);
        Guest sender = plane.guest(plane.network, OffloadedTrafficTest.SENDS);
        sender.post(10, 2000);
        OffloadFrame frame = new OffloadFrame(false, true, 20_000, new SplittableRandom(1)).addressed(sender, narrow);
        sender.sendLong(frame.withSegmentation(VirtioNetHeader.GSO_TCPV4, 1400).packet());
        plane.visit(sender);
        plane.visit(sender);
        assertEquals(1, sender.port.counter(Counter.TX_DROP_MTU));
        byte[] error = sender.receiveFrames().getFirst();
        assertEquals(1000, mtu(error));
        assertEquals(0xffff, Frames.sum(error, ICMP, error.length));
        assertArrayEquals(
                Arrays.copyOfRange(frame.bytes, Frames.ETHERNET, Frames.ETHERNET + MOST_QUOTED),
                Arrays.copyOfRange(error, QUOTE, error.length));
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1})
    void tellsThatNoHopIsLeft(int timeToLive) throws Exception {
        plane.close();
        plane = new DataPlane(true);
        a = plane.guest();
        b = plane.guest();
        a.post(10, 2000);
        byte[] frame = Frames.ipv4(Gateway.GATEWAY_MAC, a.mac(), a.ipv4(), b.ipv4(), 17, timeToLive, 60);
        check(errorAbout(frame), 0x0b00, DataPlane.GATEWAY, frame);
    }

    @Test
    void quotesATimeToLiveThatWasNotLowered() throws Exception {
        plane.close();
        plane = new DataPlane(true);
        a = plane.guest();
        a.post(10, 2000);
        Guest narrow = plane.stoppedGuest(plane.network, 9, 1000);
        narrow.start(Features.NET_MRG_RXBUF);
        byte[] frame = Frames.udp(a, narrow.ipv4(), 1200);
        check(errorAbout(frame), 0x0304, DataPlane.GATEWAY, frame);
    }

    @Test
    void tellsAboutEchoesAndFirstFragments() {
        byte[] echo = Frames.echo(a, STRANGER, 98);
        check(errorAbout(echo), 0x0301, DataPlane.GATEWAY, echo);
        byte[] first = Frames.udp(a, STRANGER, 60);
        first[Frames.IP_FLAGS] = 0x20;
        Frames.sealed(first);
        check(errorAbout(first), 0x0301, DataPlane.GATEWAY, first);
    }

    @Test
    void tellsNothingAboutWhatIsToAGroup() {
        for (int group : new int[] {0xe000_0001, -1, DataPlane.PREFIX + 255, DataPlane.PREFIX}) {
            assertTrue(errorsAbout(Frames.udp(a, group, 60)).isEmpty());
        }
        assertEquals(4, a.port.counter(Counter.TX_DROP_BROADCAST));
        assertEquals(0, a.port.counter(Counter.ICMP_ERRORS));
    }

    @Test
    void tellsNothingAboutLaterFragments() {
        byte[] later = Frames.udp(a, STRANGER, 60);
        later[Frames.IP_FLAGS] = 0;
        later[Frames.IP_FLAGS + 1] = 1;
        assertTrue(errorsAbout(Frames.sealed(later)).isEmpty());
        assertEquals(1, a.port.counter(Counter.TX_DROP_NO_ROUTE));
    }

    @ParameterizedTest
    @ValueSource(ints = {3, 4, 5, 11, 12, 1, 255})
    void tellsNothingAboutErrors(int type) {
        for (int to : new int[] {STRANGER, DataPlane.GATEWAY}) {
            byte[] frame = Frames.ipv4(Gateway.GATEWAY_MAC, a.mac(), a.ipv4(), to, 1, 64, 70);
            frame[ICMP] = (byte) type;
            assertTrue(errorsAbout(frame).isEmpty());
        }
    }

    @Test
    void tellsNothingAboutFragmentsToTheGateway() {
        byte[] first = Frames.udp(a, DataPlane.GATEWAY, 60);
        first[Frames.IP_FLAGS] = 0x20;
        assertTrue(errorsAbout(Frames.sealed(first)).isEmpty(), "nobody has seen the whole of it");
    }

    @Test
    void tellsNothingAboutForgeries() {
        assertTrue(errorsAbout(Frames.ipv4(Gateway.GATEWAY_MAC, a.mac(), b.ipv4(), STRANGER, 17, 64, 60))
                .isEmpty());
        assertTrue(errorsAbout(Frames.ipv4(b.mac(), a.mac(), a.ipv4(), STRANGER, 17, 64, 60))
                .isEmpty());
    }

    @Test
    void tellsAGuestNoMoreThanItsShare() {
        b.post(10, 2000);
        for (int i = 0; i < ErrorAllowance.BURST + 10; i++) {
            a.send(Frames.udp(a, STRANGER, 60));
        }
        b.send(Frames.udp(b, STRANGER, 60));
        plane.visit(a);
        plane.visit(b);
        assertEquals(ErrorAllowance.BURST, a.port.counter(Counter.ICMP_ERRORS));
        assertEquals(10, a.port.counter(Counter.ICMP_ERRORS_LIMITED));
        assertEquals(1, b.port.counter(Counter.ICMP_ERRORS), "one guest's share is not another's");
        plane.visit(a);
        assertTrue(a.isAllTransmitted());
        assertEquals(ErrorAllowance.BURST, a.receiveFrames().size());

        plane.nowNs += 1_000_000_000L / ErrorAllowance.PER_SECOND;
        assertEquals(1, errorsAbout(Frames.udp(a, STRANGER, 60)).size());
        assertEquals(0, errorsAbout(Frames.udp(a, STRANGER, 60)).size());
    }

    @Test
    void keepsTheOrderOfWhatItSends() {
        a.send(Frames.udp(a, STRANGER, 60));
        a.send(Frames.echo(a, DataPlane.GATEWAY, 98));
        plane.visit(a);
        plane.visit(a);
        List<byte[]> frames = a.receiveFrames();
        assertEquals(
                List.of(3, 0), frames.stream().map(frame -> (int) frame[ICMP]).toList());
    }

    @Test
    void dropsAnErrorThatItsGuestHasNoRoomFor() throws Exception {
        Guest mute = plane.stoppedGuest(plane.network);
        mute.port.start(mute.setup(NetPort.TRANSMIT_QUEUE, Features.NET_MRG_RXBUF, true));
        mute.send(Frames.udp(mute, STRANGER, 60));
        plane.visit(mute);
        assertEquals(1, mute.port.counter(Counter.TX_DROP_NO_ROUTE));
        assertEquals(1, mute.port.counter(Counter.RX_DROP_NOT_READY));
    }
}
