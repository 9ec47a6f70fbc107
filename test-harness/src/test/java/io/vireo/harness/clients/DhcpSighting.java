package io.vireo.harness.clients;

import io.vireo.virtqueue.VirtioNetHeader;
import java.nio.ByteBuffer;
import java.util.HexFormat;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * A DHCPv4 message as seen on a guest's wire. Reads what well-behaved clients and this server send; options are not
 * overloaded.
 *
 * @param kind the message type, and for a REQUEST the client's state too, which RFC 2131's table 4 tells by the fields that
 *     are there: "REQUEST renewing"
 * @param destination of the IP packet
 * @param client ciaddr
 * @param your yiaddr
 * @param options by code, in hexadecimal digits
 */
record DhcpSighting(String kind, String destination, String client, String your, Map<Integer, String> options) {
    private static final String[] TYPES = {
        "?", "DISCOVER", "OFFER", "REQUEST", "DECLINE", "ACK", "NAK", "RELEASE", "INFORM"
    };
    private static final int ETHERTYPE_IPV4 = 0x0800;
    private static final int UDP = 17;
    private static final int SERVER_PORT = 67;
    private static final int MAGIC = 0x6382_5363;
    private static final String NONE = "0.0.0.0";
    private static final int REQUESTED = 50;
    private static final int TYPE = 53;
    private static final int SERVER = 54;

    // From the Ethernet header on: its type, IPv4's header length, protocol and destination.
    private static final int ETHERTYPE = VirtioNetHeader.SIZE + 12;
    private static final int IP = VirtioNetHeader.SIZE + 14;
    private static final int IP_PROTOCOL = IP + 9;
    private static final int IP_DESTINATION = IP + 16;
    private static final int MINIMUM = IP + 20 + 8 + 240;

    static Optional<DhcpSighting> of(byte[] packet) {
        ByteBuffer bytes = ByteBuffer.wrap(packet);
        if (packet.length < MINIMUM || bytes.getShort(ETHERTYPE) != ETHERTYPE_IPV4 || bytes.get(IP_PROTOCOL) != UDP) {
            return Optional.empty();
        }
        int udp = IP + (bytes.get(IP) & 0xf) * 4;
        int message = udp + 8;
        int options = message + 240;
        boolean dhcp = bytes.getShort(udp) == SERVER_PORT || bytes.getShort(udp + 2) == SERVER_PORT;
        if (!dhcp || options > packet.length || bytes.getInt(options - 4) != MAGIC) {
            return Optional.empty();
        }
        return Optional.of(read(bytes, message, options(packet, options)));
    }

    private static DhcpSighting read(ByteBuffer bytes, int message, Map<Integer, String> options) {
        String destination = address(bytes, IP_DESTINATION);
        String client = address(bytes, message + 12);
        int number = Integer.parseInt(options.getOrDefault(TYPE, "00"), 16);
        String type = number < TYPES.length ? TYPES[number] : "type " + number;
        String state = "";
        if (type.equals("REQUEST")) {
            if (!client.equals(NONE)) {
                state = destination.equals("255.255.255.255") ? " rebinding" : " renewing";
            } else {
                state = options.containsKey(SERVER) ? " selecting" : " init-reboot";
            }
        }
        return new DhcpSighting(type + state, destination, client, address(bytes, message + 16), options);
    }

    private static Map<Integer, String> options(byte[] packet, int from) {
        Map<Integer, String> options = new TreeMap<>();
        for (int at = from; at + 1 < packet.length && packet[at] != -1; ) {
            int code = Byte.toUnsignedInt(packet[at]);
            if (code == 0) {
                at++;
                continue;
            }
            int end = Math.min(packet.length, at + 2 + Byte.toUnsignedInt(packet[at + 1]));
            options.put(code, HexFormat.of().formatHex(packet, at + 2, end));
            at = end;
        }
        return options;
    }

    private static String address(ByteBuffer bytes, int at) {
        int value = bytes.getInt(at);
        return "%d.%d.%d.%d".formatted(value >>> 24, value >>> 16 & 0xff, value >>> 8 & 0xff, value & 0xff);
    }

    /** Option 50, which is also what a DECLINE is about. */
    String requested() {
        String digits = options.getOrDefault(REQUESTED, "00000000");
        return address(ByteBuffer.wrap(HexFormat.of().parseHex(digits)), 0);
    }
}
