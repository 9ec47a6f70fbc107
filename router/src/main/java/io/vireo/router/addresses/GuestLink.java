package io.vireo.router.addresses;

import io.vireo.protocols.ipv6.Ipv6Prefix;
import java.util.Optional;

/** What the address service can do at a guest's port. Each call returns when it has come into force. */
public interface GuestLink {
    /** Sends a whole Ethernet frame, after all that was sent before. It is this side's to keep. */
    void send(byte[] frame);

    /** Has the guest send from, and be reached at, this address alone; 0: at none. */
    void ipv4(int address);

    /** The same over IPv6, link-local addresses aside. */
    void ipv6(Optional<Ipv6Prefix> own, Optional<Ipv6Prefix> delegated);

    /** Counts that there was no address or prefix left for the guest. */
    void countExhausted();
}
