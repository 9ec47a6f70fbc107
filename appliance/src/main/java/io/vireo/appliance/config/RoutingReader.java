package io.vireo.appliance.config;

import io.vireo.protocols.ipv4.Ipv4Prefix;
import io.vireo.protocols.ipv6.Ipv6Prefix;
import io.vireo.router.config.RouteTarget;
import io.vireo.router.config.StaticRoute;
import io.vireo.router.config.VhostConfig;
import java.util.ArrayList;
import java.util.List;

/** Reads a network's routes, as far as they can be judged before the other networks and the guests are known. */
final class RoutingReader {
    private static final String UPLINK = "uplink";
    private static final String BLACKHOLE = "blackhole";

    private final Section section;
    private final Problems problems;

    RoutingReader(Section section, Problems problems) {
        this.section = section;
        this.problems = problems;
    }

    ReadRouting read() {
        List<Located<StaticRoute>> routes = new ArrayList<>();
        List<Located<RouteTarget>> targets = new ArrayList<>();
        Unique prefixes = new Unique(problems);
        for (Section route : section.sections(Key.ROUTES, Key.OF_ROUTE)) {
            route.require(Key.ROUTE_TO);
            route.require(Key.ROUTE_VIA);
            Located<RouteTarget> target =
                    problems.parse(route.text(Key.ROUTE_VIA), RoutingReader::target, Key.ROUTE_VIA.allowed);
            Located<StaticRoute> whole = problems.parse(
                    route.text(Key.ROUTE_TO),
                    to -> route(to, Located.orElse(target, new RouteTarget.Blackhole())),
                    Key.ROUTE_TO.allowed);
            if (whole != null && prefixes.isFirst("prefix", whole, prefix(whole.value()))) {
                routes.add(whole);
            }
            if (target != null) {
                targets.add(target);
            }
        }
        return new ReadRouting(section.bool(Key.NETWORK_UPLINK), routes, targets, peers());
    }

    private static StaticRoute route(String to, RouteTarget target) {
        return to.indexOf(':') >= 0
                ? new StaticRoute.Ipv6(Ipv6Prefix.parse(to), target)
                : new StaticRoute.Ipv4(Ipv4Prefix.parse(to), target);
    }

    /** As unequal as two prefixes are, wherever they lead. */
    private static Object prefix(StaticRoute route) {
        return switch (route) {
            case StaticRoute.Ipv4 ipv4 -> ipv4.to();
            case StaticRoute.Ipv6 ipv6 -> ipv6.to();
        };
    }

    private List<Located<String>> peers() {
        Unique unique = new Unique(problems);
        return section.texts(Key.PEERS).stream()
                .filter(peer -> unique.isFirst("peer", peer, peer.value()))
                .toList();
    }

    /** What a route leads to; two words are names of no guest. */
    static RouteTarget target(String via) {
        return switch (via) {
            case UPLINK -> new RouteTarget.Uplink();
            case BLACKHOLE -> new RouteTarget.Blackhole();
            default -> new RouteTarget.Guest(VhostConfig.requireName(via));
        };
    }
}
