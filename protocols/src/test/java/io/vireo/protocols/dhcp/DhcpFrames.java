package io.vireo.protocols.dhcp;

import io.vireo.protocols.Golden;
import io.vireo.protocols.ethernet.MacAddress;
import io.vireo.protocols.ipv4.Ipv4Address;
import io.vireo.protocols.ipv4.Ipv4Packet;
import io.vireo.protocols.ipv4.Ipv4Prefix;
import io.vireo.protocols.ipv4.Protocol;
import io.vireo.protocols.udp.UdpHeader;
import java.lang.foreign.MemorySegment;
import java.util.List;

/**
 * Frames of a real client, as the sample capture "dhcp.pcap" of the Wireshark project has them, with that client's own
 * checksums; and the configuration that fits them.
 */
final class DhcpFrames {
    static final MacAddress CLIENT = MacAddress.parse("00:0b:82:01:fc:42");

    private static final String CHADDR_TO_COOKIE = "000b8201fc42" + "00".repeat(202) + "63825363";

    static final byte[] DISCOVER = Golden.bytes("ffffffffffff 000b8201fc42 0800"
            + "4500 012c a836 0000 fa11 178b 00000000 ffffffff"
            + "0044 0043 0118 591f"
            + "01010600 00003d1d 0000 0000 00000000 00000000 00000000 00000000"
            + CHADDR_TO_COOKIE
            + "350101 3d0701000b8201fc42 320400000000 37040103062a ff"
            + "00".repeat(7));

    static final byte[] REQUEST = Golden.bytes("ffffffffffff 000b8201fc42 0800"
            + "4500 012c a837 0000 fa11 178a 00000000 ffffffff"
            + "0044 0043 0118 9fbd"
            + "01010600 00003d1e 0000 0000 00000000 00000000 00000000 00000000"
            + CHADDR_TO_COOKIE
            + "350103 3d0701000b8201fc42 3204c0a8000a 3604c0a80001 37040103062a ff"
            + "00");

    private DhcpFrames() {}

    static DhcpBinding binding(boolean routed) {
        return new DhcpBinding(
                CLIENT,
                Ipv4Address.parse("192.168.0.10"),
                Ipv4Prefix.parse("192.168.0.0/24"),
                routed,
                Ipv4Address.parse("192.168.0.1"),
                List.of(Ipv4Address.parse("1.1.1.1"), Ipv4Address.parse("8.8.8.8")),
                1400,
                DhcpBinding.DEFAULT_LEASE_SECONDS);
    }

    /** The client's message in a frame of its own. */
    static byte[] frame(byte[] message) {
        byte[] frame = new byte[42 + message.length];
        System.arraycopy(DISCOVER, 0, frame, 0, 14);
        System.arraycopy(message, 0, frame, 42, message.length);
        MemorySegment bytes = MemorySegment.ofArray(frame);
        UdpHeader.writeHeader(bytes, 34, 8 + message.length, 0, 68, -1, 67);
        Ipv4Packet.writeHeader(bytes, 14, 28 + message.length, 64, Protocol.UDP, 0, -1);
        return frame;
    }
}
