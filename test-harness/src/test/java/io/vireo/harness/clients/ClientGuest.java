package io.vireo.harness.clients;

import io.vireo.harness.TestRouter;
import io.vireo.harness.guests.NamespaceGuest;
import java.io.IOException;
import java.time.Duration;

/** A guest with a client whose DHCP messages are kept. */
final class ClientGuest implements AutoCloseable {
    static final String CARD = "eth0";
    /** More than any client takes for what it does at once; dhcpcd looks for conflicts for five seconds and more. */
    static final Duration SOON = Duration.ofSeconds(20);

    final DhcpWitness wire = new DhcpWitness();
    private final NamespaceGuest guest;

    private ClientGuest(TestRouter router, int number) throws IOException {
        guest = NamespaceGuest.boot("vm" + number, router.socket(number), wire);
    }

    /** @param number of the router's guest, from 1 */
    static ClientGuest boot(TestRouter router, int number) throws IOException {
        return new ClientGuest(router, number);
    }

    String run(String command) throws IOException {
        return guest.run(command, SOON);
    }

    /** Waits until a shell command succeeds. */
    void until(String condition) throws IOException {
        guest.run("until { %s; } >/run/until 2>&1; do sleep 0.05; done".formatted(condition), SOON);
    }

    /** Waits until the card has an address, which only its client can have given to it. */
    void untilAddress(String card, String addressAndLength) throws IOException {
        until("ip -4 -o address show dev %s | grep -F ' %s '".formatted(card, addressAndLength));
    }

    void untilNoAddress(String card) throws IOException {
        until("[ -z \"$(ip -4 -o address show dev %s)\" ]".formatted(card));
    }

    void ping(String address) throws IOException {
        run("busybox ping -c 1 -W 5 " + address);
    }

    @Override
    public void close() {
        guest.close();
    }
}
