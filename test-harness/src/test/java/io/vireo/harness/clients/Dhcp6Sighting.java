package io.vireo.harness.clients;

import io.vireo.virtqueue.VirtioNetHeader;
import java.nio.ByteBuffer;
import java.util.Optional;

/** Tells the type of a DHCPv6 message (RFC 8415, 7.3) on a guest's wire, in frames without extension headers. */
final class Dhcp6Sighting {
    private static final String[] TYPES = {
        "?",
        "SOLICIT",
        "ADVERTISE",
        "REQUEST",
        "CONFIRM",
        "RENEW",
        "REBIND",
        "REPLY",
        "RELEASE",
        "DECLINE",
        "RECONFIGURE",
        "INFORMATION-REQUEST"
    };
    private static final int ETHERTYPE_IPV6 = 0x86dd;
    private static final int UDP = 17;
    private static final int CLIENT_PORT = 546;
    private static final int SERVER_PORT = 547;

    private static final int IP = VirtioNetHeader.SIZE + 14;
    private static final int UDP_HEADER = IP + 40;
    private static final int MESSAGE = UDP_HEADER + 8;

    private Dhcp6Sighting() {}

    static Optional<String> of(byte[] packet) {
        ByteBuffer bytes = ByteBuffer.wrap(packet);
        if (packet.length <= MESSAGE
                || Short.toUnsignedInt(bytes.getShort(IP - 2)) != ETHERTYPE_IPV6
                || bytes.get(IP + 6) != UDP) {
            return Optional.empty();
        }
        int destination = bytes.getShort(UDP_HEADER + 2);
        int type = bytes.get(MESSAGE);
        return destination == CLIENT_PORT || destination == SERVER_PORT
                ? Optional.of(type > 0 && type < TYPES.length ? TYPES[type] : "type " + type)
                : Optional.empty();
    }
}
