package io.vireo.protocols.segmentation;

import io.vireo.protocols.NetworkOrder;
import io.vireo.protocols.checksum.InternetChecksum;
import io.vireo.protocols.ethernet.EtherType;
import io.vireo.protocols.ethernet.EthernetFrame;
import io.vireo.protocols.ipv4.Ipv4Packet;
import io.vireo.protocols.ipv4.Protocol;
import io.vireo.protocols.ipv6.Ipv6Packet;
import io.vireo.protocols.tcp.TcpHeader;
import io.vireo.protocols.udp.UdpHeader;
import java.lang.foreign.MemorySegment;

/**
 * A view of a whole TCP or UDP frame, of which the head is readable: where each header begins, and its transport checksum.
 * Offsets count from the frame's beginning. Not thread-safe; allocates nothing; does not own the memory.
 */
public final class TransportFrame {
    /** Where the network header is: there are no tags. */
    public static final int NETWORK_OFFSET = EthernetFrame.HEADER_LENGTH;

    private final EthernetFrame ethernet = new EthernetFrame();
    private final Ipv4Packet ipv4 = new Ipv4Packet();
    private final Ipv6Packet ipv6 = new Ipv6Packet();
    private final TcpHeader tcp = new TcpHeader();
    private final UdpHeader udp = new UdpHeader();

    private MemorySegment segment = MemorySegment.NULL;
    private long offset;
    private boolean isIpv6;
    private boolean isTcp;
    private int transportOffset;
    private int headerLength;
    private int length;

    /**
     * Moves the view to a frame. After false it stands nowhere: unlike the views of single headers, it is made of several.
     *
     * @param visible how many of the frame's bytes are readable at {@code offset}
     * @param frameLength how many bytes the frame has
     * @return false unless it is IPv4 or IPv6, not a fragment, with TCP or UDP at once behind the header, whose headers lie
     *     within {@code visible} and whose lengths agree
     */
    public boolean tryWrap(MemorySegment segment, long offset, int visible, int frameLength) {
        if (!ethernet.tryWrap(segment, offset, visible)) {
            return false;
        }
        int seen = visible - NETWORK_OFFSET;
        int carried = frameLength - NETWORK_OFFSET;
        int etherType = ethernet.etherType();
        if (etherType == EtherType.IPV4) {
            if (!ipv4.tryWrap(segment, offset + NETWORK_OFFSET, seen, carried) || ipv4.isFragment()) {
                return false;
            }
            return wrap(segment, offset, false, ipv4.headerLength(), ipv4.totalLength(), ipv4.protocol(), seen);
        }
        if (etherType != EtherType.IPV6 || !ipv6.tryWrap(segment, offset + NETWORK_OFFSET, seen, carried)) {
            return false;
        }
        return wrap(segment, offset, true, Ipv6Packet.HEADER_LENGTH, ipv6.totalLength(), ipv6.nextHeader(), seen);
    }

    private boolean wrap(
            MemorySegment segment, long offset, boolean six, int ipHeader, int ipLength, int protocol, int seen) {
        int transport = NETWORK_OFFSET + ipHeader;
        int transportVisible = Math.min(seen, ipLength) - ipHeader;
        if (protocol == Protocol.TCP && tcp.tryWrap(segment, offset + transport, transportVisible)) {
            isTcp = true;
            headerLength = transport + tcp.headerLength();
        } else if (protocol == Protocol.UDP
                && udp.tryWrap(segment, offset + transport, transportVisible)
                && udp.length() == ipLength - ipHeader) {
            isTcp = false;
            headerLength = transport + UdpHeader.LENGTH;
        } else {
            return false;
        }
        this.segment = segment;
        this.offset = offset;
        isIpv6 = six;
        transportOffset = transport;
        length = NETWORK_OFFSET + ipLength;
        return true;
    }

    public boolean isIpv6() {
        return isIpv6;
    }

    /** TCP, or else UDP. */
    public boolean isTcp() {
        return isTcp;
    }

    public int transportOffset() {
        return transportOffset;
    }

    /** Where the checksum is, from the transport header's beginning. */
    public int checksumOffset() {
        return isTcp ? TcpHeader.CHECKSUM : UdpHeader.CHECKSUM;
    }

    /** Bytes of all headers: where the payload begins. */
    public int headerLength() {
        return headerLength;
    }

    /** Bytes of the frame, by its own account: what may follow is padding. */
    public int length() {
        return length;
    }

    public int payloadLength() {
        return length - headerLength;
    }

    /** Whether it is TCP that says its congestion window was reduced (RFC 3168 section 6.1.2). */
    public boolean hasCongestionWindowReduced() {
        return isTcp && (tcp.flags() & TcpHeader.CWR) != 0;
    }

    /** The payload's readable bytes, of {@code visible} of the frame. */
    public int visiblePayload(int visible) {
        return Math.min(visible, length) - headerLength;
    }

    /** Sets the checksum to the pseudo-header's sum, on which whoever completes it builds, whatever it was before. */
    public void beginChecksum() {
        beginChecksum(segment, offset, pseudoHeader(length - transportOffset));
    }

    /**
     * Completes a checksum that was begun.
     *
     * @param payloadSum the partial sum of all of the payload
     */
    public void completeChecksum(long payloadSum) {
        completeChecksum(segment, offset, payloadSum);
    }

    /** The partial sum of the pseudo-header of a transport header with payload of {@code bytes} in all. */
    long pseudoHeader(int bytes) {
        int protocol = isTcp ? Protocol.TCP : Protocol.UDP;
        return isIpv6
                ? ipv6.pseudoHeader(protocol, bytes)
                : InternetChecksum.pseudoHeader(ipv4.source(), ipv4.destination(), protocol, bytes);
    }

    /** As the public one, for a frame with headers like this one's elsewhere. */
    void beginChecksum(MemorySegment to, long at, long pseudoHeader) {
        NetworkOrder.u16(to, at + transportOffset + checksumOffset(), InternetChecksum.fold(pseudoHeader));
    }

    /** As the public one, for a frame with headers like this one's elsewhere. */
    void completeChecksum(MemorySegment to, long at, long payloadSum) {
        long header = InternetChecksum.sum(to, at + transportOffset, headerLength - transportOffset);
        int checksum = InternetChecksum.finish(header + payloadSum);
        // Zero means "none" to UDP, and is sent as its other representation (RFC 768).
        int sent = checksum == 0 && !isTcp ? 0xFFFF : checksum;
        NetworkOrder.u16(to, at + transportOffset + checksumOffset(), sent);
    }

    void copyHeaders(MemorySegment to, long at) {
        MemorySegment.copy(segment, offset, to, at, headerLength);
    }

    int identification() {
        return ipv4.identification();
    }

    int sequence() {
        return tcp.sequence();
    }

    int tcpFlags() {
        return tcp.flags();
    }
}
