package io.vireo.protocols.dhcp;

import static io.vireo.protocols.dhcp.DhcpFrames.ADDRESS;
import static io.vireo.protocols.dhcp.DhcpFrames.BOUND;
import static io.vireo.protocols.dhcp.DhcpFrames.OTHER;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;

import io.vireo.protocols.dhcp.DhcpFrames.Sent;
import io.vireo.protocols.dhcp.DhcpResponder.Outcome;
import io.vireo.protocols.ethernet.MacAddress;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** Every message a client sends in its life (RFC 2131 figure 5 and table 4), with what becomes of the lease. */
class DhcpClientStatesTest {
    private static final DhcpBinding BINDING = DhcpFrames.binding(false);
    private static final DhcpBinding NOTHING_LEFT = BINDING.withAddress(Optional.empty());
    private static final String US = "3604 c0a80001";
    private static final String ANOTHER = "3604 c0a80002";
    private static final String OURS = "3204 c0a8000a";
    private static final String FOREIGN = "3204 c0a8000b";

    private final DhcpResponder responder = new DhcpResponder();

    private Outcome respond(DhcpMessageType type, int ciaddr, String options, DhcpBinding binding) {
        byte[] frame = DhcpFrames.clientFrame(type, ciaddr, options);
        return responder.respond(frame, frame.length, binding);
    }

    private String ignored(DhcpMessageType type, int ciaddr, String options) {
        return assertInstanceOf(Outcome.Ignored.class, respond(type, ciaddr, options, BINDING))
                .reason();
    }

    /** Table 4; "own" is the binding's address, "other" is not. */
    @ParameterizedTest(name = "{0}")
    @CsvSource({
        "selecting,                       0,     3204c0a8000a 3604c0a80001, Ack",
        "selecting another address,       0,     3204c0a8000b 3604c0a80001, Nak",
        "selecting another server,        0,     3204c0a8000a 3604c0a80002, Ignored",
        "init-reboot,                     0,     3204c0a8000a,              Ack",
        "init-reboot elsewhere,           0,     3204c0a8000b,              Nak",
        "init-reboot on another network,  0,     32040a000005,              Nak",
        "renewing or rebinding,           own,   00,                        Ack",
        "renewing another address,        other, 00,                        Nak",
        "renewing with both,              own,   3204c0a8000a,              Ack",
        "renewing one but asking another, own,   3204c0a8000b,              Nak",
        "renewing another but asking one, other, 3204c0a8000a,              Nak",
        "asking for nothing,              0,     00,                        Ignored",
        "asking for the zero address,     0,     320400000000,              Ignored",
        "an address of three bytes,       own,   3203c0a800,                Ignored",
        "a server of five bytes,          own,   3605c0a8000100,            Ignored",
    })
    void requestsInEveryState(String state, String ciaddr, String options, String outcome) {
        int address = switch (ciaddr) {
            case "own" -> BOUND;
            case "other" -> OTHER;
            default -> 0;
        };
        Outcome became = respond(DhcpMessageType.REQUEST, address, options, BINDING);
        assertEquals(outcome, became.getClass().getSimpleName(), state);
    }

    @Test
    void offersNothingAndRefusesAllWhenNoAddressIsLeft() {
        assertEquals(
                new Outcome.Ignored("DHCP DISCOVER, but no address is left"),
                respond(DhcpMessageType.DISCOVER, 0, "00", NOTHING_LEFT));
        assertEquals(
                new Outcome.Ignored("DHCP DISCOVER, but no address is left"),
                respond(DhcpMessageType.DISCOVER, 0, "5000", NOTHING_LEFT));
        assertInstanceOf(Outcome.Nak.class, respond(DhcpMessageType.REQUEST, 0, OURS, NOTHING_LEFT));
        assertInstanceOf(Outcome.Nak.class, respond(DhcpMessageType.REQUEST, BOUND, "00", NOTHING_LEFT));
        assertInstanceOf(Outcome.Ignored.class, respond(DhcpMessageType.RELEASE, BOUND, US, NOTHING_LEFT));
        assertInstanceOf(Outcome.Ignored.class, respond(DhcpMessageType.DECLINE, 0, OURS + US, NOTHING_LEFT));
        assertInstanceOf(Outcome.Information.class, respond(DhcpMessageType.INFORM, BOUND, "00", NOTHING_LEFT));
    }

    @Test
    void releasesTheGuestsOwnAddressIfToldTo() {
        assertEquals(new Outcome.Released(), respond(DhcpMessageType.RELEASE, BOUND, US, BINDING));
        for (String options : List.of("00", ANOTHER)) {
            assertEquals("DHCP RELEASE to no server or another", ignored(DhcpMessageType.RELEASE, BOUND, options));
        }
        for (int address : new int[] {0, OTHER}) {
            assertEquals(
                    "DHCP RELEASE of an address that is not the guest's",
                    ignored(DhcpMessageType.RELEASE, address, US + OURS));
        }
    }

    @Test
    void takesADeclineOfTheGuestsOwnAddress() {
        assertEquals(new Outcome.Declined(ADDRESS), respond(DhcpMessageType.DECLINE, 0, OURS + US, BINDING));
        for (String options : List.of(OURS, OURS + ANOTHER)) {
            assertEquals("DHCP DECLINE to no server or another", ignored(DhcpMessageType.DECLINE, 0, options));
        }
        for (String options : List.of(US, US + FOREIGN)) {
            assertEquals(
                    "DHCP DECLINE of an address that is not the guest's",
                    ignored(DhcpMessageType.DECLINE, BOUND, options));
        }
    }

    @Test
    void informsAGuestThatHasItsAddressFromElsewhere() throws Exception {
        Outcome outcome = respond(DhcpMessageType.INFORM, OTHER, "3701 06 3d03 00 6869", BINDING);
        Sent sent = Sent.of(assertInstanceOf(Outcome.Information.class, outcome).frame(), BINDING);
        assertEquals(Optional.of(DhcpMessageType.ACK), sent.message().messageType());
        assertEquals("192.168.0.11", sent.destination());
        assertEquals("00:0b:82:01:fc:42", sent.destinationMac());
        assertEquals(OTHER, sent.message().ciaddr());
        assertEquals(0, sent.message().yiaddr());
        assertEquals(List.of(53, 54, 61, 1, 6), sent.codes());
    }

    @Test
    void informsNobodyFromNowhere() {
        for (int address : new int[] {0, -1, 0x0a000001, 0xe0000001}) {
            assertEquals(
                    "DHCP INFORM from an address that is not in the network",
                    ignored(DhcpMessageType.INFORM, address, "00"));
        }
    }

    @Test
    void commitsRapidlyWhereTheClientAsksForIt() throws Exception {
        Outcome outcome = respond(DhcpMessageType.DISCOVER, 0, "5000", BINDING);
        Outcome.Ack ack = assertInstanceOf(Outcome.Ack.class, outcome);
        assertEquals(86_400, ack.seconds());
        Sent sent = Sent.of(ack.frame(), BINDING);
        assertEquals(Optional.of(DhcpMessageType.ACK), sent.message().messageType());
        assertEquals("", sent.hex(DhcpOption.RAPID_COMMIT));
        assertEquals(BOUND, sent.message().yiaddr());
    }

    @Test
    void commitsNothingRapidlyElsewhere() throws Exception {
        Outcome outcome = respond(DhcpMessageType.REQUEST, 0, OURS + "5000", BINDING);
        Sent sent = Sent.of(assertInstanceOf(Outcome.Ack.class, outcome).frame(), BINDING);
        assertFalse(sent.codes().contains(DhcpOption.RAPID_COMMIT));
        assertEquals("option 80 is 1 bytes long, not 0", ignored(DhcpMessageType.DISCOVER, 0, "500100"));
    }

    @ParameterizedTest
    @EnumSource(DhcpMessageType.class)
    void discoverAndRequestAloneAskForAnAddress(DhcpMessageType type) {
        byte[] frame = DhcpFrames.clientFrame(type, BOUND, US);
        boolean asks = type == DhcpMessageType.DISCOVER || type == DhcpMessageType.REQUEST;
        assertEquals(asks, DhcpResponder.asksForAddress(frame, frame.length, DhcpFrames.CLIENT));
        assertFalse(DhcpResponder.asksForAddress(frame, frame.length, MacAddress.parse("52:54:00:00:00:01")));
        assertFalse(DhcpResponder.asksForAddress(frame, frame.length - 100, DhcpFrames.CLIENT));
    }
}
