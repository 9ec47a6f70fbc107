package io.vireo.protocols.dhcp;

import io.vireo.protocols.ethernet.MacAddress;
import io.vireo.protocols.gateway.Gateway;
import io.vireo.protocols.ipv4.Ipv4Address;
import io.vireo.protocols.ipv4.Ipv4Prefix;
import java.util.List;
import java.util.Optional;

/**
 * What one guest is given. Immutable.
 *
 * @param mac the guest's own address; requests of any other are not answered
 * @param address what the guest has or may have; empty: there is none for it
 * @param network the network {@code address} is taken from
 * @param routed whether the guest stands alone (a /32 and a route to 169.254.0.1) or sees {@code network} as its subnet
 * @param gateway the router in subnet addressing; routed addressing has 169.254.0.1 instead
 * @param dns in order of preference; at most {@link #MAXIMUM_DNS}
 * @param mtu bytes, 68 to 65535 (RFC 2132 section 5.1)
 * @param leaseSeconds how long the lease is unless the guest wants a shorter one, at least 1
 * @param parameters what else it may be told
 */
public record DhcpBinding(
        MacAddress mac,
        Optional<Ipv4Address> address,
        Ipv4Prefix network,
        boolean routed,
        Ipv4Address gateway,
        List<Ipv4Address> dns,
        int mtu,
        int leaseSeconds,
        DhcpParameters parameters) {
    public static final int DEFAULT_LEASE_SECONDS = 86_400;

    /** More than any resolver asks, few enough to leave room for other options in the 548 bytes that any client takes. */
    public static final int MAXIMUM_DNS = 16;

    private static final int MINIMUM_MTU = 68;
    private static final int MAXIMUM_MTU = 65_535;

    public DhcpBinding {
        dns = List.copyOf(dns);
        if (address.isPresent() && !network.contains(address.get().value())) {
            throw new IllegalArgumentException("address %s is not in network %s".formatted(address.get(), network));
        }
        if (dns.size() > MAXIMUM_DNS) {
            throw new IllegalArgumentException("%d DNS servers, at most %d fit".formatted(dns.size(), MAXIMUM_DNS));
        }
        if (mtu < MINIMUM_MTU || mtu > MAXIMUM_MTU) {
            throw new IllegalArgumentException("MTU %d is not within 68 to 65535".formatted(mtu));
        }
        if (leaseSeconds < 1) {
            throw new IllegalArgumentException("lease of %d seconds is not positive".formatted(leaseSeconds));
        }
    }

    /** The same guest with another address, or none. */
    public DhcpBinding withAddress(Optional<Ipv4Address> other) {
        return new DhcpBinding(mac, other, network, routed, gateway, dns, mtu, leaseSeconds, parameters);
    }

    public DhcpBinding withParameters(DhcpParameters other) {
        return new DhcpBinding(mac, address, network, routed, gateway, dns, mtu, leaseSeconds, other);
    }

    /** The address the guest knows us by: source, option 54 and option 3 of every reply. */
    public Ipv4Address serverIdentifier() {
        return routed ? new Ipv4Address(Gateway.GATEWAY_IPV4_LINK_LOCAL) : gateway;
    }
}
