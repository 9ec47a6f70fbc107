package io.vireo.router.dataplane;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.vireo.linux.Errno;
import io.vireo.linux.LinuxException;
import io.vireo.protocols.gateway.Gateway;
import io.vireo.protocols.ipv4.Ipv4Prefix;
import io.vireo.protocols.ipv6.Ipv6Prefix;
import io.vireo.virtqueue.Features;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class UplinkSenderTest {
    private static final int OUTSIDE = 0xc633_6407; // 198.51.100.7
    private static final int HEADER = HostSide.HEADER;

    private DataPlane plane;
    private HostSide host;
    private Guest a;

    @BeforeEach
    void start() throws Exception {
        plane = DataPlane.withUplink();
        host = plane.host();
        a = plane.guest();
    }

    @AfterEach
    void close() {
        plane.close();
    }

    private byte[] datagram(int port, int payload) {
        byte[] frame = Frames.udp(a, OUTSIDE, 42 + payload);
        ByteBuffer.wrap(frame)
                .putShort(34, (short) 5000)
                .putShort(36, (short) port)
                .putShort(38, (short) (8 + payload))
                .putShort(40, (short) 0);
        return frame;
    }

    /** The frame as the host should get it: without Ethernet header, and with one hop less. */
    private static byte[] routed(byte[] frame) {
        byte[] copy = frame.clone();
        copy[Frames.IP_TTL]--;
        return Arrays.copyOfRange(Frames.sealed(copy), Frames.ETHERNET, copy.length);
    }

    private static byte[] packet(byte[] taken) {
        return Arrays.copyOfRange(taken, HEADER, taken.length);
    }

    private static ByteBuffer header(byte[] taken) {
        return ByteBuffer.wrap(taken, 0, HEADER).slice().order(ByteOrder.LITTLE_ENDIAN);
    }

    @ParameterizedTest
    @ValueSource(ints = {20, 86, 87, 1400, 1472})
    void sendsPacketsWithOneHopLess(int payload) {
        byte[] frame = datagram(53, payload);
        int head = a.send(frame);
        plane.visit(a);
        assertEquals(1, host.taken.size());
        assertArrayEquals(routed(frame), packet(host.taken.getFirst()));
        assertArrayEquals(new byte[HEADER], Arrays.copyOf(host.taken.getFirst(), HEADER));
        assertEquals(head, a.transmitted().getFirst());
        assertEquals(1, plane.uplink.counter(UplinkCounter.OUT_PACKETS));
        assertEquals(28 + payload, plane.uplink.counter(UplinkCounter.OUT_BYTES));
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 5, 12, 13, 139, 140, 141, 700})
    void sendsFramesThatAreSplitAnywhere(int piece) {
        byte[] frame = datagram(53, 1400);
        int[] pieces = new int[Math.min(12 + frame.length, 200 * piece) / piece];
        Arrays.fill(pieces, piece);
        a.send(frame, pieces);
        plane.visit(a);
        plane.forwarder.serveUplink(); // so many pieces go by way of the backlog
        assertArrayEquals(routed(frame), packet(host.taken.getFirst()));
    }

    @Test
    void copiesAPacketOfTooManyPieces() {
        byte[] frame = datagram(53, 1400);
        int[] pieces = new int[131];
        Arrays.fill(pieces, 1);
        pieces[0] = HEADER + FrameBatch.HEADER_BYTES;
        a.send(frame, pieces);
        plane.visit(a);
        assertEquals(1, a.transmitted().size());
        plane.forwarder.serveUplink();
        assertArrayEquals(routed(frame), packet(host.taken.getFirst()));
        assertEquals(1, plane.uplink.counter(UplinkCounter.OUT_BACKLOGGED));
    }

    @Test
    void leavesPaddingOut() {
        byte[] frame = Arrays.copyOf(datagram(53, 3), 60);
        a.send(frame);
        plane.visit(a);
        assertEquals(HEADER + 31, host.taken.getFirst().length);
    }

    @Test
    void mergesDatagramsOfOneFlow() {
        for (int payload : new int[] {500, 500, 200}) {
            a.send(datagram(53, payload));
        }
        plane.visit(a);
        assertEquals(1, host.taken.size());
        ByteBuffer header = header(host.taken.getFirst());
        assertEquals(1, header.get(0), "needs a checksum");
        assertEquals(5, header.get(1), "is a UDP super-frame");
        assertEquals(28, header.getShort(2));
        assertEquals(500, header.getShort(4));
        assertEquals(20, header.getShort(6));
        assertEquals(6, header.getShort(8));
        byte[] packet = packet(host.taken.getFirst());
        assertEquals(28 + 1200, packet.length);
        ByteBuffer ip = ByteBuffer.wrap(packet);
        assertEquals(28 + 1200, ip.getShort(2));
        assertEquals(0xffff, Frames.sum(packet, 0, 20));
        assertEquals(8 + 1200, ip.getShort(24));
        int pseudoHeader = pseudoHeader(ip, 8 + 1200);
        assertEquals(pseudoHeader, Short.toUnsignedInt(ip.getShort(26)));
        byte[] payload = Arrays.copyOfRange(datagram(53, 500), 42, 542);
        assertArrayEquals(payload, Arrays.copyOfRange(packet, 28, 528));
        assertArrayEquals(payload, Arrays.copyOfRange(packet, 528, 1028));
        assertArrayEquals(Arrays.copyOf(payload, 200), Arrays.copyOfRange(packet, 1028, 1228));
        assertEquals(3, plane.uplink.counter(UplinkCounter.OUT_PACKETS));
        assertEquals(3, plane.uplink.counter(UplinkCounter.OUT_MERGED));
    }

    private static int pseudoHeader(ByteBuffer ip, int length) {
        byte[] bytes = new byte[12];
        ByteBuffer.wrap(bytes)
                .putInt(ip.getInt(12))
                .putInt(ip.getInt(16))
                .putShort((short) 17)
                .putShort((short) length);
        return Frames.sum(bytes, 0, bytes.length);
    }

    @Test
    void doesNotMergeWhatDiffers() {
        byte[] other = datagram(53, 500);
        other[Frames.IP_TTL]--;
        a.send(datagram(53, 500));
        a.send(datagram(54, 500)); // another flow
        a.send(datagram(54, 501)); // longer than the first
        a.send(Frames.sealed(other)); // another hop count
        plane.visit(a);
        assertEquals(4, host.taken.size());
        assertEquals(0, plane.uplink.counter(UplinkCounter.OUT_MERGED));
    }

    @Test
    void leavesDatagramsWithWrongChecksumsAsTheyAre() {
        byte[] wrong = datagram(53, 500);
        wrong[41] = 1;
        a.send(wrong);
        a.send(datagram(53, 500));
        plane.visit(a);
        assertEquals(2, host.taken.size());
        assertArrayEquals(routed(wrong), packet(host.taken.getFirst()));
    }

    @Test
    void mergesNoMoreThanTheKernelCuts() {
        for (int i = 0; i < 64; i++) {
            a.send(datagram(53, 1));
        }
        plane.visit(a);
        assertEquals(1, host.taken.size());
        assertEquals(HEADER + 28 + 64, host.taken.getFirst().length);
    }

    @Test
    void keepsOrderWhenTheHostIsBusy() {
        host.isBusyFor(1);
        a.send(datagram(53, 100));
        a.send(datagram(54, 100));
        plane.visit(a);
        assertEquals(2, a.transmitted().size(), "the guest does not wait");
        a.send(datagram(53, 101));
        a.send(datagram(53, 101));
        plane.visit(a);
        assertEquals(1, host.taken.size());
        plane.forwarder.serveUplink();
        assertEquals(4, host.taken.size());
        assertArrayEquals(routed(datagram(53, 100)), packet(host.taken.get(1)));
        assertArrayEquals(routed(datagram(53, 101)), packet(host.taken.get(3)));
        assertEquals(4, plane.uplink.counter(UplinkCounter.OUT_PACKETS));
        assertEquals(3, plane.uplink.counter(UplinkCounter.OUT_BACKLOGGED));
    }

    @Test
    void countsDatagramsThatWaitedTogetherOneByOne() {
        host.isBusyFor(1);
        for (int i = 0; i < 3; i++) {
            a.send(datagram(53, 100));
        }
        plane.visit(a);
        assertEquals(3, plane.uplink.counter(UplinkCounter.OUT_BACKLOGGED));
        plane.forwarder.serveUplink();
        assertEquals(1, host.taken.size());
        assertEquals(3, plane.uplink.counter(UplinkCounter.OUT_PACKETS));
        assertEquals(3, plane.uplink.counter(UplinkCounter.OUT_MERGED));
        assertEquals(3 * 128, plane.uplink.counter(UplinkCounter.OUT_BYTES));
        host.isBusyFor(1);
        a.send(datagram(53, 100));
        a.send(datagram(53, 100));
        plane.visit(a);
        plane.uplink.use(null);
        host.close();
        assertEquals(2, plane.uplink.counter(UplinkCounter.OUT_DROP_REFUSED));
    }

    @Test
    void dropsAndCountsWhatDoesNotFitTheBacklog() {
        host.isBusyFor(10_000);
        long sent = 0;
        while (a.port.counter(Counter.TX_DROP_UPLINK_FULL) == 0) {
            a.send(datagram(53, 1400));
            plane.visit(a);
            a.transmitted();
            sent++;
            assertTrue(sent < 10_000);
        }
        assertEquals(sent - 1, plane.uplink.counter(UplinkCounter.OUT_BACKLOGGED));
    }

    @Test
    void countsWhatTheHostRefuses() {
        host.refusals.add(Errno.EINVAL);
        host.refusals.add(Errno.EIO);
        a.send(datagram(53, 100));
        a.send(datagram(54, 100));
        plane.visit(a);
        assertEquals(1, a.port.counter(Counter.TX_DROP_UPLINK_REFUSED));
        assertEquals(1, a.port.counter(Counter.TX_DROP_UPLINK_DOWN));
    }

    @Test
    void dropsAndCountsWithoutADevice() {
        plane.uplink.use(null);
        a.send(datagram(53, 100));
        plane.visit(a);
        assertEquals(1, a.port.counter(Counter.TX_DROP_UPLINK_DOWN));
        assertEquals(1, a.transmitted().size());
    }

    @Test
    void sendsNothingForAddressesOfTheNetworkItself() {
        a.send(Frames.udp(a, DataPlane.PREFIX + 200, 100));
        plane.visit(a);
        assertEquals(0, host.taken.size());
        assertEquals(1, a.port.counter(Counter.TX_DROP_NO_ROUTE));
    }

    @Test
    void passesTcpSuperFramesWhole() throws Exception {
        Guest sender = plane.guest(plane.network, Features.NET_CSUM | Features.NET_HOST_TSO4);
        byte[] frame = Frames.ipv4(Gateway.GATEWAY_MAC, sender.mac(), sender.ipv4(), OUTSIDE, 6, 64, 54 + 5000);
        frame[46] = 0x50; // five words of header
        frame[47] = 0x10; // an acknowledgement
        ByteBuffer raw = ByteBuffer.allocate(HEADER + frame.length);
        raw.put(HEADER, frame)
                .order(ByteOrder.LITTLE_ENDIAN)
                .put((byte) 1)
                .put((byte) 1)
                .putShort((short) 54)
                .putShort((short) 1400)
                .putShort((short) 34)
                .putShort((short) 16);
        sender.sendLong(raw.array());
        plane.visit(sender);
        ByteBuffer sent = header(host.taken.getFirst());
        assertEquals(1, sent.get(1));
        assertEquals(40, sent.getShort(2));
        assertEquals(1400, sent.getShort(4));
        assertEquals(20, sent.getShort(6));
        assertEquals(16, sent.getShort(8));
        assertEquals(HEADER + 40 + 5000, host.taken.getFirst().length);
    }

    /** Loses the memory of whose frames are sent, in the midst of it; what was not yet with the host never is. */
    private void assertNothingIsLeftBehindBy(Guest hostile) throws Exception {
        assertThrows(InternalError.class, () -> plane.visit(hostile));
        assertTrue(plane.forwarder.memoryLost(plane.ports()));
        host.whenAdded = () -> {};
        host.whenFlushed = () -> {};
        host.taken.clear();
        Guest other = plane.guest();
        byte[] frame = Frames.udp(other, OUTSIDE, 500);
        other.send(frame);
        plane.visit(other);
        plane.forwarder.serveUplink();
        assertEquals(1, host.taken.size());
        assertArrayEquals(routed(frame), packet(host.taken.getFirst()));
    }

    @Test
    void forgetsWhatItHadPreparedWhenTheMemoryOfTheRestIsGone() throws Exception {
        byte[] summed = datagram(54, 1000);
        summed[41] = 1; // a checksum that is to be looked at, over all of it
        a.send(datagram(53, 100));
        a.send(summed);
        a.send(summed);
        host.whenAdded = () -> lose(a);
        assertNothingIsLeftBehindBy(a);
    }

    @Test
    void keepsNothingHalfWritten() throws Exception {
        a.send(datagram(53, 1000));
        host.isBusyFor(1);
        host.whenFlushed = () -> lose(a);
        assertNothingIsLeftBehindBy(a);
    }

    @Test
    void memoryThatTheKernelFindsGoneStopsItsGuestAsIfFoundHere() throws Exception {
        a.send(datagram(53, 1000));
        host.refusals.add(Errno.EFAULT);
        host.whenFlushed = () -> lose(a);
        assertNothingIsLeftBehindBy(a);
        assertTrue(a.port.isBroken());
    }

    private static void lose(Guest guest) {
        try {
            guest.loseMemory();
        } catch (LinuxException e) {
            throw new AssertionError(e);
        }
    }

    static Routes toUplink() {
        return new Routes(
                Map.of(Ipv4Prefix.parse("0.0.0.0/0"), Route.UPLINK, Networks.IPV4, Route.UNREACHABLE),
                Map.of(Ipv6Prefix.parse("::/0"), Route.UPLINK, Networks.IPV6, Route.UNREACHABLE));
    }
}
