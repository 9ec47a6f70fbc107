package io.vireo.router.config;

import io.vireo.protocols.ipv4.Ipv4Address;
import io.vireo.protocols.ipv4.Ipv4Prefix;
import io.vireo.protocols.ipv6.Ipv6Address;
import io.vireo.protocols.ipv6.Ipv6Prefix;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** The addresses of a network: those of its guests, what is delegated to them and, where it was added, what they route. */
public record Prefixes(List<Ipv4Prefix> ipv4, List<Ipv6Prefix> ipv6) {
    /** Of a network with these prefixes, without its routes. */
    static Prefixes of(Ipv4Prefix ipv4, Optional<Ipv6Network> ipv6) {
        Stream<Ipv6Prefix> own = ipv6.stream().map(Ipv6Network::prefix);
        Stream<Ipv6Prefix> delegated =
                ipv6.stream().flatMap(its -> its.delegation().stream()).map(Delegation::prefix);
        return new Prefixes(List.of(ipv4), Stream.concat(own, delegated).toList());
    }

    /** With those of routes that lead to guests. */
    Prefixes with(List<StaticRoute> routes) {
        List<StaticRoute> viaGuests = routes.stream()
                .filter(route -> route.target() instanceof RouteTarget.Guest)
                .toList();
        return new Prefixes(
                Stream.concat(
                                ipv4.stream(),
                                all(viaGuests, StaticRoute.Ipv4.class).map(StaticRoute.Ipv4::to))
                        .toList(),
                Stream.concat(
                                ipv6.stream(),
                                all(viaGuests, StaticRoute.Ipv6.class).map(StaticRoute.Ipv6::to))
                        .toList());
    }

    private static <R extends StaticRoute> Stream<R> all(List<StaticRoute> routes, Class<R> family) {
        return routes.stream().filter(family::isInstance).map(family::cast);
    }

    /** The one of them that has all addresses of a route. */
    Optional<?> around(StaticRoute route) {
        return switch (route) {
            case StaticRoute.Ipv4(Ipv4Prefix to, RouteTarget _) ->
                ipv4.stream()
                        .filter(its -> its.length() <= to.length()
                                && its.contains(to.address().value()))
                        .findFirst();
            case StaticRoute.Ipv6(Ipv6Prefix to, RouteTarget _) ->
                ipv6.stream().filter(its -> its.contains(to)).findFirst();
        };
    }

    public boolean contains(Ipv4Address address) {
        return ipv4.stream().anyMatch(its -> its.contains(address.value()));
    }

    public boolean contains(Ipv6Address address) {
        return ipv6.stream().anyMatch(its -> its.contains(address));
    }

    /** Two that have addresses in common, one of these and one of the others, in words; empty where there are none. */
    public Optional<String> overlap(Prefixes other) {
        Stream<String> four = ipv4.stream()
                .flatMap(a -> other.ipv4.stream()
                        .filter(b -> a.contains(b.address().value())
                                || b.contains(a.address().value()))
                        .map(b -> a + " overlaps " + b));
        Stream<String> six = ipv6.stream()
                .flatMap(a -> other.ipv6.stream()
                        .filter(b -> a.contains(b) || b.contains(a))
                        .map(b -> a + " overlaps " + b));
        return Stream.concat(four, six).findFirst();
    }
}
