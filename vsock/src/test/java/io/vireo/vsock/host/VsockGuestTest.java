package io.vireo.vsock.host;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.vireo.vhostuser.backend.VhostUserSocket;
import java.nio.file.Path;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class VsockGuestTest {
    private static final VhostUserSocket SOCKET = VhostUserSocket.server(Path.of("/run/vm1.sock"));

    @ParameterizedTest
    @ValueSource(longs = {3, 33, 0x7fffffffL, 0x80000000L, 4294967294L})
    void takesEveryContextOfAGuest(long cid) {
        assertEquals((int) cid, new VsockGuest("vm1", (int) cid, SOCKET, Optional.empty(), Optional.empty()).cid());
    }

    @ParameterizedTest
    @CsvSource({"0, 0", "1, 1", "2, 2", "-1, 4294967295"})
    void refusesContextsThatAreNoGuests(int cid, String text) {
        IllegalArgumentException e = assertThrows(
                IllegalArgumentException.class,
                () -> new VsockGuest("vm1", cid, SOCKET, Optional.empty(), Optional.empty()));

        assertEquals("cid " + text + " is not within 3 to 4294967294", e.getMessage());
    }

    @Test
    void theDevicesSocketMayBeAsLongAsTheKernelTakes() {
        assertDoesNotThrow(() -> withSocket("/" + "s".repeat(106)));
        String path = "/" + "s".repeat(107);
        assertEquals(
                "socket path " + path + " has 108 bytes when absolute, more than 107",
                assertThrows(IllegalArgumentException.class, () -> withSocket(path))
                        .getMessage());
    }

    private static VsockGuest withSocket(String path) {
        return new VsockGuest("vm1", 3, VhostUserSocket.server(Path.of(path)), Optional.empty(), Optional.empty());
    }

    @Test
    void theHostsSocketLeavesRoomForEveryPort() {
        String longest = "/" + "é".repeat(47) + "s";
        VsockGuest guest = new VsockGuest("vm1", 3, SOCKET, Optional.of(Path.of(longest)), Optional.empty());

        assertDoesNotThrow(() ->
                withSocket(VsockGuest.udsOfPort(guest.uds().orElseThrow(), -1).toString()));
        String path = longest + "s";
        assertEquals(
                "socket path " + path + " has 97 bytes when absolute, more than 96, as ports are appended to it",
                assertThrows(IllegalArgumentException.class, () -> VsockGuest.requireUds(Path.of(path)))
                        .getMessage());
    }

    @Test
    void portsAreUnsigned() {
        assertEquals(Path.of("/run/vm1.vsock_4294967295"), VsockGuest.udsOfPort(Path.of("/run/vm1.vsock"), -1));
        assertEquals(Path.of("/run/vm1.vsock_0"), VsockGuest.udsOfPort(Path.of("/run/vm1.vsock"), 0));
    }

    @ParameterizedTest
    @CsvSource({
        "/run/v_52, true",
        "/run/v_4294967295, true",
        "/run/v, false",
        "/run/v_, false",
        "/run/v_a, false",
        "/run/v_5 2, false",
        "/run/v_52.sock, false",
        "/run/w_52, false",
        "/run/v_/52, false"
    })
    void knowsThePathsOfPorts(Path socket, boolean isPort) {
        assertEquals(isPort, VsockGuest.isPortOf(Path.of("/run/v"), socket));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "-a", "a b", "a/b", "ä"})
    void refusesGroupsThatAreNoNames(String group) {
        IllegalArgumentException e = assertThrows(
                IllegalArgumentException.class,
                () -> new VsockGuest("vm1", 3, SOCKET, Optional.empty(), Optional.of(group)));

        assertEquals("\"" + group + "\" does not match [A-Za-z0-9][A-Za-z0-9._-]{0,62}", e.getMessage());
    }
}
