package io.vireo.router.dataplane;

import io.vireo.hugepages.HostMemory;
import io.vireo.protocols.ethernet.EthernetFrame;
import io.vireo.protocols.icmpv6.Icmpv6Message;
import io.vireo.protocols.ipv6.Ipv6Packet;
import io.vireo.protocols.ndp.NdpResponder;
import io.vireo.protocols.ndp.NeighborSolicitation;
import io.vireo.protocols.ndp.RouterSolicitation;
import org.jspecify.annotations.Nullable;

/**
 * What becomes of a guest's neighbour discovery: solicitations for the gateway are answered, those for a router are the
 * address service's, and nothing is passed on.
 */
final class NeighborDiscovery {
    private final FrameBatch batch;
    private final EthernetFrame ethernet;
    private final Ipv6Packet ipv6;
    private final Punts punts;
    private final NeighborSolicitation solicitation = new NeighborSolicitation();

    /** Both views stand on the frame that is classified. */
    NeighborDiscovery(FrameBatch batch, EthernetFrame ethernet, Ipv6Packet ipv6, Punts punts) {
        this.batch = batch;
        this.ethernet = ethernet;
        this.ipv6 = ipv6;
        this.punts = punts;
    }

    /**
     * @param type of the message
     * @param forGateway whether it was sent to the gateway or to a group
     * @return the source, if it gets an answer, or null; then what became of the frame is counted
     */
    @Nullable
    NetPort classify(NetPort source, int frame, int type, boolean forGateway) {
        return switch (type) {
            case Icmpv6Message.NEIGHBOR_SOLICITATION -> answer(source, frame, forGateway);
            case Icmpv6Message.ROUTER_SOLICITATION ->
                forGateway && RouterSolicitation.isValid(HostMemory.ALL, ipv6)
                        ? punts.punt(source, frame)
                        : source.drop(Counter.TX_DROP_NDP_MALFORMED);
            default -> source.drop(Counter.TX_DROP_NDP_ROGUE);
        };
    }

    private @Nullable NetPort answer(NetPort source, int frame, boolean forGateway) {
        if (!solicitation.tryWrap(HostMemory.ALL, ipv6)) {
            return source.drop(Counter.TX_DROP_NDP_MALFORMED);
        }
        NdpResponder responder = source.ndpResponder();
        if (!forGateway
                || !responder.respond(HostMemory.ALL, batch.frameAddress(frame), ethernet, ipv6, solicitation)) {
            return source.drop(Counter.TX_DROP_NDP_UNANSWERED);
        }
        batch.replace(frame, NdpResponder.REPLY_FRAME_LENGTH);
        source.count(Counter.NDP_ANSWERED);
        return source;
    }
}
