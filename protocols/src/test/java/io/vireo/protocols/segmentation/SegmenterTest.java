package io.vireo.protocols.segmentation;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.vireo.protocols.Golden;
import io.vireo.protocols.checksum.InternetChecksum;
import java.io.ByteArrayOutputStream;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.pcap4j.packet.TcpPacket;

class SegmenterTest {
    private static final int HEAD = 128;

    private final TransportFrame frame = new TransportFrame();
    private final Segmenter segmenter = new Segmenter();

    /** All segments, checksums complete; only the head is given to the code under test. */
    private List<byte[]> cut(SuperFrame superFrame, int segmentSize) {
        begin(superFrame, segmentSize);
        List<byte[]> segments = new ArrayList<>();
        for (int i = 0; i < segmenter.count(); i++) {
            Golden headers = Golden.filler(segmenter.headerLength());
            segmenter.writeHeaders(i, headers.segment(), headers.offset());
            int from = segmenter.payloadOffset(i);
            int length = segmenter.payloadLength(i);
            long sum = InternetChecksum.sum(MemorySegment.ofArray(superFrame.bytes()), from, length);
            segmenter.completeChecksum(headers.segment(), headers.offset(), sum);
            headers.assertMarginsUntouched();
            byte[] bytes = Arrays.copyOf(headers.bytes(), segmenter.length(i));
            System.arraycopy(superFrame.bytes(), from, bytes, headers.length(), length);
            segments.add(bytes);
        }
        return segments;
    }

    private void begin(SuperFrame superFrame, int segmentSize) {
        byte[] bytes = superFrame.bytes();
        Golden head = Golden.of(Arrays.copyOf(bytes, Math.min(HEAD, bytes.length)));
        assertTrue(frame.tryWrap(head.segment(), head.offset(), head.length(), bytes.length));
        segmenter.begin(frame, segmentSize);
    }

    private static SuperFrame random(SplittableRandom random, int longest) {
        boolean ipv6 = random.nextBoolean();
        int payload = 1 + random.nextInt(longest);
        return random.nextBoolean()
                ? SuperFrame.tcp(random, ipv6, 4 * random.nextInt(ipv6 ? 10 : 11), payload)
                : SuperFrame.udp(random, ipv6, payload);
    }

    @Test
    void segmentsAreWhatAnotherCodecAcceptsAndMakeUpTheOriginal() throws Exception {
        SplittableRandom random = new SplittableRandom(5681);
        for (int round = 0; round < 400; round++) {
            SuperFrame superFrame = random(random, round % 10 == 0 ? 65_000 : 4000);
            int size = 1 + random.nextInt(round % 3 == 0 ? 1460 : 300);
            ByteArrayOutputStream payload = new ByteArrayOutputStream();
            for (byte[] segment : cut(superFrame, size)) {
                PcapJudge.transport(segment, superFrame.ipv6());
                payload.write(segment, superFrame.headerLength(), segment.length - superFrame.headerLength());
            }
            byte[] original = superFrame.bytes();
            assertArrayEquals(
                    Arrays.copyOfRange(original, superFrame.headerLength(), original.length), payload.toByteArray());
        }
    }

    @Test
    void onlyTheFirstSaysThatTheWindowWasReducedAndOnlyTheLastPushesAndEnds() throws Exception {
        SuperFrame superFrame = SuperFrame.tcp(new SplittableRandom(1), false, 12, 2500);
        List<byte[]> segments = cut(superFrame, 1000);
        assertEquals(3, segments.size());
        int[] flags = {0x90, 0x10, 0x19};
        for (int i = 0; i < 3; i++) {
            assertEquals((byte) flags[i], segments.get(i)[superFrame.transportOffset() + 13]);
            TcpPacket tcp = (TcpPacket) PcapJudge.transport(segments.get(i), false);
            assertEquals(SuperFrame.SEQUENCE + 1000 * i, tcp.getHeader().getSequenceNumber());
        }
    }

    @Test
    void identificationsCountOnAndWrap() {
        List<byte[]> segments = cut(SuperFrame.udp(new SplittableRandom(2), false, 2100), 700);
        for (int i = 0; i < 3; i++) {
            short identification = ByteBuffer.wrap(segments.get(i)).getShort(18);
            assertEquals((short) (SuperFrame.IDENTIFICATION + i), identification);
        }
    }

    @Test
    void whatNeedNotChangeIsRepeated() {
        SuperFrame superFrame = SuperFrame.tcp(new SplittableRandom(3), true, 32, 5000);
        for (byte[] segment : cut(superFrame, 1220)) {
            byte[] expected = Arrays.copyOf(superFrame.bytes(), superFrame.headerLength());
            byte[] headers = Arrays.copyOf(segment, superFrame.headerLength());
            for (int changed : new int[] {18, 19, 54 + 4, 54 + 5, 54 + 6, 54 + 7, 54 + 13, 54 + 16, 54 + 17}) {
                expected[changed] = 0;
                headers[changed] = 0;
            }
            assertArrayEquals(expected, headers);
        }
    }

    @Test
    void aBegunChecksumIsThePseudoHeadersSumOfThatSegment() {
        SuperFrame superFrame = SuperFrame.udp(new SplittableRandom(4), false, 3001);
        begin(superFrame, 1000);
        int[] lengths = {1008, 1008, 1008, 9};
        for (int i = 0; i < 4; i++) {
            Golden headers = Golden.filler(segmenter.headerLength());
            segmenter.writeHeaders(i, headers.segment(), headers.offset());
            int sum = 0x0a00 + 0x0001 + 0x0a00 + 0x00fe + 17 + lengths[i];
            assertEquals((short) sum, ByteBuffer.wrap(headers.bytes()).getShort(40));
        }
    }

    @Test
    void theLargestPacketInTheSmallestSegmentsComesOutWhole() {
        SuperFrame superFrame = SuperFrame.tcp(new SplittableRandom(6), false, 0, 65_535 - 40);
        begin(superFrame, 1);
        assertEquals(65_495, segmenter.count());
        assertEquals(superFrame.bytes().length - 1, segmenter.payloadOffset(65_494));
        assertEquals(1, segmenter.payloadLength(65_494));
        begin(superFrame, 65_535);
        assertEquals(1, segmenter.count());
        assertEquals(superFrame.bytes().length, segmenter.length(0));
    }
}
