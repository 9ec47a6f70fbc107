package io.vireo.benchmarks.routes;

import io.vireo.protocols.ipv4.Ipv4Prefix;
import io.vireo.protocols.ipv6.Ipv6Prefix;
import io.vireo.router.routes.Ipv4PrefixTable;
import io.vireo.router.routes.Ipv6PrefixTable;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/** Lookups of random addresses, each within some prefix, in 1,000,000 IPv4 and 200,000 IPv6 prefixes. */
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 5, time = 1)
@Measurement(iterations = 5, time = 2)
@Fork(2)
public class LpmBenchmark {
    private static final int LOOKUPS = 1024;
    /** So many that what they need of a table is not in a cache merely because it was needed a while ago. */
    private static final int ADDRESSES = 1 << 20;

    @State(Scope.Thread)
    public static class Ipv4 {
        private static final int PREFIXES = 1_000_000;

        private Ipv4PrefixTable table = new Ipv4PrefixTable(Map.of());
        private final BinaryTrie trie = new BinaryTrie();
        private final int[] addresses = new int[ADDRESSES];
        private int next;

        @Setup(Level.Trial)
        public void setUp() {
            Map<Ipv4Prefix, Integer> prefixes = new Prefixes().ipv4(PREFIXES);
            table = new Ipv4PrefixTable(prefixes);
            prefixes.forEach((prefix, value) ->
                    trie.put((long) prefix.address().value() << Integer.SIZE, 0, prefix.length(), value));
            SplittableRandom random = new SplittableRandom(2);
            List<Ipv4Prefix> all = List.copyOf(prefixes.keySet());
            for (int i = 0; i < ADDRESSES; i++) {
                Ipv4Prefix prefix = all.get(random.nextInt(all.size()));
                addresses[i] = prefix.address().value() | (random.nextInt() & ~prefix.mask());
                require(table.find(addresses[i]) == trie.find((long) addresses[i] << Integer.SIZE, 0));
            }
            report("IPv4", prefixes.size(), table.memory(), trie.memory());
        }

        int advance() {
            next = (next + LOOKUPS) & (ADDRESSES - 1);
            return next;
        }
    }

    @State(Scope.Thread)
    public static class Ipv6 {
        private static final int PREFIXES = 200_000;

        private Ipv6PrefixTable table = new Ipv6PrefixTable(Map.of());
        private final BinaryTrie trie = new BinaryTrie();
        private final long[] addresses = new long[2 * ADDRESSES];
        private int next;

        @Setup(Level.Trial)
        public void setUp() {
            Map<Ipv6Prefix, Integer> prefixes = new Prefixes().ipv6(PREFIXES);
            table = new Ipv6PrefixTable(prefixes);
            prefixes.forEach((prefix, value) ->
                    trie.put(prefix.address().high(), prefix.address().low(), prefix.length(), value));
            SplittableRandom random = new SplittableRandom(2);
            List<Ipv6Prefix> all = List.copyOf(prefixes.keySet());
            for (int i = 0; i < ADDRESSES; i++) {
                Ipv6Prefix prefix = all.get(random.nextInt(all.size()));
                long high = prefix.address().high() | (random.nextLong() & ~Ipv6Prefix.highMask(prefix.length()));
                long low = prefix.address().low() | (random.nextLong() & ~Ipv6Prefix.lowMask(prefix.length()));
                addresses[2 * i] = high;
                addresses[2 * i + 1] = low;
                require(table.find(high, low) == trie.find(high, low));
            }
            report("IPv6", prefixes.size(), table.memory(), trie.memory());
        }

        int advance() {
            next = (next + LOOKUPS) & (ADDRESSES - 1);
            return next;
        }
    }

    private static void require(boolean same) {
        if (!same) {
            throw new IllegalStateException("the table and the binary trie disagree");
        }
    }

    private static void report(String family, int prefixes, long memory, long trie) {
        System.out.printf(
                "%n%d %s prefixes: %d KiB, %.1f bytes each; the binary trie %d KiB%n",
                prefixes, family, memory / 1024, (double) memory / prefixes, trie / 1024);
    }

    @Benchmark
    @OperationsPerInvocation(LOOKUPS)
    public int ipv4(Ipv4 state) {
        int sum = 0;
        int first = state.advance();
        for (int i = first; i < first + LOOKUPS; i++) {
            sum += state.table.find(state.addresses[i]);
        }
        return sum;
    }

    @Benchmark
    @OperationsPerInvocation(LOOKUPS)
    public int ipv4BinaryTrie(Ipv4 state) {
        int sum = 0;
        int first = state.advance();
        for (int i = first; i < first + LOOKUPS; i++) {
            sum += state.trie.find((long) state.addresses[i] << Integer.SIZE, 0);
        }
        return sum;
    }

    @Benchmark
    @OperationsPerInvocation(LOOKUPS)
    public int ipv6(Ipv6 state) {
        int sum = 0;
        int first = state.advance();
        for (int i = first; i < first + LOOKUPS; i++) {
            sum += state.table.find(state.addresses[2 * i], state.addresses[2 * i + 1]);
        }
        return sum;
    }

    @Benchmark
    @OperationsPerInvocation(LOOKUPS)
    public int ipv6BinaryTrie(Ipv6 state) {
        int sum = 0;
        int first = state.advance();
        for (int i = first; i < first + LOOKUPS; i++) {
            sum += state.trie.find(state.addresses[2 * i], state.addresses[2 * i + 1]);
        }
        return sum;
    }
}
