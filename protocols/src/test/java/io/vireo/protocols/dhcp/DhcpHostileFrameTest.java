package io.vireo.protocols.dhcp;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.vireo.protocols.dhcp.DhcpResponder.Outcome;
import io.vireo.protocols.ipv4.Ipv4Packet;
import io.vireo.protocols.ipv4.Protocol;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/** Nothing a guest sends makes the responder throw, and nothing damaged is answered. */
class DhcpHostileFrameTest {
    private static final DhcpBinding BINDING = DhcpFrames.binding(false).withParameters(DhcpFrames.parameters());
    private static final List<byte[]> VALID = List.of(
            DhcpFrames.DISCOVER, DhcpFrames.REQUEST, DhcpFrames.WINDOWS_DISCOVER, DhcpFrames.OVERLOADED_DISCOVER);

    private final DhcpResponder responder = new DhcpResponder();

    private String ignored(byte[] frame, int length) {
        return assertInstanceOf(Outcome.Ignored.class, responder.respond(frame, length, BINDING), length + " bytes")
                .reason();
    }

    @Test
    void ignoresEveryTruncatedFrame() {
        for (byte[] frame : VALID) {
            for (int length = 0; length < frame.length; length++) {
                assertTrue(ignored(frame, length).length() > 0);
                assertTrue(ignored(Arrays.copyOf(frame, length), length).length() > 0);
            }
        }
    }

    /** In frames of its own, with right checksums and lengths. */
    @Test
    void ignoresEveryTruncatedMessage() {
        for (byte[] whole : VALID) {
            byte[] message = Arrays.copyOfRange(whole, 42, whole.length);
            int end = message.length;
            while (message[end - 1] == 0) { // beyond the end option is padding, which nobody misses
                end--;
            }
            for (int length = 0; length < end; length++) {
                byte[] frame = DhcpFrames.frame(Arrays.copyOf(message, length));
                assertTrue(ignored(frame, frame.length).length() > 0);
            }
            byte[] frame = DhcpFrames.frame(Arrays.copyOf(message, end));
            assertInstanceOf(Outcome.Answer.class, responder.respond(frame, frame.length, BINDING));
        }
    }

    /** A guest that pretends to be many gets no more than one. */
    @Test
    void offersTheSameAddressToEveryClientIdentifier() throws Exception {
        for (int client = 0; client < 5_000; client++) {
            byte[] discover = DhcpFrames.clientFrame(DhcpMessageType.DISCOVER, 0, "3d05 00%08x".formatted(client));
            Outcome.Offer offer =
                    assertInstanceOf(Outcome.Offer.class, responder.respond(discover, discover.length, BINDING));
            DhcpMessage message = DhcpMessage.parse(Arrays.copyOfRange(offer.frame(), 42, offer.frame().length));
            assertEquals(DhcpFrames.BOUND, message.yiaddr());
        }
    }

    @Test
    void answersWhateverFollowsTheFrameAndItsPadding() {
        byte[] padded = Arrays.copyOf(DhcpFrames.DISCOVER, DhcpFrames.DISCOVER.length + 100);
        assertInstanceOf(Outcome.Answer.class, responder.respond(padded, padded.length, BINDING));
        assertInstanceOf(Outcome.Answer.class, responder.respond(padded, DhcpFrames.DISCOVER.length, BINDING));
    }

    @Test
    void ignoresEveryDamagedByteThatAChecksumCovers() {
        SplittableRandom random = new SplittableRandom(2131);
        for (byte[] frame : VALID) {
            // Before byte 14 nothing is covered; 40 and 41 as zero would say "no checksum".
            for (int at = 14; at < frame.length; at++) {
                byte[] damaged = frame.clone();
                damaged[at] ^= (byte) random.nextInt(1, 256);
                assertTrue(ignored(damaged, damaged.length).length() > 0);
            }
        }
    }

    /** Behind right checksums, so that the mutation reaches the parser. */
    @Test
    void neverThrowsOnMutatedMessages() {
        SplittableRandom random = new SplittableRandom(2132);
        int replies = 0;
        for (int round = 0; round < 50_000; round++) {
            byte[] frame = VALID.get(round % VALID.size());
            byte[] message = Arrays.copyOfRange(frame, 42, frame.length);
            for (int mutations = random.nextInt(1, 4); mutations > 0; mutations--) {
                // Mostly among the options, where the structure is.
                int at = random.nextInt(random.nextInt(4) == 0 ? 0 : 240, message.length);
                message[at] = (byte) random.nextInt();
            }
            byte[] mutated = DhcpFrames.frame(message);
            Outcome outcome = responder.respond(mutated, mutated.length, BINDING);
            assertNotNull(outcome);
            replies += outcome instanceof Outcome.Answer ? 1 : 0;
        }
        assertTrue(replies > 1000 && replies < 49_000, "mutations should reach both ends: " + replies);
    }

    @Test
    void neverThrowsOnNoise() {
        SplittableRandom random = new SplittableRandom(2133);
        for (int round = 0; round < 20_000; round++) {
            byte[] message = new byte[random.nextInt(600)];
            random.nextBytes(message);
            System.arraycopy(DhcpFrames.DISCOVER, 42, message, 0, Math.min(message.length, random.nextInt(1, 260)));
            byte[] frame = DhcpFrames.frame(message);
            assertNotNull(responder.respond(frame, frame.length, BINDING));
        }
    }

    @Test
    void namesWhatIsWrongAroundTheMessage() {
        assertEquals("frame ends within its Ethernet header", ignored(new byte[13], 13));
        assertEquals("not IPv4", ignored(new byte[342], 342));
        assertEquals("IPv4 header malformed or cut short", ignored(DhcpFrames.DISCOVER, 33));
        byte[] damaged = DhcpFrames.DISCOVER.clone();
        damaged[22]--;
        assertEquals("wrong IPv4 header checksum", ignored(damaged, damaged.length));
        damaged = DhcpFrames.DISCOVER.clone();
        damaged[100]++;
        assertEquals("wrong UDP checksum", ignored(damaged, damaged.length));
        assertEquals("not UDP", ignored(withPacket(Protocol.TCP, 300), 314));
        assertEquals("UDP header malformed or cut short", ignored(withPacket(Protocol.UDP, 27), 314));
        assertEquals("UDP length beyond the packet", ignored(withPacket(Protocol.UDP, 299), 314));
        assertEquals("not from the DHCP client port", ignored(with(35, 69), 314));
        assertEquals("not to the DHCP server port", ignored(with(37, 68), 314));
    }

    private static byte[] withPacket(int protocol, int totalLength) {
        byte[] frame = DhcpFrames.DISCOVER.clone();
        Ipv4Packet.writeHeader(MemorySegment.ofArray(frame), 14, totalLength, 64, protocol, 0, -1);
        return frame;
    }

    private static byte[] with(int at, int value) {
        byte[] frame = DhcpFrames.DISCOVER.clone();
        frame[at] = (byte) value;
        return frame;
    }

    @Test
    void acceptsADatagramWithoutAChecksum() {
        byte[] frame = DhcpFrames.DISCOVER.clone();
        frame[40] = 0;
        frame[41] = 0;
        assertInstanceOf(Outcome.Answer.class, responder.respond(frame, frame.length, BINDING));
    }

    @Test
    void leavesTheFrameItWasGivenAlone() {
        byte[] frame = DhcpFrames.DISCOVER.clone();
        assertInstanceOf(Outcome.Answer.class, responder.respond(frame, frame.length, BINDING));
        assertArrayEquals(DhcpFrames.DISCOVER, frame);
    }

    @Test
    void blamesTheCallerForALengthBeyondTheArray() {
        assertThrows(IndexOutOfBoundsException.class, () -> responder.respond(new byte[10], 11, BINDING));
        assertThrows(IndexOutOfBoundsException.class, () -> responder.respond(new byte[10], -1, BINDING));
    }
}
