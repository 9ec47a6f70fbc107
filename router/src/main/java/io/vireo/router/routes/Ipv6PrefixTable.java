package io.vireo.router.routes;

import io.vireo.protocols.ipv6.Ipv6Prefix;
import java.util.Comparator;
import java.util.List;
import java.util.Map;

/** Values of IPv6 prefixes, found by address: the longest prefix counts. Immutable, for any thread. */
public final class Ipv6PrefixTable {
    /** An address that is in no prefix. */
    public static final int NONE = Poptrie.NONE;

    private static final Comparator<Ipv6Prefix> ORDER =
            Comparator.comparing(Ipv6Prefix::address).thenComparingInt(Ipv6Prefix::length);

    private final Poptrie trie;

    /** @param prefixes with values from 0 to 2<sup>31</sup> - 2 */
    public Ipv6PrefixTable(Map<Ipv6Prefix, Integer> prefixes) {
        List<Ipv6Prefix> sorted = prefixes.keySet().stream().sorted(ORDER).toList();
        trie = new PoptrieBuilder(
                        sorted.stream()
                                .mapToLong(prefix -> prefix.address().high())
                                .toArray(),
                        sorted.stream()
                                .mapToLong(prefix -> prefix.address().low())
                                .toArray(),
                        sorted.stream().mapToInt(Ipv6Prefix::length).toArray(),
                        Values.of(prefixes, sorted))
                .build();
    }

    /** The value of the longest prefix that the address is in, or {@link #NONE}. */
    public int find(long high, long low) {
        return trie.find(high, low);
    }

    /** Bytes that it takes. */
    public long memory() {
        return trie.memory();
    }
}
