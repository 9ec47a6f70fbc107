package io.vireo.protocols.ipv6;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class Ipv6AddressTest {
    @ParameterizedTest
    @CsvSource({
        "::, ::",
        "::1, ::1",
        "fe80::1, fe80::1",
        "1::, 1::",
        "2001:DB8:0:0:1:0:0:1, 2001:db8::1:0:0:1",
        "2001:db8:0:1:1:1:1:1, 2001:db8:0:1:1:1:1:1",
        "2001:0:0:1:0:0:0:1, 2001:0:0:1::1",
        "1:2:3:4:5:6:7:8, 1:2:3:4:5:6:7:8",
        "0:2:3:4:5:6:7:8, 0:2:3:4:5:6:7:8",
        "64:ff9b::192.0.2.33, 64:ff9b::c000:221",
        "1:2:3:4:5:6:0:0, 1:2:3:4:5:6::",
        "8000:ffff::8000:0:ffff, 8000:ffff::8000:0:ffff",
    })
    void parsesAnyFormAndPrintsTheCanonicalOne(String text, String canonical) {
        assertEquals(canonical, Ipv6Address.parse(text).toString());
    }

    @Test
    void keepsTheOrderOfTheWire() {
        Ipv6Address address = Ipv6Address.parse("2001:db8:1:2:3:4:5:8006");
        byte[] octets = {0x20, 1, 0xd, (byte) 0xb8, 0, 1, 0, 2, 0, 3, 0, 4, 0, 5, (byte) 0x80, 6};
        assertEquals(new Ipv6Address(0x2001_0db8_0001_0002L, 0x0003_0004_0005_8006L), address);
        assertArrayEquals(octets, address.toBytes());
        assertEquals(address, Ipv6Address.of(octets, 0));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"", ":", ":::", "1", "1::2::3", "fe80::1%eth0", "[::1]", "::ffff:1.2.3.4", "1:2:3:4:5:6:7", "::g"
            })
    void refusesAnythingElse(String text) {
        assertThrows(IllegalArgumentException.class, () -> Ipv6Address.parse(text));
    }

    @Test
    void knowsItsScope() {
        assertTrue(Ipv6Address.isLinkLocal(Ipv6Address.parse("febf::1").high()));
        assertFalse(Ipv6Address.isLinkLocal(Ipv6Address.parse("fec0::1").high()));
        assertTrue(Ipv6Address.isMulticast(Ipv6Address.ALL_NODES.high()));
        Ipv6Address node = Ipv6Address.parse("2001:db8::a1b2:c3d4").solicitedNode();
        assertEquals("ff02::1:ffb2:c3d4", node.toString());
        assertTrue(node.isSolicitedNode());
        assertFalse(Ipv6Address.ALL_ROUTERS.isSolicitedNode());
    }
}
