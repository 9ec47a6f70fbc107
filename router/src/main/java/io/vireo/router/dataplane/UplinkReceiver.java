package io.vireo.router.dataplane;

import io.vireo.hugepages.HostMemory;
import io.vireo.protocols.ethernet.EtherType;
import io.vireo.protocols.ethernet.EthernetFrame;
import io.vireo.protocols.gateway.Gateway;
import io.vireo.protocols.ipv4.Ipv4Packet;
import io.vireo.protocols.ipv6.ExtensionHeaders;
import io.vireo.protocols.ipv6.Ipv6Address;
import io.vireo.protocols.ipv6.Ipv6Packet;
import io.vireo.router.uplink.UplinkQueue;
import io.vireo.virtqueue.VirtioNetHeader;
import org.jspecify.annotations.Nullable;

/**
 * Finds the guests that packets of the host are for, and makes frames of them, in place:
 *
 * <pre>
 *   as read           | virtio-net header 12 | IP packet ...
 *   frame   | virtio-net header 12 | Ethernet 14 | IP packet ...
 * </pre>
 *
 * <p>The host is trusted no more than a guest: what is wrong is dropped and counted.
 */
final class UplinkReceiver {
    private static final int LINK = UplinkSender.LINK;
    private static final int VERSION_SHIFT = 4;

    private final Uplink uplink;
    private final long features;
    private final Ipv4Packet ipv4 = new Ipv4Packet();
    private final Ipv6Packet ipv6 = new Ipv6Packet();
    private final ExtensionHeaders headers = new ExtensionHeaders();
    private final OffloadRequest request = new OffloadRequest();

    /** Packets that were read. */
    private int count;
    /** The first of them that is not yet delivered: a delivery that failed is repeated. */
    private int next;
    /** Where those end that are being delivered. */
    private int end;

    /** For whom they are. */
    private final @Nullable NetPort[] targets = new NetPort[UplinkQueue.BATCH];

    private final int[] hashes = new int[UplinkQueue.BATCH];

    /** @param features all that the host may leave to be done */
    UplinkReceiver(Uplink uplink, long features) {
        this.uplink = uplink;
        this.features = features;
    }

    /** Reads packets and finds out for whom they are, unless some of the last ones are yet to be delivered. */
    void receive() {
        UplinkQueue queue = uplink.queue();
        if (queue == null || next < count || !queue.mayHavePackets()) {
            return;
        }
        int read = queue.read();
        uplink.count(UplinkCounter.IN_PACKETS, read);
        for (int packet = 0; packet < read; packet++) {
            targets[packet] = classify(packet, queue.address(packet), queue.length(packet));
        }
        next = 0;
        count = read;
    }

    /**
     * Adds packets to a batch, as frames, but for those that were dropped: as many as a visit to a guest may move, so that
     * super-frames of the host's do not keep the guests waiting.
     *
     * @return how many packets {@link #done} will be about
     */
    int addTo(FrameBatch batch) {
        UplinkQueue queue = uplink.queue();
        int bytes = 0;
        end = next;
        for (; queue != null && end < count && bytes < Forwarder.MAX_BYTES; end++) {
            NetPort target = targets[end];
            if (target != null) {
                int length = queue.length(end) + LINK;
                batch.addOwn(target, hashes[end], queue.address(end) - LINK, length);
                bytes += length;
            }
        }
        return end - next;
    }

    /** All that were added were delivered. */
    void done() {
        next = end;
    }

    /** Nothing that was read can be delivered. */
    void drop() {
        for (; next < count; next++) {
            if (targets[next] != null) {
                uplink.count(UplinkCounter.IN_DROP_LOST);
            }
        }
        next = 0;
        count = 0;
    }

    private @Nullable NetPort classify(int packet, long address, int bytes) {
        int length = bytes - VirtioNetHeader.SIZE;
        uplink.count(UplinkCounter.IN_BYTES, Math.max(length, 0));
        if (length < Ipv4Packet.HEADER_LENGTH) {
            return drop(UplinkCounter.IN_DROP_MALFORMED);
        }
        long slot = address - LINK;
        VirtioNetHeader.moveInFrontOf(LINK, address, slot); // first, as the Ethernet header takes its place
        long ip = address + VirtioNetHeader.SIZE;
        NetPort target = switch (HostMemory.getByte(ip) >>> VERSION_SHIFT & 0xf) {
            case 4 -> classifyIpv4(packet, ip, length);
            case 6 -> classifyIpv6(packet, ip, length);
            default -> drop(UplinkCounter.IN_DROP_MALFORMED);
        };
        return target == null || !isSound(slot, LINK + length, target) ? null : target;
    }

    private @Nullable NetPort drop(UplinkCounter reason) {
        uplink.count(reason);
        return null;
    }

    private @Nullable NetPort classifyIpv4(int packet, long ip, int length) {
        if (!ipv4.tryWrap(HostMemory.ALL, ip, length, length) || !ipv4.hasValidChecksum()) {
            return drop(UplinkCounter.IN_DROP_MALFORMED);
        }
        int source = ipv4.source();
        int destination = ipv4.destination();
        if (destination >>> 28 >= 0xe) { // groups, and the limited broadcast
            return drop(UplinkCounter.IN_DROP_MULTICAST);
        }
        NetPort target = uplink.find(destination);
        if (target == null) {
            return drop(UplinkCounter.IN_DROP_NO_ROUTE);
        }
        if (target.network().route(source) != Route.UPLINK) {
            return drop(UplinkCounter.IN_DROP_SPOOFED);
        }
        if (ipv4.timeToLive() <= 1) {
            return drop(UplinkCounter.IN_DROP_TTL_EXPIRED);
        }
        ipv4.decrementTimeToLive();
        hashes[packet] = target.pairs() > 1 ? FlowHash.ipv4(ipv4) : FlowHash.NONE;
        EthernetFrame.writeHeader(HostMemory.ALL, ip - LINK, target.mac(), Gateway.GATEWAY_MAC, EtherType.IPV4);
        return target;
    }

    private @Nullable NetPort classifyIpv6(int packet, long ip, int length) {
        if (!ipv6.tryWrap(HostMemory.ALL, ip, length, length)) {
            return drop(UplinkCounter.IN_DROP_MALFORMED);
        }
        long high = ipv6.destinationHigh();
        long low = ipv6.destinationLow();
        if (Ipv6Address.isMulticast(high)) {
            return drop(UplinkCounter.IN_DROP_MULTICAST);
        }
        if (Ipv6Address.isLinkLocal(high) || Ipv6Address.isLinkLocal(ipv6.sourceHigh()) || ipv6.isSourceUnspecified()) {
            return drop(UplinkCounter.IN_DROP_LINK_LOCAL);
        }
        NetPort target = uplink.find(high, low);
        if (target == null) {
            return drop(UplinkCounter.IN_DROP_NO_ROUTE);
        }
        if (target.network().route(ipv6.sourceHigh(), ipv6.sourceLow()) != Route.UPLINK) {
            return drop(UplinkCounter.IN_DROP_SPOOFED);
        }
        if (ipv6.hopLimit() <= 1) {
            return drop(UplinkCounter.IN_DROP_TTL_EXPIRED);
        }
        ipv6.decrementHopLimit();
        boolean hashed = target.pairs() > 1 && headers.walk(HostMemory.ALL, ipv6) == ExtensionHeaders.Outcome.FOUND;
        hashes[packet] = hashed ? FlowHash.ipv6(ipv6, headers) : FlowHash.NONE;
        EthernetFrame.writeHeader(HostMemory.ALL, ip - LINK, target.mac(), Gateway.GATEWAY_MAC, EtherType.IPV6);
        return target;
    }

    /** Whether what is left to be done is true of the frame, and each segment fits the guest's link; if not, that is counted. */
    private boolean isSound(long slot, int length, NetPort target) {
        int longest = length;
        if (!VirtioNetHeader.isPlain(slot)) {
            if (!request.tryRead(slot, Math.min(length, FrameBatch.HEADER_BYTES), length, features)) {
                uplink.count(UplinkCounter.IN_DROP_OFFLOAD);
                return false;
            }
            longest = request.longestFrame();
        }
        if (longest > target.maxFrame()) {
            uplink.count(UplinkCounter.IN_DROP_MTU);
            return false;
        }
        return true;
    }
}
