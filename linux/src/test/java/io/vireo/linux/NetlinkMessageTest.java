package io.vireo.linux;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.net.InetAddress;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Messages as Linux 6.18 on x86-64 sent them. */
class NetlinkMessageTest {
    /** 10.0.0.5 dev 7 proto 86 scope link mtu 1300, in the main table. */
    private static final String IPV4_ROUTE = """
            4800 0000 1800 0000 0500 0000 5c5b 0000
            02 20 00 00 fe 56 fd 01 0000 0000
            0800 0f00 fe00 0000
            0800 0100 0a00 0005
            0c00 0800 0800 0200 1405 0000
            0800 0400 0700 0000
            0800 0600 0100 0000
            """;

    /** unreachable 2001:db8::/64 dev lo proto 86 metric 77. */
    private static final String IPV6_UNREACHABLE = """
            4800 0000 1800 0200 0600 0000 5c5b 0000
            0a 40 00 00 fe 56 00 07 0000 0000
            0800 0f00 fe00 0000
            1400 0100 2001 0db8 0000 0000 0000 0000 0000 0000
            0800 0600 4d00 0000
            0800 0400 0100 0000
            """;

    private static final String LINK = """
            3000 0000 1000 0000 0000 0000 0000 0000
            00 00 0100 0300 0000 0310 0000 0100 0000
            0800 0300 7475 6e00
            0800 0400 7805 0000
            """;

    /** EINVAL about a request of 40 bytes that is repeated, and a reason. */
    private static final String ERROR = """
            4c00 0000 0200 0002 0900 0000 5c5b 0000
            eaff ffff
            2800 0000 1000 0500 0900 0000 0000 0000
            00 00 0000 0300 0000 0000 0000 0000 0000
            0800 0400 0a00 0000
            1000 0100 6d74 7520 746f 6f20 6c6f 7700
            """;

    private static byte[] bytes(String hex) {
        return HexFormat.of().parseHex(hex.replaceAll("\\s", ""));
    }

    private static List<NetlinkMessage> parse(byte[] bytes) throws LinuxException {
        return NetlinkMessage.parse(ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN));
    }

    private static NetlinkMessage message(String hex) throws LinuxException {
        List<NetlinkMessage> messages = parse(bytes(hex));
        assertEquals(1, messages.size());
        return messages.getFirst();
    }

    private static InetAddress address(String literal) {
        return InetAddress.ofLiteral(literal);
    }

    @Test
    void readsAnIpv4Route() throws Exception {
        NetlinkRoute expected = NetlinkRoute.unicast(address("10.0.0.5"), 32, 86, 1, 7, 1300);
        assertEquals(Optional.of(expected), NetlinkRoute.parse(message(IPV4_ROUTE)));
        assertEquals(
                Optional.of(new NetlinkEvent.RouteChanged(expected, 0x5b5c)), NetlinkEvent.parse(message(IPV4_ROUTE)));
    }

    @Test
    void readsAnUnreachableIpv6Route() throws Exception {
        assertEquals(
                Optional.of(NetlinkRoute.unreachable(address("2001:db8::"), 64, 86, 77)),
                NetlinkRoute.parse(message(IPV6_UNREACHABLE)));
    }

    @Test
    void readsALink() throws Exception {
        NetlinkLink link = new NetlinkLink(3, "tun", 1400, true);
        assertEquals(Optional.of(new NetlinkEvent.LinkChanged(link)), NetlinkEvent.parse(message(LINK)));
        byte[] gone = bytes(LINK);
        gone[4] = 17;
        assertEquals(
                Optional.of(new NetlinkEvent.LinkGone(link)),
                NetlinkEvent.parse(parse(gone).getFirst()));
    }

    @Test
    void aLinkOfTheBridgesFamilyIsNoNews() throws Exception {
        byte[] bridge = bytes(LINK);
        bridge[16] = 7;
        assertEquals(Optional.empty(), NetlinkEvent.parse(parse(bridge).getFirst()));
    }

    @Test
    void readsAnErrorAndItsReason() throws Exception {
        NetlinkMessage error = message(ERROR);
        assertTrue(error.isLast());
        assertEquals(Errno.EINVAL, error.errno());
        assertEquals(" (mtu too low)", error.reason());
    }

    @Test
    void anErrorMayBeWithoutTheRequestsBodyAndWithoutReason() throws Exception {
        NetlinkMessage capped = message(
                "2400 0000 0200 0001 0900 0000 5c5b 0000 0000 0000" + "2800 0000 1000 0500 0900 0000 0000 0000");
        assertEquals(0, capped.errno());
        assertEquals("", capped.reason());
    }

    @Test
    void readsSeveralMessages() throws Exception {
        List<NetlinkMessage> messages = parse(bytes(IPV4_ROUTE + ERROR + IPV6_UNREACHABLE));
        assertEquals(
                List.of(24, 2, 24), messages.stream().map(NetlinkMessage::type).toList());
        assertEquals(
                List.of(5, 9, 6),
                messages.stream().map(NetlinkMessage::sequence).toList());
    }

    @Test
    void aRouteOfAnotherFamilyIsNone() throws Exception {
        byte[] multicast = bytes(IPV4_ROUTE);
        multicast[16] = (byte) 128;
        assertEquals(Optional.empty(), NetlinkRoute.parse(parse(multicast).getFirst()));
    }

    @Test
    void aDestinationThatDoesNotFitTheFamilyIsRefused() throws Exception {
        byte[] mixed = bytes(IPV4_ROUTE);
        mixed[16] = 10;
        NetlinkMessage message = parse(mixed).getFirst();
        assertEquals(
                Errno.EBADMSG,
                assertThrows(LinuxException.class, () -> NetlinkRoute.parse(message))
                        .errno());
        byte[] long33 = bytes(IPV4_ROUTE);
        long33[17] = 33;
        NetlinkMessage tooLong = parse(long33).getFirst();
        assertThrows(LinuxException.class, () -> NetlinkRoute.parse(tooLong));
    }

    @Test
    void whatIsCutOffIsRefused() {
        for (String whole : List.of(IPV4_ROUTE, IPV6_UNREACHABLE, LINK, ERROR)) {
            byte[] bytes = bytes(whole);
            for (int length = 1; length < bytes.length; length++) {
                byte[] cut = Arrays.copyOf(bytes, length);
                assertEquals(
                        Errno.EBADMSG,
                        assertThrows(LinuxException.class, () -> parse(cut)).errno());
            }
        }
    }

    @Test
    void aBodyThatIsCutOffIsRefusedOrShorter() throws Exception {
        for (String whole : List.of(IPV4_ROUTE, IPV6_UNREACHABLE, LINK, ERROR)) {
            byte[] bytes = bytes(whole);
            for (int length = 16; length < bytes.length; length++) {
                byte[] cut = Arrays.copyOf(bytes, length);
                cut[0] = (byte) length;
                readAll(cut);
            }
        }
    }

    @Test
    void whateverTheBytesNothingButARefusalIsThrown() {
        Random random = new Random(5);
        for (int i = 0; i < 100_000; i++) {
            byte[] bytes =
                    bytes(List.of(IPV4_ROUTE, IPV6_UNREACHABLE, LINK, ERROR).get(i % 4));
            for (int changes = random.nextInt(4); changes >= 0; changes--) {
                bytes[random.nextInt(bytes.length)] = (byte) random.nextInt();
            }
            readAll(bytes);
        }
    }

    private static void readAll(byte[] bytes) {
        try {
            for (NetlinkMessage message : parse(bytes)) {
                NetlinkEvent.parse(message);
                if (message.isLast()) {
                    message.errno();
                    message.reason();
                }
            }
        } catch (LinuxException e) {
            assertEquals(Errno.EBADMSG, e.errno());
        }
    }

    @Test
    void writesARouteAsItReadsIt() throws Exception {
        NetlinkRoute route = NetlinkRoute.unicast(address("2001:db8:0:1::"), 64, 86, 1024, 7, 1280);
        byte[] request = route.write(new NetlinkRequest(NetlinkMessage.NEW_ROUTE, NetlinkMessage.CREATE, 77))
                .toBytes();
        assertArrayEquals(bytes("""
                        4c00 0000 1800 0104 4d00 0000 0000 0000
                        0a 40 00 00 fe 56 fd 01 0000 0000
                        1400 0100 2001 0db8 0000 0001 0000 0000 0000 0000
                        0800 0600 0004 0000
                        0800 0400 0700 0000
                        0c00 0880 0800 0200 0005 0000
                        """), request);
        assertEquals(Optional.of(route), NetlinkRoute.parse(parse(request).getFirst()));
    }

    @Test
    void padsAttributes() {
        byte[] request = new NetlinkRequest(1, 0, 0)
                .attribute(2, (byte) 7)
                .attribute(3, "tun0")
                .toBytes();
        assertArrayEquals(bytes("""
                        2400 0000 0100 0100 0000 0000 0000 0000
                        0500 0200 0700 0000
                        0900 0300 7475 6e30 0000 0000
                        """), request);
    }
}
