package io.vireo.router.dataplane;

import io.vireo.hugepages.HostMemory;
import io.vireo.protocols.NetworkOrder;
import io.vireo.protocols.ipv4.Ipv4Packet;
import io.vireo.protocols.ipv4.Protocol;
import io.vireo.protocols.ipv6.ExtensionHeaders;
import io.vireo.protocols.ipv6.Ipv6Packet;

/**
 * Which of a guest's queues a flow uses. Both directions of a flow have the same hash, so a guest that keeps a connection on
 * one processor finds it there both ways. Not keyed: a guest can crowd its flows onto one queue, which harms their receiver
 * no more than sending as much in one flow.
 */
final class FlowHash {
    /** Of what is no IP packet. */
    static final int NONE = 0;

    /** Odd, with the bits well spread: the golden ratio's fraction, and a constant of MurmurHash3's finalizer. */
    private static final long FIRST = 0x9e37_79b9_7f4a_7c15L;

    private static final long SECOND = 0xff51_afd7_ed55_8ccdL;
    private static final int PORTS_LENGTH = 4;

    private FlowHash() {}

    /**
     * Of a packet wrapped over {@link HostMemory#ALL}. Fragments, the first included, go by their addresses alone: the others
     * have no ports, and a datagram's fragments stay in order.
     */
    static int ipv4(Ipv4Packet packet) {
        int source = packet.source();
        int destination = packet.destination();
        if (packet.isFragment()) {
            return of(source, destination, 0, 0, 0);
        }
        int protocol = packet.protocol();
        boolean ports =
                (protocol == Protocol.TCP || protocol == Protocol.UDP) && packet.visiblePayload() >= PORTS_LENGTH;
        int pair = ports ? NetworkOrder.u32(HostMemory.ALL, packet.payloadOffset()) : 0;
        return of(source, destination, protocol, pair >>> 16, pair & 0xffff);
    }

    /**
     * As the other, of an IPv6 packet. Nothing is made of the flow label, which differs between a flow's directions.
     *
     * @param headers of this packet, after a walk that found its upper layer
     */
    static int ipv6(Ipv6Packet packet, ExtensionHeaders headers) {
        long source = fold(packet.sourceHigh(), packet.sourceLow());
        long destination = fold(packet.destinationHigh(), packet.destinationLow());
        if (headers.isFragment()) {
            return of(source, destination, 0, 0, 0);
        }
        int protocol = headers.protocol();
        boolean ports = (protocol == Protocol.TCP || protocol == Protocol.UDP) && headers.visible() >= PORTS_LENGTH;
        int pair = ports ? NetworkOrder.u32(HostMemory.ALL, headers.offset()) : 0;
        return of(source, destination, protocol, pair >>> 16, pair & 0xffff);
    }

    private static long fold(long high, long low) {
        return high * SECOND + low;
    }

    /**
     * @param source address; of a longer one, its words folded into one, the same way for both
     * @param sourcePort 0 to 65535; 0 where there are none
     */
    static int of(long source, long destination, int protocol, int sourcePort, int destinationPort) {
        // Sum and exclusive or together tell pairs apart, but not their order.
        long addresses = (source ^ destination) * FIRST + (source + destination);
        long ports = ((long) (sourcePort ^ destinationPort) << 20) | (sourcePort + destinationPort);
        long rest = (((long) protocol << 40) | ports) * FIRST;
        long mixed = (addresses ^ (addresses >>> 32) ^ rest) * SECOND;
        return (int) (mixed >>> 32);
    }

    /** @return the queue, 0 to {@code pairs - 1}: the hash taken as a fraction of 2^32, which is cheaper than a remainder */
    static int queue(int hash, int pairs) {
        return (int) ((Integer.toUnsignedLong(hash) * pairs) >>> 32);
    }
}
