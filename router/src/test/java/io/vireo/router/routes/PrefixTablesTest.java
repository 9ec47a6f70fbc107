package io.vireo.router.routes;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.vireo.protocols.ipv4.Ipv4Address;
import io.vireo.protocols.ipv4.Ipv4Prefix;
import io.vireo.protocols.ipv6.Ipv6Address;
import io.vireo.protocols.ipv6.Ipv6Prefix;
import java.util.HashMap;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The tables against a binary trie: at each prefix's ends, next to them, and anywhere. */
class PrefixTablesTest {
    private final SplittableRandom random = new SplittableRandom(2015);

    @Test
    void anEmptyTableKnowsNothing() {
        Ipv4PrefixTable ipv4 = new Ipv4PrefixTable(Map.of());
        assertEquals(Ipv4PrefixTable.NONE, ipv4.find(0));
        assertEquals(Ipv4PrefixTable.NONE, ipv4.find(-1));
        Ipv6PrefixTable ipv6 = new Ipv6PrefixTable(Map.of());
        assertEquals(Ipv6PrefixTable.NONE, ipv6.find(0, 0));
        assertEquals(Ipv6PrefixTable.NONE, ipv6.find(-1, -1));
        assertTrue(ipv4.memory() < 100 && ipv6.memory() < 100);
    }

    @Test
    void theDefaultIsForAllThatNothingElseIsFor() {
        Ipv4PrefixTable ipv4 = new Ipv4PrefixTable(
                Map.of(Ipv4Prefix.parse("0.0.0.0/0"), 5, Ipv4Prefix.parse("255.255.255.255/32"), 0));
        assertEquals(5, ipv4.find(0));
        assertEquals(5, ipv4.find(-2));
        assertEquals(0, ipv4.find(-1));
        Ipv6PrefixTable ipv6 = new Ipv6PrefixTable(
                Map.of(Ipv6Prefix.parse("::/0"), Integer.MAX_VALUE - 1, Ipv6Prefix.parse("::1/128"), 0));
        assertEquals(Integer.MAX_VALUE - 1, ipv6.find(-1, -1));
        assertEquals(Integer.MAX_VALUE - 1, ipv6.find(0, 0));
        assertEquals(0, ipv6.find(0, 1));
    }

    @Test
    void aPrefixOfEachLengthIsFoundWithinTheShorterOnes() {
        Map<Ipv6Prefix, Integer> prefixes = new HashMap<>();
        Ipv6Address inner = Ipv6Address.parse("aaaa:5555:aaaa:5555:1234:5678:9abc:def1");
        for (int length = 0; length <= 128; length++) {
            prefixes.put(Ipv6Prefix.of(inner, length), length);
        }
        Ipv6PrefixTable table = new Ipv6PrefixTable(prefixes);
        assertEquals(128, table.find(inner.high(), inner.low()));
        for (int bit = 0; bit < 128; bit++) {
            long high = inner.high() ^ (bit < 64 ? Long.MIN_VALUE >>> bit : 0);
            long low = inner.low() ^ (bit < 64 ? 0 : Long.MIN_VALUE >>> (bit - 64));
            assertEquals(bit, table.find(high, low), "the first bit that differs");
        }
    }

    /** Sizes on both sides of each step of the root; addresses so close together that prefixes nest. */
    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 4, 7, 8, 30, 100, 1000, 5000, 60_000, 200_000})
    void findsInIpv4WhatABinaryTrieFinds(int count) {
        Map<Ipv4Prefix, Integer> prefixes = new HashMap<>();
        BinaryTrie trie = new BinaryTrie();
        for (int i = 0; i < count; i++) {
            int length = random.nextInt(33);
            int address = mask((int) sparse(), length);
            int value = random.nextInt(count > 1000 ? 200 : 3);
            prefixes.put(new Ipv4Prefix(new Ipv4Address(address), length), value);
            trie.put((long) address << 32, 0, length, value);
        }
        Ipv4PrefixTable table = new Ipv4PrefixTable(prefixes);
        prefixes.keySet().forEach(prefix -> {
            int first = prefix.address().value();
            for (int address : new int[] {first, first - 1, prefix.broadcast(), prefix.broadcast() + 1}) {
                assertEquals(trie.find((long) address << 32, 0), table.find(address));
            }
        });
        for (int i = 0; i < 100_000; i++) {
            int address = (int) sparse();
            assertEquals(trie.find((long) address << 32, 0), table.find(address));
        }
    }

    private static int mask(int address, int length) {
        return length == 0 ? 0 : address & (-1 << (32 - length));
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 4, 7, 8, 30, 100, 1000, 5000, 60_000})
    void findsInIpv6WhatABinaryTrieFinds(int count) {
        Map<Ipv6Prefix, Integer> prefixes = new HashMap<>();
        BinaryTrie trie = new BinaryTrie();
        for (int i = 0; i < count; i++) {
            int length = random.nextInt(129);
            Ipv6Prefix prefix = Ipv6Prefix.of(new Ipv6Address(sparse(), sparse()), length);
            int value = random.nextInt(count > 1000 ? 200 : 3);
            prefixes.put(prefix, value);
            trie.put(prefix.address().high(), prefix.address().low(), length, value);
        }
        Ipv6PrefixTable table = new Ipv6PrefixTable(prefixes);
        prefixes.keySet().forEach(prefix -> {
            long high = prefix.address().high();
            long low = prefix.address().low();
            long lastHigh = high | ~Ipv6Prefix.highMask(prefix.length());
            long lastLow = low | ~Ipv6Prefix.lowMask(prefix.length());
            assertSame(trie, table, high, low);
            assertSame(trie, table, lastHigh, lastLow);
            assertSame(trie, table, low == 0 ? high - 1 : high, low - 1);
            assertSame(trie, table, lastLow == -1 ? lastHigh + 1 : lastHigh, lastLow + 1);
        });
        for (int i = 0; i < 100_000; i++) {
            assertSame(trie, table, sparse(), sparse());
        }
    }

    /** Few ones, so that many addresses share their first bits. */
    private long sparse() {
        long bits = -1;
        for (int i = 0; i < 4; i++) {
            bits &= random.nextLong();
        }
        return bits;
    }

    private static void assertSame(BinaryTrie trie, Ipv6PrefixTable table, long high, long low) {
        assertEquals(trie.find(high, low), table.find(high, low));
    }

    @Test
    void aLonelyPrefixTakesLittleMemory() {
        Ipv6PrefixTable table = new Ipv6PrefixTable(Map.of(Ipv6Prefix.parse("2001:db8::5/128"), 1));
        assertTrue(table.memory() < 30 * 128 / 6 + 100, table.memory() + " bytes");
    }

    @ParameterizedTest
    @ValueSource(ints = {-1, Integer.MIN_VALUE, Integer.MAX_VALUE})
    void refusesValuesThatItCannotHold(int value) {
        assertThrows(
                IllegalArgumentException.class,
                () -> new Ipv4PrefixTable(Map.of(Ipv4Prefix.parse("10.0.0.0/8"), value)));
        assertThrows(
                IllegalArgumentException.class,
                () -> new Ipv6PrefixTable(Map.of(Ipv6Prefix.parse("2001:db8::/32"), value)));
    }
}
