package io.vireo.vsock.endpoint;

import static io.vireo.vsock.VsockHeader.CREDIT_REQUEST;
import static io.vireo.vsock.VsockHeader.CREDIT_UPDATE;
import static io.vireo.vsock.VsockHeader.NO_MORE_RECEIVING;
import static io.vireo.vsock.VsockHeader.NO_MORE_SENDING;
import static io.vireo.vsock.VsockHeader.REQUEST;
import static io.vireo.vsock.VsockHeader.RESPONSE;
import static io.vireo.vsock.VsockHeader.RST;
import static io.vireo.vsock.VsockHeader.RW;
import static io.vireo.vsock.VsockHeader.SHUTDOWN;
import static io.vireo.vsock.endpoint.Packet.data;
import static io.vireo.vsock.endpoint.Packet.toHost;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.vireo.vsock.stream.Pipe;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ConnectionTest {
    private static final int BOTH = NO_MORE_RECEIVING | NO_MORE_SENDING;

    private final Pipe from = new Pipe(Packet.CREDIT, false);
    private final Pipe to = new Pipe(Packet.CREDIT, false);
    private Side device;

    @BeforeEach
    void start() throws Exception {
        device = Side.device();
    }

    @AfterEach
    void end() {
        device.close();
    }

    private Connection accept() {
        return device.accepted(from, to, toHost(REQUEST));
    }

    private static byte[] bytes(int length) {
        byte[] bytes = new byte[length];
        new Random(length).nextBytes(bytes);
        return bytes;
    }

    private void write(int length) {
        to.stage(bytes(length), 0, length);
        to.commit(0);
    }

    private void tick(Duration later) {
        long now = System.nanoTime() + later.toNanos();
        device.on(() -> device.endpoint.tick(now));
    }

    private void assertReset(VsockCounter why) {
        assertEquals(List.of(RST), device.sentOps());
        assertTrue(from.isReset());
        assertTrue(to.isReset());
        assertEquals(1, device.count(why));
        assertEquals(1, device.count(VsockCounter.RESET));
        assertEquals(0, device.connections());
    }

    // ---- data and credit

    @Test
    void passesDataOn() {
        accept();
        device.receive(data(bytes(3000)), data(new byte[0]), data(bytes(10)));

        byte[] read = new byte[3010];
        assertEquals(3010, from.available());
        from.copyTo(0, read, 0, 3010);
        assertArrayEquals(bytes(3000), Arrays.copyOf(read, 3000));
        assertEquals(3010, device.count(VsockCounter.FROM_PEER_BYTES));
    }

    @Test
    void sendsNoMoreThanABufferHoldsNorAPacketCarries() {
        accept();
        write(200_000);

        List<Packet> packets = device.sent();
        assertEquals(
                List.of(65_536L, 65_536L, 65_536L, 3392L),
                packets.stream().map(Packet::length).toList());
        write(250);
        device.room = 100;
        assertEquals(
                List.of(100L, 100L, 50L),
                device.sent().stream().map(Packet::length).toList());
    }

    @Test
    void sendsNoMoreThanThePeerHasRoomFor() {
        device.accepted(from, to, toHost(REQUEST).credit(100, 0));
        write(250);

        assertEquals(List.of(RW, CREDIT_REQUEST), device.sentOps());
        device.receive(toHost(CREDIT_UPDATE).credit(100, 60));
        List<Packet> more = device.sent();
        assertEquals(60, more.getFirst().length());
        assertEquals(CREDIT_REQUEST, more.getLast().op());
        device.receive(toHost(CREDIT_UPDATE).credit(1000, 160));
        assertEquals(90, device.sent().getFirst().length());
    }

    @Test
    void asksAPeerWithoutABufferOnce() {
        device.accepted(from, to, toHost(REQUEST).credit(0, 0));
        write(1);
        assertEquals(List.of(CREDIT_REQUEST), device.sentOps());

        for (int i = 0; i < 10; i++) {
            device.receive(toHost(CREDIT_UPDATE).credit(0, 0));
            assertEquals(List.of(), device.sentOps());
        }
        device.receive(toHost(CREDIT_UPDATE).credit(1, 0));
        assertEquals(List.of(RW), device.sentOps());
    }

    @Test
    void answersAStormOfCreditRequestsOnceATurn() {
        accept();
        Packet[] storm = new Packet[1000];
        Arrays.fill(storm, toHost(CREDIT_REQUEST));
        device.receive(storm);

        assertEquals(List.of(CREDIT_UPDATE), device.sentOps());
        assertEquals(List.of(), device.sentOps());
    }

    @Test
    void tellsOfRoomAsItComes() {
        accept();
        for (int sent = 0; sent < Packet.CREDIT; sent += 65_536) {
            device.receive(data(bytes(65_536)));
        }
        assertEquals(List.of(), device.sentOps());
        from.consume(1);
        Packet update = device.sent().getFirst();
        assertEquals(CREDIT_UPDATE, update.op());
        assertEquals(1, update.fwdCnt());
        assertEquals(Packet.CREDIT, update.bufAlloc());
        from.consume(Packet.CREDIT - 1);
        assertEquals(Packet.CREDIT, device.sent().getLast().fwdCnt());
    }

    @Test
    void tellsNothingWhileThePeerHasEnough() {
        accept();
        device.receive(data(bytes(1000)));
        from.consume(1000);

        assertEquals(List.of(), device.sentOps());
    }

    @Test
    void takesTheWholeBufferAndNotAByteMore() {
        accept();
        for (int sent = 0; sent < Packet.CREDIT; sent += 65_536) {
            device.receive(data(bytes(65_536)));
        }
        assertEquals(Packet.CREDIT, from.available());
        device.receive(data(bytes(1)));

        assertReset(VsockCounter.VIOLATION_CREDIT);
    }

    @ParameterizedTest
    @ValueSource(longs = {101, 65_536, 0x7fff_ffffL, 0x8000_0000L, 0xffff_ffffL})
    void resetsForALengthBeyondTheBuffer(long length) {
        accept();
        device.receive(data(bytes(100)).saying(length));

        assertReset(VsockCounter.VIOLATION_LENGTH);
    }

    @Test
    void takesNoMoreOfABufferThanTheHeaderSays() {
        accept();
        device.receive(data(bytes(3000)).saying(1500));

        assertEquals(1500, from.available());
    }

    @ParameterizedTest
    @ValueSource(ints = {-1, 1001, 99, Integer.MIN_VALUE})
    void resetsForACountThatCannotBe(int forwarded) {
        accept();
        write(1000);
        device.sent();
        device.receive(toHost(CREDIT_UPDATE).credit(Packet.CREDIT, 100));
        assertEquals(List.of(), device.sentOps());
        device.receive(toHost(CREDIT_UPDATE).credit(Packet.CREDIT, forwarded));

        assertReset(VsockCounter.VIOLATION_FWD_CNT);
    }

    @ParameterizedTest
    @ValueSource(ints = {0, REQUEST, RESPONSE, 8, 0xffff})
    void resetsForOperationsThatCannotBe(int op) {
        accept();
        device.receive(toHost(op));

        assertReset(VsockCounter.VIOLATION_OP);
    }

    @Test
    void resetsForAnotherType() {
        accept();
        device.receive(data(bytes(10)).type(2));

        assertReset(VsockCounter.VIOLATION_OP);
    }

    @Test
    void takesNothingMoreOnceItsEndIsDecided() {
        accept();
        device.receive(toHost(99), data(bytes(10)), toHost(99), data(bytes(9)).saying(-1));

        assertEquals(0, from.available());
        assertReset(VsockCounter.VIOLATION_OP);
    }

    @Test
    void sharesTheWayWithOthers() {
        accept();
        Pipe otherTo = new Pipe(Packet.CREDIT, false);
        device.accepted(new Pipe(Packet.CREDIT, false), otherTo, toHost(REQUEST).fromPort(7));
        device.room = 1000;
        write(5000);
        otherTo.stage(bytes(3000), 0, 3000);
        otherTo.commit(0);

        List<Integer> ports =
                device.sent().stream().map(Packet::destinationPort).toList();
        assertEquals(List.of(Packet.GUEST_PORT, 7, Packet.GUEST_PORT, 7, Packet.GUEST_PORT, 7), ports.subList(0, 6));
        assertEquals(8, ports.size());
    }

    @Test
    void waitsForBuffers() {
        accept();
        device.buffers = 0;
        write(10);
        assertEquals(List.of(), device.sentOps());
        device.buffers = 1;

        assertEquals(List.of(RW), device.sentOps());
    }

    // ---- the end

    @Test
    void closesWithItsPeer() {
        accept();
        device.receive(data(bytes(10)), toHost(SHUTDOWN).flags(BOTH));

        assertEquals(List.of(RST), device.sentOps());
        assertFalse(from.isReset());
        assertEquals(10, from.available());
        assertTrue(from.isEnded(), "what came before is still read, and then the end");
        assertTrue(to.isAbandoned());
        assertEquals(0, device.connections());
    }

    @Test
    void aPeerMayEndEachDirectionInTurn() {
        accept();
        device.receive(toHost(SHUTDOWN).flags(0));
        device.receive(toHost(SHUTDOWN).flags(NO_MORE_SENDING));
        assertTrue(from.isDrained());
        write(10);
        assertEquals(List.of(RW), device.sentOps());
        device.receive(toHost(SHUTDOWN).flags(NO_MORE_RECEIVING));

        assertEquals(List.of(RST), device.sentOps());
        assertTrue(to.isAbandoned());
    }

    @Test
    void resetsForDataFromAPeerThatSaidItSendsNoMore() {
        accept();
        device.receive(toHost(SHUTDOWN).flags(NO_MORE_SENDING), data(bytes(1)));

        assertReset(VsockCounter.VIOLATION_OP);
    }

    @Test
    void endsEachDirectionWhenItsOwnersDo() {
        accept();
        write(10);
        to.end();
        List<Packet> packets = device.sent();
        assertEquals(List.of(RW, SHUTDOWN), packets.stream().map(Packet::op).toList());
        assertEquals(NO_MORE_SENDING, packets.getLast().flags());
        device.receive(data(bytes(10)));
        assertEquals(10, from.available(), "the other direction goes on");

        from.abandon();
        assertEquals(BOTH, device.sent().getLast().flags());
        device.receive(data(bytes(10)));
        assertEquals(List.of(), device.sentOps(), "what was on its way is discarded");
        device.receive(toHost(RST));
        assertEquals(0, device.connections());
    }

    @Test
    void sendsNothingAfterItSaidSo() {
        accept();
        to.end();
        assertEquals(List.of(SHUTDOWN), device.sentOps());
        write(10);

        assertEquals(List.of(), device.sentOps());
    }

    @Test
    void waitsForAnAnswerToItsCloseAndNotForEver() {
        accept();
        to.end();
        from.abandon();
        assertEquals(List.of(SHUTDOWN), device.sentOps());
        tick(Duration.ofSeconds(7));
        assertEquals(List.of(), device.sentOps());
        tick(Duration.ofSeconds(9));

        assertReset(VsockCounter.RESET);
    }

    @Test
    void isPatientWithWhoStillHasToReadWhatWasWritten() {
        device.accepted(from, to, toHost(REQUEST).credit(10, 0));
        write(20);
        to.end();
        from.abandon();
        assertEquals(
                List.of(RW, SHUTDOWN),
                device.sentOps().stream().filter(op -> op != CREDIT_REQUEST).toList());
        tick(Duration.ofSeconds(50));
        assertEquals(List.of(), device.sentOps());
        device.receive(toHost(CREDIT_UPDATE).credit(10, 10));
        List<Packet> rest = device.sent();
        assertEquals(List.of(RW, SHUTDOWN), rest.stream().map(Packet::op).toList());
        assertEquals(BOTH, rest.getLast().flags());
    }

    @Test
    void givesUpOnWhoNeverReadsWhatWasWritten() {
        device.accepted(from, to, toHost(REQUEST).credit(10, 0));
        write(20);
        to.end();
        from.abandon();
        device.sent();
        tick(Duration.ofSeconds(61));

        assertReset(VsockCounter.RESET);
    }

    @Test
    void givesUpOnAPeerThatHasNoBuffersToBeToldInto() {
        accept();
        device.buffers = 0;
        write(20);
        to.end();
        from.abandon();
        device.sent();
        tick(Duration.ofSeconds(61));

        assertTrue(from.isReset());
        device.buffers = 10;
        assertReset(VsockCounter.RESET);
    }

    @Test
    void passesAResetOnInBothDirections() {
        accept();
        device.receive(data(bytes(10)), toHost(RST));
        assertTrue(from.isReset());
        assertTrue(to.isReset());
        assertEquals(10, from.available());
        assertEquals(1, device.count(VsockCounter.RESET_BY_PEER));
        assertEquals(List.of(), device.sentOps());

        Pipe otherFrom = new Pipe(Packet.CREDIT, false);
        Pipe otherTo = new Pipe(Packet.CREDIT, false);
        device.accepted(otherFrom, otherTo, toHost(REQUEST));
        otherTo.reset();
        assertEquals(List.of(RST), device.sentOps());
        assertTrue(otherFrom.isReset());
        assertEquals(0, device.connections());
    }

    @Test
    void neverStartsEndlessTalk() {
        List<Integer> all = new ArrayList<>();
        Random random = new Random(3);
        for (int round = 0; round < 300; round++) {
            Packet packet = toHost(random.nextInt(9))
                    .fromPort(random.nextInt(4))
                    .flags(random.nextInt(4))
                    .credit(random.nextInt(3) * 100, 0)
                    .with(new byte[random.nextInt(200)]);
            device.receive(packet);
            device.on(() -> {
                while (!device.requests.isEmpty()) {
                    device.requests.removeLast().accept();
                }
            });
            all.addAll(device.sentOps());
        }
        assertTrue(all.size() < 600, all.size() + " packets in answer to 300");
    }
}
