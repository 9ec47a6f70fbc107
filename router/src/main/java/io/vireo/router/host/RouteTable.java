package io.vireo.router.host;

import io.vireo.linux.LinuxException;
import io.vireo.linux.Netlink;
import io.vireo.linux.NetlinkRoute;
import java.util.List;

/** The kernel's routing table, as far as {@link HostRoutes} needs it. */
interface RouteTable {
    /** As {@link Netlink#routes}. */
    List<NetlinkRoute> routes(int protocol) throws LinuxException;

    /** As {@link Netlink#add}. */
    boolean add(NetlinkRoute route) throws LinuxException;

    /** As {@link Netlink#delete}. */
    boolean delete(NetlinkRoute route) throws LinuxException;

    static RouteTable of(Netlink netlink) {
        return new RouteTable() {
            @Override
            public List<NetlinkRoute> routes(int protocol) throws LinuxException {
                return netlink.routes(protocol);
            }

            @Override
            public boolean add(NetlinkRoute route) throws LinuxException {
                return netlink.add(route);
            }

            @Override
            public boolean delete(NetlinkRoute route) throws LinuxException {
                return netlink.delete(route);
            }
        };
    }
}
