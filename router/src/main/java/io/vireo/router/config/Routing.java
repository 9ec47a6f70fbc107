package io.vireo.router.config;

import java.util.List;

/**
 * Where a network's packets go that are for none of its guests.
 *
 * @param uplink whether what has no route goes out to the host, and the host has routes to the guests' addresses
 * @param routes no two to one prefix, at most {@value #MAX_ROUTES}
 * @param peers names of other networks whose guests are reached, and reach, this one's; naming one here or there is enough
 */
public record Routing(boolean uplink, List<StaticRoute> routes, List<String> peers) {
    /** To itself alone. */
    public static final Routing NONE = new Routing(false, List.of(), List.of());

    /** So that what the tables take is bounded: 70 MB if no two prefixes have anything in common. */
    public static final int MAX_ROUTES = 100_000;

    public Routing {
        if (routes.size() > MAX_ROUTES) {
            throw new IllegalArgumentException(routes.size() + " routes are more than " + MAX_ROUTES);
        }
        routes = List.copyOf(routes);
        peers = List.copyOf(peers);
    }

    /** Whether anything goes out to the host: then the host has routes to the guests, too. */
    public boolean usesUplink() {
        return uplink || routes.stream().anyMatch(route -> route.target() instanceof RouteTarget.Uplink);
    }

    /**
     * What the host has routes to besides the guests' own addresses, if the network {@link #usesUplink}: what is behind
     * guests, unless that is everything.
     */
    public List<StaticRoute> routesToHost() {
        return routes.stream()
                .filter(route -> route.target() instanceof RouteTarget.Guest && !route.isDefault())
                .toList();
    }
}
