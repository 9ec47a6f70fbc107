package io.vireo.harness.clients;

import static io.vireo.harness.clients.ClientGuest.CARD;
import static io.vireo.harness.clients.ClientGuest.SOON;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.vireo.harness.TestRouter;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * What clients do with their addresses and prefixes in the course of time (RFC 8415, 18.2.4 and 18.2.5): all of them side by
 * side, in real time.
 */
@Timeout(120)
class Dhcp6TimersIT {
    /** The shortest that can be configured: they renew after five seconds, and rebind after eight. */
    private static final int LEASE_SECONDS = 10;

    private static final String INNER = "lan0";

    @Test
    void renewWithTheServerAndRebindWhenItDoesNotAnswer() throws Exception {
        Dhcp6Client[] clients = Dhcp6Client.values();
        List<ClientGuest> guests = new ArrayList<>();
        try (TestRouter router = TestRouter.startPooled(LEASE_SECONDS, clients.length)) {
            try {
                for (Dhcp6Client client : clients) {
                    ClientGuest guest = ClientGuest.boot(router, guests.size() + 1);
                    guests.add(guest);
                    guest.addLink(INNER);
                    guest.run(client.startRouter(CARD, INNER));
                    // Which wakes networkd, whose timers would otherwise be ten seconds late.
                    guest.run("while sleep 0.5; do ip link set lo alias \"$(date +%N)\"; done >/dev/null 2>&1 &");
                }
                for (ClientGuest guest : guests) {
                    renews(guest);
                    guest.loseRenewals();
                }
                for (ClientGuest guest : guests) {
                    rebinds(guest);
                }
            } finally {
                guests.forEach(ClientGuest::close);
            }
        }
    }

    private static void renews(ClientGuest guest) throws Exception {
        guest.wire6.await("SOLICIT", SOON);
        Set<String> leased = guest.wire6.await("REPLY", SOON).resources();
        assertEquals(2, leased.size(), "an address and a prefix: " + leased);
        assertEquals(leased, guest.wire6.await("RENEW", SOON).resources());
        assertEquals(leased, guest.wire6.await("REPLY", SOON).resources());
    }

    private static void rebinds(ClientGuest guest) throws Exception {
        String address = guest.globalAddress6(CARD);
        String inner = guest.globalAddress6(INNER);
        Set<String> rebound = guest.wire6.await("REBIND", SOON).resources();
        assertEquals(rebound, guest.wire6.await("REPLY", SOON).resources());
        assertEquals(address, guest.globalAddress6(CARD));
        assertEquals(inner, guest.globalAddress6(INNER));
    }
}
