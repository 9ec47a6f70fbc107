package io.vireo.protocols.dhcp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.vireo.protocols.Golden;
import io.vireo.protocols.ethernet.MacAddress;
import io.vireo.protocols.ipv4.Ipv4Address;
import io.vireo.protocols.ipv4.Ipv4Packet;
import io.vireo.protocols.ipv4.Ipv4Prefix;
import io.vireo.protocols.ipv4.Protocol;
import io.vireo.protocols.udp.UdpHeader;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.pcap4j.packet.EthernetPacket;
import org.pcap4j.packet.IllegalRawDataException;
import org.pcap4j.packet.IpV4Packet;
import org.pcap4j.packet.UdpPacket;

/**
 * Frames of clients and the configuration that fits them. The first two are a real client's, as the sample capture
 * "dhcp.pcap" of the Wireshark project has them, with that client's own checksums.
 */
final class DhcpFrames {
    static final MacAddress CLIENT = MacAddress.parse("00:0b:82:01:fc:42");
    static final Ipv4Address ADDRESS = Ipv4Address.parse("192.168.0.10");
    static final int BOUND = 0xc0a8000a;
    static final int OTHER = 0xc0a8000b;
    static final int SERVER = 0xc0a80001;

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

    /**
     * As Windows 10 asks: type, client identifier, the address it last had, host name, vendor class "MSFT 5.0", and 1, 3,
     * 6, 15, 31, 33, 43, 44, 46, 47, 119, 121, 249 and 252 in this order.
     */
    static final byte[] WINDOWS_DISCOVER = Golden.bytes("ffffffffffff 000b8201fc42 0800"
            + "4500 014a 1c46 0000 8011 1d5e 00000000 ffffffff"
            + "0044 0043 0136 f97b"
            + "01010600 5a6b7c8d 0000 0000 00000000 00000000 00000000 00000000"
            + CHADDR_TO_COOKIE
            + "350101 3d0701000b8201fc42 3204c0a80017 0c0f4445534b544f502d31323334353637 3c084d53465420352e30"
            + "370e0103060f1f212b2c2e2f7779f9fc ff");

    /** The options of {@link #DISCOVER} spread over all three areas, with the end option last of all. */
    static final byte[] OVERLOADED_DISCOVER = frame(Golden.bytes("01010600 00003d1d 0000 0000" + "00".repeat(16)
            + "000b8201fc42" + "00".repeat(10)
            + "3d0701000b8201fc42 ff" + "00".repeat(54)
            + "37040103062a 390205dc ff" + "00".repeat(117)
            + "63825363 350101 340103 ff"));

    private DhcpFrames() {}

    static DhcpBinding binding(boolean routed) {
        return new DhcpBinding(
                CLIENT,
                Optional.of(ADDRESS),
                Ipv4Prefix.parse("192.168.0.0/24"),
                routed,
                Ipv4Address.parse("192.168.0.1"),
                List.of(Ipv4Address.parse("1.1.1.1"), Ipv4Address.parse("8.8.8.8")),
                1400,
                DhcpBinding.DEFAULT_LEASE_SECONDS,
                DhcpParameters.NONE);
    }

    /** One of everything. */
    static DhcpParameters parameters() {
        return DhcpParameters.NONE
                .withHostName("guest1")
                .withDomain("example.org")
                .withSearch(List.of("example.org", "lab.example.org"))
                .withNtp(List.of(Ipv4Address.parse("192.168.0.2")))
                .withBoot(Optional.of("192.168.0.3"), Optional.of("pxelinux.0"))
                .withExtra(Map.of(43, Golden.bytes("0104"), 252, Golden.bytes("0a")));
    }

    /** A client's message with its type and these options, in the map's order. */
    static DhcpMessage client(DhcpMessageType type, int flags, int ciaddr, Map<Integer, byte[]> more) {
        Map<Integer, byte[]> options = new LinkedHashMap<>();
        options.put(DhcpOption.DHCP_MESSAGE_TYPE, new byte[] {(byte) type.code()});
        options.putAll(more);
        return new DhcpMessage(1, 1, 0, 0x3d1d, 0, flags, ciaddr, 0, 0, 0, CLIENT, "", "", options);
    }

    /** As {@link #client}, framed, with options as on the wire. */
    static byte[] clientFrame(DhcpMessageType type, int ciaddr, String options) {
        byte[] empty = client(type, 0, ciaddr, Map.of()).encode();
        return frame(concat(Arrays.copyOf(empty, 243), Golden.bytes(options + "ff")));
    }

    static byte[] concat(byte[] a, byte[] b) {
        byte[] both = Arrays.copyOf(a, a.length + b.length);
        System.arraycopy(b, 0, both, a.length, b.length);
        return both;
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

    /**
     * A reply, taken apart by another codec up to UDP.
     *
     * @param wire the DHCP message's bytes
     */
    record Sent(String destinationMac, String destination, DhcpMessage message, byte[] wire) {
        /** Checks what holds for every reply, all checksums included. */
        static Sent of(byte[] reply, DhcpBinding binding) throws IllegalRawDataException, DhcpFormatException {
            EthernetPacket ethernet = EthernetPacket.newPacket(reply, 0, reply.length);
            IpV4Packet.IpV4Header ipv4 = ethernet.get(IpV4Packet.class).getHeader();
            UdpPacket udp = ethernet.get(UdpPacket.class);
            assertEquals("02:00:00:00:00:01", ethernet.getHeader().getSrcAddr().toString());
            assertEquals(
                    binding.serverIdentifier().toString(), ipv4.getSrcAddr().getHostAddress());
            assertTrue(ipv4.hasValidChecksum(false));
            assertTrue(udp.hasValidChecksum(ipv4.getSrcAddr(), ipv4.getDstAddr(), false));
            assertEquals(67, udp.getHeader().getSrcPort().valueAsInt());
            assertEquals(68, udp.getHeader().getDstPort().valueAsInt());
            assertEquals(reply.length - 14, ipv4.getTotalLengthAsInt());
            byte[] wire = udp.getPayload().getRawData();
            assertTrue(wire.length >= 300);
            return new Sent(
                    ethernet.getHeader().getDstAddr().toString(),
                    ipv4.getDstAddr().getHostAddress(),
                    DhcpMessage.parse(wire),
                    wire);
        }

        List<Integer> codes() {
            return List.copyOf(message.options().keySet());
        }

        String hex(int option) {
            return message.option(option).map(HexFormat.of()::formatHex).orElse("absent");
        }
    }
}
