package io.vireo.router.dataplane;

import io.vireo.protocols.Gateway;
import io.vireo.protocols.arp.ArpResponder;
import org.jspecify.annotations.Nullable;

/**
 * A network's routes: which port has an address, and which addresses are the gateway's. Immutable once its ports are added;
 * then any reactor may read it.
 */
public final class Network implements ArpResponder.Addresses {
    private final String name;
    private final int gateway;
    private final boolean routed;

    // Open addressing, at most half full; a null port ends a probe.
    private int[] addresses = new int[16];
    private @Nullable NetPort[] ports = new NetPort[16];
    private int count;

    /**
     * @param gateway the gateway's address inside the network's prefix
     * @param routed whether every guest is a network of its own: no proxy ARP, and the hop count falls
     */
    public Network(String name, int gateway, boolean routed) {
        this.name = name;
        this.gateway = gateway;
        this.routed = routed;
    }

    public String name() {
        return name;
    }

    public boolean isRouted() {
        return routed;
    }

    boolean isGateway(int ipv4) {
        return ipv4 == gateway || ipv4 == Gateway.GATEWAY_IPV4_LINK_LOCAL;
    }

    @Override
    public boolean answersFor(int ipv4) {
        return isGateway(ipv4) || (!routed && find(ipv4) != null);
    }

    /** The port that has the address, or null. */
    @Nullable
    NetPort find(int ipv4) {
        int mask = addresses.length - 1;
        int slot = hash(ipv4) & mask;
        NetPort port = ports[slot];
        while (port != null && addresses[slot] != ipv4) {
            slot = (slot + 1) & mask;
            port = ports[slot];
        }
        return port;
    }

    /** @throws IllegalArgumentException if another port has the address */
    void add(NetPort port) {
        if (find(port.ipv4()) != null) {
            throw new IllegalArgumentException("network " + name + " has two ports with one address");
        }
        if (2 * (count + 1) > addresses.length) {
            grow();
        }
        insert(port);
        count++;
    }

    private void grow() {
        @Nullable NetPort[] all = ports;
        addresses = new int[2 * all.length];
        ports = new NetPort[2 * all.length];
        for (NetPort port : all) {
            if (port != null) {
                insert(port);
            }
        }
    }

    private void insert(NetPort port) {
        int mask = addresses.length - 1;
        int slot = hash(port.ipv4()) & mask;
        while (ports[slot] != null) {
            slot = (slot + 1) & mask;
        }
        addresses[slot] = port.ipv4();
        ports[slot] = port;
    }

    /** Spreads neighbouring addresses (Fibonacci hashing). */
    private static int hash(int ipv4) {
        int mixed = ipv4 * 0x9e3779b9;
        return mixed ^ mixed >>> 16;
    }
}
