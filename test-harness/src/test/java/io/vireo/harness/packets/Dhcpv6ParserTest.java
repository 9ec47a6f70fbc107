package io.vireo.harness.packets;

import static io.vireo.harness.packets.Packets.ip6;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What the parser makes of servers' messages, whose bytes {@link TcpdumpIT} shows to tcpdump as well. */
class Dhcpv6ParserTest {
    private static final String REPLY = "07" + "abcdef";
    private static final String CLIENT = "0001000a" + "00030001525400123401";
    private static final String SERVER = "0002000a" + "00030001020000000001";
    private static final String TIMES = "0000a8c0" + "00010e00";
    private static final String LIFETIMES = "00015180" + "0002a300";
    private static final String IA_NA =
            "00030028" + "00000001" + TIMES + "00050018" + "20010db8000100000000000000000005" + LIFETIMES;
    private static final String IA_PD =
            "00190029" + "00000002" + TIMES + "001a0019" + LIFETIMES + "38" + "20010db8800001000000000000000000";
    private static final String IA_NOTHING =
            "0003001a" + "00000003" + "0000000000000000" + "000d000a" + "0002" + "66756c6c20757021";
    private static final String STATUS = "000d0004" + "0000" + "6f6b";
    private static final String DNS =
            "00170020" + "20010db8000000000000000000000053" + "fe800000000000000000000000000001";
    private static final String SEARCH = "00180012" + "076578616d706c6503636f6d00" + "036c616200";
    private static final String NTP = "00380014" + "00010010" + "20010db8000000000000000000000123";
    private static final String NTP_NAME = "00380009" + "00030005" + "036e747000";
    private static final String OTHERS = "000e0000" + "00070001ff";
    static final String ALL =
            REPLY + CLIENT + SERVER + IA_NA + IA_PD + IA_NOTHING + STATUS + OTHERS + DNS + SEARCH + NTP + NTP_NAME;

    static byte[] message(String hex) {
        return PcapFrames.udpv6(547, 546, HexFormat.of().parseHex(hex));
    }

    @Test
    void replyIsReadWithAllItsOptions() {
        Dhcpv6Response reply = Packets.parseDhcpv6Response(message(ALL)).orElseThrow();
        Dhcpv6Lease address = new Dhcpv6Lease(ip6("2001:db8:1::5"), 128, 86_400, 172_800, Optional.empty());
        Dhcpv6Lease prefix = new Dhcpv6Lease(ip6("2001:db8:8000:100::"), 56, 86_400, 172_800, Optional.empty());
        assertEquals(
                new Dhcpv6Response(
                        Dhcpv6MessageType.REPLY,
                        0xABCDEF,
                        PcapFrames.GATEWAY_IPV6,
                        PcapFrames.VM_IPV6,
                        new Octets("00030001020000000001"),
                        Optional.of(Packets.generateDuidLl(Packets.mac("52:54:00:12:34:01"))),
                        List.of(
                                new Dhcpv6Ia(1, 43_200, 69_120, List.of(address), Optional.empty()),
                                new Dhcpv6Ia(3, 0, 0, List.of(), Optional.of(new Dhcpv6Status(2, "full up!")))),
                        List.of(new Dhcpv6Ia(2, 43_200, 69_120, List.of(prefix), Optional.empty())),
                        Optional.of(new Dhcpv6Status(Dhcpv6Status.SUCCESS, "ok")),
                        true,
                        OptionalInt.of(255),
                        List.of(ip6("2001:db8::53"), ip6("fe80::1")),
                        List.of("example.com", "lab"),
                        List.of(ip6("2001:db8::123")),
                        reply.options()),
                reply);
        assertEquals(
                List.of(1, 2, 3, 25, 3, 13, 14, 7, 23, 24, 56, 56),
                reply.options().stream().map(Dhcpv6Option::code).toList());
        assertEquals("ff", reply.options().get(7).value().hex());
    }

    @Test
    void leaseHasAStatusOfItsOwn() {
        Dhcpv6Response reply = Packets.parseDhcpv6Response(
                        message(REPLY + SERVER + "00030030" + "00000001" + TIMES + "00050020"
                                + "20010db8000100000000000000000005" + "0000000000000000" + "000d00040004" + "6e6f"))
                .orElseThrow();
        Dhcpv6Lease lease = reply.iaNa().getFirst().leases().getFirst();
        assertEquals(Optional.of(new Dhcpv6Status(Dhcpv6Status.NOT_ON_LINK, "no")), lease.status());
        assertEquals(Optional.empty(), reply.status());
        assertEquals(Optional.empty(), reply.clientDuid());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "01abcdef" + SERVER, // a client's message
                "0aabcdef" + SERVER, // reconfigure
                REPLY + CLIENT, // of no server
                REPLY + SERVER + SERVER,
                REPLY + SERVER + STATUS + STATUS,
                REPLY + SERVER + "00", // half an option's code
                REPLY + SERVER + "0017000f" + "00000000000000000000000000000000", // one byte more, or one fewer
                REPLY + SERVER + "00170000", // no name server
                REPLY + SERVER + "00180008" + "076578616d706c65", // a name without an end
                REPLY + SERVER + "00180004" + "c0000000", // compression
                REPLY + SERVER + "000e0001" + "00",
                REPLY + SERVER + "00070002" + "0000",
                REPLY + SERVER + "000d0001" + "00",
                REPLY + SERVER + "0003000b" + "0000000100000000000000", // no room for the second time
                REPLY + SERVER + "0003000c" + "00000001" + "00000002" + "00000001", // T1 after T2
                REPLY + SERVER + "00030010" + "00000001" + TIMES + "00060000", // what has no place in there
                REPLY + SERVER + "00030027" + "00000001" + TIMES + "00050017" + "20010db8000100000000000000000005"
                        + "00015180" + "0002a3",
                REPLY + SERVER + "00030028" + "00000001" + TIMES + "00050018" + "20010db8000100000000000000000005"
                        + "00015181" + "00015180", // preferred longer than valid
                REPLY + SERVER + "00190029" + "00000002" + TIMES + "001a0019" + LIFETIMES + "38"
                        + "20010db8800001010000000000000000", // bits beyond the prefix
                REPLY + SERVER + "00380000",
                REPLY + SERVER + "00380018" + "00010010" + "20010db8000000000000000000000123" + "00040000",
            })
    void malformedMessagesAreNoResponse(String message) {
        assertTrue(Packets.parseDhcpv6Response(message(message)).isEmpty());
    }

    @Test
    void messageBetweenOtherPortsIsNoResponse() {
        byte[] message = HexFormat.of().parseHex(ALL);
        assertTrue(
                Packets.parseDhcpv6Response(PcapFrames.udpv6(546, 547, message)).isEmpty());
        assertTrue(
                Packets.parseDhcpv6Response(PcapFrames.udp(547, 546, message)).isEmpty());
    }

    @Test
    void changedAndCutMessagesAreNotRead() {
        Mutations.assertEachFlipIsNoticed(message(ALL), Packets::parseDhcpv6Response);
        Mutations.assertCutShortIsNotRead(message(ALL), Packets::parseDhcpv6Response);
    }

    @Test
    void mutatedMessagesWithRightChecksumsNeverThrow() {
        Random random = new Random(42);
        for (int i = 0; i < 5000; i++) {
            byte[] message = HexFormat.of().parseHex(ALL);
            for (int change = random.nextInt(4); change >= 0; change--) {
                message[4 + random.nextInt(message.length - 4)] = (byte) random.nextInt();
            }
            Packets.parseDhcpv6Response(PcapFrames.udpv6(547, 546, message))
                    .ifPresent(response -> assertEquals(0xABCDEF, response.transaction()));
        }
    }
}
