package io.vireo.linux;

import java.net.Inet4Address;
import java.net.InetAddress;
import java.util.Optional;

/**
 * A route of the kernel (struct rtmsg of rtnetlink(7)); of one that is more than this can say, what it can.
 *
 * <pre>
 *   0        1             2          3     4       5          6       7      8
 *   | family | dest length | src len  | tos | table | protocol | scope | type | flags (u32) | attributes
 * </pre>
 *
 * @param destination the first address of where it leads
 * @param length bits that all of its addresses share
 * @param table which routing table it is in: {@link #MAIN_TABLE} if nothing was said
 * @param protocol who made it (RTPROT_ of rtnetlink(7), /etc/iproute2/rt_protos)
 * @param type {@link #UNICAST}, {@link #UNREACHABLE} or another one of the kernel's
 * @param metric of several to one prefix that with the lowest counts; the kernel makes 1024 of an IPv6 route's 0
 * @param link the index of the interface it leads to; 0 if none, and if it leads nowhere
 * @param mtu largest packet to be sent there, 0: as the interface has it
 */
public record NetlinkRoute(
        InetAddress destination, int length, int table, int protocol, int type, int metric, int link, int mtu) {
    public static final int MAIN_TABLE = 254;
    public static final int UNICAST = 1;
    public static final int UNREACHABLE = 7;

    static final int AF_INET = 2;
    static final int AF_INET6 = 10;

    private static final int HEADER_SIZE = 12;
    private static final int SCOPE_UNIVERSE = 0;
    private static final int SCOPE_LINK = 253;

    private static final int DESTINATION = 1;
    private static final int OUTPUT_LINK = 4;
    private static final int PRIORITY = 6;
    private static final int METRICS = 8;
    private static final int TABLE = 15;
    private static final int METRIC_MTU = 2;

    /** A route to an interface, in the main table. */
    public static NetlinkRoute unicast(
            InetAddress destination, int length, int protocol, int metric, int link, int mtu) {
        return new NetlinkRoute(destination, length, MAIN_TABLE, protocol, UNICAST, metric, link, mtu);
    }

    /** A route to nowhere, of which senders are told, in the main table. */
    public static NetlinkRoute unreachable(InetAddress destination, int length, int protocol, int metric) {
        return new NetlinkRoute(destination, length, MAIN_TABLE, protocol, UNREACHABLE, metric, 0, 0);
    }

    static int family(InetAddress address) {
        return address instanceof Inet4Address ? AF_INET : AF_INET6;
    }

    /** Writes it behind the header of a request to add or delete it. */
    NetlinkRequest write(NetlinkRequest request) {
        int scope = type == UNREACHABLE ? SCOPE_UNIVERSE : SCOPE_LINK;
        request.u8(family(destination), length, 0, 0, table, protocol, scope, type)
                .u32(0);
        request.attribute(DESTINATION, destination.getAddress());
        if (metric != 0) {
            request.attribute(PRIORITY, metric);
        }
        if (link != 0) {
            request.attribute(OUTPUT_LINK, link);
        }
        if (mtu != 0) {
            int metrics = request.beginNested(METRICS);
            request.attribute(METRIC_MTU, mtu).end(metrics);
        }
        return request;
    }

    /** Writes what a dump is to be limited to; a kernel that does not know limits ignores it. */
    static NetlinkRequest writeFilter(NetlinkRequest request, int family, int protocol) {
        return request.u8(family, 0, 0, 0, MAIN_TABLE, protocol, 0, 0).u32(0);
    }

    /**
     * @return empty if it is of another family
     * @throws LinuxException with EBADMSG if it is cut off
     */
    static Optional<NetlinkRoute> parse(NetlinkMessage message) throws LinuxException {
        message.requireBody(HEADER_SIZE);
        int family = message.body().get(0);
        if (family != AF_INET && family != AF_INET6) {
            return Optional.empty();
        }
        int length = Byte.toUnsignedInt(message.body().get(1));
        int table = Byte.toUnsignedInt(message.body().get(4));
        int protocol = Byte.toUnsignedInt(message.body().get(5));
        int type = Byte.toUnsignedInt(message.body().get(7));
        InetAddress destination = NetlinkAttribute.address(new byte[family == AF_INET ? 4 : 16]);
        int metric = 0;
        int link = 0;
        int mtu = 0;
        for (NetlinkAttribute attribute : message.attributes(HEADER_SIZE)) {
            switch (attribute.type()) {
                case DESTINATION -> destination = attribute.address();
                case OUTPUT_LINK -> link = attribute.number();
                case PRIORITY -> metric = attribute.number();
                case TABLE -> table = attribute.number();
                case METRICS -> mtu = mtu(attribute);
                default -> {} // of no interest here
            }
        }
        if (family(destination) != family || length > destination.getAddress().length * Byte.SIZE) {
            throw NetlinkMessage.malformed("a route to " + destination + "/" + length);
        }
        boolean leads = type != UNREACHABLE; // IPv6 names the loopback interface there
        return Optional.of(new NetlinkRoute(destination, length, table, protocol, type, metric, leads ? link : 0, mtu));
    }

    private static int mtu(NetlinkAttribute metrics) throws LinuxException {
        for (NetlinkAttribute metric : metrics.nested()) {
            if (metric.type() == METRIC_MTU) {
                return metric.number();
            }
        }
        return 0;
    }

    @Override
    public String toString() {
        return destination.getHostAddress() + "/" + length;
    }
}
