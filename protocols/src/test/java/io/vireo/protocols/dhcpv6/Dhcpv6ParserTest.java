package io.vireo.protocols.dhcpv6;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.vireo.protocols.Golden;
import io.vireo.protocols.dhcpv6.Dhcpv6Option.Lease;
import io.vireo.protocols.dhcpv6.Dhcpv6Option.Other;
import io.vireo.protocols.ipv6.Ipv6Prefix;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class Dhcpv6ParserTest {
    private static final String HEADER = "01 4feb36";

    private static byte[] payload(byte[] frame) {
        return Arrays.copyOfRange(frame, Dhcpv6Frames.MESSAGE, frame.length);
    }

    private static Dhcpv6Message parse(String options) throws Dhcpv6FormatException {
        return Dhcpv6Parser.parse(Golden.bytes(HEADER + options));
    }

    private static String refusal(String options) {
        return String.valueOf(assertThrows(Dhcpv6FormatException.class, () -> parse(options), options)
                .getMessage());
    }

    @Test
    void readsARealClientsRequest() throws Exception {
        Dhcpv6Message message = Dhcpv6Parser.parse(payload(Dhcpv6Frames.REQUEST));
        assertEquals(3, message.type());
        assertEquals(0x523800, message.transactionId());
        assertEquals(
                Dhcpv6Frames.CLIENT_DUID, message.client().map(Duid::toString).orElseThrow());
        assertEquals(Optional.of(Duid.SERVER), message.server());
        assertEquals(Optional.of(List.of(23, 24, 39, 31)), message.requested());
        assertEquals(
                List.of(
                        Dhcpv6Frames.association(AssociationType.IA_NA, 0x123401, Dhcpv6Frames.ADDRESS),
                        Dhcpv6Frames.association(AssociationType.IA_PD, 0x123401, Dhcpv6Frames.PREFIX)),
                message.associations());
    }

    @Test
    void writesWhatItRead() throws Exception {
        for (byte[] frame : List.of(Dhcpv6Frames.SOLICIT, Dhcpv6Frames.REQUEST)) {
            assertArrayEquals(payload(frame), Dhcpv6Parser.parse(payload(frame)).encode());
        }
    }

    @Test
    void keepsOptionsItDoesNotKnowAndThoseThatMayBeRepeated() throws Exception {
        List<Dhcpv6Option> options =
                parse("fde8 0003 616263 0010 0000 0010 0000").options();
        assertEquals(3, options.size());
        Other other = assertInstanceOf(Other.class, options.getFirst());
        assertEquals(65_000, other.code());
        assertArrayEquals(Golden.bytes("616263"), other.value());
    }

    @Test
    void readsTemporaryAddressesWithoutTimes() throws Exception {
        Dhcpv6Message message =
                parse("0004 0020 00000007 0005 0018" + "20010db8000000000000000000000009 00000001 00000002");
        assertEquals(
                List.of(new Lease(5, Ipv6Prefix.parse("2001:db8::9/128"), 1, 2)),
                message.associations().getFirst().options());
    }

    /** RFC 8415 section 21.22: bits beyond the prefix length are nobody's business. */
    @Test
    void readsAPrefixWithoutTheBitsBeyondItsLength() throws Exception {
        Dhcpv6Message message = parse("0019 0029 00000007 00000000 00000000"
                + "001a 0019 00000001 00000002 38 20010db880000123ffffffffffffffff");
        assertEquals(
                List.of(Dhcpv6Frames.PREFIX),
                message.associations().getFirst().resources().toList());
    }

    @Test
    void readsOpaqueIdentifiersOfAnyLengthThereIs() throws Exception {
        assertTrue(parse("0001 0001 00").client().isPresent());
        assertTrue(parse("0001 0082" + "ab".repeat(130)).client().isPresent());
        assertEquals("option 1 at byte 4 is 0 bytes long, not 1 to 130", refusal("0001 0000"));
        assertEquals("option 1 at byte 4 is 131 bytes long, not 1 to 130", refusal("0001 0083" + "ab".repeat(131)));
        assertEquals("option 2 at byte 4 is 0 bytes long, not 1 to 130", refusal("0002 0000"));
    }

    @Test
    void namesTheByteWhereTheFormatBreaks() {
        assertEquals("option at byte 4 ends within its header", refusal("0001 00"));
        assertEquals("option 8 at byte 4 is 3 bytes long, but 2 are left", refusal("0008 0003 0000"));
        assertEquals("option at byte 10 ends within its header", refusal("0008 0002 0000 00"));
        assertEquals("option request at byte 4 is 3 bytes long, an odd number", refusal("0006 0003 001700"));
        assertEquals("rapid commit at byte 4 is 1 bytes long, not 0", refusal("000e 0001 00"));
        assertEquals("option 3 at byte 4 is 11 bytes long, not 12", refusal("0003 000b" + "00".repeat(11)));
        assertEquals("option 4 at byte 4 is 3 bytes long, not 4", refusal("0004 0003 000000"));
        assertEquals("option 25 at byte 4 is 11 bytes long, not 12", refusal("0019 000b" + "00".repeat(11)));
        String association = "0003 001c" + "00".repeat(12);
        assertEquals(
                "option 5 at byte 20 is 13 bytes long, but 12 are left",
                refusal(association + "0005 000d" + "00".repeat(12)));
        assertEquals(
                "option 5 at byte 20 is 12 bytes long, not 24", refusal(association + "0005 000c" + "00".repeat(12)));
        assertEquals(
                "prefix of option 26 at byte 20 has 129 bits",
                refusal("0019 0029" + "00".repeat(12) + "001a 0019" + "00".repeat(8) + "81" + "00".repeat(16)));
        assertEquals(
                "option 13 at byte 48 is 9 bytes long, but 2 are left",
                refusal("0003 002e" + "00".repeat(12) + "0005 001e" + "00".repeat(24) + "000d 0009 0000"));
    }

    @Test
    void refusesOptionsOutOfTheirPlace() {
        String times = "00".repeat(12);
        assertEquals("option 3 at byte 20 is inside option 3", refusal("0003 001c" + times + "0003 000c" + times));
        assertEquals("option 5 at byte 4 is in no association of its kind", refusal("0005 0018" + "00".repeat(24)));
        assertEquals(
                "option 26 at byte 20 is in no association of its kind",
                refusal("0003 0029" + times + "001a 0019" + "00".repeat(25)));
        assertEquals("option 9 at byte 4 is a relay agent's", refusal("0009 0004 014feb36"));
    }

    @Test
    void refusesASecondOfWhatMayBeThereOnce() {
        for (String option : List.of("0001 0001 01", "0002 0001 01", "0006 0002 0017", "0008 0002 0000", "000e 0000")) {
            String reason = refusal(option + "000f 0000" + option);
            assertTrue(reason.contains(" is there again at byte "), reason);
        }
        String association = "0003 000c 00000007" + "00".repeat(8);
        assertEquals("option 3 at byte 20 has the IAID of one before it", refusal(association + association));
    }

    @Test
    void readsAsManyOptionsAsAClientCanMeanButNoMore() throws Exception {
        assertEquals(64, parse("00100000".repeat(64)).options().size());
        assertEquals("more than 64 options at byte 260", refusal("00100000".repeat(65)));
        // Those inside others count as well.
        String association = "0003 0010 00000007" + "00".repeat(8) + "00100000";
        assertEquals("more than 64 options at byte 272", refusal(association + "00100000".repeat(62 + 1)));
    }

    @Test
    void refusesWhatARelayAgentSends() {
        for (int type : List.of(12, 13)) {
            byte[] relayed = Golden.bytes("%02x 00".formatted(type) + "00".repeat(32) + "0009 0004 014feb36");
            assertEquals(
                    "type at byte 0 is %d, a relay agent's".formatted(type),
                    assertThrows(Dhcpv6FormatException.class, () -> Dhcpv6Parser.parse(relayed))
                            .getMessage());
        }
    }
}
