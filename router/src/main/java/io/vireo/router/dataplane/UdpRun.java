package io.vireo.router.dataplane;

import io.vireo.hugepages.HostMemory;
import io.vireo.protocols.checksum.InternetChecksum;
import io.vireo.protocols.ethernet.EtherType;
import io.vireo.protocols.ethernet.EthernetFrame;
import io.vireo.protocols.ipv4.Ipv4Packet;
import io.vireo.protocols.ipv4.Protocol;
import io.vireo.protocols.ipv6.Ipv6Packet;
import io.vireo.protocols.segmentation.TransportFrame;
import io.vireo.protocols.udp.UdpHeader;
import io.vireo.virtqueue.VirtioNetHeader;

/**
 * Finds datagrams of one flow that follow each other and can travel as one super-frame, which the kernel routes once and cuts
 * where it has to: those of the same headers and the same length, but for the last, which may be shorter. Their checksums
 * are made anew by whoever cuts it; so a datagram whose checksum is wrong stays alone, and as it is.
 *
 * <p>To be asked when nothing but the headers' hop count will change any more.
 */
final class UdpRun {
    /** Linux has cut 64 since it cuts at all, later more (UDP_MAX_SEGMENTS). */
    private static final int MAX_DATAGRAMS = 64;

    private static final int MAX_PACKET = 65_535;
    private static final int NETWORK = EthernetFrame.HEADER_LENGTH;
    private static final int IPV4_TRANSPORT = NETWORK + Ipv4Packet.HEADER_LENGTH;
    private static final int IPV6_TRANSPORT = NETWORK + Ipv6Packet.HEADER_LENGTH;

    private final FrameBatch batch;
    private final TransportFrame header = new TransportFrame();
    private final TransportFrame candidate = new TransportFrame();
    private final Ipv4Packet ipv4 = new Ipv4Packet();
    private final Ipv6Packet ipv6 = new Ipv6Packet();
    private final ChainReader chain = new ChainReader();

    private int headerLength;
    private int payload;

    UdpRun(FrameBatch batch) {
        this.batch = batch;
    }

    /**
     * The first frame of a mask, and those that follow it and can travel with it.
     *
     * @param frames not none
     * @return a mask of them
     */
    long begin(long frames) {
        int first = Long.numberOfTrailingZeros(frames);
        long run = Long.lowestOneBit(frames);
        long left = frames & frames - 1;
        if (left == 0 || !mayFollow(first, Long.numberOfTrailingZeros(left)) || !fits(header, first)) {
            return run;
        }
        headerLength = header.headerLength();
        payload = header.payloadLength();
        int total = header.length() - NETWORK;
        int last = payload;
        for (int count = 1; left != 0 && count < MAX_DATAGRAMS && last == payload; count++, left &= left - 1) {
            int frame = Long.numberOfTrailingZeros(left);
            if (!isSameFlow(first, frame) || !fits(candidate, frame)) {
                break;
            }
            last = candidate.payloadLength();
            total += last;
            if (last > payload || total > MAX_PACKET) {
                break;
            }
            run |= 1L << frame;
        }
        return run != Long.lowestOneBit(run) && !isSound(run) ? Long.lowestOneBit(run) : run;
    }

    /** Bytes of the headers of each frame of a run that this one is the first of, whatever its Ethernet header became. */
    int headerLength(int frame) {
        int version = HostMemory.getByte(batch.frameAddress(frame) + NETWORK) >> 4;
        return (version == 4 ? IPV4_TRANSPORT : IPV6_TRANSPORT) + UdpHeader.LENGTH;
    }

    /**
     * Whether two frames have the same bytes where IPv4 has both addresses and ports, and IPv6 has nothing that differs
     * within a flow: most that do not belong together are told by this alone. Short frames have what was before in the slot.
     */
    private boolean mayFollow(int first, int next) {
        long a = batch.frameAddress(first) + NETWORK + Ipv4Packet.HEADER_LENGTH - Long.BYTES;
        long b = batch.frameAddress(next) + NETWORK + Ipv4Packet.HEADER_LENGTH - Long.BYTES;
        return HostMemory.getLong(a) == HostMemory.getLong(b)
                && HostMemory.getInt(a + Long.BYTES) == HostMemory.getInt(b + Long.BYTES);
    }

    /** Plain UDP over IP without options or extension headers, some of whose payload is in the slot. */
    private boolean fits(TransportFrame view, int frame) {
        long address = batch.frameAddress(frame);
        return isUdp(address, batch.visible[frame])
                && view.tryWrap(HostMemory.ALL, address, batch.visible[frame], batch.length[frame])
                && view.length() == batch.length[frame]
                && view.payloadLength() > 0
                && batch.visible[frame] > view.headerLength()
                && !(batch.hasOffload(frame) && batch.request(frame).isSuperFrame());
    }

    private static boolean isUdp(long frame, int visible) {
        if (visible < IPV4_TRANSPORT + UdpHeader.LENGTH) {
            return false;
        }
        int type = Short.reverseBytes(HostMemory.getShort(frame + NETWORK - Short.BYTES)) & 0xffff;
        return type == EtherType.IPV4
                ? HostMemory.getByte(frame + NETWORK) == 0x45 && HostMemory.getByte(frame + NETWORK + 9) == Protocol.UDP
                : type == EtherType.IPV6
                        && HostMemory.getByte(frame + NETWORK + 6) == Protocol.UDP
                        && visible >= IPV6_TRANSPORT + UdpHeader.LENGTH;
    }

    /** Whether all that a packet and its pieces have in common is the same: all but lengths, identification and checksums. */
    private boolean isSameFlow(int first, int frame) {
        if (batch.visible[frame] < headerLength) {
            return false;
        }
        long a = batch.frameAddress(first) + NETWORK;
        long b = batch.frameAddress(frame) + NETWORK;
        boolean type = HostMemory.getShort(a - Short.BYTES) == HostMemory.getShort(b - Short.BYTES);
        if (header.isIpv6()) {
            return type
                    && HostMemory.getInt(a) == HostMemory.getInt(b) // version, class, flow label
                    && HostMemory.getShort(a + 6) == HostMemory.getShort(b + 6) // next header, hop limit
                    && HostMemory.getLong(a + 8) == HostMemory.getLong(b + 8)
                    && HostMemory.getLong(a + 16) == HostMemory.getLong(b + 16)
                    && HostMemory.getLong(a + 24) == HostMemory.getLong(b + 24)
                    && HostMemory.getLong(a + 32) == HostMemory.getLong(b + 32)
                    && HostMemory.getInt(a + 40) == HostMemory.getInt(b + 40); // ports
        }
        return type
                && HostMemory.getShort(a) == HostMemory.getShort(b) // version, words, type of service
                && HostMemory.getInt(a + 6) == HostMemory.getInt(b + 6) // fragment, time to live, protocol
                && HostMemory.getLong(a + 12) == HostMemory.getLong(b + 12) // addresses
                && HostMemory.getInt(a + 20) == HostMemory.getInt(b + 20); // ports
    }

    /** Whether the checksum of each is left to be done, not there at all, or right. */
    private boolean isSound(long frames) {
        for (long left = frames; left != 0; left &= left - 1) {
            if (!isSound(Long.numberOfTrailingZeros(left))) {
                return false;
            }
        }
        return true;
    }

    private boolean isSound(int frame) {
        if (batch.hasOffload(frame)) {
            return true;
        }
        long transport = batch.frameAddress(frame) + headerLength - UdpHeader.LENGTH;
        if (HostMemory.getShort(transport + UdpHeader.CHECKSUM) == 0) {
            return !header.isIpv6(); // RFC 768; over IPv6 there must be one (RFC 8200, 8.1)
        }
        int length = batch.length[frame] - headerLength + UdpHeader.LENGTH;
        int visible = batch.visible[frame] - headerLength + UdpHeader.LENGTH;
        long sum = pseudoHeader(frame, length) + InternetChecksum.sum(HostMemory.ALL, transport, visible);
        if (length > visible) {
            chain.begin(batch.chains, frame);
            long rest = chain.sum((long) VirtioNetHeader.SIZE + batch.visible[frame], (long) length - visible);
            sum = InternetChecksum.append(sum, rest, visible);
        }
        return InternetChecksum.fold(sum) == 0xffff;
    }

    private long pseudoHeader(int frame, int length) {
        long packet = batch.frameAddress(frame) + NETWORK;
        int bytes = batch.visible[frame] - NETWORK;
        if (header.isIpv6()) {
            ipv6.tryWrap(HostMemory.ALL, packet, bytes, batch.length[frame] - NETWORK);
            return ipv6.pseudoHeader(Protocol.UDP, length);
        }
        ipv4.tryWrap(HostMemory.ALL, packet, bytes, batch.length[frame] - NETWORK);
        return InternetChecksum.pseudoHeader(ipv4.source(), ipv4.destination(), Protocol.UDP, length);
    }

    /**
     * Makes the headers of the last run's first frame those of all of it, with the virtio-net header that says so.
     *
     * @param at where that goes: {@link VirtioNetHeader#SIZE} bytes that end where the IP header begins
     */
    void writeHeaders(long frames, long at) {
        int first = Long.numberOfTrailingZeros(frames);
        long frame = batch.frameAddress(first);
        int total = batch.length[first];
        for (long left = frames & frames - 1; left != 0; left &= left - 1) {
            total += batch.length[Long.numberOfTrailingZeros(left)] - headerLength;
        }
        int transport = headerLength - UdpHeader.LENGTH;
        if (header.isIpv6()) {
            Ipv6Packet.rewrite(HostMemory.ALL, frame + NETWORK, total - transport);
        } else {
            ipv4.tryWrap(
                    HostMemory.ALL, frame + NETWORK, batch.visible[first] - NETWORK, batch.length[first] - NETWORK);
            Ipv4Packet.rewrite(
                    HostMemory.ALL, frame + NETWORK, ipv4.headerLength(), total - NETWORK, ipv4.identification());
        }
        UdpHeader.rewrite(HostMemory.ALL, frame + transport, total - transport);
        header.tryWrap(HostMemory.ALL, frame, batch.visible[first], total);
        header.beginChecksum();
        int start = transport - NETWORK;
        VirtioNetHeader.writeSegmentation(
                at, VirtioNetHeader.GSO_UDP_L4, headerLength - NETWORK, payload, start, UdpHeader.CHECKSUM, 0);
    }
}
