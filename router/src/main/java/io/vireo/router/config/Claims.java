package io.vireo.router.config;

import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;

/** Which network has which prefixes. Those of one network may be within each other, those of two may not. */
public final class Claims {
    /** A prefix, and the network that has it. */
    record Claim(Block block, String network) {
        @Override
        public String toString() {
            return block + " of network " + network;
        }
    }

    private final Map<Block, String> networks = new HashMap<>();
    /** Those that occur. */
    private final TreeSet<Integer> lengths = new TreeSet<>();

    /** Gives a network a prefix, unless another has it: {@link #covering} tells. */
    void add(Block block, String network) {
        networks.putIfAbsent(block, network);
        lengths.add(block.length());
    }

    /** The shortest prefix of another network that the block is in. */
    Optional<Claim> covering(Block block, String exceptNetwork) {
        for (int length : lengths.headSet(block.length(), true)) {
            Block shorter = block.shortened(length);
            String network = networks.get(shorter);
            if (network != null && !network.equals(exceptNetwork)) {
                return Optional.of(new Claim(shorter, network));
            }
        }
        return Optional.empty();
    }
}
