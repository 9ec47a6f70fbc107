package io.vireo.protocols.dhcp;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.vireo.protocols.Golden;
import io.vireo.protocols.ethernet.MacAddress;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;

class DhcpMessageTest {
    /** Every field with a value of its own; sname and file are zero. */
    private static final String FIXED =
            "02010603 12345678 0102 8000 0a000001 0a000002 0a000003 0a000004" + "020000000001" + "00".repeat(10);

    private static final String COOKIE = "63825363";
    private static final String PLAIN = FIXED + "00".repeat(192) + COOKIE;

    private static DhcpMessage parse(String hex) throws DhcpFormatException {
        return DhcpMessage.parse(Golden.bytes(hex));
    }

    private static void assertRefused(String hex, String message) {
        DhcpFormatException e = assertThrows(DhcpFormatException.class, () -> parse(hex));
        assertEquals(message, e.getMessage());
    }

    @Test
    void parsesEveryField() throws DhcpFormatException {
        DhcpMessage message = parse(PLAIN + "350105 ff");
        assertEquals(DhcpMessage.BOOTREPLY, message.op());
        assertEquals(DhcpMessage.ETHERNET, message.htype());
        assertEquals(3, message.hops());
        assertEquals(0x12345678, message.xid());
        assertEquals(0x0102, message.secs());
        assertEquals(DhcpMessage.BROADCAST_FLAG, message.flags());
        assertTrue(message.wantsBroadcast());
        assertEquals(0x0a000001, message.ciaddr());
        assertEquals(0x0a000002, message.yiaddr());
        assertEquals(0x0a000003, message.siaddr());
        assertEquals(0x0a000004, message.giaddr());
        assertEquals(new MacAddress(0x020000000001L), message.chaddr());
        assertEquals(Optional.of(DhcpMessageType.ACK), message.messageType());
    }

    @Test
    void parsesTheMessageOfARealClient() throws DhcpFormatException {
        DhcpMessage message =
                DhcpMessage.parse(MemorySegment.ofArray(DhcpFrames.REQUEST).asSlice(42));
        assertEquals(DhcpFrames.CLIENT, message.chaddr());
        assertEquals(0x3d1e, message.xid());
        assertEquals(List.of(53, 61, 50, 54, 55), List.copyOf(message.options().keySet()));
        assertEquals(OptionalInt.of(0xc0a8000a), message.intOption(DhcpOption.REQUESTED_IP_ADDRESS));
        assertEquals(OptionalInt.empty(), message.intOption(DhcpOption.ROUTER));
    }

    @Test
    void encodesToTheSameBytesPaddedTo300() throws DhcpFormatException {
        String options = "350105 3604c0a80001 0c00 ff";
        byte[] expected = Arrays.copyOf(Golden.bytes(PLAIN + options), 300);
        assertArrayEquals(expected, parse(PLAIN + options).encode());
    }

    @Test
    void keepsUnknownOptionsAndMessageTypes() throws DhcpFormatException {
        DhcpMessage message = parse(PLAIN + "35010d e0021234 ff");
        assertEquals(Optional.empty(), message.messageType());
        assertArrayEquals(
                Golden.bytes("0d"), message.option(DhcpOption.DHCP_MESSAGE_TYPE).orElseThrow());
        assertArrayEquals(Golden.bytes("1234"), message.option(224).orElseThrow());
        assertEquals(message, DhcpMessage.parse(message.encode()));
    }

    @Test
    void skipsPaddingAndStopsAtTheEnd() throws DhcpFormatException {
        DhcpMessage message = parse(PLAIN + "0000 350101 00 ff 3604c0a80001 ff");
        assertEquals(List.of(53), List.copyOf(message.options().keySet()));
    }

    /** RFC 3396 section 8, with "/diskless/foo" as the example's value. */
    @Test
    void joinsOptionsThatCameInParts() throws DhcpFormatException {
        DhcpMessage message = parse(PLAIN + "43072f6469736b6c65 350101 430673732f666f6f ff");
        assertArrayEquals(
                Golden.bytes("2f6469736b6c6573732f666f6f"), message.option(67).orElseThrow());
        assertEquals(List.of(67, 53), List.copyOf(message.options().keySet()));
    }

    @Test
    void splitsOptionsThatAreTooLongForOne() throws DhcpFormatException {
        byte[] value = new byte[600];
        Arrays.fill(value, (byte) 0x5a);
        DhcpMessage message = withOptions(Map.of(224, value));
        byte[] wire = message.encode();
        assertArrayEquals(Golden.bytes("e0ff"), Arrays.copyOfRange(wire, 240, 242));
        assertArrayEquals(Golden.bytes("e0ff"), Arrays.copyOfRange(wire, 497, 499));
        assertArrayEquals(Golden.bytes("e05a"), Arrays.copyOfRange(wire, 754, 756));
        assertArrayEquals(value, DhcpMessage.parse(wire).option(224).orElseThrow());
    }

    @Test
    void readsOptionsFromOverloadedFieldsInTheOrderOfRfc3396() throws DhcpFormatException {
        String sname = "e00103 0302c0a8".concat("ff").concat("00".repeat(56));
        String file = "e00102 ff" + "00".repeat(124);
        DhcpMessage message = parse(FIXED + sname + file + COOKIE + "340103 e00101 ff");
        assertArrayEquals(Golden.bytes("010203"), message.option(224).orElseThrow());
        assertEquals(List.of(224, 3), List.copyOf(message.options().keySet()));
    }

    @Test
    void readsBootFieldsThatAreNotOverloadedAsText() throws DhcpFormatException {
        DhcpMessage message = parse(FIXED + "e0".repeat(192) + COOKIE + "350101 ff");
        assertEquals(List.of(53), List.copyOf(message.options().keySet()));
        assertEquals("\u00e0".repeat(64), message.sname());
        assertEquals("\u00e0".repeat(128), message.file());
        message = parse(FIXED + "6162" + "00".repeat(62) + "63" + "00".repeat(127) + COOKIE + "ff");
        assertEquals("ab", message.sname());
        assertEquals("c", message.file());
        assertEquals(message, DhcpMessage.parse(message.encode()));
    }

    @Test
    void goesIntoNoLoopOfOverloadedFields() throws DhcpFormatException {
        String sname = "340103 e00103 ff" + "00".repeat(57);
        String file = "340103 e00102 340102 ff" + "00".repeat(118);
        DhcpMessage message = parse(FIXED + sname + file + COOKIE + "340103 e00101 ff");
        assertArrayEquals(Golden.bytes("010203"), message.option(224).orElseThrow());
        assertEquals(List.of(224), List.copyOf(message.options().keySet()));
        assertEquals("", message.sname() + message.file());
    }

    /** A field's options may not run on into the next field, although its bytes are there. */
    @Test
    void refusesOptionsThatLeaveTheirField() {
        String sname = "e03d" + "00".repeat(62);
        String file = "00".repeat(125) + "e00101";
        assertRefused(
                FIXED + sname + "ff" + "00".repeat(127) + COOKIE + "340102 ff",
                "options from byte 44 to byte 108 have no end option");
        assertRefused(
                FIXED + "ff" + "00".repeat(63) + "00".repeat(125) + "e00201" + COOKIE + "340101 ff",
                "option 224 at byte 233 is 2 bytes long, but 1 are left");
        assertRefused(
                FIXED + "ff" + "00".repeat(63) + file + COOKIE + "340101 ff",
                "options from byte 108 to byte 236 have no end option");
    }

    @Test
    void refusesEveryTruncatedMessage() {
        byte[] wire = Golden.bytes(PLAIN + "350105 3604c0a80001 ff");
        for (int length = 0; length < wire.length; length++) {
            byte[] prefix = Arrays.copyOf(wire, length);
            assertThrows(DhcpFormatException.class, () -> DhcpMessage.parse(prefix), length + " bytes");
        }
    }

    @Test
    void namesWhatIsWrongAndWhere() {
        assertRefused("0101", "message of 2 bytes ends before its options at byte 240");
        assertRefused(PLAIN.replaceFirst("020106", "020108") + "ff", "hlen at byte 2 is 8, not 6");
        assertRefused(PLAIN.replaceFirst("63825363", "63825364") + "ff", "magic cookie at byte 236 is 63825364");
        assertRefused(PLAIN + "0035", "option 53 at byte 241 has no length");
        assertRefused(PLAIN + "3604c0a8ff", "option 54 at byte 240 is 4 bytes long, but 3 are left");
        assertRefused(PLAIN + "350101", "options from byte 240 to byte 243 have no end option");
        assertRefused(PLAIN + "340100 ff", "option overload (52) is none of 1, 2 and 3");
        assertRefused(PLAIN + "34020101 ff", "option overload (52) is none of 1, 2 and 3");
        assertRefused(PLAIN + "340101 ff", "options from byte 108 to byte 236 have no end option");
    }

    @Test
    void refusesOptionsOfTheWrongLengthWhenAsked() throws DhcpFormatException {
        DhcpMessage message = parse(PLAIN + "35020101 3603c0a800 ff");
        assertEquals(
                "option 53 is 2 bytes long, not 1",
                assertThrows(DhcpFormatException.class, message::messageType).getMessage());
        assertEquals(
                "option 54 is 3 bytes long, not 4",
                assertThrows(DhcpFormatException.class, () -> message.intOption(54))
                        .getMessage());
    }

    @Test
    void cannotBeChangedThroughWhatItWasGivenOrGives() {
        byte[] value = {1};
        Map<Integer, byte[]> options = new LinkedHashMap<>(Map.of(224, value));
        DhcpMessage message = withOptions(options);
        value[0] = 2;
        options.clear();
        message.option(224).orElseThrow()[0] = 3;
        message.options().values().forEach(given -> given[0] = 4);
        assertArrayEquals(new byte[] {1}, message.option(224).orElseThrow());
        assertThrows(
                UnsupportedOperationException.class, () -> message.options().clear());
    }

    @Test
    void isEqualByWhatIsOnTheWire() {
        DhcpMessage message = withOptions(Map.of(224, new byte[] {1}));
        assertEquals(message, withOptions(Map.of(224, new byte[] {1})));
        assertEquals(
                message.hashCode(), withOptions(Map.of(224, new byte[] {1})).hashCode());
        assertNotEquals(message, withOptions(Map.of(224, new byte[] {2})));
    }

    @Test
    void refusesOptionCodesThatAreNone() {
        for (int code : new int[] {-1, DhcpOption.PAD, DhcpOption.END, 256}) {
            assertThrows(IllegalArgumentException.class, () -> withOptions(Map.of(code, new byte[0])));
        }
    }

    @Test
    void knowsTheMessageTypesOfRfc2132() {
        for (DhcpMessageType type : DhcpMessageType.values()) {
            assertEquals(Optional.of(type), DhcpMessageType.of(type.code()));
        }
        assertEquals(7, DhcpMessageType.RELEASE.code());
        assertFalse(DhcpMessageType.of(0).isPresent());
        assertFalse(DhcpMessageType.of(9).isPresent());
        assertFalse(DhcpMessageType.of(255).isPresent());
    }

    private static DhcpMessage withOptions(Map<Integer, byte[]> options) {
        return new DhcpMessage(1, 1, 0, 7, 0, 0, 0, 0, 0, 0, DhcpFrames.CLIENT, "", "", options);
    }
}
