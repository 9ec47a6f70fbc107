package io.vireo.router.config;

import io.vireo.protocols.ipv4.Ipv4Prefix;
import io.vireo.protocols.ipv6.Ipv6Prefix;

/** Where packets for a prefix go that no guest of the network has the destination of: the longest prefix counts. */
public sealed interface StaticRoute {
    RouteTarget target();

    /** The {@link Ipv4Prefix} or {@link Ipv6Prefix}, to compare and to show. */
    Object prefix();

    record Ipv4(Ipv4Prefix to, RouteTarget target) implements StaticRoute {
        @Override
        public Object prefix() {
            return to;
        }
    }

    record Ipv6(Ipv6Prefix to, RouteTarget target) implements StaticRoute {
        @Override
        public Object prefix() {
            return to;
        }
    }
}
