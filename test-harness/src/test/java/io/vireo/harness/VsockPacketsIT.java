package io.vireo.harness;

import static io.vireo.harness.RawVsockPeer.packet;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.vireo.harness.packets.Octets;
import io.vireo.harness.packets.VsockField;
import io.vireo.harness.packets.VsockPacket;
import io.vireo.vsock.VsockType;
import io.vireo.vsock.stream.VsockError;
import io.vireo.vsock.stream.VsockException;
import io.vireo.vsock.stream.VsockStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A vsock device's packets, byte by byte (virtio 1.3, 5.10.6). */
@Timeout(60)
class VsockPacketsIT {
    private static final int PORT = 40_001;
    private static final int SERVICE = 1234;
    /** Those filled before the device has seen what all connections may send. */
    private static final int BUFFERS_AHEAD = 40;

    private static final int SOON_S = 10;
    private static final Duration SOON = Duration.ofSeconds(SOON_S);

    private static final String REQUEST =
            "21000000000000000200000000000000419c0000d204000000000000" + "01000100000000000000040000000000";
    private static final String RESPONSE =
            "02000000000000002100000000000000d2040000419c000000000000" + "01000200000000000000040000000000";
    private static final String RESET =
            "02000000000000002100000000000000d2040000419c000000000000" + "01000300000000000000040000000000";
    private static final String HELLO = "21000000000000000200000000000000419c0000d204000005000000"
            + "01000500000000000000040000000000" + "68656c6c6f";
    private static final String HELLO_BACK = "02000000000000002100000000000000d2040000419c000005000000"
            + "01000500000000000000040005000000" + "68656c6c6f";

    private TestVsock vsock;
    private RawVsockPeer guest;

    @BeforeEach
    void start() throws IOException {
        vsock = TestVsock.start();
        guest = RawVsockPeer.attach(vsock);
    }

    @AfterEach
    void stop() throws IOException {
        guest.close();
        vsock.close();
    }

    private void send(String hex) throws IOException {
        byte[] bytes = HexFormat.of().parseHex(hex);
        guest.guest().send(bytes, bytes.length, bytes.length);
    }

    private void expect(String hex) throws IOException {
        assertEquals(hex, Octets.of(guest.receive().bytes()).hex());
    }

    @Test
    void requestAndDataAreAnsweredAsOnTheWire() throws IOException {
        vsock.serve(SERVICE, TestVsock::echo);
        assertEquals(TestVsock.CID, guest.guest().cid());
        send(REQUEST);
        expect(RESPONSE);
        send(HELLO);
        expect(HELLO_BACK);
    }

    @Test
    void requestForAPortThatNobodyServesIsReset() throws IOException {
        send(REQUEST);
        expect(RESET);
    }

    /** A driver may cut a packet into buffers wherever it likes (2.7.4.2). */
    @ParameterizedTest
    @CsvSource({"44, 4096", "1, 1", "43, 2", "45, 3", "49, 1", "8, 8"})
    void packetsMayLieInAnyPieces(int first, int others) throws IOException {
        vsock.serve(SERVICE, TestVsock::echo);
        guest.guest().send(HexFormat.of().parseHex(REQUEST), first, others);
        expect(RESPONSE);
        guest.guest().send(HexFormat.of().parseHex(HELLO), first, others);
        expect(HELLO_BACK);
    }

    @Test
    void creditIsToldWhenItIsAskedFor() throws Exception {
        CompletableFuture<Integer> read = new CompletableFuture<>();
        CompletableFuture<Integer> end = new CompletableFuture<>();
        vsock.serve(SERVICE, stream -> {
            read.complete(stream.input().readNBytes(1000).length);
            end.join();
        });
        guest.connect(PORT, SERVICE);
        guest.send(packet(PORT, SERVICE, VsockPacket.RW).withPayload(new byte[1000]));
        assertEquals(1000, read.get(SOON_S, TimeUnit.SECONDS));
        guest.send(packet(PORT, SERVICE, VsockPacket.CREDIT_REQUEST));
        VsockPacket update = guest.expect(VsockPacket.CREDIT_UPDATE, PORT);
        assertEquals(1000, update.get(VsockField.FWD_CNT));
        assertEquals(0x4_0000, update.get(VsockField.BUF_ALLOC));
        assertEquals(0, update.get(VsockField.LEN));
        end.complete(0);
    }

    /** 5.10.6.3.1: who may not send asks, once, and sends what the peer says it takes, and no more. */
    @Test
    void hostSendsWhatTheGuestTakesAndNoMore() throws Exception {
        vsock.serve(SERVICE, stream -> {
            stream.write(new byte[20], 0, 20);
            stream.shutdownOutput();
            stream.read(new byte[1], 0, 1);
        });
        guest.send(packet(PORT, SERVICE, VsockPacket.REQUEST).with(VsockField.BUF_ALLOC, 0));
        guest.expect(VsockPacket.RESPONSE, PORT);
        guest.expect(VsockPacket.CREDIT_REQUEST, PORT);
        VsockPacket update = packet(PORT, SERVICE, VsockPacket.CREDIT_UPDATE);
        guest.send(update.with(VsockField.BUF_ALLOC, 0));
        guest.expectNothing();
        guest.send(update.with(VsockField.BUF_ALLOC, 5));
        assertEquals(5, guest.expect(VsockPacket.RW, PORT).get(VsockField.LEN));
        guest.expect(VsockPacket.CREDIT_REQUEST, PORT);
        guest.send(update.with(VsockField.BUF_ALLOC, 3)); // less than what is under way
        guest.expectNothing();
        guest.send(update.with(VsockField.BUF_ALLOC, 5).with(VsockField.FWD_CNT, 3));
        assertEquals(3, guest.expect(VsockPacket.RW, PORT).get(VsockField.LEN));
        guest.expect(VsockPacket.CREDIT_REQUEST, PORT);
        guest.send(update.with(VsockField.BUF_ALLOC, 100).with(VsockField.FWD_CNT, 8));
        assertEquals(12, guest.expect(VsockPacket.RW, PORT).get(VsockField.LEN));
        assertEquals(
                VsockPacket.SHUTDOWN_SEND,
                guest.expect(VsockPacket.SHUTDOWN, PORT).get(VsockField.FLAGS));
    }

    /** One packet of each connection that has something to send, and none of them twice before all others. */
    @Test
    void connectionsTakeTurns() throws IOException {
        vsock.serve(SERVICE, stream -> {
            stream.write(new byte[260_000], 0, 260_000);
            stream.read(new byte[1], 0, 1);
        });
        for (int port = 0; port < 4; port++) {
            guest.send(packet(PORT + port, SERVICE, VsockPacket.REQUEST).with(VsockField.BUF_ALLOC, 0));
            guest.expect(VsockPacket.RESPONSE, PORT + port);
            guest.expect(VsockPacket.CREDIT_REQUEST, PORT + port);
        }
        for (int port = 0; port < 4; port++) {
            guest.send(packet(PORT + port, SERVICE, VsockPacket.CREDIT_UPDATE));
        }
        guest.flush();
        int[] last = new int[4];
        for (int i = 0; i < 120; i++) {
            VsockPacket packet = guest.receive();
            assertEquals(VsockPacket.RW, packet.operation());
            int port = (int) packet.get(VsockField.DST_PORT) - PORT;
            if (i >= BUFFERS_AHEAD) {
                assertEquals(4, i - last[port], "packets since the last one of this connection");
            }
            last[port] = i;
        }
    }

    @Test
    void guestMayEndItsDirectionAndTheHostStillAnswers() throws IOException {
        vsock.serve(SERVICE, stream -> {
            byte[] all = stream.input().readAllBytes();
            stream.write(all, 0, all.length);
        });
        guest.connect(PORT, SERVICE);
        guest.send(packet(PORT, SERVICE, VsockPacket.RW).withPayload(1, 2, 3));
        guest.send(packet(PORT, SERVICE, VsockPacket.SHUTDOWN).with(VsockField.FLAGS, VsockPacket.SHUTDOWN_SEND));
        assertEquals("010203", guest.expect(VsockPacket.RW, PORT).payload().hex());
        VsockPacket shutdown = guest.expect(VsockPacket.SHUTDOWN, PORT);
        assertEquals(VsockPacket.SHUTDOWN_RECEIVE | VsockPacket.SHUTDOWN_SEND, shutdown.get(VsockField.FLAGS));
        guest.sendAndFlush(packet(PORT, SERVICE, VsockPacket.RST));
        assertEquals(0, vsock.device().connections());
        guest.expectNothing();
    }

    @Test
    void guestThatEndsBothDirectionsIsAnsweredWithAReset() throws IOException {
        guest.connect(PORT, TestVsock.ECHO);
        VsockPacket shutdown = packet(PORT, TestVsock.ECHO, VsockPacket.SHUTDOWN);
        guest.send(shutdown.with(VsockField.FLAGS, 3));
        guest.expectReset(shutdown);
        assertEquals(0, vsock.device().connections());
    }

    @Test
    void hostConnectsToTheGuest() throws Exception {
        FutureTask<VsockStream> connecting = connect(4321);
        VsockPacket request = guest.expect(VsockPacket.REQUEST, 4321);
        int hostPort = (int) request.get(VsockField.SRC_PORT);
        assertEquals(
                VsockPacket.of(2, hostPort, TestVsock.CID, 4321, VsockPacket.REQUEST),
                request,
                "a request of a stream with 256 KiB of room");
        guest.send(packet(4321, hostPort, VsockPacket.RESPONSE));
        try (VsockStream stream = connecting.get(SOON_S, TimeUnit.SECONDS)) {
            stream.output().write("hello".getBytes(StandardCharsets.UTF_8));
            assertEquals("hello", guest.expect(VsockPacket.RW, 4321).payload().text());
            guest.send(packet(4321, hostPort, VsockPacket.RW).withPayload(1, 2));
            assertArrayEquals(new byte[] {1, 2}, stream.input().readNBytes(2));
        }
        guest.expect(VsockPacket.SHUTDOWN, 4321);
    }

    @Test
    void hostIsRefusedByTheGuest() throws Exception {
        FutureTask<VsockStream> connecting = connect(4321);
        VsockPacket request = guest.expect(VsockPacket.REQUEST, 4321);
        guest.send(packet(4321, (int) request.get(VsockField.SRC_PORT), VsockPacket.RST));
        ExecutionException refused =
                assertThrows(ExecutionException.class, () -> connecting.get(SOON_S, TimeUnit.SECONDS));
        VsockException reason = assertInstanceOf(VsockException.class, refused.getCause());
        assertEquals(VsockError.ECONNREFUSED, reason.error());
        assertTrue(String.valueOf(reason.getMessage()).contains("33:4321"), reason::getMessage);
    }

    private FutureTask<VsockStream> connect(int port) {
        FutureTask<VsockStream> connecting =
                new FutureTask<>(() -> vsock.device().connect(port, VsockType.STREAM, SOON));
        Thread.startVirtualThread(connecting);
        return connecting;
    }

    /** Both ways a message goes in packets as large as the buffers are, of which the last one says that it is. */
    @Test
    void lastPacketOfAMessageIsMarked() throws IOException {
        byte[] message = TestGuest.payload(10_000, 1);
        guest.send(packet(PORT, TestVsock.ECHO, VsockPacket.REQUEST).with(VsockField.TYPE, VsockPacket.SEQPACKET));
        guest.expect(VsockPacket.RESPONSE, PORT);
        for (int offset = 0; offset < message.length; offset += 4000) {
            byte[] part = Arrays.copyOfRange(message, offset, Math.min(message.length, offset + 4000));
            boolean last = offset + 4000 >= message.length;
            guest.send(packet(PORT, TestVsock.ECHO, VsockPacket.RW)
                    .withPayload(part)
                    .with(VsockField.TYPE, VsockPacket.SEQPACKET)
                    .with(VsockField.FLAGS, last ? VsockPacket.END_OF_MESSAGE : 0));
        }
        ByteArrayOutputStream received = new ByteArrayOutputStream();
        while (received.size() < message.length) {
            VsockPacket packet = guest.expect(VsockPacket.RW, PORT);
            assertEquals(VsockPacket.SEQPACKET, packet.get(VsockField.TYPE));
            received.writeBytes(packet.payload().toBytes());
            boolean last = received.size() == message.length;
            assertEquals(last ? VsockPacket.END_OF_MESSAGE : 0, packet.get(VsockField.FLAGS));
        }
        assertArrayEquals(message, received.toByteArray());
    }
}
