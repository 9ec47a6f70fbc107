package io.vireo.router.dataplane;

import io.vireo.hugepages.HostMemory;
import io.vireo.protocols.arp.ArpPacket;
import io.vireo.protocols.arp.ArpResponder;
import io.vireo.protocols.ethernet.EtherType;
import io.vireo.protocols.ethernet.EthernetFrame;
import io.vireo.virtqueue.VirtioNetHeader;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Decides what becomes of a frame, by the private copy of its head alone, and rewrites that copy: into what the receiver
 * will see, or into the gateway's answer, whose receiver is the sender. Here is what holds for all frames, and ARP.
 */
final class Classifier {
    private final FrameBatch batch;
    private final SlowPath slowPath;
    private final EthernetFrame ethernet = new EthernetFrame();
    private final ArpPacket arp = new ArpPacket();
    private final Ipv4Classifier ipv4;
    private final Ipv6Classifier ipv6;

    /** @param clockNs as {@link System#nanoTime}; what limits ICMP errors */
    Classifier(FrameBatch batch, SlowPath slowPath, SoftwareOffload offload, Uplink uplink, LongSupplier clockNs) {
        this.batch = batch;
        this.slowPath = slowPath;
        Punts punts = new Punts(batch, slowPath, offload);
        IcmpErrors errors = new IcmpErrors(batch, ethernet, clockNs);
        ipv4 = new Ipv4Classifier(batch, ethernet, punts, errors, uplink);
        ipv6 = new Ipv6Classifier(batch, ethernet, punts, errors, uplink);
    }

    /** @return the port that gets the frame, or null if none does; then the reason is counted */
    @Nullable
    NetPort classify(NetPort source, int frame) {
        int visible = batch.visible[frame];
        if (!ethernet.tryWrap(HostMemory.ALL, batch.frameAddress(frame), visible)) {
            return source.drop(Counter.TX_DROP_TRUNCATED);
        }
        if (!VirtioNetHeader.isPlain(batch.slot(frame)) && !batch.tryReadRequest(frame, source.transmitFeatures())) {
            return source.drop(Counter.TX_DROP_OFFLOAD);
        }
        if (batch.isLonger(frame, source.maxFrame())) {
            return source.drop(Counter.TX_DROP_OVERSIZED);
        }
        if (ethernet.source() != source.mac()) {
            return dropSpoofedMac(source);
        }
        return switch (ethernet.etherType()) {
            case EtherType.IPV4 -> ipv4.classify(source, frame);
            case EtherType.IPV6 -> ipv6.classify(source, frame);
            case EtherType.ARP -> classifyArp(source, frame);
            default -> source.drop(Counter.TX_DROP_ETHERTYPE);
        };
    }

    private @Nullable NetPort classifyArp(NetPort source, int frame) {
        int visible = batch.visible[frame] - EthernetFrame.HEADER_LENGTH;
        long offset = batch.frameAddress(frame) + EthernetFrame.HEADER_LENGTH;
        if (!arp.tryWrap(HostMemory.ALL, offset, visible)) {
            return source.drop(Counter.TX_DROP_ARP_MALFORMED);
        }
        if (arp.senderHardware() != source.mac()) {
            return dropSpoofedMac(source);
        }
        if (!maySay(source, arp.senderProtocol())) {
            return source.drop(Counter.TX_DROP_SPOOFED_IPV4);
        }
        if (!source.arpResponder().respond(ethernet, arp, source.ipv4())) {
            return source.drop(Counter.TX_DROP_ARP_UNANSWERED);
        }
        batch.replace(frame, ArpResponder.REPLY_FRAME_LENGTH);
        source.count(Counter.ARP_ANSWERED);
        return source;
    }

    /**
     * Whether a guest may ask in the name of an address: its own, none, which makes it a probe (RFC 5227, 1.1), or one that is
     * behind it, as Linux asks in the name of the packet that waits for the answer. Nothing is learnt from it.
     */
    private static boolean maySay(NetPort source, int sender) {
        return sender == source.ipv4() || sender == 0 || source.network().leadsTo(source, sender);
    }

    private @Nullable NetPort dropSpoofedMac(NetPort source) {
        if (source.isSpoofUnreported() && slowPath.spoofedMac(source, ethernet.source())) {
            source.spoofReported();
        }
        return source.drop(Counter.TX_DROP_SPOOFED_MAC);
    }
}
