package io.vireo.router.config;

import java.util.List;

/**
 * Where a network's packets go that are for none of its guests.
 *
 * @param uplink whether what has no route goes out to the host, and the host has routes to the guests' addresses
 * @param routes no two to one prefix
 * @param peers names of other networks whose guests are reached, and reach, this one's; naming one here or there is enough
 */
public record Routing(boolean uplink, List<StaticRoute> routes, List<String> peers) {
    /** To itself alone. */
    public static final Routing NONE = new Routing(false, List.of(), List.of());

    public Routing {
        routes = List.copyOf(routes);
        peers = List.copyOf(peers);
    }
}
