package io.vireo.router.dataplane;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.vireo.virtqueue.Features;
import io.vireo.virtqueue.VirtioNetHeader;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class OffloadHandlingTest {
    private static final long CSUM = Features.NET_GUEST_CSUM;

    private final SplittableRandom random = new SplittableRandom(5);
    private final OffloadRequest request = new OffloadRequest();

    private void assertHandling(OffloadHandling expected, OffloadFrame frame, long features) {
        assertTrue(frame.isReadBy(request, OffloadRequestTest.HOST));
        assertEquals(expected, OffloadHandling.of(request, features));
    }

    private OffloadFrame frame(boolean ipv6, boolean tcp, int type) {
        return new OffloadFrame(ipv6, tcp, 3000, random).withSegmentation(type, 1000);
    }

    @Test
    void aPlainFrameSuitsEverybody() {
        OffloadFrame plain = frame(false, true, 0);
        VirtioNetHeader.writePlain(plain.slot(), 0);
        assertHandling(OffloadHandling.WHOLE, plain, 0);
        assertHandling(OffloadHandling.WHOLE, plain, -1);
    }

    @Test
    void aBegunChecksumIsCompletedForThoseWhoDoNotTakeIt() {
        OffloadFrame begun = frame(false, false, 0);
        assertHandling(OffloadHandling.COMPLETE, begun, 0);
        assertHandling(OffloadHandling.COMPLETE, begun, ~CSUM);
        assertHandling(OffloadHandling.WHOLE, begun, CSUM);
    }

    @Test
    void aSuperFrameIsCutForThoseWhoDoNotTakeItsKind() {
        assertKind(frame(false, true, VirtioNetHeader.GSO_TCPV4), Features.NET_GUEST_TSO4);
        assertKind(frame(true, true, VirtioNetHeader.GSO_TCPV6), Features.NET_GUEST_TSO6);
        assertKind(frame(false, false, VirtioNetHeader.GSO_UDP_L4), Features.NET_GUEST_USO4);
        assertKind(frame(true, false, VirtioNetHeader.GSO_UDP_L4), Features.NET_GUEST_USO6);
    }

    private void assertKind(OffloadFrame frame, long feature) {
        assertHandling(OffloadHandling.WHOLE, frame, CSUM | feature);
        assertHandling(OffloadHandling.SEGMENT_PARTIAL, frame, ~feature);
        assertHandling(OffloadHandling.SEGMENT_COMPLETE, frame, ~CSUM);
        assertHandling(OffloadHandling.SEGMENT_COMPLETE, frame, 0);
    }

    @Test
    void aReducedCongestionWindowNeedsAReceiverThatKnowsOfIt() {
        OffloadFrame reduced = frame(false, true, VirtioNetHeader.GSO_TCPV4).withCongestionWindowReduced();
        long features = CSUM | Features.NET_GUEST_TSO4;
        assertHandling(OffloadHandling.SEGMENT_PARTIAL, reduced, features);
        assertHandling(OffloadHandling.WHOLE, reduced, features | Features.NET_GUEST_ECN);
    }
}
