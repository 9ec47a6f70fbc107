package io.vireo.router.dataplane;

import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Which port has an IPv4 address. Immutable, so that any reactor may read one while another takes its place. */
final class Ipv4Table {
    static final Ipv4Table EMPTY = new Ipv4Table(Map.of());

    private static final int LEAST_SLOTS = 16;

    // Open addressing, at most half full; a null port ends a probe.
    private final int[] addresses;
    private final @Nullable NetPort[] ports;

    Ipv4Table(Map<Integer, NetPort> entries) {
        int slots = LEAST_SLOTS;
        while (slots < 2 * entries.size()) {
            slots *= 2;
        }
        addresses = new int[slots];
        ports = new NetPort[slots];
        entries.forEach(this::insert);
    }

    private void insert(int ipv4, NetPort port) {
        int mask = ports.length - 1;
        int slot = hash(ipv4) & mask;
        while (ports[slot] != null) {
            slot = (slot + 1) & mask;
        }
        addresses[slot] = ipv4;
        ports[slot] = port;
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

    /** Spreads neighbouring addresses (Fibonacci hashing). */
    private static int hash(int ipv4) {
        int mixed = ipv4 * 0x9e3779b9;
        return mixed ^ mixed >>> 16;
    }
}
