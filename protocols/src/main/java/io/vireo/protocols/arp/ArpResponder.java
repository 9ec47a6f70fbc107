package io.vireo.protocols.arp;

import io.vireo.protocols.ethernet.EthernetFrame;

/**
 * Answers ARP requests with the gateway's MAC address, in place (RFC 826 "packet reception"; RFC 1027 for addresses of
 * other guests). Belongs to the thread that calls it; allocates nothing.
 */
public final class ArpResponder {
    /** Bytes of the reply: an Ethernet header and an ARP packet, whatever padding the request had. */
    public static final int REPLY_FRAME_LENGTH = EthernetFrame.HEADER_LENGTH + ArpPacket.LENGTH;

    /** Which addresses are reached through the gateway: its own, and in subnet addressing those of other guests. */
    public interface Addresses {
        boolean answersFor(int ipv4);
    }

    private final long gatewayMac;
    private final Addresses addresses;

    public ArpResponder(long gatewayMac, Addresses addresses) {
        this.gatewayMac = gatewayMac;
        this.addresses = addresses;
    }

    /**
     * Turns a request that deserves an answer into the unicast reply.
     *
     * @param guestIpv4 the asker's own address: an answer for it would make the guest's conflict detection (RFC 5227
     *     section 2.1.1) give it up
     * @return whether the frame is now a reply of {@link #REPLY_FRAME_LENGTH} bytes; if not, nothing was written
     */
    public boolean respond(EthernetFrame frame, ArpPacket packet, int guestIpv4) {
        int wanted = packet.targetProtocol();
        if (packet.operation() != ArpPacket.REQUEST || wanted == guestIpv4) {
            return false;
        }
        // An announcement (RFC 5227 section 3) tells and does not ask.
        if (wanted == packet.senderProtocol()) {
            return false;
        }
        long asker = packet.senderHardware();
        if (EthernetFrame.isMulticast(asker) || !addresses.answersFor(wanted)) {
            return false;
        }
        packet.operation(ArpPacket.REPLY);
        packet.targetHardware(asker);
        packet.targetProtocol(packet.senderProtocol());
        packet.senderHardware(gatewayMac);
        packet.senderProtocol(wanted);
        frame.destination(asker);
        frame.source(gatewayMac);
        return true;
    }
}
