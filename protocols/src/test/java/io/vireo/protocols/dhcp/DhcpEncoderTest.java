package io.vireo.protocols.dhcp;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class DhcpEncoderTest {
    private static final int SNAME = 44;
    private static final int FILE = 108;
    private static final int OPTIONS = 240;
    /** 59 bytes of options and the end option. */
    private static final int SHORTEST = 300;

    /** Options by code, each of so many bytes of its code. */
    private static Map<Integer, byte[]> options(int... codesAndLengths) {
        Map<Integer, byte[]> options = new LinkedHashMap<>();
        for (int i = 0; i < codesAndLengths.length; i += 2) {
            byte[] value = new byte[codesAndLengths[i + 1]];
            Arrays.fill(value, (byte) codesAndLengths[i]);
            options.put(codesAndLengths[i], value);
        }
        return options;
    }

    private static DhcpMessage message(String sname, String file, Map<Integer, byte[]> options) {
        return new DhcpMessage(2, 1, 0, 7, 0, 0, 0, 0, 0, 0, DhcpFrames.CLIENT, sname, file, options);
    }

    private static List<Integer> codes(byte[] wire) throws DhcpFormatException {
        return List.copyOf(DhcpMessage.parse(wire).options().keySet());
    }

    private static String hex(byte[] wire, int at, int length) {
        return HexFormat.of().formatHex(wire, at, at + length);
    }

    @Test
    void leavesTheFieldsAloneWhileTheOptionsFit() throws DhcpFormatException {
        byte[] wire = message("", "", options(1, 30, 2, 25)).encode(SHORTEST);
        assertEquals(SHORTEST, wire.length);
        assertEquals("ff", hex(wire, 299, 1));
        assertEquals("00".repeat(192), hex(wire, SNAME, 192));
        assertEquals(List.of(1, 2), codes(wire));
    }

    @Test
    void turnsToFileAndThenToSname() throws DhcpFormatException {
        byte[] wire =
                message("", "", options(1, 30, 2, 26, 3, 61, 4, 61, 5, 61)).encode(SHORTEST);
        assertEquals(SHORTEST, wire.length);
        assertEquals("340103ff", hex(wire, OPTIONS + 32, 4));
        assertEquals("021a02", hex(wire, FILE, 3));
        assertEquals("033d03", hex(wire, FILE + 28, 3));
        assertEquals("043d04", hex(wire, SNAME, 3));
        assertEquals("ff", hex(wire, SNAME + 63, 1));
        assertEquals(List.of(1, 2, 3, 4), codes(wire), "the last finds no room");
    }

    @Test
    void keepsFieldsThatNameSomething() throws DhcpFormatException {
        Map<Integer, byte[]> options = options(1, 30, 2, 30, 3, 10);
        byte[] wire = message("server", "", options).encode(SHORTEST);
        assertEquals("server", DhcpMessage.parse(wire).sname());
        assertEquals(List.of(1, 3, 2), codes(wire));

        wire = message("", "file", options).encode(SHORTEST);
        assertEquals("file", DhcpMessage.parse(wire).file());
        assertEquals("021e02", hex(wire, SNAME, 3));
        assertEquals(List.of(1, 3, 2), codes(wire));

        wire = message("server", "file", options).encode(SHORTEST);
        assertEquals(List.of(1, 3), codes(wire));
        assertEquals("ff", hex(wire, OPTIONS + 44, 1), "nothing is overloaded");
    }

    @Test
    void doesNotTearALongOptionApartAcrossFields() throws DhcpFormatException {
        byte[] wire = message("", "", options(1, 300, 2, 4)).encode(SHORTEST);
        assertEquals(List.of(2), codes(wire));
        wire = message("", "", options(1, 300, 2, 4)).encode(548);
        assertEquals(List.of(1, 2), codes(wire));
        assertArrayEquals(new byte[] {2, 2, 2, 2}, Arrays.copyOfRange(wire, FILE + 2, FILE + 6));
    }

    /** Whatever the options: never longer than allowed, and read again as what they were. */
    @Test
    void staysWithinItsLimitAndCanBeRead() throws DhcpFormatException {
        SplittableRandom random = new SplittableRandom(2131);
        for (int round = 0; round < 20_000; round++) {
            Map<Integer, byte[]> options = new LinkedHashMap<>();
            for (int count = random.nextInt(12); count > 0; count--) {
                int code = random.nextInt(1, 255);
                byte[] value = new byte[random.nextInt(4) == 0 ? random.nextInt(400) : random.nextInt(40)];
                random.nextBytes(value);
                if (code != DhcpOption.OPTION_OVERLOAD) {
                    options.put(code, value);
                }
            }
            int maximum = random.nextInt(SHORTEST, 700);
            byte[] wire = message(round % 3 == 0 ? "s" : "", round % 5 == 0 ? "f" : "", options)
                    .encode(maximum);
            assertTrue(wire.length <= maximum, wire.length + " bytes of " + maximum);
            Map<Integer, String> read = new HashMap<>();
            DhcpMessage.parse(wire)
                    .options()
                    .forEach((code, value) -> read.put(code, HexFormat.of().formatHex(value)));
            read.forEach((code, value) -> assertEquals(HexFormat.of().formatHex(options.get(code)), value));
            assertTrue(maximum < 548 || read.size() == options.size() || total(options) > maximum - OPTIONS - 4);
        }
    }

    private static int total(Map<Integer, byte[]> options) {
        return options.values().stream()
                .mapToInt(value -> value.length + 2 * Math.max(1, (value.length + 254) / 255))
                .sum();
    }

    @Test
    void refusesTextThatHasNoRoom() {
        assertThrows(IllegalArgumentException.class, () -> message("a".repeat(65), "", Map.of()));
        assertThrows(IllegalArgumentException.class, () -> message("", "a".repeat(129), Map.of()));
    }
}
