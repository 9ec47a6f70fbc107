package io.vireo.router.dataplane;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.vireo.hugepages.HostMemory;
import io.vireo.virtqueue.Features;
import io.vireo.virtqueue.VirtioNetHeader;
import java.util.HexFormat;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class OffloadRequestTest {
    static final long HOST = Features.NET_CSUM
            | Features.NET_HOST_TSO4
            | Features.NET_HOST_TSO6
            | Features.NET_HOST_ECN
            | Features.NET_HOST_USO;
    private static final int TSO4 = VirtioNetHeader.GSO_TCPV4;
    private static final int TSO6 = VirtioNetHeader.GSO_TCPV6;
    private static final int USO = VirtioNetHeader.GSO_UDP_L4;
    private static final int ECN = VirtioNetHeader.GSO_ECN;

    private final SplittableRandom random = new SplittableRandom(516);
    private final OffloadRequest request = new OffloadRequest();

    private OffloadFrame tcp4(int payload) {
        return new OffloadFrame(false, true, payload, random);
    }

    private OffloadFrame udp4(int payload) {
        return new OffloadFrame(false, false, payload, random);
    }

    private boolean reads(OffloadFrame frame) {
        return frame.isReadBy(request, HOST);
    }

    private boolean readsWith(OffloadFrame frame, int offset, int value) {
        HostMemory.putShort(frame.slot() + offset, (short) value);
        return reads(frame);
    }

    private static void assertHeader(String hex, OffloadFrame frame) {
        assertArrayEquals(HexFormat.of().parseHex(hex.replace(" ", "")), frame.header());
    }

    @Test
    void aPlainFrameAsksForNothingWhateverItHolds() {
        OffloadFrame frame = tcp4(100);
        VirtioNetHeader.writePlain(frame.slot(), 7);
        frame.bytes[12] = 0x55;
        frame.fillSlot();
        assertTrue(frame.isReadBy(request, 0));
        assertTrue(request.isPlain());
        assertEquals(frame.bytes.length, request.length());
        request.writeHeader(frame.slot(), 3);
        assertHeader("00 00 0000 0000 0000 0000 0300", frame);
        assertArrayEquals(frame.bytes, frame.sent());
    }

    @Test
    void aBegunChecksumIsBegunAnewForTheReceiver() {
        for (int kind = 0; kind < 4; kind++) {
            OffloadFrame frame = new OffloadFrame((kind & 1) != 0, (kind & 2) != 0, 333, random);
            assertTrue(reads(frame));
            assertFalse(request.isSuperFrame());
            request.writeHeader(frame.slot(), 1);
            assertEquals(1, frame.header()[0]);
            assertEquals(frame.transportOffset, VirtioNetHeader.checksumStart(frame.slot()));
            assertEquals(frame.checksumOffset, VirtioNetHeader.checksumOffset(frame.slot()));
            assertEquals(0xffff, frame.completedSum(frame.sent()));
        }
    }

    @Test
    void aSuperFramesHeaderIsMadeFromTheFrame() {
        OffloadFrame frame = tcp4(4000).withSegmentation(TSO4, 1448);
        assertTrue(reads(frame));
        assertTrue(request.isSuperFrame());
        assertEquals(66 + 1448, request.longestFrame());
        request.writeHeader(frame.slot(), 2);
        assertHeader("01 01 4200 a805 2200 1000 0200", frame);
        assertEquals(0xffff, frame.completedSum(frame.sent()));
    }

    @Test
    void theCongestionBitIsTheFrames() {
        OffloadFrame quiet = tcp4(4000).withSegmentation(TSO4 | ECN, 1448);
        assertTrue(reads(quiet));
        request.writeHeader(quiet.slot(), 1);
        assertEquals(TSO4, VirtioNetHeader.gsoType(quiet.slot()));
        OffloadFrame reduced = tcp4(4000).withSegmentation(TSO4, 1448).withCongestionWindowReduced();
        assertTrue(reads(reduced));
        request.writeHeader(reduced.slot(), 1);
        assertEquals(TSO4 | ECN, VirtioNetHeader.gsoType(reduced.slot()));
    }

    @Test
    void flagsThatADriverMayNotSetAreIgnored() {
        OffloadFrame frame = tcp4(10);
        HostMemory.putByte(frame.slot(), (byte) 0xff);
        assertTrue(reads(frame));
        request.writeHeader(frame.slot(), 1);
        assertEquals(VirtioNetHeader.F_NEEDS_CSUM, VirtioNetHeader.flags(frame.slot()));
        HostMemory.putByte(frame.slot(), (byte) 0xfe);
        assertTrue(reads(frame));
        assertTrue(request.isPlain());
    }

    @Test
    void paddingBehindTheFrameIsCutOff() {
        OffloadFrame frame = udp4(3);
        assertTrue(request.tryRead(frame.slot(), frame.visible(), 60, HOST));
        assertEquals(45, request.length());
    }

    @Test
    void checksumsAreBegunOnlyWhereTheyBelong() {
        for (int start : new int[] {0, 14, 33, 35, 46, 65_535, 65_534, 128}) {
            assertFalse(readsWith(tcp4(200), VirtioNetHeader.CSUM_START_OFFSET, start), "start " + start);
        }
        for (int offset : new int[] {0, 6, 15, 17, 18, 200, 65_535, 65_502}) {
            assertFalse(readsWith(tcp4(200), VirtioNetHeader.CSUM_OFFSET_OFFSET, offset), "offset " + offset);
        }
        assertFalse(readsWith(udp4(200), VirtioNetHeader.CSUM_OFFSET_OFFSET, 16));
    }

    @Test
    void segmentsHaveASizeAndABoundedNumber() {
        assertFalse(reads(tcp4(4000).withSegmentation(TSO4, 0)));
        assertFalse(reads(tcp4(4000).withSegmentation(TSO4, 1)));
        assertFalse(reads(udp4(65_000).withSegmentation(USO, 1)));
        assertTrue(reads(tcp4(OffloadRequest.MAX_TCP_SEGMENTS).withSegmentation(TSO4, 1)));
        assertFalse(reads(tcp4(OffloadRequest.MAX_TCP_SEGMENTS + 1).withSegmentation(TSO4, 1)));
        assertTrue(reads(udp4(OffloadRequest.MAX_UDP_SEGMENTS * 10).withSegmentation(USO, 10)));
        assertFalse(reads(udp4(OffloadRequest.MAX_UDP_SEGMENTS * 10 + 1).withSegmentation(USO, 10)));
    }

    @Test
    void aSuperFrameOfOneSegmentIsAnOrdinaryFrame() {
        for (int payload : new int[] {0, 1, 1448}) {
            assertTrue(reads(tcp4(payload).withSegmentation(TSO4, payload == 1 ? 65_535 : 1448)));
            assertFalse(request.isSuperFrame());
            assertFalse(request.isPlain());
            assertEquals(66 + payload, request.longestFrame());
        }
    }

    @Test
    void theTypeIsThatOfTheFrame() {
        for (int type = 0; type < 256; type++) {
            boolean none = type == VirtioNetHeader.GSO_NONE;
            boolean tso4 = (type & ~ECN) == TSO4;
            boolean tso6 = (type & ~ECN) == TSO6;
            assertEquals(none || tso4, reads(tcp4(3000).withSegmentation(type, 1000)), "type " + type);
            assertEquals(none || type == USO, reads(udp4(3000).withSegmentation(type, 1000)), "type " + type);
            OffloadFrame six = new OffloadFrame(true, true, 3000, random);
            assertEquals(none || tso6, reads(six.withSegmentation(type, 1000)), "type " + type);
        }
    }

    @Test
    void segmentationNeedsABegunChecksum() {
        OffloadFrame frame = tcp4(4000).withSegmentation(TSO4, 1448);
        HostMemory.putByte(frame.slot(), (byte) 0);
        assertFalse(reads(frame));
    }

    @Test
    void nothingIsDoneThatWasNotNegotiated() {
        OffloadFrame six = new OffloadFrame(true, true, 3000, random).withSegmentation(TSO6, 1000);
        assertTrue(reads(six));
        assertFalse(six.isReadBy(request, HOST & ~Features.NET_HOST_TSO6));
        assertFalse(tcp4(3000).withSegmentation(TSO4, 1000).isReadBy(request, HOST & ~Features.NET_HOST_TSO4));
        assertFalse(tcp4(3000).withSegmentation(TSO4 | ECN, 1000).isReadBy(request, HOST & ~Features.NET_HOST_ECN));
        assertFalse(udp4(3000).withSegmentation(USO, 1000).isReadBy(request, HOST & ~Features.NET_HOST_USO));
        assertFalse(tcp4(30).isReadBy(request, HOST & ~Features.NET_CSUM));
    }

    @Test
    void damagedFramesAndHeadersStayInBounds() {
        OffloadFrame frame = tcp4(1);
        for (int round = 0; round < 200_000; round++) {
            if (round % 20 == 0) {
                frame = new OffloadFrame(random.nextBoolean(), random.nextBoolean(), random.nextInt(300), random);
                frame.withSegmentation(VirtioNetHeader.gsoType(frame.slot()), 1 + random.nextInt(300));
            }
            int at = random.nextInt(VirtioNetHeader.SIZE + frame.headerLength);
            HostMemory.putByte(frame.slot() + at, (byte) random.nextInt(256));
            int length = random.nextInt(16) == 0 ? random.nextInt(frame.bytes.length) : frame.bytes.length;
            if (!request.tryRead(frame.slot(), Math.min(length, frame.visible()), length, HOST) || request.isPlain()) {
                continue;
            }
            assertTrue(request.length() <= length);
            assertTrue(request.frame().headerLength() <= Math.min(length, frame.visible()));
            assertTrue(request.frame().transportOffset() + 18 <= request.frame().headerLength()
                    || !request.frame().isTcp());
            assertTrue(request.frame().payloadLength() >= 0);
            assertTrue(request.longestFrame() <= request.length());
        }
    }
}
