package io.vireo.protocols.ethernet;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class MacAddressTest {
    @Test
    void parsesAndPrintsTheSameText() {
        MacAddress mac = MacAddress.parse("52:54:00:12:34:f1");
        assertEquals(0x5254001234f1L, mac.value());
        assertEquals("52:54:00:12:34:f1", mac.toString());
        assertEquals(mac, MacAddress.parse("52:54:00:12:34:F1"));
    }

    @Test
    void keepsTheOrderOfTheWire() {
        byte[] octets = {(byte) 0xfe, 0x54, 0, 0x12, 0x34, (byte) 0xf1};
        assertArrayEquals(octets, MacAddress.of(octets).toBytes());
        assertEquals(0xfe54001234f1L, MacAddress.of(octets).value());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "52:54:00:12:34",
                "52:54:00:12:34:56:78",
                "52-54-00-12-34-56",
                "525400123456",
                "52:54:0:12:34:56",
                "52:54:00:12:34:5g",
                " 52:54:00:12:34:56",
                "52:54:00:12:34:56 "
            })
    void refusesAnythingElse(String text) {
        IllegalArgumentException e = assertThrows(IllegalArgumentException.class, () -> MacAddress.parse(text));
        assertEquals("\"" + text + "\" is not a MAC address: expected aa:bb:cc:dd:ee:ff", e.getMessage());
    }

    @Test
    void refusesMoreThan48Bits() {
        assertThrows(IllegalArgumentException.class, () -> new MacAddress(1L << 48));
        assertThrows(IllegalArgumentException.class, () -> new MacAddress(-1));
        assertThrows(IllegalArgumentException.class, () -> MacAddress.of(new byte[7]));
    }

    @Test
    void tellsGroupAddresses() {
        assertTrue(MacAddress.parse("01:00:5e:00:00:01").isMulticast());
        assertFalse(MacAddress.parse("02:00:00:00:00:01").isMulticast());
    }
}
