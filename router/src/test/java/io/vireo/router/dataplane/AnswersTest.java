package io.vireo.router.dataplane;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.vireo.protocols.gateway.Gateway;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What the gateway itself answers, and what it hands to the address service. */
class AnswersTest {
    private DataPlane plane;
    private Guest a;
    private Guest b;

    @BeforeEach
    void start() throws Exception {
        plane = DataPlane.subnet();
        a = plane.guest();
        b = plane.guest();
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

    @Test
    void answersArpForTheGateway() {
        byte[] expected = HexFormat.of()
                .parseHex("525400000005" + "020000000001" + "0806" + "0001080006040002" + "020000000001" + "0a000001"
                        + "525400000005" + "0a000005");
        assertArrayEquals(expected, answerTo(Frames.arpRequest(a, a.ipv4(), DataPlane.GATEWAY)));
        assertEquals(1, a.port.counter(Counter.ARP_ANSWERED));
    }

    @Test
    void answersArpForANeighbour() {
        byte[] answer = answerTo(Frames.arpRequest(a, a.ipv4(), b.ipv4()));
        assertEquals(b.ipv4(), ByteBuffer.wrap(answer).getInt(28));
        assertEquals(0x0200, ByteBuffer.wrap(answer).getShort(22), "the gateway's MAC, not the neighbour's");
        assertEquals(0, b.port.counter(Counter.RX_FRAMES));
    }

    @Test
    void answersAPaddedArpRequestWithoutThePadding() {
        byte[] padded = Arrays.copyOf(Frames.arpRequest(a, a.ipv4(), DataPlane.GATEWAY), 60);
        assertEquals(42, answerTo(padded).length);
    }

    @ParameterizedTest
    @ValueSource(ints = {42, 98, 128, 130, 1514})
    void answersAnEchoRequestOfAnyLength(int length) {
        byte[] request = Frames.echo(a, DataPlane.GATEWAY, length);
        byte[] expected = Frames.forwarded(request, a);
        ByteBuffer.wrap(expected)
                .putInt(26, DataPlane.GATEWAY)
                .putInt(30, a.ipv4())
                .put(34, (byte) 0) // echo reply, which makes the checksum larger by 0x0800
                .putShort(36, onesComplementPlus(ByteBuffer.wrap(request).getShort(36), 0x0800));
        assertArrayEquals(Frames.sealed(expected), answerTo(request));
        assertEquals(1, a.port.counter(Counter.ECHO_ANSWERED));
    }

    private static short onesComplementPlus(short checksum, int more) {
        int sum = Short.toUnsignedInt(checksum) + more;
        return (short) ((sum & 0xffff) + (sum >>> 16));
    }

    @Test
    void answersAnEchoRequestToTheLinkLocalGateway() {
        byte[] answer = answerTo(Frames.echo(a, Gateway.GATEWAY_IPV4_LINK_LOCAL, 98));
        assertEquals(Gateway.GATEWAY_IPV4_LINK_LOCAL, ByteBuffer.wrap(answer).getInt(26));
    }

    @ParameterizedTest
    @ValueSource(ints = {42, 300, 590})
    void puntsDhcpAsItCame(int length) {
        byte[] frame = Frames.dhcp(a, length);
        a.send(frame, 12, 20, 150 > length ? 1 : 150);
        plane.visit(a);
        assertEquals(1, plane.slowPath.punts.size());
        assertEquals(a.port, plane.slowPath.punts.getFirst().port());
        assertArrayEquals(frame, plane.slowPath.punts.getFirst().frame());
        assertEquals(1, a.port.counter(Counter.PUNTED));
        assertEquals(1, a.transmitted().size());
        assertTrue(b.receive().isEmpty());
    }

    @Test
    void puntsNoDhcpThatIsForAnotherStation() {
        byte[] frame = Frames.dhcp(a, 300);
        frame[0] = 2; // unicast, and not the gateway's
        a.send(frame);
        plane.visit(a);
        assertTrue(plane.slowPath.punts.isEmpty());
        assertEquals(1, a.port.counter(Counter.TX_DROP_SPOOFED_IPV4));
    }

    @Test
    void limitsWhatOneGuestMayHaveWithTheAddressService() {
        for (int i = 0; i < SlowPath.SHARE + 2; i++) {
            a.send(Frames.dhcp(a, 300));
        }
        b.send(Frames.dhcp(b, 300));
        plane.visit(a);
        plane.visit(b);
        assertEquals(SlowPath.SHARE + 1, plane.slowPath.punts.size());
        assertEquals(2, a.port.counter(Counter.TX_DROP_PUNT_FULL));
        assertEquals(1, b.port.counter(Counter.PUNTED), "one guest's share is not another's");

        a.port.puntDone();
        a.send(Frames.dhcp(a, 300));
        a.send(Frames.dhcp(a, 300));
        plane.visit(a);
        assertEquals(3, a.port.counter(Counter.TX_DROP_PUNT_FULL));
    }

    @Test
    void reportsAWrongMacOnceForEachGuestThatConnects() {
        byte[] spoofed = Frames.ipv4(Gateway.GATEWAY_MAC, b.mac(), a.ipv4(), b.ipv4(), 17, 64, 60);
        plane.slowPath.full = true;
        a.send(spoofed);
        plane.visit(a);
        plane.slowPath.full = false;
        a.send(spoofed);
        a.send(spoofed);
        plane.visit(a);
        List<RecordingSlowPath.Spoof> once = List.of(new RecordingSlowPath.Spoof(a.port, b.mac()));
        assertEquals(once, plane.slowPath.spoofs, "when there was room for the report");
        assertEquals(3, a.port.counter(Counter.TX_DROP_SPOOFED_MAC));

        a.port.reset();
        a.send(spoofed);
        plane.visit(a);
        assertEquals(2, plane.slowPath.spoofs.size());
    }
}
