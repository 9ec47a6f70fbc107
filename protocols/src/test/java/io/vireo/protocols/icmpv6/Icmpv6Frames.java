package io.vireo.protocols.icmpv6;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.vireo.protocols.Golden;
import java.nio.ByteBuffer;
import java.util.HexFormat;
import org.pcap4j.packet.EthernetPacket;
import org.pcap4j.packet.IcmpV6CommonPacket;
import org.pcap4j.packet.IllegalRawDataException;
import org.pcap4j.packet.IpV6Packet;

/** Frames of guest 52:54:00:12:34:01, and what pcap4j thinks of the gateway's. Addresses are 32 hexadecimal digits. */
public final class Icmpv6Frames {
    public static final String GUEST = "fe80000000000000505400fffe123401";
    public static final String GATEWAY = "fe800000000000000000000000000001";
    public static final String GLOBAL_GATEWAY = "20010db8000100000000000000000001";
    public static final String SOLICITED_NODE = "ff0200000000000000000001ff000001";
    public static final String ALL_NODES = "ff020000000000000000000000000001";
    public static final String ALL_ROUTERS = "ff020000000000000000000000000002";
    public static final String UNSPECIFIED = "00000000000000000000000000000000";

    private Icmpv6Frames() {}

    /** The message in a packet and a frame, all of it as it is given. */
    public static String frame(String source, String destination, int hopLimit, String message) {
        return "020000000001 525400123401 86dd 60000000 %04x 3a %02x".formatted(Golden.bytes(message).length, hopLimit)
                + source
                + destination
                + message;
    }

    /** The same with the right checksum, summed up word by word. */
    public static String summed(String source, String destination, int hopLimit, String message) {
        byte[] bytes = Golden.bytes(frame(source, destination, hopLimit, message));
        bytes[56] = 0;
        bytes[57] = 0;
        ByteBuffer words = ByteBuffer.wrap(bytes);
        int sum = 58 + bytes.length - 54;
        for (int at = 22; at < bytes.length; at += 2) {
            sum += at + 1 < bytes.length ? words.getShort(at) & 0xffff : (bytes[at] & 0xff) << 8;
        }
        sum = (sum & 0xffff) + (sum >>> 16);
        sum = (sum & 0xffff) + (sum >>> 16);
        words.putShort(56, (short) ~sum);
        return HexFormat.of().formatHex(bytes);
    }

    /** Asserts that lengths and checksum are right, and returns the message. */
    public static IcmpV6CommonPacket judge(byte[] frame) throws IllegalRawDataException {
        EthernetPacket ethernet = EthernetPacket.newPacket(frame, 0, frame.length);
        assertEquals("02:00:00:00:00:01", ethernet.getHeader().getSrcAddr().toString());
        IpV6Packet packet = ethernet.get(IpV6Packet.class);
        assertEquals(frame.length - 54, packet.getHeader().getPayloadLengthAsInt());
        IcmpV6CommonPacket message = packet.get(IcmpV6CommonPacket.class);
        assertTrue(message.hasValidChecksum(
                packet.getHeader().getSrcAddr(), packet.getHeader().getDstAddr(), false));
        return message;
    }
}
