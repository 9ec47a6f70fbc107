package io.vireo.harness;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.vireo.harness.device.VsockFrontendDevice;
import io.vireo.vhostuser.backend.VhostUserSocket;
import io.vireo.vsock.VsockAddress;
import io.vireo.vsock.VsockType;
import io.vireo.vsock.guest.VsockSocket;
import io.vireo.vsock.host.VsockGuest;
import io.vireo.vsock.host.VsockHost;
import io.vireo.vsock.stream.VsockError;
import io.vireo.vsock.stream.VsockException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The host's side of several guests: where what they ask for leads, and what is left of it. */
@Timeout(60)
class VsockHostIT {
    private static final int SERVED = 7;
    private static final int UNSERVED = 8;

    @TempDir
    Path folder;

    private VsockGuest guest(int cid, Optional<Path> uds, Optional<String> group) {
        Path socket = folder.resolve("vm" + cid + ".sock");
        return new VsockGuest("vm" + cid, cid, VhostUserSocket.server(socket), uds, group);
    }

    private static VsockError refusal(VsockFrontendDevice guest, VsockAddress to) throws IOException {
        try (VsockSocket socket = guest.socket(VsockType.STREAM)) {
            return assertThrows(VsockException.class, () -> socket.connect(to)).error();
        }
    }

    @Test
    void requestsLeadToServicesProgramsAndMembersOfAGroupAndNowhereElse() throws Exception {
        Path uds = folder.resolve("vm33.vsock");
        List<VsockGuest> guests = List.of(
                guest(33, Optional.of(uds), Optional.of("lab")), guest(34, Optional.empty(), Optional.of("lab")));
        try (VsockHost host = VsockHost.start(guests, Map.of(SERVED, TestVsock::echo), _ -> {});
                VsockFrontendDevice one =
                        VsockFrontendDevice.attach(guests.getFirst().socket().path());
                VsockFrontendDevice two =
                        VsockFrontendDevice.attach(guests.getLast().socket().path())) {
            for (VsockFrontendDevice guest : List.of(one, two)) {
                try (VsockSocket socket = guest.socket(VsockType.STREAM)) {
                    socket.connect(VsockAddress.host(SERVED));
                    socket.send(new byte[] {42}, 0, 1);
                    assertEquals(42, socket.input().read());
                }
                assertEquals(VsockError.ECONNREFUSED, refusal(guest, VsockAddress.host(UNSERVED)));
                assertEquals(VsockError.ECONNREFUSED, refusal(guest, new VsockAddress(99, SERVED)));
            }
            assertEquals(VsockError.ECONNREFUSED, refusal(one, new VsockAddress(34, SERVED)), "nobody listens there");
            assertEquals(Set.of("vm33", "vm34"), host.counters().keySet());
            assertEquals(Set.of("vm33"), host.programCounters().keySet());
            assertTrue(Files.exists(uds));
        }
        assertFalse(Files.exists(uds));
    }

    @Test
    void whatCannotBeStartedAsAWholeLeavesNothing() throws Exception {
        VsockGuest first = guest(33, Optional.empty(), Optional.empty());
        Files.createDirectory(folder.resolve("vm34.sock"));
        VsockGuest second = guest(34, Optional.empty(), Optional.empty());
        assertThrows(IOException.class, () -> VsockHost.start(List.of(first, second), Map.of(), _ -> {}));
        assertFalse(Files.exists(first.socket().path()));
    }
}
