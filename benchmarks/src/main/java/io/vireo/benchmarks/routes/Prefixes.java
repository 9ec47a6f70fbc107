package io.vireo.benchmarks.routes;

import io.vireo.protocols.ipv4.Ipv4Address;
import io.vireo.protocols.ipv4.Ipv4Prefix;
import io.vireo.protocols.ipv6.Ipv6Address;
import io.vireo.protocols.ipv6.Ipv6Prefix;
import java.util.HashMap;
import java.util.Map;
import java.util.SplittableRandom;

/** As many prefixes as are wanted, in lengths as the Internet's tables of 2025 have them, else at random. */
final class Prefixes {
    /** Next hops of a router with many neighbours. */
    private static final int VALUES = 256;

    /** Of 1000 IPv4 prefixes, how many have this length: 8 to 24. */
    private static final int[] IPV4_LENGTHS = {1, 0, 0, 1, 1, 1, 2, 2, 14, 8, 14, 25, 45, 53, 113, 110, 610};

    /** Of 1000 IPv6 prefixes, length and number. */
    private static final int[][] IPV6_LENGTHS = {
        {28, 5}, {29, 30}, {30, 5}, {32, 135}, {33, 20}, {34, 20}, {35, 10}, {36, 55}, {38, 20}, {39, 10}, {40, 110},
        {42, 25}, {44, 90}, {45, 20}, {46, 35}, {47, 30}, {48, 360}, {56, 8}, {64, 10}, {128, 2}
    };

    /** Where the registries allocate /32s from: 16 bits, of which the last four vary but for the first. */
    private static final int[] IPV6_REGISTRIES = {0x2001, 0x2400, 0x2600, 0x2800, 0x2a00, 0x2c00};

    private static final int IPV6_ALLOCATIONS = 30_000;

    private final SplittableRandom random = new SplittableRandom(1);

    Map<Ipv4Prefix, Integer> ipv4(int count) {
        Map<Ipv4Prefix, Integer> prefixes = HashMap.newHashMap(count);
        while (prefixes.size() < count) {
            int length = 8 + pick(IPV4_LENGTHS);
            int address = (random.nextInt(1, 224) << 24) | random.nextInt(1 << 24);
            Ipv4Address first = new Ipv4Address(address & (-1 << (Integer.SIZE - length)));
            prefixes.put(new Ipv4Prefix(first, length), random.nextInt(VALUES));
        }
        return prefixes;
    }

    Map<Ipv6Prefix, Integer> ipv6(int count) {
        int[] weights = new int[IPV6_LENGTHS.length];
        for (int i = 0; i < weights.length; i++) {
            weights[i] = IPV6_LENGTHS[i][1];
        }
        long[] allocations = new long[IPV6_ALLOCATIONS];
        for (int i = 0; i < allocations.length; i++) {
            int registry = IPV6_REGISTRIES[random.nextInt(IPV6_REGISTRIES.length)];
            int first = registry == IPV6_REGISTRIES[0] ? registry : registry | random.nextInt(16);
            allocations[i] = (long) first << 48 | (long) random.nextInt(1 << 16) << 32;
        }
        Map<Ipv6Prefix, Integer> prefixes = HashMap.newHashMap(count);
        while (prefixes.size() < count) {
            long allocation = allocations[random.nextInt(allocations.length)];
            Ipv6Address address = new Ipv6Address(allocation | random.nextLong(1L << 32), random.nextLong());
            prefixes.put(Ipv6Prefix.of(address, IPV6_LENGTHS[pick(weights)][0]), random.nextInt(VALUES));
        }
        return prefixes;
    }

    private int pick(int[] weights) {
        int sum = 0;
        for (int weight : weights) {
            sum += weight;
        }
        int rest = random.nextInt(sum);
        int index = 0;
        while (rest >= weights[index]) {
            rest -= weights[index];
            index++;
        }
        return index;
    }
}
