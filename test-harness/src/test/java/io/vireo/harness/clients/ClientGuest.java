package io.vireo.harness.clients;

import io.vireo.harness.TestRouter;
import io.vireo.harness.device.TapPump;
import io.vireo.harness.guests.NamespaceGuest;
import java.io.IOException;
import java.time.Duration;
import java.util.Optional;
import java.util.function.Function;

/** A guest with a client whose DHCP messages are kept. */
final class ClientGuest implements AutoCloseable {
    static final String CARD = "eth0";
    /** More than any client takes for what it does at once; dhcpcd looks for conflicts for five seconds and more. */
    static final Duration SOON = Duration.ofSeconds(20);

    /** DHCPv4, by {@link DhcpSighting#kind}. */
    final MessageWitness<DhcpSighting> wire = new MessageWitness<>(DhcpSighting::of, DhcpSighting::kind);

    /** DHCPv6, by the message type's name. */
    final MessageWitness<String> wire6 = new MessageWitness<>(Dhcp6Sighting::of, Function.identity());

    private final NamespaceGuest guest;
    private volatile boolean losesRenewals;

    private ClientGuest(TestRouter router, int number) throws IOException {
        guest = NamespaceGuest.boot("vm" + number, router.socket(number), this::passes);
    }

    private boolean passes(TapPump.Direction direction, byte[] packet) {
        wire6.saw(packet);
        Optional<DhcpSighting> message = wire.saw(packet);
        return !losesRenewals
                || message.map(DhcpSighting::kind)
                        .filter("REQUEST renewing"::equals)
                        .isEmpty();
    }

    /** From now on, its messages to the server's own address are lost: those that renew its lease. */
    void loseRenewals() {
        losesRenewals = true;
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

    /** The card's address of global scope, once it has one that is not on probation (RFC 4862, 5.4). */
    String globalAddress6(String card) throws IOException {
        String show = "ip -6 -o address show dev " + card + " scope global -tentative";
        until(show + " | grep -q inet6");
        return run(show).replaceAll("(?s).*? inet6 (\\S+?)/(\\d+) .*", "$1/$2");
    }

    void untilDefaultRoute6(String card) throws IOException {
        until("ip -6 route show default | grep -F 'via fe80::1 dev %s'".formatted(card));
    }

    void ping(String address) throws IOException {
        run("busybox ping -c 1 -W 5 " + address);
    }

    void ping6(String address) throws IOException {
        run("busybox ping6 -c 1 -W 5 " + address);
    }

    @Override
    public void close() {
        guest.close();
    }
}
