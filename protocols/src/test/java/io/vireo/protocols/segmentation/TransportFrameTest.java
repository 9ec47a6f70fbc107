package io.vireo.protocols.segmentation;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.vireo.protocols.Golden;
import io.vireo.protocols.checksum.InternetChecksum;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class TransportFrameTest {
    private final SplittableRandom random = new SplittableRandom(768);
    private final TransportFrame frame = new TransportFrame();

    private boolean wraps(byte[] bytes, int visible) {
        Golden head = Golden.of(Arrays.copyOf(bytes, visible));
        return frame.tryWrap(head.segment(), head.offset(), visible, bytes.length);
    }

    private boolean wraps(byte[] bytes) {
        return wraps(bytes, Math.min(bytes.length, 128));
    }

    @Test
    void findsTheHeaders() {
        for (SuperFrame sent : new SuperFrame[] {
            SuperFrame.tcp(random, false, 12, 500),
            SuperFrame.tcp(random, true, 40, 0),
            SuperFrame.udp(random, false, 1),
            SuperFrame.udp(random, true, 60_000)
        }) {
            assertTrue(wraps(sent.bytes()));
            assertEquals(sent.ipv6(), frame.isIpv6());
            assertEquals(sent.tcp(), frame.isTcp());
            assertEquals(sent.transportOffset(), frame.transportOffset());
            assertEquals(sent.headerLength(), frame.headerLength());
            assertEquals(sent.payloadLength(), frame.payloadLength());
            assertEquals(sent.bytes().length, frame.length());
            assertEquals(sent.tcp() ? 16 : 6, frame.checksumOffset());
        }
    }

    @Test
    void paddingIsNoPayload() {
        SuperFrame sent = SuperFrame.udp(random, false, 5);
        assertTrue(wraps(Arrays.copyOf(sent.bytes(), 60)));
        assertEquals(47, frame.length());
        assertEquals(5, frame.visiblePayload(60));
    }

    @Test
    void completesWhatAnotherCodecAccepts() throws Exception {
        for (int round = 0; round < 300; round++) {
            boolean ipv6 = random.nextBoolean();
            int payload = random.nextInt(600);
            SuperFrame sent = random.nextBoolean()
                    ? SuperFrame.tcp(random, ipv6, 4 * random.nextInt(10), payload)
                    : SuperFrame.udp(random, ipv6, payload);
            Golden golden = Golden.of(sent.bytes());
            assertTrue(frame.tryWrap(golden.segment(), golden.offset(), golden.length(), golden.length()));
            frame.beginChecksum();
            long from = golden.offset() + sent.headerLength();
            frame.completeChecksum(InternetChecksum.sum(golden.segment(), from, payload));
            golden.assertMarginsUntouched();
            byte[] completed = golden.bytes();
            if (!ipv6) {
                seal(completed);
            }
            PcapJudge.transport(completed, ipv6);
        }
    }

    /** Sets the IPv4 header checksum right, which is not the view's to do. */
    private static void seal(byte[] bytes) {
        ByteBuffer buffer = ByteBuffer.wrap(bytes).putShort(24, (short) 0);
        int sum = 0;
        for (int i = 14; i < 34; i += 2) {
            sum += Short.toUnsignedInt(buffer.getShort(i));
        }
        sum = (sum & 0xffff) + (sum >>> 16);
        buffer.putShort(24, (short) ~((sum & 0xffff) + (sum >>> 16)));
    }

    @Test
    void aUdpChecksumOfZeroIsSentAsAllOnes() {
        SuperFrame sent = SuperFrame.udp(random, false, 2);
        byte[] bytes = sent.bytes();
        int sum = 0x0a00 + 0x0001 + 0x0a00 + 0x00fe + 17 + 10 + 10;
        ByteBuffer.wrap(bytes).putInt(34, 0).putShort(42, (short) ~sum);
        Golden golden = Golden.of(bytes);
        assertTrue(frame.tryWrap(golden.segment(), golden.offset(), golden.length(), golden.length()));
        frame.beginChecksum();
        frame.completeChecksum(~sum & 0xffff);
        assertEquals((short) 0xffff, ByteBuffer.wrap(golden.bytes()).getShort(40));
    }

    @Test
    void refusesHeadersThatAreNotInTheHead() {
        byte[] longest = SuperFrame.tcp(random, true, 40, 300).bytes();
        assertTrue(wraps(longest, 114));
        for (int visible = 0; visible < 114; visible++) {
            assertFalse(wraps(longest, visible), visible + " bytes");
        }
        byte[] options = SuperFrame.tcp(random, false, 40, 300).bytes();
        options[14] = 0x4f; // what follows the fixed header becomes 40 bytes of options; TCP would end at 134
        options[14 + 60 + 12] = (byte) 0xf0;
        assertFalse(wraps(options));
    }

    @Test
    void refusesOtherTypesTagsFragmentsAndExtensionHeaders() {
        byte[] bytes = SuperFrame.tcp(random, false, 0, 100).bytes();
        assertFalse(wraps(with(bytes, 12, 0x81)), "VLAN");
        assertFalse(wraps(with(bytes, 20, 0x20)), "first fragment");
        assertFalse(wraps(with(bytes, 21, 0x01)), "last fragment");
        assertFalse(wraps(with(bytes, 23, 1)), "ICMP");
        assertFalse(wraps(with(bytes, 12, 0x86)), "IPv4 as 0x8600");
        assertFalse(wraps(with(bytes, 14 + 20 + 12, 0x40)), "data offset of 4");
        byte[] six = SuperFrame.udp(random, true, 100).bytes();
        assertFalse(wraps(with(six, 20, 0)), "hop-by-hop options");
        assertFalse(wraps(with(six, 20, 44)), "fragment header");
    }

    @Test
    void refusesLengthsThatDisagree() {
        byte[] bytes = SuperFrame.udp(random, false, 100).bytes();
        assertFalse(wraps(with(bytes, 39, 107)), "UDP below IP");
        assertFalse(wraps(with(bytes, 39, 109)), "UDP above IP");
        assertFalse(wraps(with(bytes, 17, 129)), "IP above the frame");
        assertFalse(wraps(with(SuperFrame.tcp(random, true, 0, 9).bytes(), 19, 19)), "no room for TCP");
    }

    private static byte[] with(byte[] bytes, int at, int value) {
        byte[] changed = bytes.clone();
        changed[at] = (byte) value;
        return changed;
    }
}
