package io.vireo.harness.packets;

import static io.vireo.harness.packets.Packets.ip6;
import static io.vireo.harness.packets.Packets.mac;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The bytes of a DHCPv6 client's messages. */
class Dhcpv6BuilderTest {
    private static final Mac VM = mac("52:54:00:12:34:01");
    private static final Octets DUID = Packets.generateDuidLl(VM);
    private static final Octets SERVER = Packets.generateDuidLl(Packets.GATEWAY_MAC);
    private static final String CLIENT_ID = "0001000a" + "00030001525400123401";
    private static final String SERVER_ID = "0002000a" + "00030001020000000001";

    @Test
    void solicitAsksAllServersForAnAddress() {
        byte[] frame = Packets.createDhcpv6Solicit(VM, DUID);
        assertMessage("01000001" + CLIENT_ID + "0003000c" + "00000001" + "00000000" + "00000000", frame);
        assertEquals(mac("33:33:00:01:00:02"), Packets.destinationMac(frame));
        assertEquals(VM, Packets.sourceMac(frame));
    }

    private static void assertMessage(String expected, byte[] frame) {
        assertEquals(
                new UdpDatagram(Packets.linkLocal(VM), ip6("ff02::1:2"), 1, 546, 547, new Octets(expected)),
                Packets.parseUdp(frame).orElseThrow());
    }

    @Test
    void requestRepeatsWhatWasAdvertised() {
        Dhcpv6Lease lease = new Dhcpv6Lease(ip6("2001:db8:1::5"), 128, 86_400, 0xFFFF_FFFFL, Optional.empty());
        Dhcpv6Ia ia = new Dhcpv6Ia(7, 43_200, 69_120, List.of(lease), Optional.empty());
        assertMessage(
                "03000001" + CLIENT_ID + SERVER_ID + "00030028" + "00000007" + "0000a8c0" + "00010e00" + "00050018"
                        + "20010db8000100000000000000000005" + "00015180" + "ffffffff",
                Packets.createDhcpv6Request(VM, DUID, SERVER, ia));
    }

    @ParameterizedTest
    @CsvSource({
        "SOLICIT, 01",
        "REQUEST, 03",
        "CONFIRM, 04",
        "RENEW, 05",
        "REBIND, 06",
        "RELEASE, 08",
        "DECLINE, 09",
        "INFORMATION_REQUEST, 0b",
        "RELAY_FORW, 0c"
    })
    void anyMessageBeginsWithItsTypeAndTransaction(Dhcpv6MessageType type, String code) {
        assertMessage(
                code + "abcdef",
                Dhcpv6Builder.of(type, VM).transaction(0xABCDEF).frame());
    }

    @Test
    void optionsStandInTheOrderInWhichTheyWereGiven() {
        byte[] frame = Dhcpv6Builder.of(Dhcpv6MessageType.REBIND, VM)
                .elapsed(0xFFFE)
                .rapidCommit()
                .optionRequest(23, 24, 0x1234)
                .iaPd(Dhcpv6Ia.of(2, Dhcpv6Lease.ofPrefix(ip6("2001:db8:8000:100::"), 56)))
                .iaNa(Dhcpv6Ia.ofAddresses(3, ip6("::1"), ip6("::2")))
                .option(0xABCD, Octets.of(1, 2, 3))
                .raw(Octets.of(0xFF))
                .frame();
        String nothing = "00".repeat(8);
        String zeros = "00".repeat(15);
        assertMessage(
                "06000001" + "00080002fffe" + "000e0000" + "00060006" + "001700181234"
                        + "00190029" + "00000002" + nothing
                        + "001a0019" + nothing + "38" + "20010db8800001000000000000000000"
                        + "00030044" + "00000003" + nothing
                        + "00050018" + zeros + "01" + nothing
                        + "00050018" + zeros + "02" + nothing
                        + "abcd0003010203" + "ff",
                frame);
    }

    @Test
    void addressesOfTheHeadersCanBeReplaced() {
        byte[] frame = Dhcpv6Builder.of(Dhcpv6MessageType.RENEW, VM)
                .from(ip6("2001:db8:1::5"))
                .to(Packets.GATEWAY_MAC, ip6("fe80::1"))
                .frame();
        assertEquals(Packets.GATEWAY_MAC, Packets.destinationMac(frame));
        UdpDatagram datagram = Packets.parseUdp(frame).orElseThrow();
        assertEquals(ip6("2001:db8:1::5"), datagram.srcIp());
        assertEquals(ip6("fe80::1"), datagram.dstIp());
    }

    @Test
    void numbersThatTheirFieldCannotHoldAreRefused() {
        Dhcpv6Builder builder = Dhcpv6Builder.of(Dhcpv6MessageType.SOLICIT, VM);
        assertThrows(IllegalArgumentException.class, () -> builder.transaction(0x100_0000));
        assertThrows(IllegalArgumentException.class, () -> builder.elapsed(65536));
        assertThrows(IllegalArgumentException.class, () -> builder.option(1, new Octets("00".repeat(65536))));
        assertThrows(IllegalArgumentException.class, () -> new Octets("0g"));
    }
}
