package io.vireo.protocols.dhcp;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.vireo.protocols.Golden;
import io.vireo.protocols.ipv4.Ipv4Address;
import io.vireo.protocols.ipv4.Ipv4Prefix;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ClasslessRouteTest {
    /** The destination descriptors of RFC 3442's table. */
    @ParameterizedTest
    @CsvSource({
        "0.0.0.0/0, 00",
        "10.0.0.0/8, 080a",
        "10.0.0.0/24, 180a0000",
        "10.17.0.0/16, 100a11",
        "10.27.129.0/24, 180a1b81",
        "10.229.0.128/25, 190a e50080",
        "10.198.122.47/32, 200ac67a2f",
    })
    void encodesSignificantOctetsOnly(String destination, String descriptor) {
        assertArrayEquals(
                Golden.bytes(descriptor + "0a000001"), ClasslessRoute.encode(List.of(route(destination, "10.0.0.1"))));
    }

    @Test
    void encodesRoutesInOrder() {
        assertArrayEquals(
                Golden.bytes("20a9fe000100000000 00a9fe0001"),
                ClasslessRoute.encode(List.of(route("169.254.0.1/32", "0.0.0.0"), route("0.0.0.0/0", "169.254.0.1"))));
    }

    @ParameterizedTest
    @CsvSource({
        "000a000001, true",
        "20a9fe00010000000000a9fe0001, true",
        "00a9fe0001180a00000a000001, true",
        "080a0a000001, false",
        "'', false",
        "000a0000, false",
        "00, false",
        "000a00000108, false",
        "000a000001210a0000000000000000, false",
        "ff, false",
    })
    void findsTheDefaultRouteInWholeValuesOnly(String value, boolean found) {
        assertEquals(found, ClasslessRoute.hasDefault(Golden.bytes(value)));
    }

    private static ClasslessRoute route(String destination, String router) {
        return new ClasslessRoute(Ipv4Prefix.parse(destination), Ipv4Address.parse(router));
    }
}
