package io.vireo.router.dataplane;

import io.vireo.protocols.arp.ArpResponder;
import io.vireo.protocols.gateway.Gateway;
import io.vireo.protocols.ipv4.Ipv4Address;
import io.vireo.protocols.ipv4.Ipv4Prefix;
import io.vireo.protocols.ipv6.Ipv6Address;
import io.vireo.protocols.ipv6.Ipv6Prefix;
import io.vireo.protocols.ndp.NdpResponder;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A network's routes: which port an address leads to, which addresses are the gateway's, and where all others lead.
 *
 * <p>Any reactor may read it, without waiting: the tables are immutable, and whoever changes an address replaces them. What
 * a change costs grows with the network. Those who change addresses, of any thread, wait for each other.
 */
public final class Network implements ArpResponder.Addresses, NdpResponder.Addresses {
    private final String name;
    private final Ipv4Prefix ipv4;
    private final int gateway;
    private final boolean routed;
    private final @Nullable Ipv6Prefix ipv6;
    private final Ipv6Address gatewayIpv6;

    private final Map<Integer, NetPort> byIpv4 = new HashMap<>();
    private final Map<Ipv6Prefix, NetPort> byIpv6 = new HashMap<>();

    // Not volatile: a barrier for each frame would have the compiler load everything around it anew. The tables have
    // final fields alone, so who sees one sees it whole (Java Language Specification, 17.5), and a reactor sees the
    // next one soon, as it reads its rings with barriers in each visit.
    private Ipv4Table ipv4Table = Ipv4Table.EMPTY;

    private Ipv6Table ipv6Table = Ipv6Table.EMPTY;
    private Routes routes = Routes.NONE;

    private Runnable changed = () -> {};

    /**
     * @param ipv4 what its guests' addresses are from
     * @param gateway the gateway's address inside that prefix
     * @param routed whether every guest is a network of its own: no proxy ARP, and the hop count falls
     * @param ipv6 what its guests' addresses and own prefixes are from, if they have any; the first address is the gateway's
     */
    public Network(String name, Ipv4Prefix ipv4, Ipv4Address gateway, boolean routed, Optional<Ipv6Prefix> ipv6) {
        this.name = name;
        this.ipv4 = ipv4;
        this.gateway = gateway.value();
        this.routed = routed;
        this.ipv6 = ipv6.orElse(null);
        gatewayIpv6 = ipv6.map(Ipv6Prefix::address)
                .map(first -> new Ipv6Address(first.high(), first.low() + 1))
                .orElse(Gateway.GATEWAY_IPV6_LINK_LOCAL);
    }

    public String name() {
        return name;
    }

    public boolean isRouted() {
        return routed;
    }

    // ---- the gateway

    int gateway() {
        return gateway;
    }

    boolean isGateway(int address) {
        return address == gateway || address == Gateway.GATEWAY_IPV4_LINK_LOCAL;
    }

    /** The gateway's address inside the network's prefix; of a network without one, the link-local address. */
    public Ipv6Address gatewayIpv6() {
        return gatewayIpv6;
    }

    boolean isGateway(long high, long low) {
        return (low == gatewayIpv6.low() && high == gatewayIpv6.high()) || isLinkLocalGateway(high, low);
    }

    static boolean isLinkLocalGateway(long high, long low) {
        return low == Gateway.GATEWAY_IPV6_LINK_LOCAL.low() && high == Gateway.GATEWAY_IPV6_LINK_LOCAL.high();
    }

    @Override
    public boolean answersFor(int address) {
        return isGateway(address) || (!routed && find(address) != null);
    }

    @Override
    public boolean answersFor(long high, long low) {
        return isGateway(high, low);
    }

    // ---- what a destination is

    /** The port that has the address, or null. */
    @Nullable
    NetPort find(int address) {
        return ipv4Table.find(address);
    }

    /** The port that the address leads to, or null. */
    @Nullable
    NetPort find(long high, long low) {
        return ipv6Table.find(high, low);
    }

    /** Where an address leads that {@link #find} has no port for. */
    Route route(int address) {
        return routes.find(address);
    }

    Route route(long high, long low) {
        return routes.find(high, low);
    }

    /** This network's guest that has the address, or has it behind it; null if it is no guest's, or a peer's. */
    @Nullable
    NetPort guestFor(int address) {
        NetPort holder = find(address);
        NetPort next = holder == null ? route(address).port() : holder;
        return next == null || next.network() != this ? null : next;
    }

    @Nullable
    NetPort guestFor(long high, long low) {
        NetPort holder = find(high, low);
        NetPort next = holder == null ? route(high, low).port() : holder;
        return next == null || next.network() != this ? null : next;
    }

    /**
     * Whether packets to the address, which no guest of this network has, are given to that port: then they may come from
     * there (RFC 3704, 2.2).
     */
    boolean leadsTo(NetPort port, int address) {
        return route(address).port() == port && find(address) == null && !isGateway(address);
    }

    boolean leadsTo(NetPort port, long high, long low) {
        return route(high, low).port() == port && find(high, low) == null && !isGateway(high, low);
    }

    /** Whether the address is one of this network's, though no guest may have it. */
    boolean contains(int address) {
        return ipv4.contains(address);
    }

    boolean contains(long high, long low) {
        return ipv6 != null && ipv6.contains(high, low);
    }

    /** Whether all guests of a subnet are meant, by its last address or, as of old, its first (RFC 1812, 5.3.5.2). */
    boolean isBroadcast(int address) {
        return !routed
                && (address == ipv4.broadcast() || address == ipv4.address().value());
    }

    // ---- changes

    /** @param listener called after each change of what leads where, by whoever makes it; it may not block */
    public synchronized void onChange(Runnable listener) {
        changed = listener;
    }

    /** Which address leads to which port, at this moment. */
    public synchronized Map<Ipv4Address, NetPort> ipv4Ports() {
        Map<Ipv4Address, NetPort> ports = HashMap.newHashMap(byIpv4.size());
        byIpv4.forEach((address, port) -> ports.put(new Ipv4Address(address), port));
        return ports;
    }

    /** Which prefix leads to which port, at this moment. */
    public synchronized Map<Ipv6Prefix, NetPort> ipv6Ports() {
        return Map.copyOf(byIpv6);
    }

    /** Replaces the routes to what no guest of the network has. */
    public synchronized void routes(Routes newRoutes) {
        routes = newRoutes;
    }

    /**
     * Has an address lead to a port.
     *
     * @throws IllegalArgumentException if it leads to another one
     */
    public synchronized void assign(NetPort port, int address) {
        put(byIpv4, address, port, new Ipv4Address(address));
        ipv4Table = new Ipv4Table(byIpv4);
        changed.run();
    }

    /**
     * Has all addresses of a prefix lead to a port: one address, a /64 of its own, or a prefix delegated to it.
     *
     * @throws IllegalArgumentException if just that prefix leads to another one, or if the gateway's, a link-local or a group
     *     address is in it
     */
    public synchronized void assign(NetPort port, Ipv6Prefix prefix) {
        long high = prefix.address().high();
        if (prefix.contains(gatewayIpv6) || Ipv6Address.isLinkLocal(high) || Ipv6Address.isMulticast(high)) {
            throw new IllegalArgumentException("network %s: %s is not for guests".formatted(name, prefix));
        }
        put(byIpv6, prefix, port, prefix);
        ipv6Table = new Ipv6Table(byIpv6);
        changed.run();
    }

    private <A> void put(Map<A, NetPort> ports, A address, NetPort port, Object text) {
        NetPort other = ports.putIfAbsent(address, port);
        if (other != null && other != port) {
            throw new IllegalArgumentException("network %s: %s leads to guest %s and cannot lead to guest %s"
                    .formatted(name, text, other.name(), port.name()));
        }
    }

    /** Has an address lead nowhere, if it leads to that port. */
    public synchronized void withdraw(NetPort port, int address) {
        if (byIpv4.remove(address, port)) {
            ipv4Table = new Ipv4Table(byIpv4);
            changed.run();
        }
    }

    /** Has a prefix lead nowhere, if it leads to that port. */
    public synchronized void withdraw(NetPort port, Ipv6Prefix prefix) {
        if (byIpv6.remove(prefix, port)) {
            ipv6Table = new Ipv6Table(byIpv6);
            changed.run();
        }
    }
}
