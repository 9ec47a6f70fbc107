package io.vireo.protocols.ipv6;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class Ipv6PrefixTest {
    @ParameterizedTest
    @CsvSource({
        "::/0, ffff::1, ",
        "2001:db8::/32, 2001:db8:ffff::1, 2001:db9::",
        "2001:db8:0:8000::/49, 2001:db8:0:ffff::, 2001:db8::",
        "2001:db8::/64, 2001:db8::ffff:0:0:1, 2001:db8:0:1::",
        "2001:db8:0:0:8000::/65, 2001:db8::ffff:0:0:1, 2001:db8::7fff:0:0:1",
        "2001:db8::1/128, 2001:db8::1, 2001:db8::2",
    })
    void containsItsAddressesOnly(String text, String inside, String outside) {
        Ipv6Prefix prefix = Ipv6Prefix.parse(text);
        assertEquals(text, prefix.toString());
        assertTrue(prefix.contains(Ipv6Address.parse(inside)));
        assertEquals(prefix, Ipv6Prefix.of(Ipv6Address.parse(inside), prefix.length()));
        if (outside != null) {
            assertFalse(prefix.contains(Ipv6Address.parse(outside)));
        }
    }

    @Test
    void containsLongerPrefixesOnly() {
        Ipv6Prefix prefix = Ipv6Prefix.parse("2001:db8::/48");
        assertTrue(prefix.contains(prefix));
        assertTrue(prefix.contains(Ipv6Prefix.parse("2001:db8:0:5::/64")));
        assertFalse(prefix.contains(Ipv6Prefix.parse("2001:db8::/47")));
    }

    @Test
    void namesThePrefixThatWasMeant() {
        IllegalArgumentException e =
                assertThrows(IllegalArgumentException.class, () -> Ipv6Prefix.parse("2001:db8::1/64"));
        assertEquals(
                "2001:db8::1/64 has bits set beyond its prefix length: did you mean 2001:db8::/64?", e.getMessage());
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "::", "::/", "::/129", "::/01", "::/-1", "::/1 ", "10.0.0.0/8"})
    void refusesAnythingElse(String text) {
        assertThrows(IllegalArgumentException.class, () -> Ipv6Prefix.parse(text));
    }
}
