package io.vireo.protocols.dhcp;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.vireo.protocols.Golden;
import io.vireo.protocols.dhcp.DhcpFrames.Sent;
import io.vireo.protocols.dhcp.DhcpResponder.Outcome;
import io.vireo.protocols.ipv4.Ipv4Address;
import io.vireo.protocols.ipv4.Ipv4Prefix;
import java.nio.charset.StandardCharsets;
import java.util.Collections;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What a guest is told beside its lease: what it asks for, in its order, in the room there is. */
class DhcpConfigurationTest {
    private static final List<Integer> ALWAYS = List.of(53, 54, 51, 58, 59, 1);
    private static final DhcpBinding SUBNET = DhcpFrames.binding(false);
    private static final DhcpBinding ROUTED = DhcpFrames.binding(true);
    private static final String ROUTES = "20a9fe00010000000000a9fe0001";
    private static final String ASKS_FOR_EVERYTHING = "370e f9 79 77 43 42 2a 1c 1a 0f 0c 06 03 01 2b";

    private final DhcpResponder responder = new DhcpResponder();

    private byte[] offer(DhcpBinding binding, String options) {
        byte[] discover = DhcpFrames.clientFrame(DhcpMessageType.DISCOVER, 0, options);
        return assertInstanceOf(Outcome.Offer.class, responder.respond(discover, discover.length, binding))
                .frame();
    }

    private Sent sent(DhcpBinding binding, String options) throws Exception {
        return Sent.of(offer(binding, options), binding);
    }

    private static List<Integer> told(Sent sent) {
        assertEquals(ALWAYS, sent.codes().subList(0, ALWAYS.size()));
        return sent.codes().subList(ALWAYS.size(), sent.codes().size());
    }

    private static String ascii(String text) {
        return HexFormat.of().formatHex(text.getBytes(StandardCharsets.US_ASCII));
    }

    @Test
    void tellsNothingThatIsNotAskedFor() throws Exception {
        assertEquals(List.of(3), told(sent(SUBNET.withParameters(DhcpFrames.parameters()), "370103")));
    }

    @Test
    void tellsWhatIsAskedForInTheClientsOrder() throws Exception {
        Sent sent = sent(ROUTED.withParameters(DhcpFrames.parameters()), ASKS_FOR_EVERYTHING);
        assertEquals(List.of(249, 121, 119, 67, 66, 42, 26, 15, 12, 6, 3, 43), told(sent));
        assertEquals(ROUTES, sent.hex(249));
        assertEquals(ROUTES, sent.hex(121));
        assertEquals("076578616d706c65036f726700 036c6162c000".replace(" ", ""), sent.hex(119));
        assertEquals(ascii("pxelinux.0"), sent.hex(67));
        assertEquals(ascii("192.168.0.3"), sent.hex(66));
        assertEquals("c0a80002", sent.hex(42));
        assertEquals("0578", sent.hex(26));
        assertEquals(ascii("example.org"), sent.hex(15));
        assertEquals(ascii("guest1"), sent.hex(12));
        assertEquals("0101010108080808", sent.hex(6));
        assertEquals("a9fe0001", sent.hex(3));
        assertEquals("ffffffff", sent.hex(1));
        assertEquals("0104", sent.hex(43));
    }

    @Test
    void tellsAClientThatListsNothingTheUsualThings() throws Exception {
        assertEquals(List.of(3, 6, 26, 28), told(sent(SUBNET, "00")));
        assertEquals(List.of(3, 121, 6, 26), told(sent(ROUTED, "3700")));
        assertEquals(
                List.of(3, 121, 6, 26, 15, 12, 42, 119, 66, 67, 43, 252),
                told(sent(ROUTED.withParameters(DhcpFrames.parameters()), "00")));
    }

    @Test
    void leavesOutWhatThereIsNone() throws Exception {
        DhcpBinding bare = new DhcpBinding(
                SUBNET.mac(),
                SUBNET.address(),
                Ipv4Prefix.parse("192.168.0.10/31"),
                false,
                SUBNET.gateway(),
                List.of(),
                1500,
                60,
                DhcpParameters.NONE);
        assertEquals(List.of(26, 3), told(sent(bare, ASKS_FOR_EVERYTHING)));
        assertEquals("c0a800ff", sent(SUBNET, ASKS_FOR_EVERYTHING).hex(28));
    }

    @Test
    void answersALongAndRepetitiveListOnce() throws Exception {
        String every = "37ff" + "0306".repeat(127) + "03" + "37ff" + "fc".repeat(255);
        assertEquals(List.of(3, 6), told(sent(SUBNET, every)));
        assertEquals(List.of(3), told(sent(SUBNET, "3704 35 36 03 33")), "the protocol's own are not moved");
    }

    @Test
    void letsConfiguredOptionsWin() throws Exception {
        String elsewhere = "000a000009";
        DhcpBinding binding = SUBNET.withParameters(DhcpFrames.parameters()
                .withExtra(Map.of(
                        1, Golden.bytes("ffff0000"),
                        3, Golden.bytes("0a000009"),
                        15, Golden.bytes("62"),
                        121, Golden.bytes(elsewhere),
                        224, new byte[0])));
        Sent sent = sent(binding, "3707 01 0f 03 79 f9 e0 2b");
        assertEquals(List.of(15, 3, 121, 249, 224), told(sent));
        assertEquals("ffff0000", sent.hex(1));
        assertEquals("62", sent.hex(15));
        assertEquals("0a000009", sent.hex(3));
        assertEquals(elsewhere, sent.hex(121));
        assertEquals(elsewhere, sent.hex(249), "the same routes in Microsoft's option");
        assertEquals("", sent.hex(224));
        assertFalse(sent(binding, "00").codes().contains(249));
    }

    @Test
    void namesTheBootServerAndFileWhereFirmwareLooksForThem() throws Exception {
        Sent sent = sent(SUBNET.withParameters(DhcpFrames.parameters()), "370103");
        assertEquals(0xc0a80003, sent.message().siaddr());
        assertEquals("", sent.message().sname());
        assertEquals("pxelinux.0", sent.message().file());

        DhcpParameters byName = DhcpParameters.NONE.withBoot(Optional.of("boot.example"), Optional.of("f".repeat(128)));
        sent = sent(SUBNET.withParameters(byName), "370242 43");
        assertEquals(0, sent.message().siaddr());
        assertEquals("boot.example", sent.message().sname());
        assertEquals("", sent.message().file(), "too long for the field");
        assertEquals("66".repeat(128), sent.hex(67));

        sent = sent(SUBNET, "370242 43");
        assertEquals(0, sent.message().siaddr());
        assertEquals("", sent.message().sname() + sent.message().file());
    }

    /** Bytes of the datagram, IP and UDP headers included. */
    @ParameterizedTest
    @CsvSource({
        "1400, 00,         576",
        "1400, 39020000,   576",
        "1400, 3902023f,   576",
        "1400, 39020240,   576",
        "1400, 390202bc,   700",
        "1400, 3902ffff,   1400",
        "700,  390205dc,   700",
        "68,   390205dc,   328",
    })
    void sendsNoMoreThanTheClientTakesAndItsLinkCarries(int mtu, String maximum, int expected) {
        Map<Integer, byte[]> many = Map.of(
                224,
                new byte[120],
                225,
                new byte[120],
                226,
                new byte[120],
                227,
                new byte[120],
                228,
                new byte[120],
                229,
                new byte[120],
                230,
                new byte[120],
                231,
                new byte[120],
                232,
                new byte[120],
                233,
                new byte[120]);
        DhcpBinding binding = new DhcpBinding(
                SUBNET.mac(),
                SUBNET.address(),
                SUBNET.network(),
                false,
                SUBNET.gateway(),
                List.of(),
                mtu,
                60,
                DhcpParameters.NONE.withExtra(many));
        int length = offer(binding, maximum + "370a e0e1e2e3e4e5e6e7e8e9").length - 14;
        // Whole options of 122 bytes are left out or moved to the boot fields.
        assertTrue(length <= expected && length > expected - 122, length + " of " + expected);
    }

    @Test
    void refusesAMaximumThatIsNone() {
        byte[] discover = DhcpFrames.clientFrame(DhcpMessageType.DISCOVER, 0, "3901ff");
        assertEquals(
                new Outcome.Ignored("option 57 is 1 bytes long, not 2"),
                responder.respond(discover, discover.length, SUBNET));
    }

    @Test
    void keepsTheLeaseWhereThereIsRoomForLittleElse() throws Exception {
        DhcpBinding most = new DhcpBinding(
                ROUTED.mac(),
                ROUTED.address(),
                ROUTED.network(),
                true,
                ROUTED.gateway(),
                Collections.nCopies(DhcpBinding.MAXIMUM_DNS, Ipv4Address.parse("1.1.1.1")),
                576,
                60,
                DhcpFrames.parameters().withBoot(Optional.of("b".repeat(63)), Optional.of("f".repeat(127))));
        Sent sent = sent(most, "3dff" + "01".repeat(255) + "00");
        assertEquals(List.of(53, 54, 51, 58, 59, 61, 1, 3), sent.codes().subList(0, 8));
        assertEquals("01".repeat(255), sent.hex(61));
        assertEquals("f".repeat(127), sent.message().file());
        assertTrue(sent.wire().length <= 548);
        assertFalse(sent.codes().contains(6), "64 bytes of DNS servers");
    }

    /** Windows asks for 121 and, since it had it first, for 249; and for much that is Windows' own. */
    @Test
    void tellsWindowsByteForByte() {
        DhcpBinding binding = ROUTED.withParameters(
                DhcpParameters.NONE.withDomain("example.org").withSearch(List.of("example.org")));
        Outcome outcome = responder.respond(DhcpFrames.WINDOWS_DISCOVER, DhcpFrames.WINDOWS_DISCOVER.length, binding);
        byte[] expected = Golden.bytes("000b8201fc42 020000000001 0800"
                + "4500 0183 0000 4000 4011 ceb8 a9fe0001 c0a8000a"
                + "0043 0044 016f 8fe4"
                + "02010600 5a6b7c8d 0000 0000 00000000 c0a8000a 00000000 00000000 000b8201fc42"
                + "00".repeat(202)
                + "63825363 350102 3604a9fe0001 330400015180 3a040000a8c0 3b0400012750 3d0701000b8201fc42"
                + "0104ffffffff 0304a9fe0001 06080101010108080808 0f0b6578616d706c652e6f7267"
                + "770d076578616d706c65036f726700 790e" + ROUTES + "f90e" + ROUTES + "ff");
        assertArrayEquals(
                expected, assertInstanceOf(Outcome.Offer.class, outcome).frame());
    }
}
