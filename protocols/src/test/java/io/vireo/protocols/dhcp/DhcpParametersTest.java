package io.vireo.protocols.dhcp;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.vireo.protocols.Golden;
import io.vireo.protocols.ipv4.Ipv4Address;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;

class DhcpParametersTest {
    /** What only the protocol itself says, and the two codes that are no options. */
    private static final Set<Integer> NOT_CONFIGURABLE = Set.of(0, 50, 51, 52, 53, 54, 55, 57, 58, 59, 61, 80, 82, 255);

    private static void assertRefused(String message, Runnable parameters) {
        assertEquals(
                message,
                assertThrows(IllegalArgumentException.class, parameters::run).getMessage());
    }

    private static DhcpParameters with(int code, String value) {
        return DhcpParameters.NONE.withExtra(Map.of(code, Golden.bytes(value)));
    }

    @Test
    void leavesTheProtocolsOwnOptionsToTheProtocol() {
        for (int code = -1; code <= 256; code++) {
            int each = code;
            if (code < 0 || code > 255 || NOT_CONFIGURABLE.contains(code)) {
                assertThrows(IllegalArgumentException.class, () -> DhcpOption.requireConfigurable(each), "" + code);
            } else {
                assertDoesNotThrow(() -> DhcpOption.requireConfigurable(each));
            }
        }
        assertRefused("DHCP option 255 is not within 1 to 254", () -> with(255, ""));
        assertRefused("DHCP option 53 belongs to the protocol and cannot be configured", () -> with(53, "05"));
    }

    @Test
    void takesClasslessRoutesWithADefaultRouteOnly() {
        for (int code : List.of(121, 249)) {
            assertRefused(
                    "DHCP option %d is no list of routes with a default route among them".formatted(code),
                    () -> with(code, "080a0a000001"));
            assertDoesNotThrow(() -> with(code, "080a0a000001 000a000001"));
        }
    }

    @Test
    void refusesNamesThatAreNone() {
        DhcpParameters none = DhcpParameters.NONE;
        assertRefused("\"a b\" is not a domain name", () -> none.withHostName("a b"));
        assertRefused("\"\" is not a domain name", () -> none.withDomain(""));
        assertRefused("\"b.\" is not a domain name", () -> none.withSearch(List.of("a", "b.")));
        assertRefused(
                "\"\" is not 1 to 255 printable ASCII characters",
                () -> none.withBoot(Optional.of(""), Optional.empty()));
        assertRefused(
                "\"a\tb\" is not 1 to 255 printable ASCII characters",
                () -> none.withBoot(Optional.empty(), Optional.of("a\tb")));
        assertThrows(
                IllegalArgumentException.class, () -> none.withBoot(Optional.empty(), Optional.of("a".repeat(256))));
    }

    @Test
    void knowsTheBootServerIfItIsAnAddress() {
        DhcpParameters none = DhcpParameters.NONE;
        assertEquals(
                Optional.of(Ipv4Address.parse("10.0.0.9")),
                none.withBoot(Optional.of("10.0.0.9"), Optional.empty()).nextServer());
        assertEquals(
                Optional.empty(),
                none.withBoot(Optional.of("boot.example"), Optional.empty()).nextServer());
        assertEquals(Optional.empty(), none.nextServer());
    }

    @Test
    void cannotBeChangedThroughWhatItWasGiven() {
        byte[] value = {1};
        DhcpParameters parameters = DhcpParameters.NONE.withExtra(Map.of(43, value));
        value[0] = 2;
        assertArrayEquals(new byte[] {1}, parameters.extra().get(43));
        assertThrows(
                UnsupportedOperationException.class, () -> parameters.extra().clear());
    }
}
