package io.vireo.router.routes;

import io.vireo.protocols.ipv4.Ipv4Prefix;
import java.util.Comparator;
import java.util.List;
import java.util.Map;

/** Values of IPv4 prefixes, found by address: the longest prefix counts. Immutable, for any thread. */
public final class Ipv4PrefixTable {
    /** An address that is in no prefix. */
    public static final int NONE = Poptrie.NONE;

    private static final Comparator<Ipv4Prefix> ORDER = Comparator.comparingLong((Ipv4Prefix prefix) ->
                    Integer.toUnsignedLong(prefix.address().value()))
            .thenComparingInt(Ipv4Prefix::length);

    private final Poptrie trie;

    /** @param prefixes with values from 0 to 2<sup>31</sup> - 2 */
    public Ipv4PrefixTable(Map<Ipv4Prefix, Integer> prefixes) {
        List<Ipv4Prefix> sorted = prefixes.keySet().stream().sorted(ORDER).toList();
        trie = new PoptrieBuilder(
                        sorted.stream()
                                .mapToLong(prefix -> head(prefix.address().value()))
                                .toArray(),
                        new long[sorted.size()],
                        sorted.stream().mapToInt(Ipv4Prefix::length).toArray(),
                        Values.of(prefixes, sorted))
                .build();
    }

    private static long head(int address) {
        return (long) address << Integer.SIZE;
    }

    /** The value of the longest prefix that the address is in, or {@link #NONE}. */
    public int find(int address) {
        return trie.find(head(address), 0);
    }

    /** Bytes that it takes. */
    public long memory() {
        return trie.memory();
    }
}
