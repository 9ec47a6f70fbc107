package io.vireo.router.dataplane;

import io.vireo.protocols.gateway.Gateway;
import io.vireo.protocols.ipv6.Ipv6Address;
import java.nio.ByteBuffer;
import java.util.HexFormat;

/** IPv6 frames byte by byte, built and judged without the code under test. */
final class Frames6 {
    static final int IPV6 = 40;
    static final int PAYLOAD_LENGTH = Frames.ETHERNET + 4;
    static final int NEXT_HEADER = Frames.ETHERNET + 6;
    static final int HOP_LIMIT = Frames.ETHERNET + 7;
    static final int SOURCE = Frames.ETHERNET + 8;
    static final int DESTINATION = Frames.ETHERNET + 24;
    /** Where what follows the fixed header is. */
    static final int UPPER = Frames.ETHERNET + IPV6;

    static final int HOP_BY_HOP = 0;
    static final int TCP = 6;
    static final int UDP = 17;
    static final int ROUTING = 43;
    static final int FRAGMENT = 44;
    static final int ICMP = 58;
    static final int DESTINATION_OPTIONS = 60;

    static final Ipv6Address LINK_LOCAL_GATEWAY = Gateway.GATEWAY_IPV6_LINK_LOCAL;
    static final Ipv6Address GATEWAY = Ipv6Address.parse("2001:db8:1::1");
    static final Ipv6Address DHCP_SERVERS = Ipv6Address.parse("ff02::1:2");
    static final Ipv6Address STRANGER = Ipv6Address.parse("2001:db8:1:ffff::9");
    static final Ipv6Address ELSEWHERE = Ipv6Address.parse("2001:db8:2::9");

    private Frames6() {}

    /** What the guest calls itself on its link. */
    static Ipv6Address linkLocal(Guest guest) {
        return new Ipv6Address(0xfe80_0000_0000_0000L, guest.mac());
    }

    /** A frame from the guest's MAC to where the address has it go, with traffic class and flow label. */
    static byte[] ipv6(Guest guest, Ipv6Address from, Ipv6Address to, int nextHeader, int hopLimit, byte[] payload) {
        byte[] bytes = new byte[UPPER + payload.length];
        boolean group = Ipv6Address.isMulticast(to.high());
        long mac = group ? 0x3333_0000_0000L | (to.low() & 0xffff_ffffL) : Gateway.GATEWAY_MAC;
        ByteBuffer.wrap(bytes)
                .putShort((short) (mac >>> 32))
                .putInt((int) mac)
                .putShort((short) (guest.mac() >>> 32))
                .putInt((int) guest.mac())
                .putShort((short) 0x86dd)
                .putInt(0x6b81_2345)
                .putShort((short) payload.length)
                .put((byte) nextHeader)
                .put((byte) hopLimit)
                .put(from.toBytes())
                .put(to.toBytes())
                .put(payload);
        return bytes;
    }

    /** A UDP datagram in a frame of {@code length} bytes, at least 62, filled with a pattern. */
    static byte[] udp(Guest from, Ipv6Address to, int length) {
        return udp(from, from.ipv6(), to, length);
    }

    static byte[] udp(Guest guest, Ipv6Address from, Ipv6Address to, int length) {
        return ipv6(guest, from, to, UDP, 64, pattern(length - UPPER));
    }

    static byte[] pattern(int length) {
        byte[] bytes = new byte[length];
        for (int i = 0; i < length; i++) {
            bytes[i] = (byte) (i * 31 + (i >> 8) + 7);
        }
        return bytes;
    }

    /** A frame whose payload is an ICMPv6 message, with its checksum. */
    static byte[] icmp(Guest guest, Ipv6Address from, Ipv6Address to, int hopLimit, byte[] message) {
        return sealed(ipv6(guest, from, to, ICMP, hopLimit, message), UPPER);
    }

    /** Sets the checksum of the ICMPv6 message that begins there. */
    static byte[] sealed(byte[] frame, int message) {
        ByteBuffer data = ByteBuffer.wrap(frame);
        data.putShort(message + 2, (short) 0).putShort(message + 2, (short) ~sum(frame, message));
        return frame;
    }

    /** The sum of pseudo-header and ICMPv6 message: 0xffff if its checksum is right (RFC 4443, 2.3). */
    static int sum(byte[] frame, int message) {
        int length = frame.length - message;
        byte[] summed = new byte[IPV6 + length];
        System.arraycopy(frame, SOURCE, summed, 0, 32);
        ByteBuffer.wrap(summed).putInt(32, length).putInt(36, ICMP);
        System.arraycopy(frame, message, summed, IPV6, length);
        return Frames.sum(summed, 0, summed.length);
    }

    static byte[] echo(Guest guest, Ipv6Address from, Ipv6Address to, int length) {
        byte[] message = pattern(length - UPPER);
        message[0] = (byte) 128;
        message[1] = 0;
        return icmp(guest, from, to, 64, message);
    }

    /**
     * A neighbour solicitation.
     *
     * @param option whether it names the sender's MAC
     */
    static byte[] solicitation(Guest guest, Ipv6Address from, Ipv6Address to, Ipv6Address target, boolean option) {
        String macOption = option ? "0101" + HexFormat.of().toHexDigits(guest.mac(), 12) : "";
        String message = "87000000" + "00000000" + HexFormat.of().formatHex(target.toBytes()) + macOption;
        return icmp(guest, from, to, 255, HexFormat.of().parseHex(message));
    }

    static byte[] routerSolicitation(Guest guest, Ipv6Address from) {
        byte[] message = HexFormat.of().parseHex("85000000" + "00000000");
        return icmp(guest, from, Ipv6Address.ALL_ROUTERS, 255, message);
    }

    /** A DHCPv6 client's UDP header and nothing behind it that is any good. */
    static byte[] dhcp(Guest guest, Ipv6Address from, Ipv6Address to, int length) {
        byte[] frame = udp(guest, from, to, length);
        ByteBuffer.wrap(frame)
                .putShort(UPPER, (short) 546)
                .putShort(UPPER + 2, (short) 547)
                .putShort(UPPER + 4, (short) (length - UPPER));
        return frame;
    }

    /** The frame with an extension header of eight bytes in front of what follows the fixed header. */
    static byte[] behind(int header, String last7Bytes, byte[] frame) {
        byte[] longer = new byte[frame.length + 8];
        System.arraycopy(frame, 0, longer, 0, UPPER);
        System.arraycopy(frame, UPPER, longer, UPPER + 8, frame.length - UPPER);
        longer[UPPER] = frame[NEXT_HEADER];
        System.arraycopy(HexFormat.of().parseHex(last7Bytes), 0, longer, UPPER + 1, 7);
        longer[NEXT_HEADER] = (byte) header;
        ByteBuffer.wrap(longer).putShort(PAYLOAD_LENGTH, (short) (longer.length - UPPER));
        return longer;
    }
}
