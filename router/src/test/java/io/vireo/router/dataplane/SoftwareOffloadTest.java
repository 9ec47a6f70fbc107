package io.vireo.router.dataplane;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.vireo.virtqueue.VirtioNetHeader;
import java.io.ByteArrayOutputStream;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class SoftwareOffloadTest {
    private static final int LONGEST = 12 + 128 + 65_535;

    private final SplittableRandom random = new SplittableRandom(20);
    private final OffloadRequest request = new OffloadRequest();
    private final SoftwareOffload offload = new SoftwareOffload();
    private final BufferWriter writer = new BufferWriter();
    private final MemorySegment scratch = Arena.ofAuto().allocate(192);
    private final MemorySegment received = Arena.ofAuto().allocate(LONGEST);

    private OffloadFrame frame(int payload) {
        return new OffloadFrame(random.nextBoolean(), random.nextBoolean(), payload, random);
    }

    private OffloadFrame superFrame(int payload, int size) {
        OffloadFrame frame = frame(payload);
        int tcpType = frame.ipv6 ? VirtioNetHeader.GSO_TCPV6 : VirtioNetHeader.GSO_TCPV4;
        return frame.withSegmentation(frame.tcp ? tcpType : VirtioNetHeader.GSO_UDP_L4, size);
    }

    @Test
    void completesChecksumsOverAnyChain() {
        for (int round = 0; round < 1000; round++) {
            OffloadFrame frame = frame(random.nextInt(round % 50 == 0 ? 65_000 : 400));
            assertTrue(frame.isReadBy(request, OffloadRequestTest.HOST));
            offload.complete(request, frame.slot(), frame.visible(), frame.chains, 1, 1);
            assertTrue(VirtioNetHeader.isPlain(frame.slot()));
            byte[] sent = frame.sent();
            assertEquals(0xffff, frame.transportSum(sent));
            int checksum = frame.transportOffset + frame.checksumOffset;
            System.arraycopy(frame.bytes, checksum, sent, checksum, 2);
            assertArrayEquals(frame.bytes, sent, "nothing else changes");
        }
    }

    @Test
    void segmentsAddUpToTheSuperFrame() {
        for (int round = 0; round < 300; round++) {
            OffloadFrame frame = superFrame(2 + random.nextInt(round % 10 == 0 ? 60_000 : 5000), 1460);
            assertTrue(frame.isReadBy(request, OffloadRequestTest.HOST));
            if (request.isSuperFrame()) {
                boolean partial = round % 2 == 0;
                assertSegments(frame, partial ? OffloadHandling.SEGMENT_PARTIAL : OffloadHandling.SEGMENT_COMPLETE);
            }
        }
    }

    private void assertSegments(OffloadFrame frame, OffloadHandling handling) {
        ByteArrayOutputStream payload = new ByteArrayOutputStream();
        offload.beginSegments(request, handling, frame.chains, 1);
        assertEquals((frame.bytes.length - frame.headerLength + 1459) / 1460, offload.segments());
        for (int i = 0; i < offload.segments(); i++) {
            byte[] segment = segment(i);
            if (handling == OffloadHandling.SEGMENT_COMPLETE) {
                assertTrue(VirtioNetHeader.isPlain(received.address()));
                assertEquals(0xffff, frame.transportSum(segment));
            } else {
                assertEquals(VirtioNetHeader.F_NEEDS_CSUM, VirtioNetHeader.flags(received.address()));
                assertEquals(VirtioNetHeader.GSO_NONE, VirtioNetHeader.gsoType(received.address()));
                assertEquals(frame.transportOffset, VirtioNetHeader.checksumStart(received.address()));
                assertEquals(frame.checksumOffset, VirtioNetHeader.checksumOffset(received.address()));
                assertEquals(0xffff, frame.completedSum(segment));
            }
            payload.write(segment, frame.headerLength, segment.length - frame.headerLength);
        }
        assertArrayEquals(
                Arrays.copyOfRange(frame.bytes, frame.headerLength, frame.bytes.length), payload.toByteArray());
    }

    /** Segment {@code i} as it is received, without the virtio-net header. */
    private byte[] segment(int i) {
        received.fill((byte) 0xa5);
        offload.writeSegment(i, scratch.address(), 3, writer.into(received.address()));
        assertEquals(3, VirtioNetHeader.buffers(received.address()));
        int bytes = offload.bytes(i);
        assertEquals((byte) 0xa5, received.get(ValueLayout.JAVA_BYTE, bytes), "longer than it said");
        return received.asSlice(VirtioNetHeader.SIZE, bytes - VirtioNetHeader.SIZE)
                .toArray(ValueLayout.JAVA_BYTE);
    }

    @Test
    void segmentsCanBeAskedForInAnyOrder() {
        OffloadFrame frame = superFrame(6000, 1000);
        assertTrue(frame.isReadBy(request, OffloadRequestTest.HOST));
        offload.beginSegments(request, OffloadHandling.SEGMENT_COMPLETE, frame.chains, 1);
        byte[] last = segment(5);
        byte[] first = segment(0);
        assertArrayEquals(last, segment(5));
        assertArrayEquals(first, segment(0));
        assertEquals(0xffff, frame.transportSum(first));
    }
}
