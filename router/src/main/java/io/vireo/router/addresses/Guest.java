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
import java.util.Optional;

/** A guest as the address service knows it, and which of its addresses are in force. */
public final class Guest {
    private final VhostConfig config;
    private final NetworkConfig network;
    private final Client client;
    private final GuestLink link;

    private int ipv4;
    private Optional<Ipv6Prefix> own = Optional.empty();
    private Optional<Ipv6Prefix> delegated = Optional.empty();

    /** Nothing is in force yet. */
    public Guest(VhostConfig config, NetworkConfig network, GuestLink link) {
        this.config = config;
        this.network = network;
        this.link = link;
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

    /** The kind of its own addresses over IPv6; empty: the network has none. */
    Optional<Kind> ipv6Kind() {
        return network.ipv6()
                .map(ipv6 -> ipv6.addressing() == Ipv6Addressing.SLAAC ? Kind.IPV6_PREFIX : Kind.IPV6_ADDRESS);
    }

    /** The guest's /64, or the one address that it has as a /128, if it is in force. */
    Optional<Ipv6Prefix> own() {
        return own;
    }

    /** Brings into force what the configuration fixes and what is leased, and ends what is not any more. */
    void refresh(LeaseBook book) {
        refreshIpv4(book);
        refreshIpv6(book);
    }

    private void refreshIpv4(LeaseBook book) {
        int address = config.hasIpv4()
                ? config.ipv4().value()
                : book.lease(client, Kind.IPV4)
                        .map(lease -> lease.resource().ipv4())
                        .map(Ipv4Address::value)
                        .orElse(0);
        if (address != ipv4) {
            ipv4 = address;
            link.ipv4(address);
        }
    }

    private void refreshIpv6(LeaseBook book) {
        Optional<Ipv6Prefix> nowOwn = config.hasIpv6()
                ? network.ipv6().map(ipv6 -> ipv6.reservedFor(config.ipv6()))
                : ipv6Kind().flatMap(kind -> block(book, kind));
        Optional<Ipv6Prefix> nowDelegated = block(book, Kind.DELEGATED_PREFIX);
        if (!nowOwn.equals(own) || !nowDelegated.equals(delegated)) {
            own = nowOwn;
            delegated = nowDelegated;
            link.ipv6(own, delegated);
        }
    }

    private Optional<Ipv6Prefix> block(LeaseBook book, Kind kind) {
        return book.lease(client, kind).map(Lease::resource).map(resource -> resource.block());
    }

    /** The address in its own /64 that DHCPv6 gives to it: the configured one, else the first. */
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
