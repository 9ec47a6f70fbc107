package io.vireo.router.dataplane;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.vireo.protocols.gateway.Gateway;
import io.vireo.virtqueue.Features;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class UplinkReceiverTest {
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
        a.post(8, 2000);
    }

    @AfterEach
    void close() {
        plane.close();
    }

    /** What the guest should get: a frame of the gateway's. */
    private byte[] frame(int source, int destination, int timeToLive, int length) {
        return Frames.ipv4(a.mac(), Gateway.GATEWAY_MAC, source, destination, 17, timeToLive, length);
    }

    /** The packet of a frame as the host sends it, with nothing left to be done. */
    private static byte[] packet(byte[] frame) {
        byte[] packet = new byte[HEADER + frame.length - Frames.ETHERNET];
        System.arraycopy(frame, Frames.ETHERNET, packet, HEADER, frame.length - Frames.ETHERNET);
        return packet;
    }

    private void give(byte[] packet) {
        host.give(packet);
        plane.forwarder.serveUplink();
    }

    private void assertDropped(UplinkCounter reason) {
        assertEquals(1, plane.uplink.counter(reason));
        assertEquals(List.of(), a.receiveFrames());
    }

    @ParameterizedTest
    @ValueSource(ints = {42, 60, 127, 128, 129, 1514})
    void deliversPacketsWithOneHopLess(int length) {
        give(packet(frame(OUTSIDE, a.ipv4(), 64, length)));
        List<byte[]> frames = a.receiveFrames();
        assertEquals(1, frames.size());
        assertArrayEquals(frame(OUTSIDE, a.ipv4(), 63, length), frames.getFirst());
        assertEquals(1, plane.uplink.counter(UplinkCounter.IN_PACKETS));
        assertEquals(length - Frames.ETHERNET, plane.uplink.counter(UplinkCounter.IN_BYTES));
    }

    @Test
    void deliversABatchInOrder() {
        for (int i = 0; i < 5; i++) {
            host.give(packet(frame(OUTSIDE, a.ipv4(), 64, 100 + i)));
        }
        assertEquals(5, plane.forwarder.serveUplink());
        assertEquals(
                List.of(100, 101, 102, 103, 104),
                a.receiveFrames().stream().map(frame -> frame.length).toList());
    }

    @Test
    void dropsPacketsForNobody() {
        give(packet(frame(OUTSIDE, DataPlane.PREFIX + 77, 64, 100)));
        assertDropped(UplinkCounter.IN_DROP_NO_ROUTE);
    }

    @Test
    void dropsMulticastAndBroadcast() {
        give(packet(frame(OUTSIDE, 0xe000_0016, 64, 100)));
        assertDropped(UplinkCounter.IN_DROP_MULTICAST);
        give(packet(frame(OUTSIDE, -1, 64, 100)));
        assertEquals(2, plane.uplink.counter(UplinkCounter.IN_DROP_MULTICAST));
    }

    @Test
    void dropsPacketsFromItsOwnNetworks() {
        give(packet(frame(DataPlane.PREFIX + 200, a.ipv4(), 64, 100)));
        assertDropped(UplinkCounter.IN_DROP_SPOOFED);
    }

    @Test
    void dropsWhatHasNoHopLeft() {
        give(packet(frame(OUTSIDE, a.ipv4(), 1, 100)));
        assertDropped(UplinkCounter.IN_DROP_TTL_EXPIRED);
    }

    @Test
    void dropsWhatTheGuestsLinkDoesNotCarry() {
        give(packet(frame(OUTSIDE, a.ipv4(), 64, 1515)));
        assertDropped(UplinkCounter.IN_DROP_MTU);
    }

    @Test
    void dropsWhatIsNotWhole() {
        byte[] whole = packet(frame(OUTSIDE, a.ipv4(), 64, 60));
        for (int length = 0; length < whole.length; length++) {
            host.give(Arrays.copyOf(whole, length));
        }
        plane.forwarder.serveUplink();
        assertEquals(whole.length, plane.uplink.counter(UplinkCounter.IN_DROP_MALFORMED));
        assertEquals(List.of(), a.receiveFrames());
    }

    @Test
    void dropsWhatIsNoIp() {
        byte[] packet = packet(frame(OUTSIDE, a.ipv4(), 64, 100));
        packet[HEADER] = 0x55;
        give(packet);
        assertDropped(UplinkCounter.IN_DROP_MALFORMED);
    }

    /** A router solicitation of the host's, as each device gets one, and a datagram from a link-local address. */
    @Test
    void dropsTheHostsOwnNoise() {
        byte[] solicitation = new byte[HEADER + 48];
        ByteBuffer ip = ByteBuffer.wrap(solicitation, HEADER, 48).slice();
        ip.put(0, (byte) 0x60).putShort(4, (short) 8).put(6, (byte) 58).put(7, (byte) 255);
        ip.putLong(8, 0xfe80_0000_0000_0000L).putLong(16, 5);
        ip.putLong(24, 0xff02_0000_0000_0000L).putLong(32, 2).put(40, (byte) 133);
        give(solicitation);
        assertDropped(UplinkCounter.IN_DROP_MULTICAST);
        byte[] local = solicitation.clone();
        ByteBuffer.wrap(local).putLong(HEADER + 24, 0x2001_0db8_0001_0005L);
        give(local);
        assertDropped(UplinkCounter.IN_DROP_LINK_LOCAL);
    }

    @Test
    void completesChecksumsThatTheGuestDoesNot() {
        byte[] frame = frame(OUTSIDE, a.ipv4(), 64, 142);
        ByteBuffer.wrap(frame).putShort(38, (short) 108);
        byte[] packet = packet(frame);
        header(packet, 1, 0, 0, 0, 20, 6);
        give(packet);
        byte[] received = a.receiveFrames().getFirst();
        byte[] pseudo = new byte[12];
        ByteBuffer.wrap(pseudo)
                .putInt(OUTSIDE)
                .putInt(a.ipv4())
                .putShort((short) 17)
                .putShort((short) 108);
        int sum = Frames.sum(pseudo, 0, 12) + Frames.sum(received, 34, received.length);
        assertEquals(0xffff, (sum & 0xffff) + (sum >>> 16));
    }

    @Test
    void cutsSuperFramesThatTheGuestDoesNotTake() {
        byte[] frame = frame(OUTSIDE, a.ipv4(), 64, 42 + 3000);
        ByteBuffer.wrap(frame).putShort(38, (short) 3008);
        byte[] packet = packet(frame);
        header(packet, 1, 5, 28, 1000, 20, 6);
        give(packet);
        assertEquals(
                List.of(1042, 1042, 1042),
                a.receiveFrames().stream().map(segment -> segment.length).toList());
    }

    @Test
    void deliversSoManyBytesAtATimeThatGuestsDoNotWait() throws Exception {
        Guest b = plane.stoppedGuest(plane.network, 77, 65_500); // none of its frames has a buffer yet
        b.start(Features.NET_MRG_RXBUF);
        for (int i = 0; i < 6; i++) {
            host.give(packet(frame(OUTSIDE, b.ipv4(), 64, 60_000 + i)));
        }
        assertEquals(5, plane.forwarder.serveUplink(), "five are more than 256 KiB");
        assertEquals(1, plane.forwarder.serveUplink(), "the rest before others are read");
        assertEquals(0, plane.forwarder.serveUplink());
        assertEquals(6, b.port.counter(Counter.RX_BACKLOGGED));
        assertEquals(6, plane.uplink.counter(UplinkCounter.IN_PACKETS));
    }

    @Test
    void countsWhatWasReadAndIsForgotten() throws Exception {
        Guest b = plane.stoppedGuest(plane.network, 77, 65_500);
        b.start(Features.NET_MRG_RXBUF);
        for (int i = 0; i < 7; i++) {
            host.give(packet(frame(OUTSIDE, b.ipv4(), 64, 60_000)));
        }
        host.give(packet(frame(OUTSIDE, DataPlane.PREFIX + 200, 64, 60)));
        assertEquals(5, plane.forwarder.serveUplink(), "five are more than 256 KiB");
        plane.forwarder.dropReceived();
        assertEquals(2, plane.uplink.counter(UplinkCounter.IN_DROP_LOST));
        assertEquals(1, plane.uplink.counter(UplinkCounter.IN_DROP_NO_ROUTE));
        assertEquals(0, plane.forwarder.serveUplink());
    }

    @Test
    void dropsWhatIsNotTrueOfThePacket() {
        byte[] packet = packet(frame(OUTSIDE, a.ipv4(), 64, 142));
        header(packet, 1, 1, 40, 1000, 20, 16);
        give(packet);
        assertDropped(UplinkCounter.IN_DROP_OFFLOAD);
    }

    @Test
    void survivesWhateverTheHeaderSays() {
        for (int at = 0; at < HEADER; at++) {
            for (int value = 0; value < 256; value++) {
                byte[] packet = packet(frame(OUTSIDE, a.ipv4(), 64, 142));
                header(packet, 1, 5, 28, 50, 20, 6);
                packet[at] = (byte) value;
                give(packet);
                int received = a.receiveFrames().size();
                if (received > 0) {
                    a.post(received, 2000);
                }
            }
        }
        assertTrue(plane.uplink.counter(UplinkCounter.IN_DROP_OFFLOAD) > 0);
    }

    private static void header(byte[] packet, int flags, int type, int headers, int size, int start, int offset) {
        ByteBuffer.wrap(packet)
                .order(ByteOrder.LITTLE_ENDIAN)
                .put((byte) flags)
                .put((byte) type)
                .putShort((short) headers)
                .putShort((short) size)
                .putShort((short) start)
                .putShort((short) offset);
    }
}
