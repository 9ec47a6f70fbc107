package io.vireo.appliance.config;

import io.vireo.router.config.RouteTarget;
import io.vireo.router.config.Routing;
import io.vireo.router.config.StaticRoute;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a network's section says of its routes, before it is held against other networks and the guests.
 *
 * @param routes at the places of their prefixes; those without a fault
 * @param targets of all routes
 */
record ReadRouting(
        @Nullable Located<Boolean> uplink,
        List<Located<StaticRoute>> routes,
        List<Located<RouteTarget>> targets,
        List<Located<String>> peers) {
    static final ReadRouting NONE = new ReadRouting(null, List.of(), List.of(), List.of());

    boolean hasUplink() {
        return Located.orElse(uplink, false);
    }

    /** What sends packets out to the host: the key itself, or the first such route; null where nothing does. */
    @Nullable
    Located<?> usesUplink() {
        return hasUplink()
                ? uplink
                : targets.stream()
                        .filter(target -> target.value() instanceof RouteTarget.Uplink)
                        .findFirst()
                        .orElse(null);
    }

    Routing toRouting() {
        return new Routing(
                hasUplink(),
                routes.stream().map(Located::value).toList(),
                peers.stream().map(Located::value).toList());
    }
}
