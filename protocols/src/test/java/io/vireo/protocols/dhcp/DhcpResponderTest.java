package io.vireo.protocols.dhcp;

import static io.vireo.protocols.dhcp.DhcpFrames.BOUND;
import static io.vireo.protocols.dhcp.DhcpFrames.OTHER;
import static io.vireo.protocols.dhcp.DhcpFrames.client;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.vireo.protocols.Golden;
import io.vireo.protocols.dhcp.DhcpFrames.Sent;
import io.vireo.protocols.dhcp.DhcpResponder.Outcome;
import io.vireo.protocols.ipv4.Ipv4Address;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.pcap4j.packet.IllegalRawDataException;

/** Offers, requests and refusals: who is answered, how, and where the answer goes. */
class DhcpResponderTest {
    private static final DhcpBinding SUBNET = DhcpFrames.binding(false);
    private static final DhcpBinding ROUTED = DhcpFrames.binding(true);

    private final DhcpResponder responder = new DhcpResponder();

    private byte[] reply(byte[] frame, DhcpBinding binding) {
        return assertInstanceOf(Outcome.Answer.class, responder.respond(frame, frame.length, binding))
                .frame();
    }

    private Sent send(byte[] frame, DhcpBinding binding) throws IllegalRawDataException, DhcpFormatException {
        return Sent.of(reply(frame, binding), binding);
    }

    private String ignored(byte[] frame) {
        return assertInstanceOf(Outcome.Ignored.class, responder.respond(frame, frame.length, SUBNET))
                .reason();
    }

    private static byte[] requestFor(int address, int ciaddr) {
        Map<Integer, byte[]> options =
                address == 0 ? Map.of() : Map.of(DhcpOption.REQUESTED_IP_ADDRESS, new Ipv4Address(address).toBytes());
        return DhcpFrames.frame(
                client(DhcpMessageType.REQUEST, 0, ciaddr, options).encode());
    }

    @Test
    void offersByteForByte() {
        Outcome outcome = responder.respond(DhcpFrames.DISCOVER, DhcpFrames.DISCOVER.length, SUBNET);
        Golden.of(assertInstanceOf(Outcome.Offer.class, outcome).frame())
                .assertHolds("000b8201fc42 020000000001 0800"
                        + "4500 0148 0000 4000 4011 b849 c0a80001 c0a8000a"
                        + "0043 0044 0134 5b80"
                        + "02010600 00003d1d 0000 0000 00000000 c0a8000a 00000000 00000000 000b8201fc42"
                        + "00".repeat(202)
                        + "63825363 350102 3604c0a80001 330400015180 3a040000a8c0 3b0400012750 3d0701000b8201fc42"
                        + "0104ffffff00 0304c0a80001 06080101010108080808 ff 00");
    }

    @Test
    void acknowledgesTheRequestOfTheOffer() throws Exception {
        Outcome outcome = responder.respond(DhcpFrames.REQUEST, DhcpFrames.REQUEST.length, SUBNET);
        Outcome.Ack ack = assertInstanceOf(Outcome.Ack.class, outcome);
        assertEquals(86_400, ack.seconds());
        Sent sent = Sent.of(ack.frame(), SUBNET);
        assertEquals(Optional.of(DhcpMessageType.ACK), sent.message().messageType());
        assertEquals(0x3d1e, sent.message().xid());
        assertEquals(BOUND, sent.message().yiaddr());
        assertEquals("00:0b:82:01:fc:42", sent.destinationMac());
        assertEquals("192.168.0.10", sent.destination());
    }

    @Test
    void derivesRenewalTimesFromAnyLease() throws Exception {
        Sent offer = send(DhcpFrames.DISCOVER, lease(Integer.MAX_VALUE));
        assertEquals("7fffffff", offer.hex(DhcpOption.IP_ADDRESS_LEASE_TIME));
        assertEquals("3fffffff", offer.hex(DhcpOption.RENEWAL_TIME));
        assertEquals("6fffffff", offer.hex(DhcpOption.REBINDING_TIME));
    }

    /** Options 51 and, where the lease itself is short, what is granted. */
    @ParameterizedTest
    @CsvSource({
        "86400, 00000e10, 3600",
        "86400, 00015180, 86400",
        "86400, 00015181, 86400",
        "86400, ffffffff, 86400",
        "86400, 00000001, 120",
        "86400, 00000000, 120",
        "60, 00000001, 60",
        "60, 00000e10, 60",
    })
    void grantsAShorterLeaseIfTheClientWantsOneButNoLonger(int lease, String wanted, int granted) throws Exception {
        byte[] request = DhcpFrames.clientFrame(DhcpMessageType.REQUEST, BOUND, "3304" + wanted);
        Outcome.Ack ack = assertInstanceOf(Outcome.Ack.class, responder.respond(request, request.length, lease(lease)));
        assertEquals(granted, ack.seconds());
        Sent sent = Sent.of(ack.frame(), lease(lease));
        assertEquals("%08x".formatted(granted), sent.hex(DhcpOption.IP_ADDRESS_LEASE_TIME));
        assertEquals("%08x".formatted(granted / 2), sent.hex(DhcpOption.RENEWAL_TIME));
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
        DhcpMessage renewal = client(DhcpMessageType.REQUEST, DhcpMessage.BROADCAST_FLAG, BOUND, Map.of());
        Sent sent = send(DhcpFrames.frame(renewal.encode()), SUBNET);
        assertEquals(Optional.of(DhcpMessageType.ACK), sent.message().messageType());
        assertEquals(BOUND, sent.message().ciaddr());
        assertEquals("00:0b:82:01:fc:42", sent.destinationMac());
        assertEquals("192.168.0.10", sent.destination());
    }

    @Test
    void acknowledgesARebootIntoTheRightAddress() throws Exception {
        Sent sent = send(requestFor(BOUND, 0), SUBNET);
        assertEquals(Optional.of(DhcpMessageType.ACK), sent.message().messageType());
    }

    @Test
    void refusesAnyOtherAddressInABroadcastWithoutALease() throws Exception {
        List<byte[]> wrong = List.of(requestFor(OTHER, 0), requestFor(0, OTHER), requestFor(BOUND, OTHER));
        for (byte[] frame : wrong) {
            Sent sent = send(frame, SUBNET);
            assertEquals("ff:ff:ff:ff:ff:ff", sent.destinationMac());
            assertEquals("255.255.255.255", sent.destination());
            assertEquals(Optional.of(DhcpMessageType.NAK), sent.message().messageType());
            assertEquals(
                    List.of(DhcpOption.DHCP_MESSAGE_TYPE, DhcpOption.SERVER_IDENTIFIER, DhcpOption.MESSAGE),
                    sent.codes());
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
        assertEquals("ff00112233", sent.hex(DhcpOption.CLIENT_IDENTIFIER));
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
    void ignoresMessagesThatSayTooLittleAndSaysWhy() {
        for (DhcpMessageType type : DhcpMessageType.values()) {
            String reason = switch (type) {
                case DISCOVER -> "";
                case REQUEST -> "DHCP REQUEST for no address";
                case DECLINE -> "DHCP DECLINE to no server or another";
                case RELEASE -> "DHCP RELEASE to no server or another";
                case INFORM -> "DHCP INFORM from an address that is not in the network";
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
        assertEquals(
                "claims to come through a relay agent (82)",
                ignored(DhcpFrames.clientFrame(DhcpMessageType.DISCOVER, 0, "5204 01020001")));
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

    private static DhcpBinding lease(int seconds) {
        return new DhcpBinding(
                SUBNET.mac(),
                SUBNET.address(),
                SUBNET.network(),
                false,
                SUBNET.gateway(),
                List.of(),
                1500,
                seconds,
                DhcpParameters.NONE);
    }
}
