package io.vireo.harness.packets;

import static io.vireo.harness.packets.Packets.ip;
import static io.vireo.harness.packets.Packets.mac;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.net.Inet4Address;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The bytes of a client's messages in each of its states, and what else of an answer is read. */
class DhcpBuilderTest {
    private static final Mac VM = mac("52:54:00:12:34:01");
    private static final Inet4Address ANY = ip("0.0.0.0");
    private static final Inet4Address BROADCAST = ip("255.255.255.255");
    private static final Inet4Address VM_IP = ip("10.0.0.5");
    private static final Inet4Address SERVER = ip("10.0.0.1");
    private static final int XID = 0x89ABCDEF;
    private static final String WANTED = "3709790103061a33363a3b";

    @Test
    void eachStateOfAClientAsksInItsWay() {
        assertMessage(DhcpBuilder.discover(VM, XID), ANY, BROADCAST, "00000000", "350101" + WANTED);
        assertMessage(
                DhcpBuilder.selecting(VM, XID, VM_IP, SERVER),
                ANY,
                BROADCAST,
                "00000000",
                "350103" + "32040a000005" + "36040a000001" + WANTED);
        assertMessage(
                DhcpBuilder.initReboot(VM, XID, VM_IP), ANY, BROADCAST, "00000000", "350103" + "32040a000005" + WANTED);
        assertMessage(
                DhcpBuilder.renewing(VM, XID, VM_IP, Packets.GATEWAY_MAC, SERVER),
                VM_IP,
                SERVER,
                "0a000005",
                "350103" + WANTED);
        assertMessage(DhcpBuilder.rebinding(VM, XID, VM_IP), VM_IP, BROADCAST, "0a000005", "350103" + WANTED);
        assertMessage(
                DhcpBuilder.decline(VM, XID, VM_IP, SERVER),
                ANY,
                BROADCAST,
                "00000000",
                "350104" + "32040a000005" + "36040a000001");
        assertMessage(
                DhcpBuilder.release(VM, XID, VM_IP, Packets.GATEWAY_MAC, SERVER),
                VM_IP,
                SERVER,
                "0a000005",
                "350107" + "36040a000001");
        assertMessage(DhcpBuilder.inform(VM, XID, VM_IP), VM_IP, BROADCAST, "0a000005", "350108" + WANTED);
    }

    private static void assertMessage(
            DhcpBuilder builder, Inet4Address src, Inet4Address dst, String clientIp, String options) {
        byte[] frame = builder.frame();
        UdpDatagram datagram = Packets.parseUdp(frame).orElseThrow();
        assertEquals(
                new UdpDatagram(src, dst, 64, 68, 67, bootp("0000", clientIp, "00000000", options + "ff")), datagram);
        assertEquals(dst.equals(BROADCAST) ? Mac.BROADCAST : Packets.GATEWAY_MAC, Packets.destinationMac(frame));
        assertEquals(VM, Packets.sourceMac(frame));
    }

    /** RFC 2131, figure 1: a request of at least 300 bytes from the VM. */
    private static Octets bootp(String flags, String clientIp, String relay, String options) {
        String message = "01010600" + "89abcdef" + "0000" + flags + clientIp + "00000000" + "00000000" + relay
                + "525400123401" + "00".repeat(10 + 64 + 128) + "63825363" + options;
        return new Octets(message + "00".repeat(Math.max(0, 300 - message.length() / 2)));
    }

    @Test
    void fieldsAndOptionsAreWhatTheTestSays() {
        byte[] frame = DhcpBuilder.of(DhcpMessageType.DISCOVER, VM, XID)
                .broadcast()
                .relay(ip("10.9.9.9"))
                .option(61, Octets.of(1, 0x52))
                .option(80, Octets.NONE)
                .option(60, Octets.ofText("MSFT"))
                .parameters(1, 249)
                .frame();
        assertEquals(
                bootp(
                        "8000",
                        "00000000",
                        "0a090909",
                        "350101" + "3d020152" + "5000" + "3c044d534654" + "370201f9" + "ff"),
                Packets.parseUdp(frame).orElseThrow().payload());
    }

    @Test
    void hardwareAddressAndAnyFieldCanBeReplaced() {
        byte[] message = Packets.parseUdp(DhcpBuilder.discover(VM, XID)
                        .hardwareAddress(mac("02:00:00:00:00:99"))
                        .field(2, Octets.of(16))
                        .field(108, Octets.ofText("file"))
                        .frame())
                .orElseThrow()
                .payload()
                .toBytes();
        assertEquals(16, message[2]);
        assertEquals(
                "020000000099", Octets.of(Arrays.copyOfRange(message, 28, 34)).hex());
        assertEquals("file", Octets.of(Arrays.copyOfRange(message, 108, 112)).text());
        assertEquals(VM, Packets.sourceMac(DhcpBuilder.discover(VM, XID).frame()));
        assertThrows(
                IndexOutOfBoundsException.class,
                () -> DhcpBuilder.discover(VM, XID).field(239, Octets.of(0, 0)));
    }

    @Test
    void longOptionIsSplitAndTheMessageGrows() {
        Octets message = Packets.parseUdp(DhcpBuilder.of(DhcpMessageType.DISCOVER, VM, XID)
                        .option(43, new Octets("ab".repeat(256)))
                        .frame())
                .orElseThrow()
                .payload();
        assertEquals(
                bootp("0000", "00000000", "00000000", "350101" + "2bff" + "ab".repeat(255) + "2b01ab" + "ff"), message);
    }

    @Test
    void rawOptionsHaveNoEndOfTheirOwn() {
        Octets message = Packets.parseUdp(DhcpBuilder.discover(VM, XID)
                        .rawOptions(new Octets("35"))
                        .frame())
                .orElseThrow()
                .payload();
        assertEquals(bootp("0000", "00000000", "00000000", "35"), message);
    }

    @Test
    void nakIsReadWithItsEnvelopeAndOptions() {
        byte[] message = new byte[300];
        ByteBuffer.wrap(message)
                .put(new Octets("02010600" + "89abcdef" + "00008000").toBytes())
                .put(20, ip("10.0.0.9").getAddress())
                .put(28, VM.toBytes())
                .put(44, Octets.ofText("server").toBytes())
                .put(108, "x".repeat(128).getBytes(StandardCharsets.US_ASCII))
                .put(236, new Octets("63825363" + "350106" + "3804" + "6f757421" + "36040a000001" + "ff").toBytes());
        DhcpResponse nak =
                Packets.parseDhcpResponse(PcapFrames.udp(67, 68, message)).orElseThrow();
        assertEquals(DhcpMessageType.NAK, nak.msgType());
        assertEquals(
                new DhcpEnvelope(
                        PcapFrames.GATEWAY_IP,
                        PcapFrames.VM_IP,
                        VM,
                        ANY,
                        ip("10.0.0.9"),
                        "server",
                        "x".repeat(128),
                        true,
                        300),
                nak.envelope());
        assertEquals(Set.of(53, 54, 56), nak.options().codes());
        assertEquals(Optional.of("out!"), nak.options().text(56));
        assertEquals(Optional.empty(), nak.options().value(51));
        assertEquals(SERVER, nak.serverIp());
    }

    @Test
    void searchListIsReadThroughItsPointers() {
        // RFC 3397, 2 has this example.
        DhcpOptions options = search("03656e67" + "056170706c65" + "03636f6d00" + "096d61726b6574696e67" + "c004");
        assertEquals(Optional.of(List.of("eng.apple.com", "marketing.apple.com")), options.searchList());
        assertEquals(Optional.empty(), new DhcpOptions(Map.of()).searchList());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "03656e67", // without an end
                "c000", // to itself
                "03656e67c000", // to its own beginning
                "03656e6700" + "c009", // beyond the end
                "03656e6700" + "c0", // half a pointer
                "0003656e6700", // no name
                "40" + "61", // a label of 64 bytes
            })
    void malformedSearchListIsNone(String names) {
        assertEquals(Optional.empty(), search(names).searchList());
    }

    private static DhcpOptions search(String names) {
        DhcpOptions options = new DhcpOptions(Map.of(119, new Octets(names)));
        assertTrue(options.has(119));
        return options;
    }
}
