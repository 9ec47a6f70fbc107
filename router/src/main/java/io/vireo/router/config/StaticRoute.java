package io.vireo.router.config;

import io.vireo.protocols.ipv4.Ipv4Prefix;
import io.vireo.protocols.ipv6.Ipv6Prefix;

/** Where packets for a prefix go that no guest of the network has the destination of: the longest prefix counts. */
public sealed interface StaticRoute {
    RouteTarget target();

    /** Whether it is to all addresses of its family. */
    boolean isDefault();

    record Ipv4(Ipv4Prefix to, RouteTarget target) implements StaticRoute {
        @Override
        public boolean isDefault() {
            return to.length() == 0;
        }
    }

    record Ipv6(Ipv6Prefix to, RouteTarget target) implements StaticRoute {
        @Override
        public boolean isDefault() {
            return to.length() == 0;
        }
    }
}
