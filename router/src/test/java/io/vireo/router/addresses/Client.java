package io.vireo.router.addresses;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.vireo.protocols.dhcp.DhcpFormatException;
import io.vireo.protocols.dhcp.DhcpMessage;
import io.vireo.protocols.dhcp.DhcpMessageType;
import io.vireo.protocols.dhcp.DhcpOption;
import io.vireo.protocols.ethernet.EtherType;
import io.vireo.protocols.ethernet.EthernetFrame;
import io.vireo.protocols.ethernet.MacAddress;
import io.vireo.protocols.gateway.Gateway;
import io.vireo.protocols.icmpv6.Icmpv6Checksum;
import io.vireo.protocols.icmpv6.Icmpv6Message;
import io.vireo.protocols.ipv4.Ipv4Address;
import io.vireo.protocols.ipv4.Ipv4Packet;
import io.vireo.protocols.ipv4.Protocol;
import io.vireo.protocols.ipv6.Ipv6Address;
import io.vireo.protocols.ipv6.Ipv6Packet;
import io.vireo.protocols.ipv6.Ipv6Prefix;
import io.vireo.protocols.udp.UdpHeader;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** A guest's frames, and what has become of it: its link is fake. */
final class Client implements GuestLink {
    static final int SERVER = 0x0a00_0001;
    private static final int IPV4_MESSAGE = 42;
    private static final int IPV6_PAYLOAD = 54;
    private static final int DHCPV6_MESSAGE = 62;

    final String name;
    final MacAddress mac;
    /** What happened at any client's link, in order. */
    private final List<String> events;

    final List<byte[]> received = new ArrayList<>();
    int ipv4;
    Optional<Ipv6Prefix> own = Optional.empty();
    Optional<Ipv6Prefix> delegated = Optional.empty();
    int exhausted;
    /** Whether its reactor does not do what it is asked. */
    boolean failing;

    Client(String name, int number, List<String> events) {
        this.name = name;
        this.events = events;
        mac = new MacAddress(0x5254_0012_3400L + number);
    }

    @Override
    public void send(byte[] frame) {
        received.add(frame);
        events.add(name + " is answered");
    }

    @Override
    public void ipv4(int address) {
        if (failing) {
            throw new IllegalStateException("as the test has it");
        }
        ipv4 = address;
        events.add(name + " has " + (address == 0 ? "no address" : new Ipv4Address(address)));
    }

    @Override
    public void ipv6(Optional<Ipv6Prefix> newOwn, Optional<Ipv6Prefix> newDelegated) {
        own = newOwn;
        delegated = newDelegated;
    }

    @Override
    public void countExhausted() {
        exhausted++;
    }

    /** The one frame received since the last time. */
    byte[] only() {
        assertEquals(1, received.size(), "frames for " + name);
        return received.removeFirst();
    }

    // ---- DHCP

    byte[] discover() {
        return dhcp(DhcpMessageType.DISCOVER, 0, Map.of());
    }

    /** In state SELECTING. */
    byte[] request(String address) {
        return dhcp(
                DhcpMessageType.REQUEST,
                0,
                Map.of(
                        DhcpOption.REQUESTED_IP_ADDRESS,
                        bytes(value(address)),
                        DhcpOption.SERVER_IDENTIFIER,
                        bytes(SERVER)));
    }

    byte[] renew(String address) {
        return dhcp(DhcpMessageType.REQUEST, value(address), Map.of());
    }

    byte[] release(String address) {
        return dhcp(DhcpMessageType.RELEASE, value(address), Map.of(DhcpOption.SERVER_IDENTIFIER, bytes(SERVER)));
    }

    byte[] decline(String address) {
        return dhcp(
                DhcpMessageType.DECLINE,
                0,
                Map.of(
                        DhcpOption.REQUESTED_IP_ADDRESS,
                        bytes(value(address)),
                        DhcpOption.SERVER_IDENTIFIER,
                        bytes(SERVER)));
    }

    byte[] inform(String address) {
        return dhcp(DhcpMessageType.INFORM, value(address), Map.of());
    }

    private byte[] dhcp(DhcpMessageType type, int ciaddr, Map<Integer, byte[]> more) {
        Map<Integer, byte[]> options = new LinkedHashMap<>(more);
        options.put(DhcpOption.DHCP_MESSAGE_TYPE, new byte[] {(byte) type.code()});
        byte[] message = new DhcpMessage(1, 1, 0, 7, 0, 0, ciaddr, 0, 0, 0, mac, "", "", options).encode();
        byte[] frame = new byte[IPV4_MESSAGE + message.length];
        System.arraycopy(message, 0, frame, IPV4_MESSAGE, message.length);
        MemorySegment bytes = MemorySegment.ofArray(frame);
        EthernetFrame.writeHeader(bytes, 0, EthernetFrame.BROADCAST, mac.value(), EtherType.IPV4);
        Ipv4Packet.writeHeader(bytes, 14, frame.length - 14, 64, Protocol.UDP, 0, -1);
        UdpHeader.writeHeader(bytes, 34, 8 + message.length, 0, 68, -1, 67);
        return frame;
    }

    private static int value(String address) {
        return Ipv4Address.parse(address).value();
    }

    private static byte[] bytes(int value) {
        return ByteBuffer.allocate(Integer.BYTES).putInt(value).array();
    }

    /** The type, the address and the seconds of the only answer, as in {@code ACK 10.0.0.100 60}. */
    String answer() throws DhcpFormatException {
        byte[] frame = only();
        DhcpMessage message = DhcpMessage.parse(Arrays.copyOfRange(frame, IPV4_MESSAGE, frame.length));
        return "%s %s %d"
                .formatted(
                        message.messageType().orElseThrow(),
                        new Ipv4Address(message.yiaddr()),
                        message.intOption(DhcpOption.IP_ADDRESS_LEASE_TIME).orElse(0));
    }

    // ---- IPv6

    /** A SOLICIT with rapid commit and associations of these types: 3 IA_NA, 25 IA_PD. */
    byte[] solicit(int... associations) {
        ByteBuffer message = ByteBuffer.allocate(256).putInt(0x0100_0007);
        message.putShort((short) 1).putShort((short) 10).putInt(0x0003_0001);
        message.putShort((short) (mac.value() >>> 32)).putInt((int) mac.value());
        message.putShort((short) 14).putShort((short) 0);
        for (int type : associations) {
            message.putShort((short) type)
                    .putShort((short) 12)
                    .putInt(1)
                    .putInt(0)
                    .putInt(0);
        }
        return udp6(Arrays.copyOf(message.array(), message.position()));
    }

    byte[] informationRequest() {
        return udp6(bytes(0x0b00_0007));
    }

    private byte[] udp6(byte[] message) {
        int length = 8 + message.length;
        MemorySegment bytes = ipv6(Ipv6Address.parse("ff02::1:2"), Protocol.UDP, length, 64);
        MemorySegment.copy(MemorySegment.ofArray(message), 0, bytes, DHCPV6_MESSAGE, message.length);
        Ipv6Packet packet = new Ipv6Packet();
        packet.tryWrap(bytes, 14, 40 + length, 40 + length);
        UdpHeader.writeHeader(bytes, IPV6_PAYLOAD, length, packet.pseudoHeader(Protocol.UDP, length), 546, 547);
        return (byte[]) bytes.heapBase().orElseThrow();
    }

    byte[] routerSolicitation() {
        MemorySegment bytes = ipv6(Ipv6Address.parse("ff02::2"), Protocol.ICMPV6, 8, 255);
        byte[] frame = (byte[]) bytes.heapBase().orElseThrow();
        frame[IPV6_PAYLOAD] = (byte) Icmpv6Message.ROUTER_SOLICITATION;
        Icmpv6Checksum.write(bytes, 14, 8);
        return frame;
    }

    private MemorySegment ipv6(Ipv6Address destination, int protocol, int length, int hopLimit) {
        MemorySegment bytes = MemorySegment.ofArray(new byte[IPV6_PAYLOAD + length]);
        EthernetFrame.writeHeader(bytes, 0, Gateway.GATEWAY_MAC, mac.value(), EtherType.IPV6);
        Ipv6Packet.writeHeader(
                bytes, 14, length, protocol, hopLimit, Ipv6Address.parse("fe80::" + mac.value() % 100), destination);
        return bytes;
    }

    /** The addresses and prefixes that the only answer, a REPLY, gives. */
    List<String> given() {
        byte[] frame = only();
        List<String> given = new ArrayList<>();
        assertEquals(7, frame[DHCPV6_MESSAGE], "a REPLY");
        options(frame, DHCPV6_MESSAGE + 4, frame.length, given);
        return given;
    }

    private static void options(byte[] frame, int from, int to, List<String> given) {
        ByteBuffer bytes = ByteBuffer.wrap(frame);
        for (int at = from; at < to; at += 4 + bytes.getShort(at + 2)) {
            int end = at + 4 + bytes.getShort(at + 2);
            switch (bytes.getShort(at)) {
                case 3, 25 -> options(frame, at + 16, end, given);
                case 5 -> given.add(new Ipv6Address(bytes.getLong(at + 4), bytes.getLong(at + 12)).toString());
                case 26 ->
                    given.add(
                            new Ipv6Address(bytes.getLong(at + 13), bytes.getLong(at + 21)) + "/" + bytes.get(at + 12));
                case 13 -> given.add("status " + bytes.getShort(at + 4));
                default -> {}
            }
        }
    }

    /** How many router advertisements were received since the last time; nothing else was. */
    int advertisements() {
        received.forEach(frame -> assertEquals((byte) Icmpv6Message.ROUTER_ADVERTISEMENT, frame[IPV6_PAYLOAD]));
        int count = received.size();
        received.clear();
        return count;
    }
}
