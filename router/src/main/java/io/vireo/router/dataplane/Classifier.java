package io.vireo.router.dataplane;

import io.vireo.hugepages.HostMemory;
import io.vireo.protocols.Gateway;
import io.vireo.protocols.arp.ArpPacket;
import io.vireo.protocols.arp.ArpResponder;
import io.vireo.protocols.ethernet.EtherType;
import io.vireo.protocols.ethernet.EthernetFrame;
import io.vireo.protocols.icmp.IcmpEchoResponder;
import io.vireo.protocols.icmp.IcmpMessage;
import io.vireo.protocols.ipv4.Ipv4Packet;
import io.vireo.protocols.ipv4.Protocol;
import io.vireo.protocols.udp.UdpHeader;
import io.vireo.virtqueue.VirtioNetHeader;
import org.jspecify.annotations.Nullable;

/**
 * Decides what becomes of a frame, by the private copy of its head alone, and rewrites that copy: into what the receiver
 * will see, or into the gateway's answer, whose receiver is the sender.
 */
final class Classifier {
    /** Frames of one guest that the address service may hold at a time. */
    static final int PUNTS_PER_PORT = 8;

    private static final int DHCP_SERVER_PORT = 67;
    private static final int DHCP_CLIENT_PORT = 68;
    private static final int LIMITED_BROADCAST = 0xffff_ffff;

    private final FrameBatch batch;
    private final SlowPath slowPath;
    private final SoftwareOffload offload;
    private final EthernetFrame ethernet = new EthernetFrame();
    private final ArpPacket arp = new ArpPacket();
    private final Ipv4Packet ipv4 = new Ipv4Packet();
    private final UdpHeader udp = new UdpHeader();
    private final IcmpMessage icmp = new IcmpMessage();

    Classifier(FrameBatch batch, SlowPath slowPath, SoftwareOffload offload) {
        this.batch = batch;
        this.slowPath = slowPath;
        this.offload = offload;
    }

    /** @return the port that gets the frame, or null if none does; then the reason is counted */
    @Nullable
    NetPort classify(NetPort source, int frame) {
        int visible = batch.visible[frame];
        if (!ethernet.tryWrap(HostMemory.ALL, batch.frameAddress(frame), visible)) {
            return drop(source, Counter.TX_DROP_TRUNCATED);
        }
        if (!VirtioNetHeader.isPlain(batch.slot(frame)) && !batch.tryReadRequest(frame, source.transmitFeatures())) {
            return drop(source, Counter.TX_DROP_OFFLOAD);
        }
        if (batch.isLonger(frame, source.maxFrame())) {
            return drop(source, Counter.TX_DROP_OVERSIZED);
        }
        if (ethernet.source() != source.mac()) {
            return dropSpoofedMac(source);
        }
        return switch (ethernet.etherType()) {
            case EtherType.IPV4 -> classifyIpv4(source, frame);
            case EtherType.ARP -> classifyArp(source, frame);
            default -> drop(source, Counter.TX_DROP_ETHERTYPE);
        };
    }

    private @Nullable NetPort classifyArp(NetPort source, int frame) {
        int visible = batch.visible[frame] - EthernetFrame.HEADER_LENGTH;
        long offset = batch.frameAddress(frame) + EthernetFrame.HEADER_LENGTH;
        if (!arp.tryWrap(HostMemory.ALL, offset, visible)) {
            return drop(source, Counter.TX_DROP_ARP_MALFORMED);
        }
        if (arp.senderHardware() != source.mac()) {
            return dropSpoofedMac(source);
        }
        int sender = arp.senderProtocol();
        if (sender != source.ipv4() && sender != 0) { // zero: a probe (RFC 5227, 1.1)
            return drop(source, Counter.TX_DROP_SPOOFED_IPV4);
        }
        if (!source.arpResponder().respond(ethernet, arp, source.ipv4())) {
            return drop(source, Counter.TX_DROP_ARP_UNANSWERED);
        }
        batch.replace(frame, ArpResponder.REPLY_FRAME_LENGTH);
        source.count(Counter.ARP_ANSWERED);
        return source;
    }

    private @Nullable NetPort classifyIpv4(NetPort source, int frame) {
        long offset = batch.frameAddress(frame) + EthernetFrame.HEADER_LENGTH;
        int visible = batch.visible[frame] - EthernetFrame.HEADER_LENGTH;
        int length = batch.length[frame] - EthernetFrame.HEADER_LENGTH;
        if (!ipv4.tryWrap(HostMemory.ALL, offset, visible, length)) {
            return drop(source, Counter.TX_DROP_IPV4_MALFORMED);
        }
        if (!ipv4.hasValidChecksum()) {
            return drop(source, Counter.TX_DROP_IPV4_CHECKSUM);
        }
        int destination = ipv4.destination();
        if (isDhcp(source, destination)) {
            return punt(source, frame);
        }
        if (source.ipv4() == 0 || ipv4.source() != source.ipv4()) {
            return drop(source, Counter.TX_DROP_SPOOFED_IPV4);
        }
        if (ethernet.destination() != Gateway.GATEWAY_MAC) {
            boolean group = EthernetFrame.isMulticast(ethernet.destination());
            return drop(source, group ? Counter.TX_DROP_BROADCAST : Counter.TX_DROP_FOREIGN_MAC);
        }
        if (source.network().isGateway(destination)) {
            return answer(source);
        }
        return route(source, frame, destination);
    }

    /**
     * A DHCP client's message: the only thing that may come from 0.0.0.0 (RFC 2131, 4.1), and, from a guest without an
     * address, from one that it still believes to have: it is told better.
     */
    private boolean isDhcp(NetPort source, int destination) {
        boolean client = ipv4.source() == 0 || ipv4.source() == source.ipv4() || source.ipv4() == 0;
        boolean server = destination == LIMITED_BROADCAST || source.network().isGateway(destination);
        return ipv4.protocol() == Protocol.UDP
                && client
                && server
                && !ipv4.isFragment()
                && udp.tryWrap(HostMemory.ALL, ipv4.payloadOffset(), ipv4.visiblePayload())
                && udp.sourcePort() == DHCP_CLIENT_PORT
                && udp.destinationPort() == DHCP_SERVER_PORT;
    }

    private @Nullable NetPort punt(NetPort source, int frame) {
        if (!source.mayPunt(PUNTS_PER_PORT)) {
            return drop(source, Counter.TX_DROP_PUNT_FULL);
        }
        if (batch.hasOffload(frame)) { // Linux leaves the checksum of its own DHCP client's unicast to the network card
            if (batch.request(frame).isSuperFrame()) {
                return drop(source, Counter.TX_DROP_OFFLOAD);
            }
            offload.complete(batch, frame, 1);
        }
        if (!slowPath.punt(source, batch, frame)) {
            return drop(source, Counter.TX_DROP_PUNT_FULL);
        }
        source.punted();
        source.count(Counter.PUNTED);
        return null;
    }

    private @Nullable NetPort answer(NetPort source) {
        boolean echo = ipv4.protocol() == Protocol.ICMP
                && icmp.tryWrap(HostMemory.ALL, ipv4.payloadOffset(), ipv4.visiblePayload())
                && IcmpEchoResponder.respond(ethernet, ipv4, icmp, Gateway.GATEWAY_MAC);
        if (!echo) {
            return drop(source, Counter.TX_DROP_NOT_SERVED);
        }
        source.count(Counter.ECHO_ANSWERED);
        return source;
    }

    private @Nullable NetPort route(NetPort source, int frame, int destination) {
        NetPort target = source.network().find(destination);
        if (target == null) {
            boolean group = destination == LIMITED_BROADCAST || destination >>> 28 == 14;
            return drop(source, group ? Counter.TX_DROP_BROADCAST : Counter.TX_DROP_NO_ROUTE);
        }
        if (source.network().isRouted()) {
            if (ipv4.timeToLive() <= 1) {
                return drop(source, Counter.TX_DROP_TTL_EXPIRED);
            }
            ipv4.decrementTimeToLive();
        }
        if (batch.isLonger(frame, target.maxFrame())) {
            return drop(source, Counter.TX_DROP_MTU);
        }
        if (target.pairs() > 1) {
            batch.hash[frame] = FlowHash.ipv4(ipv4);
        }
        ethernet.destination(target.mac());
        ethernet.source(Gateway.GATEWAY_MAC);
        return target;
    }

    private @Nullable NetPort dropSpoofedMac(NetPort source) {
        if (source.isSpoofUnreported() && slowPath.spoofedMac(source, ethernet.source())) {
            source.spoofReported();
        }
        return drop(source, Counter.TX_DROP_SPOOFED_MAC);
    }

    private static @Nullable NetPort drop(NetPort port, Counter reason) {
        port.count(reason);
        return null;
    }
}
