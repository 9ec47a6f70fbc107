package io.vireo.services.vcomlink;

import java.io.IOException;
import java.util.Optional;

/** A kind of packets with a number of its own. Called by many threads at a time. */
public interface VcomLinkChannel {
    /** The number, unequal to 1, which is that of errors. */
    long number();

    /**
     * What is to be answered to a packet of this channel; empty: nothing.
     *
     * @throws MalformedPacketException if the packet is not of this channel's kind
     * @throws IOException if it cannot be answered; either ends the connection with an error packet
     */
    Optional<OutgoingPacket> receive(IncomingPacket packet) throws IOException;
}
