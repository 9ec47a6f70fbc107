package io.vireo.router.dataplane;

import io.vireo.hugepages.HostMemory;
import io.vireo.protocols.ethernet.EthernetFrame;
import io.vireo.protocols.gateway.Gateway;
import io.vireo.protocols.icmp.IcmpError;
import io.vireo.protocols.icmpv6.Icmpv6Error;
import io.vireo.protocols.ipv4.Ipv4Packet;
import io.vireo.protocols.ipv6.ExtensionHeaders;
import io.vireo.protocols.ipv6.Ipv6Address;
import io.vireo.protocols.ipv6.Ipv6Packet;
import io.vireo.virtqueue.VirtioNetHeader;
import java.util.function.LongSupplier;

/**
 * Tells a guest why its packet did not get through, if an error is due about it and the guest did not cause too many. One
 * for each reactor.
 *
 * <pre>
 *   slot    | packet, its head |                     private
 *   chain   | ................ | packet, the rest |  the guest's
 *                   \                  \
 *   backlog | headers | quote ..................|    private: copied first, then summed up
 * </pre>
 *
 * <p>To be asked before anything of the packet is changed in the slot.
 */
final class IcmpErrors {
    private final FrameBatch batch;
    private final EthernetFrame ethernet;
    private final LongSupplier clockNs;
    private final ChainReader chain = new ChainReader();
    private final BufferWriter writer = new BufferWriter();

    /**
     * @param ethernet stands on the frame that is asked about
     * @param clockNs as {@link System#nanoTime}; read for packets alone that an error is due about
     */
    IcmpErrors(FrameBatch batch, EthernetFrame ethernet, LongSupplier clockNs) {
        this.batch = batch;
        this.ethernet = ethernet;
        this.clockNs = clockNs;
    }

    /**
     * @param error one of {@link IcmpError}'s
     * @param mtu of the link that the packet is too long for, otherwise 0
     */
    void report(NetPort source, int frame, Ipv4Packet packet, int error, int mtu) {
        if (!IcmpError.isDueAbout(HostMemory.ALL, ethernet, packet) || !isAllowed(source)) {
            return;
        }
        int quoted = IcmpError.quotable(packet.totalLength());
        long address = OwnFrames.append(source, IcmpError.QUOTE + quoted);
        if (address != OwnFrames.NONE) {
            quote(frame, quoted, address + IcmpError.QUOTE);
            Network network = source.network();
            int from = network.isGateway(packet.destination()) ? packet.destination() : network.gateway();
            IcmpError.write(HostMemory.ALL, address, quoted, error, mtu, from, source.mac());
        }
    }

    /**
     * @param headers of this packet, after a walk that found its upper layer
     * @param error one of {@link Icmpv6Error}'s
     * @param mtu of the link that the packet is too long for, otherwise 0
     */
    void report(NetPort source, int frame, Ipv6Packet packet, ExtensionHeaders headers, int error, int mtu) {
        if (!Icmpv6Error.isDueAbout(HostMemory.ALL, ethernet, packet, headers) || !isAllowed(source)) {
            return;
        }
        int quoted = Icmpv6Error.quotable(packet.totalLength());
        long address = OwnFrames.append(source, Icmpv6Error.QUOTE + quoted);
        if (address != OwnFrames.NONE) {
            quote(frame, quoted, address + Icmpv6Error.QUOTE);
            Ipv6Address from = sourceOf(source.network(), packet);
            Icmpv6Error.write(HostMemory.ALL, address, quoted, error, mtu, from.high(), from.low(), source.mac());
        }
    }

    /** The address that the packet was sent to, if it is the gateway's, or one that the guest has a use for (RFC 4443, 2.2). */
    private static Ipv6Address sourceOf(Network network, Ipv6Packet packet) {
        boolean linkLocal = Network.isLinkLocalGateway(packet.destinationHigh(), packet.destinationLow())
                || Ipv6Address.isLinkLocal(packet.sourceHigh());
        return linkLocal ? Gateway.GATEWAY_IPV6_LINK_LOCAL : network.gatewayIpv6();
    }

    private boolean isAllowed(NetPort source) {
        boolean allowed = source.errorAllowance().tryTake(clockNs.getAsLong());
        source.count(allowed ? Counter.ICMP_ERRORS : Counter.ICMP_ERRORS_LIMITED);
        return allowed;
    }

    /** Copies the packet's beginning, from its IP header on. */
    private void quote(int frame, int length, long to) {
        int visible = batch.visible[frame];
        int inSlot = Math.min(length, visible - EthernetFrame.HEADER_LENGTH);
        HostMemory.copy(batch.frameAddress(frame) + EthernetFrame.HEADER_LENGTH, to, inSlot);
        if (length > inSlot) {
            chain.begin(batch.chains, frame);
            chain.write((long) VirtioNetHeader.SIZE + visible, (long) length - inSlot, writer.into(to + inSlot));
        }
    }
}
