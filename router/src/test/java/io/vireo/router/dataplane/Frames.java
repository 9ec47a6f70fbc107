package io.vireo.router.dataplane;

import io.vireo.protocols.gateway.Gateway;
import java.nio.ByteBuffer;

/** Frames byte by byte, built and judged without the code under test. */
public final class Frames {
    static final int ETHERNET = 14;
    static final int IPV4 = 20;
    static final int IP_FLAGS = ETHERNET + 6;
    static final int IP_TTL = ETHERNET + 8;
    static final int IP_CHECKSUM = ETHERNET + 10;
    static final long BROADCAST = 0xffff_ffff_ffffL;

    private Frames() {}

    /** A UDP datagram in a frame of {@code length} bytes, at least 42, to the gateway's MAC. */
    public static byte[] udp(Guest from, int destination, int length) {
        return ipv4(Gateway.GATEWAY_MAC, from.mac(), from.ipv4(), destination, 17, 64, length);
    }

    /** A frame with an IPv4 header, filled with a pattern that tells each place. */
    static byte[] ipv4(long toMac, long fromMac, int from, int to, int protocol, int timeToLive, int length) {
        byte[] bytes = new byte[length];
        ByteBuffer frame = ethernet(bytes, toMac, fromMac, 0x0800);
        frame.put((byte) 0x45).put((byte) 0).putShort((short) (length - ETHERNET));
        frame.putInt(0x1234_4000); // identification, don't fragment
        frame.put((byte) timeToLive).put((byte) protocol).putShort((short) 0);
        frame.putInt(from).putInt(to);
        for (int i = ETHERNET + IPV4; i < length; i++) {
            bytes[i] = (byte) (i * 31 + (i >> 8) + from);
        }
        return sealed(bytes);
    }

    /** A frame with its IPv4 header's checksum set right. */
    static byte[] sealed(byte[] frame) {
        ByteBuffer buffer = ByteBuffer.wrap(frame);
        buffer.putShort(IP_CHECKSUM, (short) 0);
        buffer.putShort(IP_CHECKSUM, (short) ~sum(frame));
        return frame;
    }

    /** The ones-complement sum of the IPv4 header: 0xffff if its checksum is right (RFC 1071). */
    static int sum(byte[] frame) {
        int sum = 0;
        for (int i = 0; i < IPV4; i += 2) {
            sum += Short.toUnsignedInt(ByteBuffer.wrap(frame).getShort(ETHERNET + i));
        }
        sum = (sum & 0xffff) + (sum >>> 16);
        return (sum & 0xffff) + (sum >>> 16);
    }

    /** The ones-complement sum of bytes, folded: 0xffff if a checksum among them is right (RFC 1071). */
    static int sum(byte[] bytes, int from, int to) {
        long sum = 0;
        for (int i = from; i < to; i++) {
            sum += (long) Byte.toUnsignedInt(bytes[i]) << ((i - from) % 2 == 0 ? 8 : 0);
        }
        while (sum >>> 16 != 0) {
            sum = (sum & 0xffff) + (sum >>> 16);
        }
        return (int) sum;
    }

    /** A DHCP client's UDP header and nothing behind it that is any good. */
    public static byte[] dhcp(Guest from, int length) {
        byte[] frame = ipv4(BROADCAST, from.mac(), 0, -1, 17, 64, length);
        ByteBuffer.wrap(frame)
                .putShort(ETHERNET + IPV4, (short) 68)
                .putShort(ETHERNET + IPV4 + 2, (short) 67)
                .putShort(ETHERNET + IPV4 + 4, (short) (length - ETHERNET - IPV4));
        return frame;
    }

    /** An echo request with a right checksum. */
    static byte[] echo(Guest from, int destination, int length) {
        byte[] frame = ipv4(Gateway.GATEWAY_MAC, from.mac(), from.ipv4(), destination, 1, 64, length);
        ByteBuffer buffer = ByteBuffer.wrap(frame);
        int icmp = ETHERNET + IPV4;
        buffer.putShort(icmp, (short) 0x0800).putShort(icmp + 2, (short) 0);
        int sum = 0;
        for (int i = icmp; i < length; i += 2) {
            sum += Short.toUnsignedInt(buffer.getShort(i));
        }
        sum = (sum & 0xffff) + (sum >>> 16);
        buffer.putShort(icmp + 2, (short) ~((sum & 0xffff) + (sum >>> 16)));
        return frame;
    }

    static byte[] arpRequest(Guest from, int sender, int target) {
        byte[] bytes = new byte[42];
        ByteBuffer frame = ethernet(bytes, BROADCAST, from.mac(), 0x0806);
        frame.putShort((short) 1)
                .putShort((short) 0x0800)
                .putShort((short) 0x0604)
                .putShort((short) 1);
        mac(frame, from.mac()).putInt(sender);
        mac(frame, 0).putInt(target);
        return bytes;
    }

    private static ByteBuffer ethernet(byte[] frame, long toMac, long fromMac, int etherType) {
        return mac(mac(ByteBuffer.wrap(frame), toMac), fromMac).putShort((short) etherType);
    }

    private static ByteBuffer mac(ByteBuffer into, long mac) {
        return into.putShort((short) (mac >>> 32)).putInt((int) mac);
    }

    /** What {@code to} gets of a frame that is forwarded inside a subnet: the same but for the MAC addresses. */
    public static byte[] forwarded(byte[] frame, Guest to) {
        byte[] copy = frame.clone();
        mac(mac(ByteBuffer.wrap(copy), to.mac()), Gateway.GATEWAY_MAC);
        return copy;
    }
}
