package io.vireo.appliance.config;

import io.vireo.router.config.GuestInformation;
import io.vireo.router.config.NetworkConfig;
import io.vireo.router.config.VhostConfig;
import org.jspecify.annotations.Nullable;

/**
 * A network as its guests' reader needs it.
 *
 * @param config null where any part of it was wrong: what depends on it cannot be checked
 * @param routing where its packets go that are for none of its guests
 * @param mtu the most that its guests may have, and what they have by default
 * @param information what its guests are told
 */
record ReadNetwork(@Nullable NetworkConfig config, ReadRouting routing, int mtu, GuestInformation information) {
    /** Where the name is none of a network's. */
    static final ReadNetwork UNKNOWN =
            new ReadNetwork(null, ReadRouting.NONE, VhostConfig.MAX_MTU, GuestInformation.NONE);

    int leastMtu() {
        return config != null && config.ipv6().isPresent() ? VhostConfig.MIN_IPV6_MTU : VhostConfig.MIN_MTU;
    }
}
