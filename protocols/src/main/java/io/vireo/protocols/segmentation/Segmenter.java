package io.vireo.protocols.segmentation;

import io.vireo.protocols.ipv4.Ipv4Packet;
import io.vireo.protocols.ipv6.Ipv6Packet;
import io.vireo.protocols.tcp.TcpHeader;
import io.vireo.protocols.udp.UdpHeader;
import java.lang.foreign.MemorySegment;

/**
 * Cuts a TCP or UDP super-frame into segments, as its sender would have sent them one by one. The caller pulls: the headers
 * of a segment are written where it says, and it copies the payload itself. Not thread-safe; allocates nothing.
 *
 * <pre>
 *   super-frame  | headers | payload 0 ... | payload 1 ... | rest |
 *   segments     | headers'| payload 0 ... |
 *                | headers'| payload 1 ... |
 *                | headers'| rest |
 * </pre>
 *
 * Of the headers, these change: IPv4 total length, identification (one more for each segment) and checksum; IPv6 payload
 * length; TCP sequence number, FIN and PSH (in the last segment only) and CWR (in the first only, RFC 3168 section 6.1.2);
 * UDP length; the transport's checksum. TCP options are repeated.
 */
public final class Segmenter {
    private TransportFrame frame = new TransportFrame();
    private int segmentSize = 1;
    private int count;
    /** The pseudo-header's sum, without the length. */
    private long pseudoHeader;

    /**
     * Begins a super-frame, which stays where it is and unchanged as long as its segments are asked for.
     *
     * @param segmentSize bytes of payload in each segment but the last, above 0
     */
    public void begin(TransportFrame superFrame, int segmentSize) {
        frame = superFrame;
        this.segmentSize = segmentSize;
        count = count(superFrame.payloadLength(), segmentSize);
        pseudoHeader = superFrame.pseudoHeader(0);
    }

    /** How many segments a payload gives; an empty one gives one. */
    public static int count(int payloadLength, int segmentSize) {
        return Math.max(1, (payloadLength + segmentSize - 1) / segmentSize);
    }

    public int count() {
        return count;
    }

    /** Bytes of each segment's headers. */
    public int headerLength() {
        return frame.headerLength();
    }

    /** Where each segment's transport header is. */
    public int transportOffset() {
        return frame.transportOffset();
    }

    /** Where each segment's checksum is, from the transport header's beginning. */
    public int checksumOffset() {
        return frame.checksumOffset();
    }

    /** Where the payload of a segment begins in the super-frame. */
    public int payloadOffset(int segment) {
        return frame.headerLength() + segment * segmentSize;
    }

    public int payloadLength(int segment) {
        return Math.min(segmentSize, frame.length() - payloadOffset(segment));
    }

    /** Bytes of a segment's frame. */
    public int length(int segment) {
        return frame.headerLength() + payloadLength(segment);
    }

    /**
     * Writes a segment's {@link #headerLength} bytes of headers; the transport's checksum is begun, as {@link
     * TransportFrame#beginChecksum()} does.
     *
     * @throws IndexOutOfBoundsException if there is no room for them at {@code offset}
     */
    public void writeHeaders(int segment, MemorySegment to, long offset) {
        int transport = frame.transportOffset();
        int transportLength = length(segment) - transport;
        frame.copyHeaders(to, offset);
        writeNetworkHeader(segment, to, offset + TransportFrame.NETWORK_OFFSET, transportLength);
        if (frame.isTcp()) {
            TcpHeader.rewrite(to, offset + transport, frame.sequence() + segment * segmentSize, flags(segment));
        } else {
            UdpHeader.rewrite(to, offset + transport, transportLength);
        }
        frame.beginChecksum(to, offset, pseudoHeader + transportLength);
    }

    private void writeNetworkHeader(int segment, MemorySegment to, long offset, int transportLength) {
        if (frame.isIpv6()) {
            Ipv6Packet.rewrite(to, offset, transportLength);
        } else {
            int headerBytes = frame.transportOffset() - TransportFrame.NETWORK_OFFSET;
            Ipv4Packet.rewrite(
                    to, offset, headerBytes, headerBytes + transportLength, frame.identification() + segment);
        }
    }

    private int flags(int segment) {
        int flags = frame.tcpFlags();
        if (segment > 0) {
            flags &= ~TcpHeader.CWR;
        }
        if (segment < count - 1) {
            flags &= ~(TcpHeader.FIN | TcpHeader.PSH);
        }
        return flags;
    }

    /**
     * Completes the checksum of a segment whose headers were written at {@code offset}.
     *
     * @param payloadSum the partial sum of that segment's payload
     */
    public void completeChecksum(MemorySegment to, long offset, long payloadSum) {
        frame.completeChecksum(to, offset, payloadSum);
    }
}
