package io.vireo.harness.clients;

import io.vireo.harness.TestRouter;
import io.vireo.harness.device.TapPump;
import io.vireo.harness.guests.NamespaceGuest;
import java.io.IOException;
import java.time.Duration;
import java.util.Optional;

/** A guest with a client whose DHCP messages are kept. */
final class ClientGuest implements AutoCloseable {
    static final String CARD = "eth0";
    /** In place of the card for a guest that is not alone on its link: {@link #bridgeToStation}. */
    static final String BRIDGE = "br0";
    /** More than any client takes for what it does at once; dhcpcd looks for conflicts for five seconds and more. */
    static final Duration SOON = Duration.ofSeconds(20);

    /** DHCPv4, by {@link DhcpSighting#kind}. */
    final MessageWitness<DhcpSighting> wire = new MessageWitness<>(DhcpSighting::of, DhcpSighting::kind);

    /** DHCPv6, by {@link Dhcp6Sighting#kind}. */
    final MessageWitness<Dhcp6Sighting> wire6 = new MessageWitness<>(Dhcp6Sighting::of, Dhcp6Sighting::kind);

    private final NamespaceGuest guest;
    private volatile boolean losesRenewals;

    private ClientGuest(TestRouter router, int number) throws IOException {
        guest = NamespaceGuest.boot("vm" + number, router.socket(number), this::passes);
    }

    private boolean passes(TapPump.Direction direction, byte[] packet) {
        Optional<String> kind4 = wire.saw(packet).map(DhcpSighting::kind);
        Optional<String> kind6 = wire6.saw(packet).map(Dhcp6Sighting::kind);
        boolean renews = kind4.filter("REQUEST renewing"::equals).isPresent()
                || kind6.filter("RENEW"::equals).isPresent();
        return !(losesRenewals && renews);
    }

    /** From now on, its messages that renew its lease with the server that it is from are lost. */
    void loseRenewals() {
        losesRenewals = true;
    }

    /** @param number of the router's guest, from 1 */
    static ClientGuest boot(TestRouter router, int number) throws IOException {
        return new ClientGuest(router, number);
    }

    /**
     * Puts a bridge in front of its card, and behind that a station with addresses of its own: there is nobody else on a
     * guest's link.
     *
     * @param addresses with their lengths; they are used at once
     */
    void bridgeToStation(String... addresses) throws IOException {
        run("""
                ip link add %1$s type bridge
                ip link set %1$s address $(cat /sys/class/net/eth0/address)
                ip link set eth0 master %1$s up
                unshare --net sleep 1000 >/dev/null 2>&1 &
                station=$!
                until [ "$(readlink /proc/$station/ns/net)" != "$(readlink /proc/self/ns/net)" ]; do sleep 0.05; done
                ip link add veth0 type veth peer name eth0 netns $station
                for address in %2$s; do nsenter -t $station -n ip address add $address dev eth0 nodad; done
                nsenter -t $station -n ip link set eth0 up
                ip link set veth0 master %1$s up
                echo $station >/run/station
                """.formatted(BRIDGE, String.join(" ", addresses)));
    }

    /** The station behind the bridge is no more. */
    void endStation() throws IOException {
        run("kill $(cat /run/station)");
    }

    /** Gives it another card, on a link that it is the router of. */
    void addLink(String card) throws IOException {
        run("ip link add %1$s type veth peer name %1$s-far && ip link set %1$s-far up && ip link set %1$s up"
                .formatted(card));
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
