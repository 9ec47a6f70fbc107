package io.vireo.harness;

import static io.vireo.harness.RawVsockPeer.packet;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.vireo.harness.device.RawVsockGuest;
import io.vireo.harness.packets.VsockField;
import io.vireo.harness.packets.VsockPacket;
import io.vireo.virtqueue.Features;
import io.vireo.vsock.endpoint.VsockCounter;
import io.vireo.vsock.stream.VsockError;
import io.vireo.vsock.stream.VsockException;
import io.vireo.vsock.stream.VsockStream;
import java.io.IOException;
import java.util.Arrays;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Packets that no well-behaved driver sends: each has its documented answer, and the connection alone pays, or nobody. */
@Timeout(60)
class VsockBadInputIT {
    private static final int PORT = 40_001;
    private static final int OTHER_PORT = 40_002;
    /** Sends 100 bytes, reads nothing, and tells how the connection ended. */
    private static final int DEAF = 1234;

    private static final int CREDIT = 0x4_0000;
    private static final int CHUNK = 4096;
    private static final long SOON_S = 10;

    private TestVsock vsock;
    private RawVsockPeer guest;
    private final CompletableFuture<VsockError> ended = new CompletableFuture<>();

    @BeforeEach
    void start() throws IOException {
        vsock = TestVsock.start();
        vsock.serve(DEAF, this::waitForTheEnd);
        guest = RawVsockPeer.attach(vsock);
    }

    @AfterEach
    void stop() throws IOException {
        guest.close();
        vsock.close();
    }

    /** What was received before the reset could still be read, so a write it is that finds out. */
    private void waitForTheEnd(VsockStream stream) {
        byte[] some = new byte[100];
        try {
            while (true) {
                stream.write(some, 0, some.length);
            }
        } catch (VsockException e) {
            ended.complete(e.error());
        } catch (IOException e) {
            ended.completeExceptionally(e);
        }
    }

    /** A connection to the deaf service that has sent all it may. */
    private void connectToDeaf() throws IOException {
        guest.send(packet(PORT, DEAF, VsockPacket.REQUEST).with(VsockField.BUF_ALLOC, 100));
        guest.expect(VsockPacket.RESPONSE, PORT);
        assertEquals(100, guest.expect(VsockPacket.RW, PORT).get(VsockField.LEN));
        guest.expect(VsockPacket.CREDIT_REQUEST, PORT);
    }

    private void assertServed() throws IOException {
        guest.connect(OTHER_PORT, TestVsock.ECHO);
        guest.echo(OTHER_PORT, "still there");
        guest.sendAndFlush(packet(OTHER_PORT, TestVsock.ECHO, VsockPacket.RST));
    }

    // ---- what breaks a connection

    /** What is wrong with data on a connection whose host has sent 150 bytes, of which 50 were forwarded; and how it is counted. */
    enum Violation {
        UNKNOWN_OPERATION(VsockCounter.VIOLATION_OP, VsockField.OP, 8),
        NO_OPERATION(VsockCounter.VIOLATION_OP, VsockField.OP, 0),
        LARGEST_OPERATION(VsockCounter.VIOLATION_OP, VsockField.OP, 0xffff),
        SECOND_REQUEST(VsockCounter.VIOLATION_OP, VsockField.OP, VsockPacket.REQUEST),
        RESPONSE_UNASKED(VsockCounter.VIOLATION_OP, VsockField.OP, VsockPacket.RESPONSE),
        OTHER_TYPE(VsockCounter.VIOLATION_OP, VsockField.TYPE, VsockPacket.SEQPACKET),
        NO_TYPE(VsockCounter.VIOLATION_OP, VsockField.TYPE, 0),
        LENGTH_OVER_THE_BUFFER(VsockCounter.VIOLATION_LENGTH, VsockField.LEN, 11),
        LENGTH_OF_4_GIB(VsockCounter.VIOLATION_LENGTH, VsockField.LEN, -1),
        LENGTH_OF_2_GIB(VsockCounter.VIOLATION_LENGTH, VsockField.LEN, 1L << 31),
        FORWARDED_MORE_THAN_SENT(VsockCounter.VIOLATION_FWD_CNT, VsockField.FWD_CNT, 151),
        FORWARDED_LESS_THAN_BEFORE(VsockCounter.VIOLATION_FWD_CNT, VsockField.FWD_CNT, 49),
        FORWARDED_LESS_THAN_NOTHING(VsockCounter.VIOLATION_FWD_CNT, VsockField.FWD_CNT, -1);

        private final VsockCounter counter;
        private final VsockField field;
        private final long value;

        Violation(VsockCounter counter, VsockField field, long value) {
            this.counter = counter;
            this.field = field;
            this.value = value;
        }
    }

    @ParameterizedTest
    @EnumSource
    void violationResetsItsConnectionAlone(Violation violation) throws Exception {
        guest.connect(OTHER_PORT, TestVsock.ECHO);
        connectToDeaf();
        VsockPacket good = packet(PORT, DEAF, VsockPacket.RW)
                .with(VsockField.BUF_ALLOC, 100)
                .with(VsockField.FWD_CNT, 50)
                .withPayload(new byte[10]);
        guest.send(good);
        assertEquals(50, guest.expect(VsockPacket.RW, PORT).get(VsockField.LEN));
        guest.expect(VsockPacket.CREDIT_REQUEST, PORT);

        VsockPacket bad = good.with(violation.field, violation.value);
        guest.send(bad);
        guest.expectReset(bad);
        assertEquals(VsockError.ECONNRESET, ended.get(SOON_S, TimeUnit.SECONDS));
        assertEquals(1, vsock.counter(violation.counter));
        assertEquals(1, vsock.counter(VsockCounter.RESET));
        guest.send(good);
        guest.expectReset(good);
        guest.echo(OTHER_PORT, "hello");
        assertEquals(1, vsock.device().connections());
    }

    /** All that the host has room for is taken; one byte more, and the connection is no more. */
    @Test
    void moreThanTheCreditResetsTheConnection() throws Exception {
        connectToDeaf();
        VsockPacket full = packet(PORT, DEAF, VsockPacket.RW)
                .with(VsockField.BUF_ALLOC, 100)
                .withPayload(new byte[CHUNK]);
        for (int sent = 0; sent < CREDIT; sent += CHUNK) {
            guest.send(full);
        }
        guest.flush();
        assertEquals(CREDIT, vsock.counter(VsockCounter.FROM_PEER_BYTES));
        assertEquals(0, vsock.counter(VsockCounter.VIOLATION_CREDIT));
        VsockPacket surplus = full.withPayload(new byte[1]);
        guest.send(surplus);
        guest.expectReset(surplus);
        assertEquals(1, vsock.counter(VsockCounter.VIOLATION_CREDIT));
        assertEquals(VsockError.ECONNRESET, ended.get(SOON_S, TimeUnit.SECONDS));
        assertServed();
    }

    @Test
    void dataAfterTheEndResetsTheConnection() throws Exception {
        connectToDeaf();
        VsockPacket base = packet(PORT, DEAF, VsockPacket.SHUTDOWN).with(VsockField.BUF_ALLOC, 100);
        guest.send(base.with(VsockField.FLAGS, VsockPacket.SHUTDOWN_SEND));
        VsockPacket late = base.with(VsockField.OP, VsockPacket.RW).withPayload(1);
        guest.send(late);
        guest.expectReset(late);
        assertEquals(1, vsock.counter(VsockCounter.VIOLATION_OP));
        assertServed();
    }

    // ---- what belongs to nothing

    @ParameterizedTest
    @ValueSource(longs = {0, 1, 2, 32, 34, 0xffff_ffffL, (1L << 32) + TestVsock.CID, 1L << 63, -1})
    void spoofedSourceIsNotEvenAnswered(long cid) throws IOException {
        guest.connect(PORT, TestVsock.ECHO);
        for (int operation = 0; operation < 9; operation++) {
            guest.send(packet(PORT, TestVsock.ECHO, operation).with(VsockField.SRC_CID, cid));
        }
        guest.expectNothing();
        assertEquals(9, vsock.counter(VsockCounter.DROP_SPOOFED_CID));
        guest.echo(PORT, "hello");
    }

    @ParameterizedTest
    @ValueSource(longs = {0, 1, TestVsock.CID, 34, 0xffff_ffffL})
    void requestToAnybodyElseIsRefused(long cid) throws IOException {
        VsockPacket request = packet(PORT, TestVsock.ECHO, VsockPacket.REQUEST).with(VsockField.DST_CID, cid);
        guest.send(request);
        guest.expectReset(request);
        assertEquals(0, vsock.device().connections());
        assertServed();
    }

    @ParameterizedTest
    @ValueSource(longs = {(1L << 32) + 2, 1L << 63, -1})
    void destinationsThatCannotBeAreDropped(long cid) throws IOException {
        guest.send(packet(PORT, TestVsock.ECHO, VsockPacket.REQUEST).with(VsockField.DST_CID, cid));
        guest.expectNothing();
        assertEquals(1, vsock.counter(VsockCounter.DROP_SPOOFED_CID));
        assertServed();
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 3, 0x100, 0xffff})
    void unknownTypeIsReset(int type) throws IOException {
        for (int operation = 0; operation < 9; operation++) {
            VsockPacket packet = packet(PORT, TestVsock.ECHO, operation).with(VsockField.TYPE, type);
            guest.send(packet);
            if (operation != VsockPacket.RST) {
                guest.expectReset(packet);
            }
        }
        guest.expectNothing();
        assertEquals(9, vsock.counter(VsockCounter.DROP_UNKNOWN_TYPE));
        assertServed();
    }

    /** A type that was not negotiated is unknown. */
    @Test
    void messagesThatWereNotNegotiatedAreReset() throws IOException {
        guest.close();
        guest = RawVsockPeer.attachWithoutBuffers(vsock, RawVsockGuest.OPTIONS.without(Features.VSOCK_SEQPACKET));
        guest.guest().provide(32, RawVsockGuest.BUFFER_SIZE);
        VsockPacket request =
                packet(PORT, TestVsock.ECHO, VsockPacket.REQUEST).with(VsockField.TYPE, VsockPacket.SEQPACKET);
        guest.send(request);
        guest.expectReset(request);
        assertServed();
    }

    @Test
    void packetForNoConnectionIsResetUnlessItIsAReset() throws IOException {
        for (int operation = 0; operation < 9; operation++) {
            VsockPacket packet = packet(PORT, TestVsock.ECHO, operation).withPayload(new byte[10]);
            if (operation != VsockPacket.REQUEST) {
                guest.send(packet);
            }
            if (operation != VsockPacket.REQUEST && operation != VsockPacket.RST) {
                guest.expectReset(packet);
            }
        }
        guest.expectNothing();
        assertEquals(9, vsock.counter(VsockCounter.DROP_NO_CONNECTION));
        assertEquals(0, vsock.device().connections());
        assertServed();
    }

    @Test
    void packetsShorterThanAHeaderAreDropped() throws IOException {
        byte[] request = packet(PORT, TestVsock.ECHO, VsockPacket.REQUEST).bytes();
        for (int length = 0; length < request.length; length++) {
            guest.guest().send(Arrays.copyOf(request, length), 7, 9);
        }
        guest.flush();
        guest.expectNothing();
        assertEquals(request.length, vsock.counter(VsockCounter.DROP_SHORT));
        assertServed();
    }

    @Test
    void garbageIsAnsweredWithResetsAtMost() throws IOException {
        SplittableRandom random = new SplittableRandom(1);
        guest.connect(PORT, TestVsock.ECHO);
        byte[] good = packet(PORT, TestVsock.ECHO, VsockPacket.CREDIT_UPDATE).bytes();
        for (int round = 0; round < 3000; round++) {
            byte[] bytes = good.clone();
            for (int mutation = random.nextInt(4); mutation >= 0; mutation--) {
                bytes[16 + random.nextInt(28)] = (byte) random.nextInt();
            }
            guest.guest().send(bytes, bytes.length, 1);
            boolean taken = guest.guest().awaitSent(0);
            while (guest.guest().receive(0).isPresent() || !taken) { // whatever it is, it is a packet
                taken = guest.guest().awaitSent(0);
            }
        }
        guest.close();
        guest = RawVsockPeer.attach(vsock);
        assertServed();
    }

    // ---- floods, and buffers

    /** As many connections as a guest may have are made, the others refused; one that was there before is served. */
    @Test
    void floodOfRequestsIsBoundedAndOthersAreServed() throws IOException {
        vsock.serve(DEAF, stream -> stream.read(new byte[1], 0, 1));
        guest.connect(OTHER_PORT, TestVsock.ECHO);
        int accepted = 0;
        int refused = 0;
        for (int port = 100_000; port < 102_000; port++) {
            guest.send(packet(port, DEAF, VsockPacket.REQUEST));
            VsockPacket answer = guest.receive();
            assertEquals(port, answer.get(VsockField.DST_PORT));
            if (answer.operation() == VsockPacket.RESPONSE) {
                accepted++;
            } else {
                assertEquals(VsockPacket.RST, answer.operation());
                refused++;
            }
        }
        assertEquals(1023, accepted, "beside the one that was there");
        assertEquals(2000 - 1023, refused);
        assertEquals(refused, vsock.counter(VsockCounter.REFUSED_TOO_MANY));
        guest.echo(OTHER_PORT, "hello");
        guest.send(packet(OTHER_PORT, TestVsock.ECHO, VsockPacket.RST));
        assertServed();
    }

    /** Who posts no buffers is not listened to any more than what it is to be told can be remembered. */
    @Test
    void answersWaitForBuffersAndComeInOrder() throws IOException {
        guest.close();
        guest = RawVsockPeer.attachWithoutBuffers(vsock, RawVsockGuest.OPTIONS);
        int packets = 120; // less than the ring has entries
        for (int i = 0; i < packets; i++) {
            VsockPacket unknown = packet(50_000 + i, TestVsock.ECHO, VsockPacket.CREDIT_REQUEST);
            guest.guest().send(unknown.bytes(), VsockPacket.HEADER_LENGTH, 1);
        }
        assertTrue(vsock.counter(VsockCounter.DROP_NO_CONNECTION) <= packets);
        guest.guest().provide(4, RawVsockGuest.BUFFER_SIZE);
        for (int i = 0; i < packets; i++) {
            guest.expect(VsockPacket.RST, 50_000 + i);
        }
        guest.flush();
        assertEquals(packets, vsock.counter(VsockCounter.DROP_NO_CONNECTION));
        assertServed();
    }

    /** Buffers that no packet fits into come back empty; one with room for a byte gets a byte. */
    @Test
    void smallBuffersAreUsedAsFarAsTheyGo() throws IOException {
        guest.close();
        guest = RawVsockPeer.attachWithoutBuffers(vsock, RawVsockGuest.OPTIONS);
        guest.guest().provide(2, VsockPacket.HEADER_LENGTH + 1);
        guest.connect(PORT, TestVsock.ECHO);
        guest.send(packet(PORT, TestVsock.ECHO, VsockPacket.RW).withPayload(1, 2, 3));
        for (int i = 1; i <= 3; i++) {
            assertEquals("0" + i, guest.expect(VsockPacket.RW, PORT).payload().hex());
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 43, 44})
    void buffersWithoutRoomForAByteComeBackEmpty(int size) throws IOException {
        guest.close();
        guest = RawVsockPeer.attachWithoutBuffers(vsock, RawVsockGuest.OPTIONS);
        guest.guest().provide(1, size);
        guest.send(packet(PORT, TestVsock.ECHO, VsockPacket.REQUEST));
        IOException empty = assertThrows(IOException.class, () -> guest.receive());
        assertEquals("no vsock packet: []", empty.getMessage());
    }

    /** A service that writes and a guest that never reads: the service waits, others go on. */
    @Test
    void guestThatNeverReadsStopsItsOwnWriterAlone() throws Exception {
        guest.connect(PORT, DEAF);
        long received = 0;
        VsockPacket next = guest.receive();
        while (next.operation() == VsockPacket.RW) {
            received += next.get(VsockField.LEN);
            next = guest.receive();
        }
        assertEquals(VsockPacket.CREDIT_REQUEST, next.operation());
        assertEquals(CREDIT, received, "what the guest said it takes, and no more");
        assertServed();
        guest.send(packet(PORT, DEAF, VsockPacket.RST));
        assertEquals(VsockError.ECONNRESET, ended.get(SOON_S, TimeUnit.SECONDS));
    }

    @Test
    void guestThatLeavesInMidStreamResetsItsConnections() throws Exception {
        connectToDeaf();
        guest.close();
        assertEquals(VsockError.ECONNRESET, ended.get(SOON_S, TimeUnit.SECONDS));
        guest = RawVsockPeer.attach(vsock);
        assertEquals(0, vsock.device().connections());
        assertServed();
    }
}
