package io.vireo.router.dataplane;

import io.vireo.protocols.ipv4.Ipv4Prefix;
import io.vireo.protocols.ipv6.Ipv6Prefix;
import io.vireo.router.routes.Ipv4PrefixTable;
import io.vireo.router.routes.Ipv6PrefixTable;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** A network's routes by prefix, of which the longest counts. Immutable, so that any reactor may read one while another takes its place. */
public final class Routes {
    /** What no router forwards, whatever leads there by default (RFC 6890, 2.2.2; RFC 1122, 3.2.1.3; RFC 1112, 4). */
    private static final List<Ipv4Prefix> IPV4_NOT_FORWARDED = List.of(
            Ipv4Prefix.parse("0.0.0.0/8"),
            Ipv4Prefix.parse("127.0.0.0/8"),
            Ipv4Prefix.parse("169.254.0.0/16"),
            Ipv4Prefix.parse("224.0.0.0/4"),
            Ipv4Prefix.parse("240.0.0.0/4"));

    /** The same (RFC 6890, 2.2.3; RFC 4291, 2.5.6 and 2.7): unspecified, loopback and mapped addresses first. */
    private static final List<Ipv6Prefix> IPV6_NOT_FORWARDED =
            List.of(Ipv6Prefix.parse("::/16"), Ipv6Prefix.parse("fe80::/10"), Ipv6Prefix.parse("ff00::/8"));

    /** No way out of the network. */
    public static final Routes NONE = new Routes(Map.of(), Map.of());

    private final Ipv4PrefixTable ipv4;
    private final Ipv6PrefixTable ipv6;
    /** What the tables' values stand for. */
    private final Route[] routes;

    /** Prefixes that no router forwards are unreachable, unless they are named here. */
    public Routes(Map<Ipv4Prefix, Route> ipv4, Map<Ipv6Prefix, Route> ipv6) {
        Map<Ipv4Prefix, Route> allIpv4 = new HashMap<>(ipv4);
        IPV4_NOT_FORWARDED.forEach(prefix -> allIpv4.putIfAbsent(prefix, Route.UNREACHABLE));
        Map<Ipv6Prefix, Route> allIpv6 = new HashMap<>(ipv6);
        IPV6_NOT_FORWARDED.forEach(prefix -> allIpv6.putIfAbsent(prefix, Route.UNREACHABLE));
        Numbers numbers = new Numbers();
        this.ipv4 = new Ipv4PrefixTable(numbers.of(allIpv4));
        this.ipv6 = new Ipv6PrefixTable(numbers.of(allIpv6));
        routes = numbers.routes.toArray(Route[]::new);
    }

    /** Each route once. */
    private static final class Numbers {
        final List<Route> routes = new ArrayList<>();
        private final Map<Route, Integer> numbers = new HashMap<>();

        <P> Map<P, Integer> of(Map<P, Route> prefixes) {
            Map<P, Integer> numbered = HashMap.newHashMap(prefixes.size());
            prefixes.forEach((prefix, route) -> numbered.put(prefix, numberOf(route)));
            return numbered;
        }

        private int numberOf(Route route) {
            return numbers.computeIfAbsent(route, added -> {
                routes.add(added);
                return routes.size() - 1;
            });
        }
    }

    /** Where the address leads; {@link Route#UNREACHABLE} if nowhere. */
    Route find(int address) {
        int number = ipv4.find(address);
        return number == Ipv4PrefixTable.NONE ? Route.UNREACHABLE : routes[number].resolve(address);
    }

    Route find(long high, long low) {
        int number = ipv6.find(high, low);
        return number == Ipv6PrefixTable.NONE ? Route.UNREACHABLE : routes[number].resolve(high, low);
    }

    /** Bytes that its tables take. */
    public long memory() {
        return ipv4.memory() + ipv6.memory();
    }
}
