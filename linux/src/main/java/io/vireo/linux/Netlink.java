package io.vireo.linux;

import java.net.Inet6Address;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Requests to the kernel about network interfaces, addresses and routes (rtnetlink(7)), in the network namespace of the
 * thread that opened it. To change anything, both who opens it and who asks need CAP_NET_ADMIN. Confined to one thread.
 *
 * <p>What the kernel refuses is a {@link LinuxException} with the kernel's own words, where it has any.
 */
public final class Netlink implements AutoCloseable {
    // struct ifaddrmsg: family, prefix length, flags, scope, then the interface's index
    static final int ADDRESS_HEADER_SIZE = 8;
    static final int ADDRESS_LINK_OFFSET = 4;

    private static final int ADDRESS = 1;
    private static final int LOCAL_ADDRESS = 2;
    private static final int NO_DUPLICATE_DETECTION = 2;
    private static final int ATTEMPTS = 10;

    private final NetlinkSocket socket;
    private int sequence;

    private Netlink(NetlinkSocket socket) {
        this.socket = socket;
    }

    public static Netlink open() throws LinuxException {
        return new Netlink(NetlinkSocket.forRequests());
    }

    /** By which announcements of what this has changed are known ({@link NetlinkEvent.RouteChanged#port}). */
    public int port() throws LinuxException {
        return socket.port();
    }

    // ---- interfaces

    /** The interface of that name, at most 15 characters. */
    public Optional<NetlinkLink> link(String name) throws LinuxException {
        return link(getLink(0).attribute(NetlinkLink.NAME, name), "interface " + name);
    }

    /** The interface with that index. */
    public Optional<NetlinkLink> link(int index) throws LinuxException {
        return link(getLink(index), "interface " + index);
    }

    private NetlinkRequest getLink(int index) {
        return request(NetlinkMessage.GET_LINK, NetlinkMessage.ACKNOWLEDGE)
                .u8(0, 0, 0, 0)
                .u32(index)
                .u32(0)
                .u32(0);
    }

    private Optional<NetlinkLink> link(NetlinkRequest request, String what) throws LinuxException {
        Answer answer = exchange(request, "netlink: " + what, Errno.ENODEV);
        for (NetlinkMessage message : answer.messages()) {
            if (message.type() == NetlinkMessage.NEW_LINK) {
                return Optional.of(NetlinkLink.parse(message));
            }
        }
        return Optional.empty();
    }

    /** Sets the largest packet of the interface with that index, and then the interface up. */
    public void setUp(int link, int mtu) throws LinuxException {
        NetlinkRequest request = linkRequest(link, NetlinkLink.FLAG_UP).attribute(NetlinkLink.MTU, mtu);
        exchange(request, "netlink: setting up interface " + link + " with MTU " + mtu);
    }

    /**
     * Has an interface make itself no IPv6 address, not even a link-local one: so it neither asks for routers nor takes part
     * in anything that is for the link alone. Before it is set up.
     *
     * @return false if the kernel, or this interface, has no IPv6
     */
    public boolean generateNoAddresses(int link) throws LinuxException {
        NetlinkRequest request = linkRequest(link, 0);
        int families = request.beginNested(NetlinkLink.FAMILY_SPECIFIC);
        int ipv6 = request.beginNested(NetlinkRoute.AF_INET6);
        request.attribute(NetlinkLink.IPV6_ADDRESS_GENERATION, NetlinkLink.GENERATE_NONE)
                .end(ipv6)
                .end(families);
        String call = "netlink: no IPv6 addresses of interface " + link + "'s own";
        return exchange(request, call, Errno.EAFNOSUPPORT).errno() == 0;
    }

    private NetlinkRequest linkRequest(int link, int flags) {
        return request(NetlinkMessage.NEW_LINK, NetlinkMessage.ACKNOWLEDGE)
                .u8(0, 0, 0, 0)
                .u32(link)
                .u32(flags)
                .u32(flags); // those to be changed
    }

    /**
     * Gives an interface an address that has no other addresses beside it; IPv6 uses it at once, without asking whether
     * anybody else has it.
     *
     * @param link its index
     * @return false if it has it already
     */
    public boolean addAddress(int link, InetAddress address) throws LinuxException {
        byte[] octets = address.getAddress();
        int flags = address instanceof Inet6Address ? NO_DUPLICATE_DETECTION : 0;
        NetlinkRequest request = request(
                        NetlinkMessage.NEW_ADDRESS,
                        NetlinkMessage.ACKNOWLEDGE | NetlinkMessage.CREATE | NetlinkMessage.EXCLUSIVE)
                .u8(NetlinkRoute.family(address), octets.length * Byte.SIZE, flags, 0)
                .u32(link)
                .attribute(LOCAL_ADDRESS, octets)
                .attribute(ADDRESS, octets);
        String call = "netlink: address " + address.getHostAddress() + " for interface " + link;
        return exchange(request, call, Errno.EEXIST).errno() == 0;
    }

    // ---- routes

    /** All routes of both families in the main table that have this protocol, in no order. */
    public List<NetlinkRoute> routes(int protocol) throws LinuxException {
        List<NetlinkRoute> routes = new ArrayList<>();
        for (int family : new int[] {NetlinkRoute.AF_INET, NetlinkRoute.AF_INET6}) {
            for (NetlinkMessage answer : dumpRoutes(family, protocol)) {
                NetlinkRoute.parse(answer)
                        .filter(route -> route.table() == NetlinkRoute.MAIN_TABLE && route.protocol() == protocol)
                        .ifPresent(routes::add);
            }
        }
        return routes;
    }

    private List<NetlinkMessage> dumpRoutes(int family, int protocol) throws LinuxException {
        String call = "netlink: routes";
        for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
            NetlinkRequest request = request(NetlinkMessage.GET_ROUTE, NetlinkMessage.DUMP);
            NetlinkRoute.writeFilter(request, family, protocol);
            // ENOENT: no such table, as it has never had a route; the others: no such family
            Answer answer = exchange(request, call, Errno.ENOENT, Errno.EAFNOSUPPORT, Errno.EOPNOTSUPP);
            List<NetlinkMessage> messages = answer.messages();
            if (messages.stream().noneMatch(message -> (message.flags() & NetlinkMessage.INTERRUPTED) != 0)) {
                messages.removeIf(message -> message.type() != NetlinkMessage.NEW_ROUTE);
                return answer.errno() == 0 ? messages : List.of();
            }
        }
        throw new LinuxException(call + " change faster than they can be listed", Errno.EINTR);
    }

    /** @return false if there is one to this prefix with this metric already, be it the same */
    public boolean add(NetlinkRoute route) throws LinuxException {
        int flags = NetlinkMessage.ACKNOWLEDGE | NetlinkMessage.CREATE | NetlinkMessage.EXCLUSIVE;
        NetlinkRequest request = route.write(request(NetlinkMessage.NEW_ROUTE, flags));
        return exchange(request, "netlink: adding route " + route, Errno.EEXIST).errno() == 0;
    }

    /** @return false if there is none like it */
    public boolean delete(NetlinkRoute route) throws LinuxException {
        NetlinkRequest request = route.write(request(NetlinkMessage.DELETE_ROUTE, NetlinkMessage.ACKNOWLEDGE));
        String call = "netlink: deleting route " + route;
        return exchange(request, call, Errno.ESRCH, Errno.ENODEV).errno() == 0;
    }

    // ---- exchange

    /**
     * What the kernel has said to a request.
     *
     * @param errno 0, or why it was refused
     */
    private record Answer(int errno, List<NetlinkMessage> messages) {}

    private NetlinkRequest request(int type, int flags) {
        sequence++;
        return new NetlinkRequest(type, flags, sequence);
    }

    /**
     * Sends a request, and collects what the kernel says to it.
     *
     * @param expected what it may be refused with
     */
    private Answer exchange(NetlinkRequest request, String call, Integer... expected) throws LinuxException {
        socket.send(request.toBytes());
        List<NetlinkMessage> messages = new ArrayList<>();
        while (true) {
            int length = socket.receive();
            if (length == NetlinkSocket.NOTHING || length == NetlinkSocket.OVERRUN) {
                throw new LinuxException(call, length == NetlinkSocket.NOTHING ? Errno.EAGAIN : Errno.ENOBUFS);
            }
            for (NetlinkMessage message : NetlinkMessage.parse(socket.received(length))) {
                if (message.sequence() != sequence) {
                    continue; // left over from a request that was given up
                }
                if (message.isLast()) {
                    int errno = message.errno();
                    if (errno != 0 && !List.of(expected).contains(errno)) {
                        throw new LinuxException(call + message.reason(), errno);
                    }
                    return new Answer(errno, messages);
                }
                messages.add(message);
            }
        }
    }

    @Override
    public void close() {
        socket.close();
    }
}
