package io.vireo.protocols.ndp;

import static io.vireo.protocols.icmpv6.Icmpv6Frames.ALL_ROUTERS;
import static io.vireo.protocols.icmpv6.Icmpv6Frames.GUEST;
import static io.vireo.protocols.icmpv6.Icmpv6Frames.UNSPECIFIED;
import static io.vireo.protocols.icmpv6.Icmpv6Frames.frame;
import static io.vireo.protocols.icmpv6.Icmpv6Frames.summed;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.vireo.protocols.Golden;
import io.vireo.protocols.ethernet.MacAddress;
import io.vireo.protocols.ipv6.Ipv6Address;
import java.util.Arrays;
import java.util.Optional;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/** RFC 4861 section 6.1.1. */
class RouterSolicitationTest {
    private static final MacAddress MAC = MacAddress.parse("52:54:00:12:34:01");

    /** Its checksum was computed by another program. */
    private static final byte[] SOLICITATION =
            Golden.bytes(frame(GUEST, ALL_ROUTERS, 255, "8500 725f 00000000 0101525400123401"));

    private static Optional<RouterSolicitation> parse(byte[] frame) {
        return RouterSolicitation.parse(frame, frame.length);
    }

    private static Optional<RouterSolicitation> parse(String frame) {
        return parse(Golden.bytes(frame));
    }

    @Test
    void tellsWhoAsks() {
        RouterSolicitation solicitation = parse(SOLICITATION).orElseThrow();
        assertEquals(new RouterSolicitation(MAC, Ipv6Address.parse("fe80::5054:ff:fe12:3401")), solicitation);
        assertEquals(solicitation.source(), solicitation.answerTo());
    }

    @Test
    void tellsThatAGuestWithoutAnAddressAsks() {
        RouterSolicitation solicitation = parse(frame(UNSPECIFIED, ALL_ROUTERS, 255, "8500 7bb8 00000000"))
                .orElseThrow();
        assertEquals(new RouterSolicitation(MAC, Ipv6Address.UNSPECIFIED), solicitation);
        assertEquals(Ipv6Address.ALL_NODES, solicitation.answerTo());
    }

    @Test
    void refusesWhatIsNotValid() {
        String message = "8500 0000 00000000 0101525400123401";
        assertEquals(Optional.empty(), parse(summed(GUEST, ALL_ROUTERS, 254, message)), "from another link");
        assertEquals(Optional.empty(), parse(frame(GUEST, ALL_ROUTERS, 255, message)), "checksum");
        assertEquals(Optional.empty(), parse(summed(UNSPECIFIED, ALL_ROUTERS, 255, message)), "an address of nobody");
        assertEquals(Optional.empty(), parse(summed(GUEST, ALL_ROUTERS, 255, message.replace("0101", "0100"))), "zero");
        assertEquals(Optional.empty(), parse(summed(GUEST, ALL_ROUTERS, 255, message.replace("0101", "0102"))), "two");
        assertEquals(Optional.empty(), parse(summed(GUEST, ALL_ROUTERS, 255, message.replace("8500", "8501"))), "code");
        assertEquals(Optional.empty(), parse(summed(GUEST, ALL_ROUTERS, 255, message.replace("8500", "8600"))), "type");
        assertEquals(Optional.empty(), parse(summed(GUEST, ALL_ROUTERS, 255, "8500 0000")), "too short");
        assertEquals(
                Optional.empty(),
                parse(summed(GUEST, ALL_ROUTERS, 255, message).replaceFirst("86dd", "0800")),
                "another protocol");
    }

    @Test
    void refusesEveryTruncatedFrame() {
        for (int length = 0; length < SOLICITATION.length; length++) {
            assertEquals(Optional.empty(), RouterSolicitation.parse(SOLICITATION, length), length + " bytes");
            assertEquals(Optional.empty(), parse(Arrays.copyOf(SOLICITATION, length)), length + " bytes");
        }
    }

    @Test
    void refusesEveryDamagedByte() {
        SplittableRandom random = new SplittableRandom(4861);
        for (int at = 18; at < SOLICITATION.length; at++) { // before there are traffic class and flow label
            byte[] damaged = SOLICITATION.clone();
            damaged[at] ^= (byte) random.nextInt(1, 256);
            assertEquals(Optional.empty(), parse(damaged), "byte " + at);
        }
    }

    @Test
    void takesPaddingForWhatItIs() {
        assertTrue(parse(Arrays.copyOf(SOLICITATION, 100)).isPresent());
    }

    @Test
    void blamesTheCallerForALengthBeyondTheArray() {
        assertThrows(IndexOutOfBoundsException.class, () -> RouterSolicitation.parse(new byte[10], 11));
    }
}
