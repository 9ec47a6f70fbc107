package io.vireo.protocols.ndp;

import static io.vireo.protocols.icmpv6.Icmpv6Frames.ALL_NODES;
import static io.vireo.protocols.icmpv6.Icmpv6Frames.GATEWAY;
import static io.vireo.protocols.icmpv6.Icmpv6Frames.GUEST;
import static io.vireo.protocols.icmpv6.Icmpv6Frames.SOLICITED_NODE;
import static io.vireo.protocols.icmpv6.Icmpv6Frames.UNSPECIFIED;
import static io.vireo.protocols.icmpv6.Icmpv6Frames.frame;
import static io.vireo.protocols.icmpv6.Icmpv6Frames.summed;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.vireo.protocols.Golden;
import io.vireo.protocols.ipv6.Ipv6Packet;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/** RFC 4861 section 7.1.1. */
class NeighborSolicitationTest {
    private static final String FIXED = "8700 0000 00000000" + GATEWAY;
    private static final String OPTION = "0101525400123401";

    /** Its checksum was computed by another program. */
    private static final String SOLICITATION = "8700 72cc 00000000" + GATEWAY + OPTION;

    private final NeighborSolicitation solicitation = new NeighborSolicitation();
    private final Ipv6Packet packet = new Ipv6Packet();

    private boolean wraps(Golden golden, int visible) {
        return packet.tryWrap(golden.segment(), golden.offset() + 14, visible - 14, golden.length() - 14)
                && solicitation.tryWrap(golden.segment(), packet);
    }

    private boolean wraps(String frame) {
        Golden golden = Golden.of(frame);
        boolean wrapped = wraps(golden, golden.length());
        golden.assertHolds(frame);
        return wrapped;
    }

    @Test
    void readsTheTarget() {
        assertTrue(wraps(frame(GUEST, SOLICITED_NODE, 255, SOLICITATION)));
        assertEquals(0xfe80_0000_0000_0000L, solicitation.targetHigh());
        assertEquals(1, solicitation.targetLow());
    }

    @Test
    void acceptsProbesAndUnicast() {
        assertTrue(wraps(frame(UNSPECIFIED, SOLICITED_NODE, 255, "8700 7c25 00000000" + GATEWAY)), "a probe");
        String nonce = "8700 832e 00000000" + GATEWAY + "0e01 a1a2a3a4a5a6";
        assertTrue(wraps(frame(UNSPECIFIED, SOLICITED_NODE, 255, nonce)), "a probe as RFC 7527 has it");
        assertTrue(wraps(frame(GUEST, GATEWAY, 255, "8700 f9c0 00000000" + GATEWAY)), "is it still there?");
    }

    @Test
    void skipsOptionsItDoesNotKnow() {
        assertTrue(wraps(summed(GUEST, SOLICITED_NODE, 255, FIXED + "fd02" + "a5".repeat(14) + OPTION)));
    }

    @Test
    void refusesWhatCameFromAnotherLink() {
        assertFalse(wraps(frame(GUEST, SOLICITED_NODE, 254, SOLICITATION)));
        assertFalse(wraps(frame(GUEST, SOLICITED_NODE, 64, SOLICITATION)));
    }

    @Test
    void refusesOtherMessages() {
        assertFalse(wraps(summed(GUEST, SOLICITED_NODE, 255, FIXED.replaceFirst("8700", "8800"))), "type");
        assertFalse(wraps(summed(GUEST, SOLICITED_NODE, 255, FIXED.replaceFirst("8700", "8701"))), "code");
        assertFalse(wraps(frame(GUEST, SOLICITED_NODE, 255, SOLICITATION).replace("3a ff", "00 ff")), "next header");
    }

    @Test
    void refusesGroupsAsTargets() {
        assertFalse(wraps(summed(GUEST, SOLICITED_NODE, 255, "8700 0000 00000000" + ALL_NODES)));
    }

    @Test
    void refusesProbesThatGiveAnAddressOrAskOthers() {
        assertFalse(wraps(summed(UNSPECIFIED, SOLICITED_NODE, 255, FIXED + OPTION)), "a link-layer address");
        String hidden = FIXED + "0e01a1a2a3a4a5a6" + OPTION;
        assertFalse(wraps(summed(UNSPECIFIED, SOLICITED_NODE, 255, hidden)), "a link-layer address behind a nonce");
        assertFalse(wraps(summed(UNSPECIFIED, ALL_NODES, 255, FIXED)), "not to a solicited-node address");
        assertFalse(wraps(summed(UNSPECIFIED, GATEWAY, 255, FIXED)), "unicast");
    }

    @Test
    void refusesOptionsThatDoNotEndWhereTheMessageDoes() {
        assertFalse(wraps(summed(GUEST, SOLICITED_NODE, 255, FIXED + "0100525400123401")), "length zero");
        assertFalse(wraps(summed(GUEST, SOLICITED_NODE, 255, FIXED + OPTION + "0e00000000000000")), "length zero");
        assertFalse(wraps(summed(GUEST, SOLICITED_NODE, 255, FIXED + "0102525400123401")), "beyond the message");
        assertFalse(wraps(summed(GUEST, SOLICITED_NODE, 255, FIXED + OPTION + "0e")), "a stray byte");
        assertFalse(wraps(summed(GUEST, SOLICITED_NODE, 255, FIXED + OPTION + "0e010000000000")), "cut short");
    }

    @Test
    void refusesEveryTruncatedMessage() {
        String whole = (FIXED + OPTION).replace(" ", "");
        for (int length = 0; length < 32; length++) {
            if (length != 24) { // without options it is whole
                String cut = length < 4 ? "87000000" : whole.substring(0, 2 * length);
                assertFalse(wraps(summed(GUEST, SOLICITED_NODE, 255, cut)), length + " bytes");
            }
        }
        assertTrue(wraps(summed(GUEST, SOLICITED_NODE, 255, FIXED)));
    }

    @Test
    void refusesWhatIsNotVisibleToItsEnd() {
        Golden golden = Golden.of(frame(GUEST, SOLICITED_NODE, 255, SOLICITATION));
        for (int visible = 14; visible < golden.length(); visible++) {
            assertFalse(wraps(golden, visible), visible + " bytes");
        }
        assertTrue(wraps(golden, golden.length()));
    }

    @Test
    void takesPaddingForWhatItIs() {
        assertTrue(wraps(frame(GUEST, SOLICITED_NODE, 255, SOLICITATION) + "a5".repeat(20)));
    }

    @Test
    void refusesEveryDamagedByte() {
        SplittableRandom random = new SplittableRandom(4861);
        byte[] valid = Golden.bytes(frame(GUEST, SOLICITED_NODE, 255, SOLICITATION));
        for (int at = 18; at < valid.length; at++) { // before there are traffic class and flow label
            byte[] damaged = valid.clone();
            damaged[at] ^= (byte) random.nextInt(1, 256);
            Golden golden = Golden.of(damaged);
            assertFalse(wraps(golden, golden.length()), "byte " + at);
        }
    }

    /** Behind right checksums, so that the mutation reaches the options. */
    @Test
    void endsOnWhateverOptions() {
        SplittableRandom random = new SplittableRandom(4862);
        int accepted = 0;
        for (int round = 0; round < 20_000; round++) {
            StringBuilder options = new StringBuilder();
            for (int i = random.nextInt(6); i > 0; i--) {
                options.append("%02x%02x525400123401".formatted(random.nextInt(4), random.nextInt(3)));
            }
            String source = random.nextBoolean() ? GUEST : UNSPECIFIED;
            accepted += wraps(summed(source, SOLICITED_NODE, 255, FIXED + options)) ? 1 : 0;
        }
        assertTrue(accepted > 1000 && accepted < 19_000, "mutations should reach both ends: " + accepted);
    }
}
