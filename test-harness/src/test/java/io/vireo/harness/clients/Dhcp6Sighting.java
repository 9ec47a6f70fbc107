package io.vireo.harness.clients;

import io.vireo.protocols.ipv6.Ipv6Address;
import io.vireo.virtqueue.VirtioNetHeader;
import java.nio.ByteBuffer;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/**
 * A DHCPv6 message (RFC 8415, 8) as seen on a guest's wire, in a frame without extension headers. Reads what well-behaved
 * clients and this server send.
 *
 * @param kind the message type's name
 * @param resources the addresses and prefixes that it names in its identity associations, as text
 */
record Dhcp6Sighting(String kind, Set<String> resources) {
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
    private static final int OPTIONS = MESSAGE + 4;

    // Options (RFC 8415, 21), and where the options within the associations begin.
    private static final int IA_NA = 3;
    private static final int IA_ADDRESS = 5;
    private static final int IA_PD = 25;
    private static final int IA_PREFIX = 26;
    private static final int ASSOCIATION_HEADER = 12;
    private static final int LIFETIMES = 8;

    static Optional<Dhcp6Sighting> of(byte[] packet) {
        ByteBuffer bytes = ByteBuffer.wrap(packet);
        if (packet.length < OPTIONS
                || Short.toUnsignedInt(bytes.getShort(IP - 2)) != ETHERTYPE_IPV6
                || bytes.get(IP + 6) != UDP) {
            return Optional.empty();
        }
        int destination = bytes.getShort(UDP_HEADER + 2);
        if (destination != CLIENT_PORT && destination != SERVER_PORT) {
            return Optional.empty();
        }
        int type = bytes.get(MESSAGE);
        String kind = type > 0 && type < TYPES.length ? TYPES[type] : "type " + type;
        Set<String> resources = new TreeSet<>();
        collect(bytes, OPTIONS, packet.length, resources);
        return Optional.of(new Dhcp6Sighting(kind, resources));
    }

    private static void collect(ByteBuffer bytes, int from, int to, Set<String> resources) {
        for (int at = from; at + 4 <= to; ) {
            int code = Short.toUnsignedInt(bytes.getShort(at));
            int value = at + 4;
            int end = Math.min(to, value + Short.toUnsignedInt(bytes.getShort(at + 2)));
            switch (code) {
                case IA_NA, IA_PD -> collect(bytes, value + ASSOCIATION_HEADER, end, resources);
                case IA_ADDRESS -> resources.add(address(bytes, value).toString());
                case IA_PREFIX ->
                    resources.add(address(bytes, value + LIFETIMES + 1) + "/" + bytes.get(value + LIFETIMES));
                default -> {}
            }
            at = end;
        }
    }

    private static Ipv6Address address(ByteBuffer bytes, int at) {
        return new Ipv6Address(bytes.getLong(at), bytes.getLong(at + Long.BYTES));
    }
}
