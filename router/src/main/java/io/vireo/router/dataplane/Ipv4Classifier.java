package io.vireo.router.dataplane;

import io.vireo.hugepages.HostMemory;
import io.vireo.protocols.ethernet.EthernetFrame;
import io.vireo.protocols.gateway.Gateway;
import io.vireo.protocols.icmp.IcmpEchoResponder;
import io.vireo.protocols.icmp.IcmpError;
import io.vireo.protocols.icmp.IcmpMessage;
import io.vireo.protocols.ipv4.Ipv4Packet;
import io.vireo.protocols.ipv4.Protocol;
import io.vireo.protocols.udp.UdpHeader;
import org.jspecify.annotations.Nullable;

/** The {@link Classifier} of IPv4. */
final class Ipv4Classifier {
    private static final int DHCP_SERVER_PORT = 67;
    private static final int DHCP_CLIENT_PORT = 68;
    private static final int LIMITED_BROADCAST = 0xffff_ffff;

    private final FrameBatch batch;
    private final EthernetFrame ethernet;
    private final Punts punts;
    private final IcmpErrors errors;
    private final Uplink uplink;
    private final Ipv4Packet ipv4 = new Ipv4Packet();
    private final UdpHeader udp = new UdpHeader();
    private final IcmpMessage icmp = new IcmpMessage();

    /** @param ethernet stands on the frame that is classified */
    Ipv4Classifier(FrameBatch batch, EthernetFrame ethernet, Punts punts, IcmpErrors errors, Uplink uplink) {
        this.batch = batch;
        this.ethernet = ethernet;
        this.punts = punts;
        this.errors = errors;
        this.uplink = uplink;
    }

    /** @return the port that gets the frame, or null if none does; then the reason is counted */
    @Nullable
    NetPort classify(NetPort source, int frame) {
        long offset = batch.frameAddress(frame) + EthernetFrame.HEADER_LENGTH;
        int visible = batch.visible[frame] - EthernetFrame.HEADER_LENGTH;
        int length = batch.length[frame] - EthernetFrame.HEADER_LENGTH;
        if (!ipv4.tryWrap(HostMemory.ALL, offset, visible, length)) {
            return source.drop(Counter.TX_DROP_IPV4_MALFORMED);
        }
        if (!ipv4.hasValidChecksum()) {
            return source.drop(Counter.TX_DROP_IPV4_CHECKSUM);
        }
        int destination = ipv4.destination();
        if (isDhcp(source, destination)) {
            return punts.punt(source, frame);
        }
        if (!maySend(source, ipv4.source())) {
            return source.drop(Counter.TX_DROP_SPOOFED_IPV4);
        }
        if (ethernet.destination() != Gateway.GATEWAY_MAC) {
            boolean group = EthernetFrame.isMulticast(ethernet.destination());
            return source.drop(group ? Counter.TX_DROP_BROADCAST : Counter.TX_DROP_FOREIGN_MAC);
        }
        if (source.network().isGateway(destination)) {
            return answer(source, frame);
        }
        return route(source, frame, destination);
    }

    /** Its own address, or what is behind it: what a route by way of it leads to. */
    private static boolean maySend(NetPort source, int address) {
        return address != 0 && (address == source.ipv4() || source.network().leadsTo(source, address));
    }

    /**
     * A DHCP client's message: the only thing that may come from 0.0.0.0 (RFC 2131, 4.1), and, from a guest without an
     * address, from one that it still believes to have: it is told better.
     */
    private boolean isDhcp(NetPort source, int destination) {
        boolean client = ipv4.source() == 0 || ipv4.source() == source.ipv4() || source.ipv4() == 0;
        boolean server = destination == LIMITED_BROADCAST || source.network().isGateway(destination);
        boolean forUs =
                ethernet.destination() == Gateway.GATEWAY_MAC || EthernetFrame.isMulticast(ethernet.destination());
        return ipv4.protocol() == Protocol.UDP
                && client
                && server
                && forUs
                && !ipv4.isFragment()
                && udp.tryWrap(HostMemory.ALL, ipv4.payloadOffset(), ipv4.visiblePayload())
                && udp.sourcePort() == DHCP_CLIENT_PORT
                && udp.destinationPort() == DHCP_SERVER_PORT;
    }

    /** The gateway answers echo requests; what else it is sent has no server. */
    private @Nullable NetPort answer(NetPort source, int frame) {
        int protocol = ipv4.protocol();
        boolean echo = protocol == Protocol.ICMP
                && icmp.tryWrap(HostMemory.ALL, ipv4.payloadOffset(), ipv4.visiblePayload())
                && IcmpEchoResponder.respond(ethernet, ipv4, icmp, Gateway.GATEWAY_MAC);
        if (echo) {
            source.count(Counter.ECHO_ANSWERED);
            return source;
        }
        if (protocol != Protocol.ICMP && !ipv4.isFragment()) {
            // About a TCP port, too: "refused" is what its client then says, as after a reset.
            boolean port = protocol == Protocol.UDP || protocol == Protocol.TCP;
            int error = port ? IcmpError.PORT_UNREACHABLE : IcmpError.PROTOCOL_UNREACHABLE;
            errors.report(source, frame, ipv4, error, 0);
        }
        return source.drop(Counter.TX_DROP_NOT_SERVED);
    }

    private @Nullable NetPort route(NetPort source, int frame, int destination) {
        Network network = source.network();
        NetPort target = network.find(destination);
        return target == null
                ? routeBeyond(source, frame, destination)
                : pass(source, frame, target, network.isRouted());
    }

    /** To what no guest of the network has: hops are counted then, whatever its addressing. */
    private @Nullable NetPort routeBeyond(NetPort source, int frame, int destination) {
        Route route = source.network().route(destination);
        if (route == Route.UPLINK) {
            return toUplink(source, frame);
        }
        if (route == Route.BLACKHOLE) {
            return source.drop(Counter.TX_DROP_BLACKHOLE);
        }
        NetPort target = route.port();
        if (target == null || target == source || !hasWayBack(source, target)) {
            // Back to where it came from it would go round until its hops are used up.
            return dropUnreachable(source, frame, destination);
        }
        return pass(source, frame, target, true);
    }

    /** A peer has none to what is behind another network's guest. */
    private boolean hasWayBack(NetPort source, NetPort target) {
        return target.network() == source.network() || target.network().leadsTo(source, ipv4.source());
    }

    /** @return null: the frame goes out with the batch */
    private @Nullable NetPort toUplink(NetPort source, int frame) {
        if (ipv4.timeToLive() <= 1) {
            errors.report(source, frame, ipv4, IcmpError.TIME_TO_LIVE_EXCEEDED, 0);
            return source.drop(Counter.TX_DROP_TTL_EXPIRED);
        }
        if (batch.isLonger(frame, uplink.maxFrame())) {
            return dropTooLong(source, frame, uplink.mtu());
        }
        ipv4.decrementTimeToLive();
        batch.trim(frame, EthernetFrame.HEADER_LENGTH + ipv4.totalLength());
        batch.uplink |= 1L << frame;
        return null;
    }

    /** @param hop whether this counts as one */
    private @Nullable NetPort pass(NetPort source, int frame, NetPort target, boolean hop) {
        if (hop && ipv4.timeToLive() <= 1) {
            errors.report(source, frame, ipv4, IcmpError.TIME_TO_LIVE_EXCEEDED, 0);
            return source.drop(Counter.TX_DROP_TTL_EXPIRED);
        }
        if (batch.isLonger(frame, target.maxFrame())) {
            return dropTooLong(source, frame, target.mtu());
        }
        if (hop) {
            ipv4.decrementTimeToLive();
        }
        if (target.pairs() > 1) {
            batch.hash[frame] = FlowHash.ipv4(ipv4);
        }
        ethernet.destination(target.mac());
        ethernet.source(Gateway.GATEWAY_MAC);
        return target;
    }

    private @Nullable NetPort dropUnreachable(NetPort source, int frame, int destination) {
        Network network = source.network();
        boolean multicast = destination >>> 28 == 14;
        if (multicast || destination == LIMITED_BROADCAST || network.isBroadcast(destination)) {
            return source.drop(Counter.TX_DROP_BROADCAST);
        }
        boolean neighbour = network.contains(destination);
        errors.report(source, frame, ipv4, neighbour ? IcmpError.HOST_UNREACHABLE : IcmpError.NETWORK_UNREACHABLE, 0);
        return source.drop(Counter.TX_DROP_NO_ROUTE);
    }

    /**
     * Nothing is fragmented here: a sender that allows it is told, as one that forbids it, how short its packets should be,
     * and Linux heeds it for both.
     */
    private @Nullable NetPort dropTooLong(NetPort source, int frame, int mtu) {
        errors.report(source, frame, ipv4, IcmpError.FRAGMENTATION_NEEDED, mtu);
        return source.drop(ipv4.mayBeFragmented() ? Counter.TX_DROP_FRAGMENTABLE : Counter.TX_DROP_MTU);
    }
}
