package io.vireo.router.dataplane;

import io.vireo.hugepages.HostMemory;
import io.vireo.protocols.NetworkOrder;
import io.vireo.protocols.ethernet.EthernetFrame;
import io.vireo.protocols.gateway.Gateway;
import io.vireo.protocols.icmpv6.Icmpv6EchoResponder;
import io.vireo.protocols.icmpv6.Icmpv6Error;
import io.vireo.protocols.icmpv6.Icmpv6Message;
import io.vireo.protocols.ipv4.Protocol;
import io.vireo.protocols.ipv6.ExtensionHeaders;
import io.vireo.protocols.ipv6.Ipv6Address;
import io.vireo.protocols.ipv6.Ipv6Packet;
import io.vireo.protocols.udp.UdpHeader;
import org.jspecify.annotations.Nullable;

/**
 * The {@link Classifier} of IPv6. Every link has two stations, the guest and the gateway: no multicast passes on, and no
 * message that is for a link alone (neighbour discovery, multicast listeners), whatever headers it hides behind.
 */
final class Ipv6Classifier {
    private static final int DHCP_CLIENT_PORT = 546;
    private static final int DHCP_SERVER_PORT = 547;

    /** The first eight octets of groups of one link, {@code ff02::/64}. */
    private static final long LINK_GROUP = 0xff02_0000_0000_0000L;

    private static final long ALL_NODES = 1;
    private static final long ALL_ROUTERS = 2;

    /** All_DHCP_Relay_Agents_and_Servers, {@code ff02::1:2} (RFC 8415, 7.1). */
    private static final long ALL_DHCP_SERVERS = 0x1_0002;

    /** Not an ICMPv6 message. */
    private static final int NONE = -1;

    private final FrameBatch batch;
    private final EthernetFrame ethernet;
    private final Punts punts;
    private final IcmpErrors errors;
    private final Uplink uplink;
    private final NeighborDiscovery neighborDiscovery;
    private final Ipv6Packet ipv6 = new Ipv6Packet();
    private final ExtensionHeaders headers = new ExtensionHeaders();
    private final UdpHeader udp = new UdpHeader();
    private final Icmpv6Message icmpv6 = new Icmpv6Message();

    private long destinationHigh;
    private long destinationLow;
    private boolean toGroup;
    private boolean toGateway;
    /** Type of the ICMPv6 message. */
    private int type;

    /** @param ethernet stands on the frame that is classified */
    Ipv6Classifier(FrameBatch batch, EthernetFrame ethernet, Punts punts, IcmpErrors errors, Uplink uplink) {
        this.batch = batch;
        this.ethernet = ethernet;
        this.punts = punts;
        this.errors = errors;
        this.uplink = uplink;
        neighborDiscovery = new NeighborDiscovery(batch, ethernet, ipv6, punts);
    }

    /** @return the port that gets the frame, or null if none does; then the reason is counted */
    @Nullable
    NetPort classify(NetPort source, int frame) {
        long offset = batch.frameAddress(frame) + EthernetFrame.HEADER_LENGTH;
        int visible = batch.visible[frame] - EthernetFrame.HEADER_LENGTH;
        int length = batch.length[frame] - EthernetFrame.HEADER_LENGTH;
        if (!ipv6.tryWrap(HostMemory.ALL, offset, visible, length)) {
            return source.drop(Counter.TX_DROP_IPV6_MALFORMED);
        }
        ExtensionHeaders.Outcome walk = headers.walk(HostMemory.ALL, ipv6);
        if (walk != ExtensionHeaders.Outcome.FOUND) {
            boolean malformed = walk == ExtensionHeaders.Outcome.MALFORMED;
            return source.drop(malformed ? Counter.TX_DROP_IPV6_MALFORMED : Counter.TX_DROP_IPV6_HEADERS);
        }
        boolean message = headers.protocol() == Protocol.ICMPV6 && !headers.isLaterFragment();
        if (message && headers.visible() == 0) {
            return source.drop(headers.length() == 0 ? Counter.TX_DROP_IPV6_MALFORMED : Counter.TX_DROP_IPV6_HEADERS);
        }
        type = message ? NetworkOrder.u8(HostMemory.ALL, headers.offset()) : NONE;
        return judge(source, frame);
    }

    private @Nullable NetPort judge(NetPort source, int frame) {
        destinationHigh = ipv6.destinationHigh();
        destinationLow = ipv6.destinationLow();
        toGroup = Ipv6Address.isMulticast(destinationHigh);
        toGateway = !toGroup && source.network().isGateway(destinationHigh, destinationLow);
        if (!maySend(source)) {
            return source.drop(Counter.TX_DROP_SPOOFED_IPV6);
        }
        long mac = ethernet.destination();
        if (mac != Gateway.GATEWAY_MAC && !(toGroup && EthernetFrame.isMulticast(mac))) {
            boolean group = EthernetFrame.isMulticast(mac);
            return source.drop(group ? Counter.TX_DROP_BROADCAST : Counter.TX_DROP_FOREIGN_MAC);
        }
        if (Icmpv6Message.isNeighborDiscovery(type)) {
            return neighborDiscovery.classify(source, frame, type, toGroup || toGateway);
        }
        if (Icmpv6Message.isMulticastListenerDiscovery(type)) {
            return source.drop(Counter.TX_DROP_MLD);
        }
        if (!toGroup && !toGateway) {
            return route(source, frame);
        }
        if (isDhcp()) {
            return punts.punt(source, frame);
        }
        return answer(source, frame);
    }

    /**
     * Whether the source may be this guest's: one of its addresses, or of what a route by way of it leads to; link-local,
     * which does not leave the link (RFC 4291, 2.5.6); or unspecified, which it is before there is an address, in what is
     * then needed (RFC 4861, RFC 4862, RFC 3590).
     */
    private boolean maySend(NetPort source) {
        long high = ipv6.sourceHigh();
        long low = ipv6.sourceLow();
        if (Ipv6Address.isLinkLocal(high)) {
            boolean onLink = toGroup || toGateway || Ipv6Address.isLinkLocal(destinationHigh);
            return onLink && !Network.isLinkLocalGateway(high, low);
        }
        if ((high | low) == 0) {
            return type == Icmpv6Message.NEIGHBOR_SOLICITATION
                    || type == Icmpv6Message.ROUTER_SOLICITATION
                    || Icmpv6Message.isMulticastListenerDiscovery(type);
        }
        return source.ipv6().has(high, low) || source.network().leadsTo(source, high, low);
    }

    private boolean isDhcp() {
        boolean server = toGateway || (destinationHigh == LINK_GROUP && destinationLow == ALL_DHCP_SERVERS);
        return server
                && ipv6.nextHeader() == Protocol.UDP
                && udp.tryWrap(HostMemory.ALL, headers.offset(), headers.visible())
                && udp.sourcePort() == DHCP_CLIENT_PORT
                && udp.destinationPort() == DHCP_SERVER_PORT;
    }

    /** The gateway, and the groups that it is in, answer echo requests; what else they are sent has no server. */
    private @Nullable NetPort answer(NetPort source, int frame) {
        boolean member =
                destinationHigh == LINK_GROUP && (destinationLow == ALL_NODES || destinationLow == ALL_ROUTERS);
        boolean echo = (toGateway || member)
                && type == Icmpv6Message.ECHO_REQUEST
                && icmpv6.tryWrap(HostMemory.ALL, headers.offset(), headers.visible())
                && Icmpv6EchoResponder.respond(ethernet, ipv6, icmpv6, Gateway.GATEWAY_MAC);
        if (echo) {
            source.count(Counter.ECHO_ANSWERED);
            return source;
        }
        if (toGroup) {
            return source.drop(Counter.TX_DROP_BROADCAST);
        }
        int protocol = headers.protocol();
        if ((protocol == Protocol.UDP || protocol == Protocol.TCP) && !headers.isFragment()) {
            // About a TCP port, too: "refused" is what its client then says, as after a reset.
            errors.report(source, frame, ipv6, headers, Icmpv6Error.PORT_UNREACHABLE, 0);
        }
        return source.drop(Counter.TX_DROP_NOT_SERVED);
    }

    private @Nullable NetPort route(NetPort source, int frame) {
        Network network = source.network();
        NetPort target = network.find(destinationHigh, destinationLow);
        return target == null ? routeBeyond(source, frame) : pass(source, frame, target, network.isRouted());
    }

    /** To what no guest of the network has: hops are counted then, whatever its addressing. */
    private @Nullable NetPort routeBeyond(NetPort source, int frame) {
        Route route = source.network().route(destinationHigh, destinationLow);
        if (route == Route.UPLINK) {
            return toUplink(source, frame);
        }
        if (route == Route.BLACKHOLE) {
            return source.drop(Counter.TX_DROP_BLACKHOLE);
        }
        NetPort target = route.port();
        if (target == null || target == source || !hasWayBack(source, target)) {
            // Back to where it came from it would go round until its hops are used up.
            return dropUnreachable(source, frame);
        }
        return pass(source, frame, target, true);
    }

    /** A peer has none to what is behind another network's guest. */
    private boolean hasWayBack(NetPort source, NetPort target) {
        return target.network() == source.network()
                || target.network().leadsTo(source, ipv6.sourceHigh(), ipv6.sourceLow());
    }

    /** @return null: the frame goes out with the batch */
    private @Nullable NetPort toUplink(NetPort source, int frame) {
        if (ipv6.hopLimit() <= 1) {
            errors.report(source, frame, ipv6, headers, Icmpv6Error.HOP_LIMIT_EXCEEDED, 0);
            return source.drop(Counter.TX_DROP_TTL_EXPIRED);
        }
        if (batch.isLonger(frame, uplink.maxFrame())) {
            errors.report(source, frame, ipv6, headers, Icmpv6Error.PACKET_TOO_BIG, uplink.mtu());
            return source.drop(Counter.TX_DROP_MTU);
        }
        ipv6.decrementHopLimit();
        batch.trim(frame, EthernetFrame.HEADER_LENGTH + ipv6.totalLength());
        batch.uplink |= 1L << frame;
        return null;
    }

    private @Nullable NetPort dropUnreachable(NetPort source, int frame) {
        boolean neighbour =
                source.network().contains(destinationHigh, destinationLow) || Ipv6Address.isLinkLocal(destinationHigh);
        int error = neighbour ? Icmpv6Error.ADDRESS_UNREACHABLE : Icmpv6Error.NO_ROUTE;
        errors.report(source, frame, ipv6, headers, error, 0);
        return source.drop(Counter.TX_DROP_NO_ROUTE);
    }

    /** @param hop whether this counts as one */
    private @Nullable NetPort pass(NetPort source, int frame, NetPort target, boolean hop) {
        if (hop && ipv6.hopLimit() <= 1) {
            errors.report(source, frame, ipv6, headers, Icmpv6Error.HOP_LIMIT_EXCEEDED, 0);
            return source.drop(Counter.TX_DROP_TTL_EXPIRED);
        }
        if (batch.isLonger(frame, target.maxFrame())) {
            errors.report(source, frame, ipv6, headers, Icmpv6Error.PACKET_TOO_BIG, target.mtu());
            return source.drop(Counter.TX_DROP_MTU);
        }
        if (hop) {
            ipv6.decrementHopLimit();
        }
        if (target.pairs() > 1) {
            batch.hash[frame] = FlowHash.ipv6(ipv6, headers);
        }
        ethernet.destination(target.mac());
        ethernet.source(Gateway.GATEWAY_MAC);
        return target;
    }
}
