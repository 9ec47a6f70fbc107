package io.vireo.router.addresses;

import io.vireo.protocols.ipv4.Ipv4Address;
import io.vireo.protocols.ipv6.Ipv6Address;
import io.vireo.protocols.ipv6.Ipv6Prefix;
import io.vireo.router.config.Ipv6Addressing;
import io.vireo.router.config.Ipv6Network;
import io.vireo.router.config.NetworkConfig;
import io.vireo.router.config.VhostConfig;
import io.vireo.router.leases.Client;
import io.vireo.router.leases.Kind;
import io.vireo.router.leases.Lease;
import io.vireo.router.leases.LeaseBook;
import io.vireo.vhostuser.backend.GuestLog;
import java.util.Optional;

/** A guest as the address service knows it, and which of its addresses are in force. */
public final class Guest {
    private final VhostConfig config;
    private final NetworkConfig network;
    private final Client client;
    private final GuestLink link;
    private final GuestLog log;

    private int ipv4;
    private Optional<Ipv6Prefix> own = Optional.empty();
    private Optional<Ipv6Prefix> delegated = Optional.empty();

    /** Nothing is in force yet. */
    public Guest(VhostConfig config, NetworkConfig network, GuestLink link) {
        this.config = config;
        this.network = network;
        this.link = link;
        log = GuestLog.of(config.name());
        client = new Client(network.name(), config.mac());
    }

    VhostConfig config() {
        return config;
    }

    NetworkConfig network() {
        return network;
    }

    Client client() {
        return client;
    }

    GuestLink link() {
        return link;
    }

    /** What the guest gives cause to log. */
    public GuestLog log() {
        return log;
    }

    /** The kind of its own addresses over IPv6; empty: the network has none. */
    Optional<Kind> ipv6Kind() {
        return network.ipv6()
                .map(ipv6 -> ipv6.addressing() == Ipv6Addressing.SLAAC ? Kind.IPV6_PREFIX : Kind.IPV6_ADDRESS);
    }

    /** The guest's /64, or the one address that it has as a /128, if it is in force. */
    Optional<Ipv6Prefix> own() {
        return own;
    }

    /** Takes out of force what is neither fixed by the configuration nor leased any more. */
    void endWhatIsOver(LeaseBook book) {
        ipv4(dueIpv4(book) == ipv4 ? ipv4 : 0);
        ipv6(ifStill(own, dueOwn(book)), ifStill(delegated, block(book, Kind.DELEGATED_PREFIX)));
    }

    /** Brings into force what the configuration fixes and what is leased, and nothing else. */
    void beginWhatIsDue(LeaseBook book) {
        ipv4(dueIpv4(book));
        ipv6(dueOwn(book), block(book, Kind.DELEGATED_PREFIX));
    }

    private int dueIpv4(LeaseBook book) {
        return config.hasIpv4()
                ? config.ipv4().value()
                : book.lease(client, Kind.IPV4)
                        .map(lease -> lease.resource().ipv4())
                        .map(Ipv4Address::value)
                        .orElse(0);
    }

    private Optional<Ipv6Prefix> dueOwn(LeaseBook book) {
        return config.hasIpv6()
                ? network.ipv6().map(ipv6 -> ipv6.reservedFor(config.ipv6()))
                : ipv6Kind().flatMap(kind -> block(book, kind));
    }

    private void ipv4(int address) {
        if (address != ipv4) {
            link.ipv4(address);
            ipv4 = address;
        }
    }

    private void ipv6(Optional<Ipv6Prefix> newOwn, Optional<Ipv6Prefix> newDelegated) {
        if (!newOwn.equals(own) || !newDelegated.equals(delegated)) {
            link.ipv6(newOwn, newDelegated);
            own = newOwn;
            delegated = newDelegated;
        }
    }

    private static <T> Optional<T> ifStill(Optional<T> was, Optional<T> due) {
        return was.equals(due) ? was : Optional.empty();
    }

    private Optional<Ipv6Prefix> block(LeaseBook book, Kind kind) {
        return book.lease(client, kind).map(Lease::resource).map(resource -> resource.block());
    }

    /** The configured address, else the one in its own /64 that DHCPv6 gives to it, the first. */
    Optional<Ipv6Address> addressInOwnPrefix() {
        return config.hasIpv6()
                ? Optional.of(config.ipv6())
                : own.map(prefix -> new Ipv6Address(prefix.address().high(), 1));
    }

    Optional<Ipv6Network> ipv6Network() {
        return network.ipv6();
    }

    @Override
    public String toString() {
        return config.name();
    }
}
