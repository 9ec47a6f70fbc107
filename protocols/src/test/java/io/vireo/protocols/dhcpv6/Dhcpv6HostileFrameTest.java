package io.vireo.protocols.dhcpv6;

import static io.vireo.protocols.dhcpv6.Replies.ignored;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.vireo.protocols.dhcpv6.Dhcpv6Responder.Outcome;
import io.vireo.protocols.ipv6.Ipv6Address;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/** Nothing a guest sends makes the responder throw, and nothing damaged is answered. */
class Dhcpv6HostileFrameTest {
    private static final Dhcpv6Binding BINDING = Dhcpv6Frames.binding();
    private static final List<byte[]> VALID = List.of(Dhcpv6Frames.SOLICIT, Dhcpv6Frames.REQUEST);

    private final Dhcpv6Responder responder = new Dhcpv6Responder();

    @Test
    void ignoresEveryTruncatedFrame() {
        for (byte[] frame : VALID) {
            for (int length = 0; length < frame.length; length++) {
                assertTrue(ignored(frame, length).length() > 0);
                assertTrue(ignored(Arrays.copyOf(frame, length), length).length() > 0);
            }
        }
    }

    /** Inside whole frames with right checksums; what is left is no longer valid unless the cut is between options. */
    @Test
    void readsTruncatedMessagesWithoutGoingBeyondThem() {
        for (byte[] frame : VALID) {
            byte[] message = Arrays.copyOfRange(frame, Dhcpv6Frames.MESSAGE, frame.length);
            int answered = 0;
            for (int length = 0; length < message.length; length++) {
                byte[] cut = Dhcpv6Frames.frame(Arrays.copyOf(message, length));
                answered += responder.respond(cut, cut.length, BINDING) instanceof Outcome.Reply ? 1 : 0;
            }
            // After the identifiers, and after each option that follows but the last.
            assertEquals(4, answered);
        }
    }

    @Test
    void ignoresEveryDamagedByteThatAChecksumCovers() {
        SplittableRandom random = new SplittableRandom(8415);
        for (byte[] frame : VALID) {
            // The sum covers addresses, length and what follows; before them are MAC addresses, flow label, hop limit.
            for (int at = 22; at < frame.length; at++) {
                byte[] damaged = frame.clone();
                damaged[at] ^= (byte) random.nextInt(1, 256);
                assertTrue(ignored(damaged).length() > 0);
            }
        }
    }

    /** Behind right checksums, so that the mutation reaches the parser. */
    @Test
    void neverThrowsOnMutatedMessages() {
        SplittableRandom random = new SplittableRandom(8416);
        int replies = 0;
        for (int round = 0; round < 50_000; round++) {
            byte[] frame = VALID.get(round % 2);
            byte[] message = Arrays.copyOfRange(frame, Dhcpv6Frames.MESSAGE, frame.length);
            for (int mutations = random.nextInt(1, 4); mutations > 0; mutations--) {
                byte value = (byte) (random.nextBoolean() ? random.nextInt(32) : random.nextInt());
                message[random.nextInt(message.length)] = value;
            }
            byte[] mutated = Dhcpv6Frames.frame(message);
            Outcome outcome = responder.respond(mutated, mutated.length, BINDING);
            assertNotNull(outcome);
            replies += outcome instanceof Outcome.Reply ? 1 : 0;
        }
        assertTrue(replies > 1000 && replies < 49_000, "mutations should reach both ends: " + replies);
    }

    @Test
    void neverThrowsOnNoise() {
        SplittableRandom random = new SplittableRandom(8417);
        for (int round = 0; round < 20_000; round++) {
            byte[] message = new byte[random.nextInt(600)];
            random.nextBytes(message);
            byte[] head = VALID.get(round % 2);
            int kept = Math.min(message.length, random.nextInt(1, head.length - Dhcpv6Frames.MESSAGE));
            System.arraycopy(head, Dhcpv6Frames.MESSAGE, message, 0, kept);
            byte[] frame = Dhcpv6Frames.frame(message);
            assertNotNull(responder.respond(frame, frame.length, BINDING));
        }
    }

    @Test
    void namesWhatIsWrongAroundTheMessage() {
        assertEquals("frame ends within its Ethernet header", ignored(new byte[13]));
        assertEquals("not IPv6", ignored(new byte[142]));
        assertEquals("not from the guest's MAC address", ignored(with(11, 2)));
        assertEquals("IPv6 header malformed or cut short", ignored(Dhcpv6Frames.SOLICIT, 53));
        assertEquals("not UDP, or behind extension headers", ignored(with(20, 0)));
        assertEquals("UDP length is not the packet's", ignored(with(59, 0x4f)));
        assertEquals("UDP header malformed or cut short", ignored(with(59, 7)));
        assertEquals("wrong UDP checksum, or none", ignored(with(100, 0xAA)));
        byte[] unsummed = with(60, 0);
        unsummed[61] = 0;
        assertEquals("wrong UDP checksum, or none", ignored(unsummed));
        assertEquals(
                "not from the DHCPv6 client port", ignored(Dhcpv6Frames.sum(Dhcpv6Frames.SOLICIT.clone(), 547, 547)));
        assertEquals(
                "not to the DHCPv6 server port", ignored(Dhcpv6Frames.sum(Dhcpv6Frames.SOLICIT.clone(), 546, 546)));
    }

    @Test
    void refusesOtherSourcesAndGroups() {
        byte[] message = Arrays.copyOfRange(Dhcpv6Frames.SOLICIT, Dhcpv6Frames.MESSAGE, Dhcpv6Frames.SOLICIT.length);
        for (String source : List.of("::", "fe80::1", "2001:db8:1:2::5", "ff02::1", "fec0::2")) {
            byte[] frame = Dhcpv6Frames.frame(message, Ipv6Address.parse(source), Dhcpv6Frame.ALL_SERVERS);
            assertEquals("not from a link-local address of the guest", ignored(frame), source);
        }
        for (String group : List.of("ff05::1:3", "ff02::1", "ff02::1:3")) {
            byte[] frame = Dhcpv6Frames.frame(message, Dhcpv6Frames.SOURCE, Ipv6Address.parse(group));
            assertEquals("to another multicast group", ignored(frame), group);
        }
    }

    private static byte[] with(int at, int value) {
        byte[] frame = Dhcpv6Frames.SOLICIT.clone();
        frame[at] = (byte) value;
        return frame;
    }

    @Test
    void answersWhateverFollowsTheFrameAndItsPadding() {
        byte[] padded = Arrays.copyOf(Dhcpv6Frames.SOLICIT, Dhcpv6Frames.SOLICIT.length + 100);
        assertInstanceOf(Outcome.Reply.class, responder.respond(padded, padded.length, BINDING));
        assertInstanceOf(Outcome.Reply.class, responder.respond(padded, Dhcpv6Frames.SOLICIT.length, BINDING));
    }

    @Test
    void leavesTheFrameItWasGivenAlone() {
        byte[] frame = Dhcpv6Frames.REQUEST.clone();
        assertInstanceOf(Outcome.Reply.class, responder.respond(frame, frame.length, BINDING));
        assertArrayEquals(Dhcpv6Frames.REQUEST, frame);
    }

    @Test
    void blamesTheCallerForALengthBeyondTheArray() {
        assertThrows(IndexOutOfBoundsException.class, () -> responder.respond(new byte[10], 11, BINDING));
        assertThrows(IndexOutOfBoundsException.class, () -> responder.respond(new byte[10], -1, BINDING));
    }
}
