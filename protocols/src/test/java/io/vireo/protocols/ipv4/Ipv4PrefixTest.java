package io.vireo.protocols.ipv4;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class Ipv4PrefixTest {
    @ParameterizedTest
    @CsvSource({
        "0.0.0.0/0, 0.0.0.0, 255.255.255.255",
        "10.0.0.0/8, 255.0.0.0, 10.255.255.255",
        "10.17.0.0/16, 255.255.0.0, 10.17.255.255",
        "10.198.122.64/26, 255.255.255.192, 10.198.122.127",
        "10.229.0.128/25, 255.255.255.128, 10.229.0.255",
        "128.0.0.0/1, 128.0.0.0, 255.255.255.255",
        "10.0.0.4/31, 255.255.255.254, 10.0.0.5",
        "10.0.0.5/32, 255.255.255.255, 10.0.0.5",
    })
    void hasMaskAndLastAddress(String text, String mask, String broadcast) {
        Ipv4Prefix prefix = Ipv4Prefix.parse(text);
        assertEquals(text, prefix.toString());
        assertEquals(mask, new Ipv4Address(prefix.mask()).toString());
        assertEquals(broadcast, new Ipv4Address(prefix.broadcast()).toString());
    }

    @Test
    void containsItsAddressesOnly() {
        Ipv4Prefix prefix = Ipv4Prefix.parse("10.0.0.0/24");
        assertTrue(prefix.contains(0x0a000000));
        assertTrue(prefix.contains(0x0a0000ff));
        assertFalse(prefix.contains(0x0a000100));
        assertFalse(prefix.contains(0x09ffffff));
        assertTrue(Ipv4Prefix.parse("0.0.0.0/0").contains(0xdeadbeef));
        assertFalse(Ipv4Prefix.parse("10.0.0.5/32").contains(0x0a000004));
    }

    @Test
    void refusesHostBitsAndSaysWhatWasMeant() {
        IllegalArgumentException e =
                assertThrows(IllegalArgumentException.class, () -> Ipv4Prefix.parse("10.0.0.5/24"));
        assertEquals("10.0.0.5/24 has bits set beyond its prefix length: did you mean 10.0.0.0/24?", e.getMessage());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "/",
                "10.0.0.0",
                "10.0.0.0/",
                "10.0.0.0/33",
                "10.0.0.0/-1",
                "10.0.0.0/08",
                "10.0.0/24",
                "10.0.0.0/24/24",
                "10.0.0.0/24 "
            })
    void refusesAnythingElse(String text) {
        assertThrows(IllegalArgumentException.class, () -> Ipv4Prefix.parse(text));
    }

    @Test
    void refusesLengthsBeyondAnAddress() {
        Ipv4Address zero = new Ipv4Address(0);
        assertThrows(IllegalArgumentException.class, () -> new Ipv4Prefix(zero, 33));
        assertThrows(IllegalArgumentException.class, () -> new Ipv4Prefix(zero, -1));
    }
}
