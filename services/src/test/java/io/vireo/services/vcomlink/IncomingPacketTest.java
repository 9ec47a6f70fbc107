package io.vireo.services.vcomlink;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class IncomingPacketTest {
    private static final String REQUEST = "{\"channel\":2,\"request\":1}";

    @ParameterizedTest
    @ValueSource(
            strings = {
                REQUEST,
                REQUEST + "\n",
                " \t\r\n{ \"channel\" :\n2 , \"request\": 1 }\r\n ",
                "{\"CHANNEL\":2,\"Request\":1}",
                "{\"reque\u017ft\":1,\"\\u0063hannel\":2}", // a long s is an s in another case
                "{\"request\":1,\"channel\":2}",
                "{\"request\":7,\"channel\":3,\"REQUEST\":1,\"channel\":2}",
                "{\"channel\":2,\"request\":1,\"channel\":null,\"request\":null}",
                "{\"a\":{\"channel\":5},\"b\":[1,{\"request\":9},\"x\"],\"c\":1e999,\"d\":true,\"\":0,\"channel\":2,\"request\":1}",
            })
    void isRequestOneOfChannelTwo(String text) throws MalformedPacketException {
        IncomingPacket packet = parse(text);
        assertEquals(2, packet.integer("channel"));
        assertEquals(1, packet.unsigned("request"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                " ",
                "\n",
                "null",
                "2",
                "\"channel\"",
                "[]",
                "[{\"channel\":2}]",
                "{",
                "}",
                "{\"channel\"}",
                "{\"channel\":}",
                "{\"channel\":2,}",
                "{channel:2}",
                "{'channel':2}",
                "{\"channel\":02}",
                "{\"channel\":+2}",
                "{\"channel\":.2}",
                "{\"channel\":2.}",
                "{\"channel\":0x2}",
                "{\"channel\":NaN}",
                "{\"channel\":2 \"request\":1}",
                "{\"channel\":2}/**/",
                "{\"channel\":2}#",
                "{\"channel\":2}x",
                "{\"channel\":2}{}",
                "{\"channel\":2}\0",
                "\ufeff{\"channel\":2}",
                "{\"a\":\"\n\"}",
                "{\"a\":\"\\x\"}",
                "{\"a\":[}",
                "{\"a\":tru}",
            })
    void isNoPacket(String text) {
        assertThrows(MalformedPacketException.class, () -> parse(text));
    }

    @Test
    void noPartOfAPacketIsOne() {
        byte[] whole = REQUEST.getBytes(UTF_8);
        for (int length = 0; length < whole.length; length++) {
            int cut = length;
            assertThrows(MalformedPacketException.class, () -> IncomingPacket.parse(whole, cut), "of " + cut);
        }
    }

    @ParameterizedTest
    @CsvSource({
        "0, 0",
        "-0, 0",
        "-1, -1",
        "9223372036854775807, 9223372036854775807",
        "-9223372036854775808, -9223372036854775808"
    })
    void integersHaveASign(String digits, long value) throws MalformedPacketException {
        assertEquals(value, parse("{\"channel\":" + digits + "}").integer("channel"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "9223372036854775808",
                "-9223372036854775809",
                "18446744073709551616",
                "1.0",
                "1e2",
                "\"2\"",
                "true",
                "[2]",
                "{}",
            })
    void integersThatDoNotFitAreMalformed(String value) throws MalformedPacketException {
        IncomingPacket packet = parse("{\"channel\":" + value + ",\"channel\":2}");
        assertThrows(MalformedPacketException.class, () -> packet.integer("channel"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"0", "1", "4294967295", "9223372036854775808", "18446744073709551615"})
    void unsignedNumbersHaveSixtyFourBits(String digits) throws MalformedPacketException {
        long value = parse("{\"request\":" + digits + "}").unsigned("request");
        assertEquals(digits, Long.toUnsignedString(value));
    }

    @ParameterizedTest
    @ValueSource(strings = {"-1", "-0", "18446744073709551616", "1.5", "1e0", "\"1\"", "false", "[]"})
    void unsignedNumbersThatDoNotFitAreMalformed(String value) throws MalformedPacketException {
        IncomingPacket packet = parse("{\"request\":" + value + "}");
        assertThrows(MalformedPacketException.class, () -> packet.unsigned("request"));
    }

    @Test
    void aNumberAsLongAsAPacketIsRead() throws MalformedPacketException {
        String digits = "9".repeat(8000);
        assertEquals(2, parse("{\"unknown\":" + digits + ",\"channel\":2}").integer("channel"));
        IncomingPacket packet = parse("{\"channel\":" + digits + "}");
        assertThrows(MalformedPacketException.class, () -> packet.integer("channel"));
    }

    @Test
    void aPacketMayBeAsDeepAsItIsLong() throws MalformedPacketException {
        String deep = "[".repeat(4080) + "]".repeat(4080);
        assertEquals(2, parse("{\"unknown\":" + deep + ",\"channel\":2}").integer("channel"));
        assertThrows(MalformedPacketException.class, () -> parse("{\"a\":" + "[".repeat(8000)));
    }

    @Test
    void whatIsMissingIsZeroOrEmpty() throws MalformedPacketException {
        IncomingPacket packet = parse("{}");
        assertEquals(0, packet.integer("channel"));
        assertEquals(0, packet.unsigned("request"));
        assertEquals("", packet.text("error"));
    }

    @Test
    void textsAreTexts() throws MalformedPacketException {
        assertEquals(
                "no \"key\" \u00e9",
                parse("{\"error\":\"no \\\"key\\\" \u00e9\"}").text("Error"));
        assertEquals(
                "b", parse("{\"error\":\"a\",\"error\":null,\"ERROR\":\"b\"}").text("error"));
        assertThrows(
                MalformedPacketException.class, () -> parse("{\"error\":5}").text("error"));
        assertThrows(
                MalformedPacketException.class,
                () -> parse("{\"error\":[\"a\"]}").text("error"));
    }

    @Test
    void whatIsNoUtf8IsReplaced() throws MalformedPacketException {
        byte[] bytes = "{\"error\":\"a?\"}".getBytes(UTF_8);
        bytes[11] = (byte) 0xff;
        assertEquals("a\ufffd", IncomingPacket.parse(bytes, bytes.length).text("error"));
        bytes[1] = (byte) 0xff;
        assertThrows(MalformedPacketException.class, () -> IncomingPacket.parse(bytes, bytes.length));
    }

    @Test
    void damagedPacketsAreReadOrMalformed() {
        Random random = new Random(3);
        byte[] whole = "{\"channel\":2,\"request\":1,\"a\":[1,null,{\"b\":\"\\u00e9\"}]}".getBytes(UTF_8);
        int malformed = 0;
        for (int i = 0; i < 20_000; i++) {
            byte[] damaged = whole.clone();
            for (int n = random.nextInt(3); n >= 0; n--) {
                damaged[random.nextInt(damaged.length)] = (byte) random.nextInt(256);
            }
            try {
                IncomingPacket packet = IncomingPacket.parse(damaged, damaged.length);
                assertEquals(packet.integer("channel"), packet.integer("CHANNEL"));
            } catch (MalformedPacketException e) {
                malformed++;
            }
        }
        assertTrue(malformed > 10_000, malformed + " were malformed");
    }

    private static IncomingPacket parse(String text) throws MalformedPacketException {
        byte[] bytes = text.getBytes(UTF_8);
        return IncomingPacket.parse(bytes, bytes.length);
    }
}
