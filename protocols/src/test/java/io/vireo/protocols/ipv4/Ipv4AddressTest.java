package io.vireo.protocols.ipv4;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class Ipv4AddressTest {
    @ParameterizedTest
    @ValueSource(strings = {"0.0.0.0", "10.0.0.5", "169.254.0.1", "192.168.100.249", "255.255.255.255"})
    void parsesAndPrintsTheSameText(String text) {
        assertEquals(text, Ipv4Address.parse(text).toString());
    }

    @Test
    void keepsTheOrderOfTheWire() {
        assertEquals(0xa9fe0001, Ipv4Address.parse("169.254.0.1").value());
        assertArrayEquals(
                new byte[] {(byte) 169, (byte) 254, 0, 1},
                Ipv4Address.parse("169.254.0.1").toBytes());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "10.0.0",
                "10.0.0.0.0",
                "10.0.0.256",
                "10.0.0.-1",
                "10.0.0.01",
                "10.0.0.1 ",
                "10.0.0.1\n",
                "1e1.0.0.0",
                "10..0.1",
                "0x0a.0.0.1",
                "10.0.0.\u0661",
                "localhost"
            })
    void refusesAnythingElse(String text) {
        IllegalArgumentException e = assertThrows(IllegalArgumentException.class, () -> Ipv4Address.parse(text));
        assertEquals("\"" + text + "\" is not an IPv4 address: expected a.b.c.d", e.getMessage());
    }
}
