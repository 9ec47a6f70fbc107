package io.vireo.router.dataplane;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.vireo.protocols.gateway.Gateway;
import io.vireo.protocols.ipv6.Ipv6Address;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What the gateway itself answers over IPv6, and what it hands to the address service. */
class Ipv6AnswersTest {
    private DataPlane plane;
    private Guest a;

    @BeforeEach
    void start() throws Exception {
        plane = DataPlane.subnet();
        a = plane.guest();
        a.post(20, 2000);
    }

    @AfterEach
    void close() {
        plane.close();
    }

    private byte[] answerTo(byte[] frame) {
        a.send(frame);
        plane.visit(a);
        assertEquals(1, a.transmitted().size());
        List<byte[]> answers = a.receiveFrames();
        assertEquals(1, answers.size());
        return answers.getFirst();
    }

    static Stream<Ipv6Address> gateways() {
        return Stream.of(Frames6.LINK_LOCAL_GATEWAY, Frames6.GATEWAY);
    }

    @Test
    void answersASolicitationForTheGateway() {
        Ipv6Address gateway = Frames6.LINK_LOCAL_GATEWAY;
        byte[] answer = answerTo(Frames6.solicitation(a, Frames6.linkLocal(a), gateway.solicitedNode(), gateway, true));
        String expected = "525400000005" + "020000000001" + "86dd" + "60000000" + "0020" + "3a" + "ff"
                + "fe800000000000000000000000000001" + "fe800000000000000000525400000005" + "8800" + "45c4"
                + "e0000000" + "fe800000000000000000000000000001" + "0201020000000001";
        assertEquals(expected, HexFormat.of().formatHex(answer));
        assertEquals(1, a.port.counter(Counter.NDP_ANSWERED));
    }

    @ParameterizedTest
    @MethodSource("gateways")
    void answersForEachOfItsAddressesToEachOfTheGuests(Ipv6Address gateway) {
        for (Ipv6Address from : List.of(a.ipv6(), Frames6.linkLocal(a))) {
            for (Ipv6Address to : List.of(gateway, gateway.solicitedNode())) {
                byte[] answer = answerTo(Frames6.solicitation(a, from, to, gateway, false));
                assertArrayEquals(from.toBytes(), Arrays.copyOfRange(answer, 38, 54));
                assertArrayEquals(gateway.toBytes(), Arrays.copyOfRange(answer, 22, 38));
            }
        }
    }

    @ParameterizedTest
    @MethodSource("gateways")
    void defendsItsAddressesAgainstAProbe(Ipv6Address gateway) {
        byte[] probe = Frames6.solicitation(a, Ipv6Address.UNSPECIFIED, gateway.solicitedNode(), gateway, false);
        byte[] answer = answerTo(probe);
        assertArrayEquals(Ipv6Address.ALL_NODES.toBytes(), Arrays.copyOfRange(answer, 38, 54));
        assertEquals((byte) 0xa0, answer[Frames6.UPPER + 4], "not solicited");
    }

    @ParameterizedTest
    @MethodSource("gateways")
    void answersAnEchoRequestOfAnyLength(Ipv6Address gateway) {
        for (int length : new int[] {62, 118, 128, 130, 1514}) {
            for (Ipv6Address from : List.of(a.ipv6(), Frames6.linkLocal(a))) {
                byte[] request = Frames6.echo(a, from, gateway, length);
                byte[] answer = answerTo(request);
                byte[] expected = Frames.forwarded(request, a);
                System.arraycopy(gateway.toBytes(), 0, expected, Frames6.SOURCE, 16);
                System.arraycopy(from.toBytes(), 0, expected, Frames6.DESTINATION, 16);
                expected[Frames6.HOP_LIMIT] = 64;
                expected[Frames6.UPPER] = (byte) 129;
                assertArrayEquals(Frames6.sealed(expected, Frames6.UPPER), answer);
            }
        }
        assertEquals(10, a.port.counter(Counter.ECHO_ANSWERED));
    }

    @Test
    void answersAnEchoRequestToAllNodes() {
        byte[] answer = answerTo(Frames6.echo(a, Frames6.linkLocal(a), Ipv6Address.ALL_NODES, 118));
        assertArrayEquals(Frames6.LINK_LOCAL_GATEWAY.toBytes(), Arrays.copyOfRange(answer, 22, 38));
        assertEquals(0xffff, Frames6.sum(answer, Frames6.UPPER));
    }

    private void expectPunted(byte[] frame) {
        a.send(frame, 12, 20, 30);
        plane.visit(a);
        assertEquals(1, plane.slowPath.punts.size());
        assertArrayEquals(frame, plane.slowPath.punts.removeFirst().frame());
        a.port.puntDone();
        assertEquals(1, a.transmitted().size());
        assertTrue(a.receive().isEmpty());
    }

    @Test
    void puntsRouterSolicitations() {
        expectPunted(Frames6.routerSolicitation(a, Ipv6Address.UNSPECIFIED));
        expectPunted(Frames6.routerSolicitation(a, Frames6.linkLocal(a)));
        byte[] message = HexFormat.of().parseHex("8500000000000000" + "0101525400000005");
        expectPunted(Frames6.icmp(a, Frames6.linkLocal(a), Frames6.LINK_LOCAL_GATEWAY, 255, message));
    }

    @Test
    void puntsDhcp() {
        expectPunted(Frames6.dhcp(a, Frames6.linkLocal(a), Frames6.DHCP_SERVERS, 200));
        expectPunted(Frames6.dhcp(a, Frames6.linkLocal(a), Frames6.LINK_LOCAL_GATEWAY, 62));
        expectPunted(Frames6.dhcp(a, a.ipv6(), Frames6.GATEWAY, 1514));
        assertEquals(3, a.port.counter(Counter.PUNTED));
    }

    @Test
    void limitsWhatOneGuestMayHaveWithTheAddressService() {
        for (int i = 0; i < SlowPath.SHARE; i++) {
            a.send(Frames6.routerSolicitation(a, Frames6.linkLocal(a)));
        }
        a.send(Frames.dhcp(a, 300));
        a.send(Frames6.dhcp(a, Frames6.linkLocal(a), Frames6.DHCP_SERVERS, 200));
        plane.visit(a);
        assertEquals(SlowPath.SHARE, plane.slowPath.punts.size());
        assertEquals(2, a.port.counter(Counter.TX_DROP_PUNT_FULL), "one share for all protocols");
    }

    @Test
    void mayAskForAddressesWithoutAny() {
        a.port.ipv6(PortIpv6.NONE);
        expectPunted(Frames6.routerSolicitation(a, Ipv6Address.UNSPECIFIED));
        expectPunted(Frames6.dhcp(a, Frames6.linkLocal(a), Frames6.DHCP_SERVERS, 200));
        answerTo(Frames6.echo(a, Frames6.linkLocal(a), Frames6.LINK_LOCAL_GATEWAY, 62));
    }

    @Test
    void answersTheGuestAndNobodyElse() {
        byte[] request = Frames6.echo(a, a.ipv6(), Frames6.GATEWAY, 62);
        byte[] answer = answerTo(request);
        assertEquals(Gateway.GATEWAY_MAC, ByteBuffer.wrap(answer).getLong(6) >>> 16);
        assertEquals(a.mac(), ByteBuffer.wrap(answer).getLong(0) >>> 16);
    }
}
