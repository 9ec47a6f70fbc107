package io.vireo.protocols.arp;

import io.vireo.protocols.NetworkOrder;
import io.vireo.protocols.ethernet.EtherType;
import java.lang.foreign.MemorySegment;

/**
 * A view of an ARP packet for IPv4 over Ethernet (RFC 826). Not thread-safe; allocates nothing; does not own the memory.
 *
 * <pre>
 *  0                   1                   2                   3
 *  0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
 * +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 * |       Hardware Type (1)       |     Protocol Type (0x0800)    |
 * +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 * | HW Length (6) | Pr Length (4) |           Operation           |
 * +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 * |                        Sender Hardware                        |
 * +                               +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 * |                               |        Sender Protocol        |
 * +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 * |  Sender Protocol (continued)  |        Target Hardware        |
 * +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+                               +
 * |                                                               |
 * +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 * |                        Target Protocol                        |
 * +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 * </pre>
 */
public final class ArpPacket {
    public static final int LENGTH = 28;

    public static final int REQUEST = 1;
    public static final int REPLY = 2;

    private static final int HARDWARE_TYPE = 0;
    private static final int PROTOCOL_TYPE = 2;
    private static final int HARDWARE_AND_PROTOCOL_LENGTH = 4;
    private static final int OPERATION = 6;
    private static final int SENDER_HARDWARE = 8;
    private static final int SENDER_PROTOCOL = 14;
    private static final int TARGET_HARDWARE = 18;
    private static final int TARGET_PROTOCOL = 24;

    private static final int ETHERNET = 1;
    private static final int SIX_AND_FOUR = 0x0604;

    private MemorySegment segment = MemorySegment.NULL;
    private long offset;

    /**
     * Moves the view to a packet of which {@code length} bytes are readable.
     *
     * @return false if they do not hold a packet, do not lie inside the segment, or it is not IPv4 over Ethernet
     */
    public boolean tryWrap(MemorySegment segment, long offset, int length) {
        if (length < LENGTH || !NetworkOrder.contains(segment, offset, length)) {
            return false;
        }
        if (NetworkOrder.u16(segment, offset + HARDWARE_TYPE) != ETHERNET
                || NetworkOrder.u16(segment, offset + PROTOCOL_TYPE) != EtherType.IPV4
                || NetworkOrder.u16(segment, offset + HARDWARE_AND_PROTOCOL_LENGTH) != SIX_AND_FOUR) {
            return false;
        }
        this.segment = segment;
        this.offset = offset;
        return true;
    }

    public int operation() {
        return NetworkOrder.u16(segment, offset + OPERATION);
    }

    public void operation(int operation) {
        NetworkOrder.u16(segment, offset + OPERATION, operation);
    }

    public long senderHardware() {
        return NetworkOrder.u48(segment, offset + SENDER_HARDWARE);
    }

    public void senderHardware(long mac) {
        NetworkOrder.u48(segment, offset + SENDER_HARDWARE, mac);
    }

    public int senderProtocol() {
        return NetworkOrder.u32(segment, offset + SENDER_PROTOCOL);
    }

    public void senderProtocol(int ipv4) {
        NetworkOrder.u32(segment, offset + SENDER_PROTOCOL, ipv4);
    }

    public long targetHardware() {
        return NetworkOrder.u48(segment, offset + TARGET_HARDWARE);
    }

    public void targetHardware(long mac) {
        NetworkOrder.u48(segment, offset + TARGET_HARDWARE, mac);
    }

    public int targetProtocol() {
        return NetworkOrder.u32(segment, offset + TARGET_PROTOCOL);
    }

    public void targetProtocol(int ipv4) {
        NetworkOrder.u32(segment, offset + TARGET_PROTOCOL, ipv4);
    }
}
