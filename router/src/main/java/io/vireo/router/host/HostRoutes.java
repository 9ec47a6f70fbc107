package io.vireo.router.host;

import io.vireo.linux.LinuxException;
import io.vireo.linux.NetlinkRoute;
import io.vireo.router.config.UplinkConfig;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps the kernel's routes to the uplink as they should be. A route that somebody else has to the same prefix is left as it
 * is, said once, and tried again at each {@link #reconcile}. Confined to one thread.
 */
final class HostRoutes {
    /** Who made a route, in the kernel's table; nobody in /etc/iproute2/rt_protos has this number. */
    static final int PROTOCOL = 86;

    private static final Logger LOG = LoggerFactory.getLogger(UplinkKeeper.class);

    /** What the kernel gives an IPv6 route that says nothing. */
    private static final int IPV6_METRIC = 1024;
    /** Worse than any route that leads somewhere; the rest tells devices apart. */
    private static final int UNREACHABLE_METRIC = 0x5600_0000;

    private static final int NAME_BITS = 0xff_ffff;

    private record Prefix(InetAddress destination, int length) {
        static Prefix of(NetlinkRoute route) {
            return new Prefix(route.destination(), route.length());
        }
    }

    private final RouteTable table;
    private final UplinkConfig uplink;
    private final Supplier<Set<HostRoute>> wanted;

    /** What the kernel has, as far as known. */
    private final Set<NetlinkRoute> installed = new HashSet<>();
    /** What it has not taken, for there is another one. */
    private final Set<NetlinkRoute> refused = new HashSet<>();
    /** Where all those that should be there lead. */
    private final Set<Prefix> prefixes = new HashSet<>();

    /** @param wanted gives all routes that should be there at the moment of the call */
    HostRoutes(RouteTable table, UplinkConfig uplink, Supplier<Set<HostRoute>> wanted) {
        this.table = table;
        this.uplink = uplink;
        this.wanted = wanted;
    }

    /** Asks the kernel which routes it has, and makes it have those that it should, to the interface of that index. */
    void reconcile(int link) throws LinuxException {
        ask(link);
        update(link);
    }

    /** Adds and removes what is not as it should be, if the kernel has what this has left it with. */
    void update(int link) throws LinuxException {
        Set<NetlinkRoute> target = target(link);
        prefixes.clear();
        target.forEach(route -> prefixes.add(Prefix.of(route)));
        removeAllBut(target);
        refused.retainAll(target);
        for (NetlinkRoute route : target) {
            if (!installed.contains(route)) {
                add(route);
            }
        }
    }

    /** Leaves the kernel without any. */
    void removeAll(int link) throws LinuxException {
        ask(link);
        removeAllBut(Set.of());
    }

    /** Whether a change of this route may be one of what this keeps. */
    boolean concerns(NetlinkRoute route) {
        return route.table() == NetlinkRoute.MAIN_TABLE
                && (route.protocol() == PROTOCOL || prefixes.contains(Prefix.of(route)));
    }

    private void ask(int link) throws LinuxException {
        installed.clear();
        for (NetlinkRoute route : table.routes(PROTOCOL)) {
            if (isOwn(route, link)) {
                installed.add(route);
            }
        }
    }

    private boolean isOwn(NetlinkRoute route, int link) {
        return route.type() == NetlinkRoute.UNREACHABLE
                ? route.metric() == unreachableMetric()
                : link != 0 && route.link() == link;
    }

    private int unreachableMetric() {
        return UNREACHABLE_METRIC | (uplink.tun().hashCode() & NAME_BITS);
    }

    private Set<NetlinkRoute> target(int link) {
        Map<Prefix, NetlinkRoute> reachable = new HashMap<>();
        Set<NetlinkRoute> target = new HashSet<>();
        for (HostRoute route : wanted.get()) {
            NetlinkRoute wish = toKernel(route, link);
            if (route.reachable()) { // the kernel has one to a prefix: that which suits all who want it
                reachable.merge(Prefix.of(wish), wish, HostRoutes::smaller);
            } else {
                target.add(wish);
            }
        }
        target.addAll(reachable.values());
        return target;
    }

    private static NetlinkRoute smaller(NetlinkRoute one, NetlinkRoute other) {
        boolean otherIsSmaller = other.mtu() != 0 && (one.mtu() == 0 || other.mtu() < one.mtu());
        return otherIsSmaller ? other : one;
    }

    private NetlinkRoute toKernel(HostRoute route, int link) {
        if (!route.reachable()) {
            return NetlinkRoute.unreachable(route.destination(), route.length(), PROTOCOL, unreachableMetric());
        }
        int metric = route.destination() instanceof Inet4Address ? 0 : IPV6_METRIC;
        int mtu = route.mtu() < uplink.mtu() ? route.mtu() : 0; // what the interface says anyway
        return NetlinkRoute.unicast(route.destination(), route.length(), PROTOCOL, metric, link, mtu);
    }

    private void removeAllBut(Set<NetlinkRoute> target) throws LinuxException {
        for (NetlinkRoute route : List.copyOf(installed)) {
            if (!target.contains(route)) {
                table.delete(route); // or somebody else has
                installed.remove(route);
            }
        }
    }

    private void add(NetlinkRoute route) throws LinuxException {
        if (table.add(route)) {
            installed.add(route);
            if (refused.remove(route)) {
                LOG.info("{}: the host has the route to {} now", uplink.tun(), route);
            }
        } else if (refused.add(route)) {
            LOG.warn(
                    "{}: the host has another route to {}, which it is left with: the guest there is not reached",
                    uplink.tun(),
                    route);
        }
    }
}
