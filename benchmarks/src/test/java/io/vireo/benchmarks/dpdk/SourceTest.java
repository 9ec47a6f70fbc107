package io.vireo.benchmarks.dpdk;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.HexFormat;
import java.util.LinkedHashSet;
import java.util.Set;
import org.junit.jupiter.api.Test;

class SourceTest {
    private static final int FIRST = 24 + 16;
    private static final int NEXT = 16 + Source.FRAME;

    private static Set<Short> sourcePorts(byte[] capture) {
        Set<Short> ports = new LinkedHashSet<>();
        for (int at = FIRST; at < capture.length; at += NEXT) {
            ports.add(ByteBuffer.wrap(capture).getShort(at + 14 + 20));
        }
        return ports;
    }

    @Test
    void aCaptureIsOfEthernetFrames() throws IOException {
        String start = HexFormat.of().formatHex(Source.capture(1), 0, FIRST + 14);
        assertEquals(
                "d4c3b2a1020004000000000000000000ffff000001000000" + "00000000000000004000000040000000"
                        + "0200000000015254000000010800",
                start);
    }

    @Test
    void neighboursAreOfOtherFlows() throws IOException {
        byte[] capture = Source.capture(32);
        assertEquals(32, sourcePorts(capture).size());
        assertEquals(FIRST + 64 * NEXT - 16, capture.length);
    }

    @Test
    void oneFlowHasOneSource() throws IOException {
        assertEquals(Set.of((short) 1024), sourcePorts(Source.capture(1)));
    }
}
