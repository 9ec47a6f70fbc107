package io.vireo.harness.clients;

import static io.vireo.harness.clients.ClientGuest.CARD;
import static io.vireo.harness.clients.ClientGuest.SOON;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.vireo.harness.TestRouter;
import io.vireo.router.config.Addressing;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What clients do with their leases in the course of time (RFC 2131, 4.4.5): all of them side by side, in real time. */
@Timeout(180)
class Dhcp4TimersIT {
    /** The shortest that dhcpcd believes. */
    private static final int LEASE_SECONDS = 20;

    private static final Duration A_LEASE = Duration.ofSeconds(2 * LEASE_SECONDS);
    private static final String GATEWAY = "10.0.0.1";

    @Test
    void renewWithTheServerAndRebindWhenItDoesNotAnswer() throws Exception {
        Dhcp4Client[] clients = Dhcp4Client.values();
        List<ClientGuest> guests = new ArrayList<>();
        try (TestRouter router = TestRouter.startLeasing(Addressing.SUBNET, LEASE_SECONDS, clients.length)) {
            try {
                for (Dhcp4Client client : clients) {
                    ClientGuest guest = ClientGuest.boot(router, guests.size() + 1);
                    guests.add(guest);
                    guest.run(client.start(CARD));
                }
                for (ClientGuest guest : guests) {
                    renews(guest, router.address(guests.indexOf(guest) + 1));
                    guest.loseRenewals();
                }
                for (ClientGuest guest : guests) {
                    rebinds(guest, router.address(guests.indexOf(guest) + 1));
                }
            } finally {
                guests.forEach(ClientGuest::close);
            }
        }
    }

    private static void renews(ClientGuest guest, String address) throws Exception {
        guest.wire.await("ACK", SOON);
        DhcpSighting renewal = guest.wire.await("REQUEST renewing", A_LEASE);
        assertEquals(address, renewal.client());
        assertEquals(GATEWAY, renewal.destination());
        assertEquals(address, guest.wire.await("ACK", SOON).your());
    }

    private static void rebinds(ClientGuest guest, String address) throws Exception {
        assertEquals(address, guest.wire.await("REQUEST rebinding", A_LEASE).client());
        assertEquals(address, guest.wire.await("ACK", SOON).your());
        guest.untilAddress(CARD, address + "/24");
    }
}
