package io.vireo.router.dataplane;

import io.vireo.protocols.ipv6.Ipv6Prefix;
import java.util.Comparator;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Which port an IPv6 address leads to: the one with the longest prefix that it is in. Immutable, so that any reactor may
 * read one while another takes its place.
 *
 * <p>A network has prefixes of few lengths (addresses, guests' /64, delegated prefixes), so each length is one look into one
 * hash table.
 */
final class Ipv6Table {
    static final Ipv6Table EMPTY = new Ipv6Table(Map.of());

    private static final int LEAST_SLOTS = 16;

    /** The lengths there are, longest first, as masks of both halves of an address. */
    private final long[] highMasks;

    private final long[] lowMasks;

    // Open addressing, at most half full; a null port ends a probe.
    private final long[] highs;
    private final long[] lows;
    /** Which of the masks an entry goes with. */
    private final int[] masks;

    private final @Nullable NetPort[] ports;

    Ipv6Table(Map<Ipv6Prefix, NetPort> entries) {
        int[] lengths = entries.keySet().stream()
                .map(Ipv6Prefix::length)
                .distinct()
                .sorted(Comparator.reverseOrder())
                .mapToInt(Integer::intValue)
                .toArray();
        highMasks = new long[lengths.length];
        lowMasks = new long[lengths.length];
        int slots = LEAST_SLOTS;
        while (slots < 2 * entries.size()) {
            slots *= 2;
        }
        highs = new long[slots];
        lows = new long[slots];
        masks = new int[slots];
        ports = new NetPort[slots];
        for (int i = 0; i < lengths.length; i++) {
            highMasks[i] = Ipv6Prefix.highMask(lengths[i]);
            lowMasks[i] = Ipv6Prefix.lowMask(lengths[i]);
            int number = i;
            entries.forEach((prefix, port) -> {
                if (prefix.length() == lengths[number]) {
                    insert(prefix, number, port);
                }
            });
        }
    }

    private void insert(Ipv6Prefix prefix, int number, NetPort port) {
        long high = prefix.address().high();
        long low = prefix.address().low();
        int slot = hash(high, low) & (ports.length - 1);
        while (ports[slot] != null) {
            slot = (slot + 1) & (ports.length - 1);
        }
        highs[slot] = high;
        lows[slot] = low;
        masks[slot] = number;
        ports[slot] = port;
    }

    /** The port that the address leads to, or null. */
    @Nullable
    NetPort find(long high, long low) {
        for (int i = 0; i < highMasks.length; i++) {
            NetPort port = find(high & highMasks[i], low & lowMasks[i], i);
            if (port != null) {
                return port;
            }
        }
        return null;
    }

    private @Nullable NetPort find(long high, long low, int number) {
        int mask = ports.length - 1;
        int slot = hash(high, low) & mask;
        NetPort port = ports[slot];
        while (port != null && (highs[slot] != high || lows[slot] != low || masks[slot] != number)) {
            slot = (slot + 1) & mask;
            port = ports[slot];
        }
        return port;
    }

    /** Spreads neighbouring addresses and prefixes (Fibonacci hashing). */
    private static int hash(long high, long low) {
        long mixed = (high ^ Long.rotateLeft(low, 32)) * 0x9e37_79b9_7f4a_7c15L;
        return (int) (mixed ^ mixed >>> 32);
    }
}
