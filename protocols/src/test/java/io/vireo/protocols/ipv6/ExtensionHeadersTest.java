package io.vireo.protocols.ipv6;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.vireo.protocols.Golden;
import io.vireo.protocols.ipv6.ExtensionHeaders.Outcome;
import java.util.EnumMap;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.pcap4j.packet.IllegalRawDataException;
import org.pcap4j.packet.IpV6ExtFragmentPacket;
import org.pcap4j.packet.IpV6Packet;
import org.pcap4j.packet.UdpPacket;

class ExtensionHeadersTest {
    /** Padding options of four octets and of twelve. */
    private static final String OPTIONS_8 = " %s 00 0104 00000000 ";

    private static final String OPTIONS_16 = " %s 01 010c 000000000000000000000000 ";
    private static final String ROUTING = " %s 00 00 %s 00000000 ";
    private static final String FRAGMENT = " %s 00 %s 00000007 ";

    private static final String UDP = "c0000035 0008 0000";

    private final Ipv6Packet packet = new Ipv6Packet();
    private final ExtensionHeaders headers = new ExtensionHeaders();

    private static String packet(String first, String payload) {
        return "60000000 %04x %s 40".formatted(Golden.bytes(payload).length, first)
                + "fe800000000000000000000000000001 20010db8000000000000000000000002"
                + payload;
    }

    private Outcome walk(String first, String payload) {
        Golden golden = Golden.of(packet(first, payload));
        return walk(golden, golden.length());
    }

    private Outcome walk(Golden golden, int visible) {
        assertTrue(packet.tryWrap(golden.segment(), golden.offset(), visible, golden.length()));
        return headers.walk(golden.segment(), packet);
    }

    private void assertFound(int protocol, int length) {
        assertEquals(protocol, headers.protocol());
        assertEquals(length, headers.length());
        assertEquals(packet.payloadOffset() + packet.payloadLength() - length, headers.offset());
        assertEquals(length, headers.visible());
    }

    @Test
    void findsTheUpperLayerAtOnceWhereThereAreNone() {
        assertEquals(Outcome.FOUND, walk("11", UDP));
        assertFound(17, 8);
        assertFalse(headers.isFragment() || headers.isLaterFragment());
    }

    @Test
    void passesEveryKind() {
        String chain = OPTIONS_8.formatted("3c")
                + OPTIONS_16.formatted("2b")
                + ROUTING.formatted("2c", "00")
                + FRAGMENT.formatted("33", "0000")
                + "3c 04 0000 00000007 00000001 000000000000000000000000 "
                + OPTIONS_8.formatted("11");
        assertEquals(Outcome.FOUND, walk("00", chain + UDP));
        assertFound(17, 8);
        assertFalse(headers.isFragment(), "whole, though it has the header");
    }

    @Test
    void findsWhatAnotherCodecFinds() throws IllegalRawDataException {
        byte[] bytes = Golden.bytes(packet("00", OPTIONS_16.formatted("2c") + FRAGMENT.formatted("11", "0001") + UDP));
        IpV6Packet other = IpV6Packet.newPacket(bytes, 0, bytes.length);
        assertEquals(Outcome.FOUND, walk(Golden.of(bytes), bytes.length));
        assertEquals(
                other.get(IpV6ExtFragmentPacket.class)
                        .getHeader()
                        .getNextHeader()
                        .value(),
                (byte) headers.protocol());
        assertEquals(other.length() - 8, 40 + headers.offset() - packet.payloadOffset());
        assertTrue(headers.isFragment());
        assertEquals(null, other.get(UdpPacket.class));
    }

    @Test
    void tellsFirstFragmentsFromLaterOnes() {
        assertEquals(Outcome.FOUND, walk("2c", FRAGMENT.formatted("11", "0001") + UDP));
        assertTrue(headers.isFragment());
        assertFalse(headers.isLaterFragment());
        assertEquals(Outcome.FOUND, walk("2c", FRAGMENT.formatted("11", "0009") + UDP));
        assertTrue(headers.isFragment() && headers.isLaterFragment(), "in the middle");
        assertEquals(Outcome.FOUND, walk("2c", FRAGMENT.formatted("11", "0008") + UDP));
        assertTrue(headers.isFragment() && headers.isLaterFragment(), "the last");
        assertEquals(Outcome.FOUND, walk("2c", FRAGMENT.formatted("11", "0006") + UDP));
        assertFalse(headers.isFragment(), "reserved bits");
    }

    @Test
    void takesNoDataOfALaterFragmentForAHeader() {
        assertEquals(Outcome.FOUND, walk("2c", FRAGMENT.formatted("3c", "0009") + OPTIONS_8.formatted("11") + UDP));
        assertFound(60, 16);
    }

    @Test
    void forgetsTheFormerPacket() {
        assertEquals(Outcome.FOUND, walk("2b", ROUTING.formatted("2c", "01") + FRAGMENT.formatted("11", "0009") + UDP));
        assertTrue(headers.isLaterFragment());
        assertEquals(Outcome.FOUND, walk("11", UDP));
        assertFalse(headers.isFragment() || headers.isLaterFragment());
    }

    @Test
    void endsAtEncryptionAndWhereNothingFollows() {
        assertEquals(Outcome.FOUND, walk("32", UDP));
        assertFound(50, 8);
        assertEquals(Outcome.FOUND, walk("3c", OPTIONS_8.formatted("3b")));
        assertFound(59, 0);
    }

    @Test
    void refusesWhatNoSenderMayWrite() {
        assertEquals(Outcome.MALFORMED, walk("3c", OPTIONS_8.formatted("00") + OPTIONS_8.formatted("11") + UDP));
        String fragments = FRAGMENT.formatted("2c", "0001") + FRAGMENT.formatted("11", "0001") + UDP;
        assertEquals(Outcome.MALFORMED, walk("2c", fragments), "a fragment of a fragment");
        assertEquals(Outcome.MALFORMED, walk("3c", ""), "none at all");
        assertEquals(Outcome.MALFORMED, walk("3c", "11 01 0104 00000000"), "longer than the packet");
        assertEquals(Outcome.MALFORMED, walk("33", "11 ff 0000 00000000"), "longer than the packet");
        assertEquals(Outcome.MALFORMED, walk("00", "11000104 000000"), "shorter than any");
    }

    @Test
    void passesEightAndNoMore() {
        String seven = OPTIONS_8.formatted("3c").repeat(7);
        assertEquals(Outcome.FOUND, walk("3c", seven + OPTIONS_8.formatted("11") + UDP));
        assertFound(17, 8);
        assertEquals(Outcome.TOO_DEEP, walk("3c", seven.repeat(2) + OPTIONS_8.formatted("11") + UDP));
    }

    @Test
    void neverLooksBeyondWhatIsVisible() {
        Golden golden = Golden.of(packet("3c", OPTIONS_16.formatted("2b") + ROUTING.formatted("11", "00") + UDP));
        for (int visible = 40; visible < 40 + 24; visible++) {
            assertEquals(Outcome.TOO_DEEP, walk(golden, visible), visible + " bytes");
        }
        for (int visible = 64; visible <= golden.length(); visible++) {
            assertEquals(Outcome.FOUND, walk(golden, visible));
            assertEquals(visible - 64, headers.visible());
            assertEquals(8, headers.length());
        }
    }

    @Test
    void refusesEveryTruncatedPacket() {
        String payload = OPTIONS_16.formatted("2b") + ROUTING.formatted("11", "00");
        byte[] whole = Golden.bytes(payload);
        for (int length = 0; length < whole.length; length++) {
            String cut = payload.replace(" ", "").substring(0, 2 * length);
            assertEquals(Outcome.MALFORMED, walk("3c", cut), length + " bytes");
        }
    }

    /** Whatever the bytes are, the walk ends inside the packet. */
    @Test
    void staysInsideThePacket() {
        SplittableRandom random = new SplittableRandom(8200);
        int[] kinds = {0, 43, 44, 51, 60, 60, 60, 17, 58};
        Map<Outcome, Integer> seen = new EnumMap<>(Outcome.class);
        for (int round = 0; round < 100_000; round++) {
            byte[] bytes = Golden.bytes(packet("3c", "00".repeat(random.nextInt(88))));
            for (int at = 40; at < bytes.length; at++) {
                bytes[at] = (byte)
                        (at % 8 == 0 ? kinds[random.nextInt(kinds.length)] : at % 8 == 1 ? random.nextInt(3) : 0);
            }
            bytes[6] = (byte) kinds[random.nextInt(kinds.length)];
            if (bytes.length > 40) {
                bytes[random.nextInt(40, bytes.length)] = (byte) random.nextInt();
            }
            Golden golden = Golden.of(bytes);
            Outcome outcome = walk(golden, random.nextInt(40, bytes.length + 1));
            seen.merge(outcome, 1, Integer::sum);
            assertTrue(headers.length() >= 0 && headers.visible() >= 0);
            assertEquals(golden.offset() + golden.length(), headers.offset() + headers.length());
        }
        for (Outcome outcome : Outcome.values()) {
            assertNotEquals(0, seen.getOrDefault(outcome, 0), "the mutations should reach " + outcome);
        }
    }
}
