package io.vireo.protocols.dhcp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.vireo.protocols.Golden;
import io.vireo.protocols.dhcp.DhcpResponder.Outcome;
import io.vireo.protocols.ipv4.Ipv4Address;
import java.util.Collections;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.pcap4j.packet.EthernetPacket;
import org.pcap4j.packet.IllegalRawDataException;
import org.pcap4j.packet.IpV4Packet;
import org.pcap4j.packet.UdpPacket;

class DhcpResponderTest {
    private static final DhcpBinding SUBNET = DhcpFrames.binding(false);
    private static final DhcpBinding ROUTED = DhcpFrames.binding(true);
    private static final int ADDRESS = 0xc0a8000a;
    private static final int OTHER_ADDRESS = 0xc0a8000b;

    private final DhcpResponder responder = new DhcpResponder();

    /** A reply, taken apart by another codec up to UDP, with all its checksums checked. */
    private record Sent(String destinationMac, String destination, DhcpMessage message) {}

    private byte[] reply(byte[] frame, DhcpBinding binding) {
        return assertInstanceOf(Outcome.Reply.class, responder.respond(frame, frame.length, binding))
                .frame();
    }

    private Sent send(byte[] frame, DhcpBinding binding) throws IllegalRawDataException, DhcpFormatException {
        byte[] reply = reply(frame, binding);
        EthernetPacket ethernet = EthernetPacket.newPacket(reply, 0, reply.length);
        IpV4Packet.IpV4Header ipv4 = ethernet.get(IpV4Packet.class).getHeader();
        UdpPacket udp = ethernet.get(UdpPacket.class);
        assertEquals("02:00:00:00:00:01", ethernet.getHeader().getSrcAddr().toString());
        assertEquals(binding.serverIdentifier().toString(), ipv4.getSrcAddr().getHostAddress());
        assertTrue(ipv4.hasValidChecksum(false));
        assertTrue(udp.hasValidChecksum(ipv4.getSrcAddr(), ipv4.getDstAddr(), false));
        assertEquals(67, udp.getHeader().getSrcPort().valueAsInt());
        assertEquals(68, udp.getHeader().getDstPort().valueAsInt());
        assertEquals(reply.length - 14, ipv4.getTotalLengthAsInt());
        return new Sent(
                ethernet.getHeader().getDstAddr().toString(),
                ipv4.getDstAddr().getHostAddress(),
                DhcpMessage.parse(udp.getPayload().getRawData()));
    }

    private String ignored(byte[] frame) {
        return assertInstanceOf(Outcome.Ignored.class, responder.respond(frame, frame.length, SUBNET))
                .reason();
    }

    private static DhcpMessage client(DhcpMessageType type, int flags, int ciaddr, Map<Integer, byte[]> more) {
        Map<Integer, byte[]> options = new LinkedHashMap<>();
        options.put(DhcpOption.DHCP_MESSAGE_TYPE, new byte[] {(byte) type.code()});
        options.putAll(more);
        return new DhcpMessage(1, 1, 0, 0x3d1d, 0, flags, ciaddr, 0, 0, 0, DhcpFrames.CLIENT, options);
    }

    private static byte[] requestFor(int address, int ciaddr) {
        Map<Integer, byte[]> options =
                address == 0 ? Map.of() : Map.of(DhcpOption.REQUESTED_IP_ADDRESS, new Ipv4Address(address).toBytes());
        return DhcpFrames.frame(
                client(DhcpMessageType.REQUEST, 0, ciaddr, options).encode());
    }

    private static String hex(DhcpMessage message, int option) {
        return HexFormat.of().formatHex(message.option(option).orElseThrow());
    }

    @Test
    void offersByteForByte() {
        Golden.of(reply(DhcpFrames.DISCOVER, SUBNET))
                .assertHolds("000b8201fc42 020000000001 0800"
                        + "4500 014b 0000 4000 4011 b846 c0a80001 c0a8000a"
                        + "0043 0044 0137 2fa2"
                        + "02010600 00003d1d 0000 0000 00000000 c0a8000a c0a80001 00000000 000b8201fc42"
                        + "00".repeat(202)
                        + "63825363 350102 3604c0a80001 330400015180 3a040000a8c0 3b0400012750 0104ffffff00"
                        + "0304c0a80001 06080101010108080808 1a020578 3d0701000b8201fc42 ff");
    }

    @Test
    void acknowledgesTheRequestOfTheOffer() throws Exception {
        Sent sent = send(DhcpFrames.REQUEST, SUBNET);
        assertEquals(Optional.of(DhcpMessageType.ACK), sent.message().messageType());
        assertEquals(0x3d1e, sent.message().xid());
        assertEquals(ADDRESS, sent.message().yiaddr());
        assertEquals("00:0b:82:01:fc:42", sent.destinationMac());
        assertEquals("192.168.0.10", sent.destination());
    }

    @Test
    void sendsAGuestInRoutedAddressingEverythingThroughTheLinkLocalGateway() throws Exception {
        DhcpMessage offer = send(DhcpFrames.DISCOVER, ROUTED).message();
        assertEquals("ffffffff", hex(offer, DhcpOption.SUBNET_MASK));
        assertEquals("a9fe0001", hex(offer, DhcpOption.ROUTER));
        assertEquals("a9fe0001", hex(offer, DhcpOption.SERVER_IDENTIFIER));
        assertEquals("20a9fe00010000000000a9fe0001", hex(offer, DhcpOption.CLASSLESS_STATIC_ROUTE));
        assertEquals("0578", hex(offer, DhcpOption.INTERFACE_MTU));
        assertEquals(0xa9fe0001, offer.siaddr());
    }

    @Test
    void leavesOutDnsWhenThereIsNone() throws Exception {
        DhcpMessage offer = send(DhcpFrames.DISCOVER, binding(List.of(), 60)).message();
        assertEquals(Optional.empty(), offer.option(DhcpOption.DOMAIN_NAME_SERVER));
    }

    @Test
    void derivesRenewalTimesFromAnyLease() throws Exception {
        DhcpMessage offer =
                send(DhcpFrames.DISCOVER, binding(List.of(), Integer.MAX_VALUE)).message();
        assertEquals("7fffffff", hex(offer, DhcpOption.IP_ADDRESS_LEASE_TIME));
        assertEquals("3fffffff", hex(offer, DhcpOption.RENEWAL_TIME));
        assertEquals("6fffffff", hex(offer, DhcpOption.REBINDING_TIME));
    }

    @Test
    void fitsTheLongestReplyIntoWhatAnyClientTakes() throws Exception {
        DhcpBinding most = binding(Collections.nCopies(DhcpBinding.MAXIMUM_DNS, ROUTED.gateway()), 60);
        Map<Integer, byte[]> identifier = Map.of(DhcpOption.CLIENT_IDENTIFIER, new byte[180]);
        byte[] discover = DhcpFrames.frame(
                client(DhcpMessageType.DISCOVER, 0, 0, identifier).encode());
        assertEquals(14 + 576, reply(discover, most).length);
    }

    @Test
    void broadcastsWhenAskedTo() throws Exception {
        DhcpMessage discover = client(DhcpMessageType.DISCOVER, DhcpMessage.BROADCAST_FLAG, 0, Map.of());
        Sent sent = send(DhcpFrames.frame(discover.encode()), SUBNET);
        assertEquals("ff:ff:ff:ff:ff:ff", sent.destinationMac());
        assertEquals("255.255.255.255", sent.destination());
        assertTrue(sent.message().wantsBroadcast());
    }

    @Test
    void renewsToTheAddressInUseWhateverTheBroadcastFlag() throws Exception {
        DhcpMessage renewal = client(DhcpMessageType.REQUEST, DhcpMessage.BROADCAST_FLAG, ADDRESS, Map.of());
        Sent sent = send(DhcpFrames.frame(renewal.encode()), SUBNET);
        assertEquals(Optional.of(DhcpMessageType.ACK), sent.message().messageType());
        assertEquals(ADDRESS, sent.message().ciaddr());
        assertEquals("00:0b:82:01:fc:42", sent.destinationMac());
        assertEquals("192.168.0.10", sent.destination());
    }

    @Test
    void acknowledgesARebootIntoTheRightAddress() throws Exception {
        Sent sent = send(requestFor(ADDRESS, 0), SUBNET);
        assertEquals(Optional.of(DhcpMessageType.ACK), sent.message().messageType());
    }

    @Test
    void refusesAnyOtherAddressInABroadcastWithoutALease() throws Exception {
        List<byte[]> wrong =
                List.of(requestFor(OTHER_ADDRESS, 0), requestFor(0, OTHER_ADDRESS), requestFor(ADDRESS, OTHER_ADDRESS));
        for (byte[] frame : wrong) {
            Sent sent = send(frame, SUBNET);
            assertEquals("ff:ff:ff:ff:ff:ff", sent.destinationMac());
            assertEquals("255.255.255.255", sent.destination());
            assertEquals(Optional.of(DhcpMessageType.NAK), sent.message().messageType());
            assertEquals(
                    List.of(DhcpOption.DHCP_MESSAGE_TYPE, DhcpOption.SERVER_IDENTIFIER),
                    List.copyOf(sent.message().options().keySet()));
            assertEquals(0, sent.message().ciaddr());
            assertEquals(0, sent.message().yiaddr());
            assertEquals(0, sent.message().siaddr());
        }
    }

    @Test
    void echoesTheClientIdentifierInARefusalToo() throws Exception {
        Map<Integer, byte[]> options = Map.of(
                DhcpOption.REQUESTED_IP_ADDRESS,
                new byte[] {10, 0, 0, 1},
                DhcpOption.CLIENT_IDENTIFIER,
                Golden.bytes("ff00112233"));
        Sent sent = send(
                DhcpFrames.frame(client(DhcpMessageType.REQUEST, 0, 0, options).encode()), SUBNET);
        assertEquals(Optional.of(DhcpMessageType.NAK), sent.message().messageType());
        assertEquals("ff00112233", hex(sent.message(), DhcpOption.CLIENT_IDENTIFIER));
    }

    @Test
    void ignoresARequestToAnotherServer() {
        Map<Integer, byte[]> options = Map.of(
                DhcpOption.REQUESTED_IP_ADDRESS, Golden.bytes("c0a8000a"),
                DhcpOption.SERVER_IDENTIFIER, Golden.bytes("c0a80002"));
        assertEquals(
                "the client chose another server",
                ignored(DhcpFrames.frame(
                        client(DhcpMessageType.REQUEST, 0, 0, options).encode())));
        assertInstanceOf(
                Outcome.Ignored.class,
                responder.respond(DhcpFrames.REQUEST, DhcpFrames.REQUEST.length, ROUTED),
                "192.168.0.1 is not the server in routed addressing");
    }

    @Test
    void ignoresMessagesItDoesNotServeAndSaysWhy() {
        for (DhcpMessageType type : DhcpMessageType.values()) {
            String reason = switch (type) {
                case DISCOVER -> "";
                case REQUEST -> "DHCP REQUEST for no address";
                case DECLINE, RELEASE, INFORM -> "DHCP " + type + " is not served";
                case OFFER, ACK, NAK -> "DHCP " + type + " is a server's message";
            };
            if (!reason.isEmpty()) {
                assertEquals(
                        reason,
                        ignored(DhcpFrames.frame(client(type, 0, 0, Map.of()).encode())));
            }
        }
        Map<Integer, byte[]> unknown = Map.of(DhcpOption.DHCP_MESSAGE_TYPE, new byte[] {13});
        assertEquals(
                "no DHCP message type, or an unknown one",
                ignored(DhcpFrames.frame(
                        client(DhcpMessageType.DISCOVER, 0, 0, unknown).encode())));
    }

    @Test
    void ignoresWhatIsNotThisGuestsOwnRequest() {
        assertEquals("op is 2, not BOOTREQUEST", ignored(discoverWith(0, 2)));
        assertEquals("htype is 6, not Ethernet", ignored(discoverWith(1, 6)));
        assertEquals("hlen at byte 2 is 16, not 6", ignored(discoverWith(2, 16)));
        assertEquals("came through a relay agent", ignored(discoverWith(24, 10)));
        assertEquals("chaddr is 00:0b:82:01:fc:43, not the guest's 00:0b:82:01:fc:42", ignored(discoverWith(33, 0x43)));
        Map<Integer, byte[]> identifier = Map.of(DhcpOption.CLIENT_IDENTIFIER, new byte[256]);
        assertEquals(
                "client identifier of 256 bytes",
                ignored(DhcpFrames.frame(
                        client(DhcpMessageType.DISCOVER, 0, 0, identifier).encode())));
    }

    private static byte[] discoverWith(int at, int value) {
        byte[] message = client(DhcpMessageType.DISCOVER, 0, 0, Map.of()).encode();
        message[at] = (byte) value;
        return DhcpFrames.frame(message);
    }

    private static DhcpBinding binding(List<Ipv4Address> dns, int leaseSeconds) {
        return new DhcpBinding(
                ROUTED.mac(), ROUTED.address(), ROUTED.network(), true, ROUTED.gateway(), dns, 1500, leaseSeconds);
    }
}
