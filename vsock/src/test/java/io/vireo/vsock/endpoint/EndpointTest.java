package io.vireo.vsock.endpoint;

import static io.vireo.vsock.VsockHeader.CREDIT_REQUEST;
import static io.vireo.vsock.VsockHeader.CREDIT_UPDATE;
import static io.vireo.vsock.VsockHeader.REQUEST;
import static io.vireo.vsock.VsockHeader.RESPONSE;
import static io.vireo.vsock.VsockHeader.RST;
import static io.vireo.vsock.VsockHeader.RW;
import static io.vireo.vsock.VsockHeader.SHUTDOWN;
import static io.vireo.vsock.endpoint.Packet.toGuest;
import static io.vireo.vsock.endpoint.Packet.toHost;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.vireo.vsock.VsockAddress;
import io.vireo.vsock.VsockType;
import io.vireo.vsock.stream.Pipe;
import io.vireo.vsock.stream.VsockError;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class EndpointTest {
    private static final VsockAddress GUEST = new VsockAddress(Packet.GUEST, Packet.GUEST_PORT);
    private static final VsockAddress HOST = VsockAddress.host(Packet.HOST_PORT);

    private Side device;
    private Side guest;
    private final Pipe from = new Pipe(Packet.CREDIT, false);
    private final Pipe to = new Pipe(Packet.CREDIT, false);
    private final List<Object> told = new ArrayList<>();

    @BeforeEach
    void start() throws Exception {
        device = Side.device();
        guest = Side.guest();
    }

    @AfterEach
    void end() {
        device.close();
        guest.close();
    }

    private void connect(Side side, VsockAddress local, VsockAddress remote, VsockType type) {
        side.on(() ->
                side.endpoint.connect(local, remote, type, from, to, Duration.ofSeconds(2), new ConnectListener() {
                    @Override
                    public void established(Connection connection) {
                        told.add(connection);
                    }

                    @Override
                    public void refused(VsockError reason) {
                        told.add(reason);
                    }
                }));
    }

    @Test
    void asksWithTheBytesThatTheSpecificationNames() {
        connect(guest, GUEST, HOST, VsockType.STREAM);

        assertEquals(List.of(REQUEST), guest.sentOps());
        assertEquals(
                "2100000000000000" + "0200000000000000" + "419c0000" + "d2040000" + "00000000" + "0100" + "0100"
                        + "00000000" + "00000400" + "00000000",
                guest.lastHeader);
    }

    @Test
    void acceptsARequest() {
        device.receive(toHost(REQUEST));
        assertEquals(List.of(), device.sentOps(), "that is for the acceptor to decide");
        Connection connection = device.requests.getFirst();
        assertEquals(HOST, connection.local());
        assertEquals(GUEST, connection.remote());

        device.on(() -> connection.accept(from, to));

        Packet response = device.sent().getFirst();
        assertEquals(RESPONSE, response.op());
        assertEquals(2, response.sourceCid());
        assertEquals(Packet.HOST_PORT, response.sourcePort());
        assertEquals(Packet.GUEST, response.destinationCid());
        assertEquals(Packet.GUEST_PORT, response.destinationPort());
        assertEquals(Packet.CREDIT, response.bufAlloc());
        assertEquals(1, device.connections());
    }

    @Test
    void refusesARequest() {
        device.receive(toHost(REQUEST));
        device.on(() -> device.requests.getFirst().refuse());

        assertEquals(List.of(RST), device.sentOps());
        assertEquals(0, device.connections());
        assertEquals(1, device.count(VsockCounter.REFUSED));
    }

    @Test
    void aRequestThatWasGivenUpCannotBeAccepted() {
        device.receive(toHost(REQUEST), toHost(RST));
        device.on(() -> device.requests.getFirst().accept(from, to));

        assertTrue(from.isReset());
        assertTrue(to.isReset());
        assertEquals(List.of(), device.sentOps());
    }

    @Test
    void aRequestMayBeFollowedByNewsOfTheBuffer() {
        device.receive(toHost(REQUEST), toHost(CREDIT_UPDATE).credit(5, 0));
        device.on(() -> device.requests.getFirst().accept(from, to));
        to.stage(new byte[9], 0, 9);
        to.commit(0);

        assertEquals(List.of(RESPONSE, RW, CREDIT_REQUEST), device.sentOps());
    }

    @ParameterizedTest
    @ValueSource(ints = {REQUEST, RESPONSE, RW, SHUTDOWN, CREDIT_REQUEST, 0, 8, 0xffff})
    void nothingElseMayFollowARequestBeforeItsAnswer(int op) {
        device.receive(toHost(REQUEST), toHost(op));
        device.on(() -> device.requests.getFirst().accept(from, to));

        assertEquals(List.of(RST), device.sentOps());
        assertTrue(from.isReset());
        assertEquals(1, device.count(VsockCounter.VIOLATION_OP));
    }

    @ParameterizedTest
    @ValueSource(ints = {RESPONSE, RW, SHUTDOWN, CREDIT_UPDATE, CREDIT_REQUEST, 0, 8, 0xffff})
    void answersWhatBelongsToNothingWithAReset(int op) {
        device.receive(toHost(op));

        Packet reset = device.sent().getFirst();
        assertEquals(RST, reset.op());
        assertEquals(1, reset.type());
        assertEquals(2, reset.sourceCid());
        assertEquals(Packet.GUEST, reset.destinationCid());
        assertEquals(Packet.HOST_PORT, reset.sourcePort());
        assertEquals(Packet.GUEST_PORT, reset.destinationPort());
        assertEquals(1, device.count(VsockCounter.DROP_NO_CONNECTION));
    }

    @Test
    void neverAnswersAReset() {
        device.receive(toHost(RST), toHost(RST).type(9), toHost(RST).toCid(77));

        assertEquals(List.of(), device.sentOps());
    }

    @ParameterizedTest
    @ValueSource(longs = {2, 32, 34, 0x1_0000_0021L, 0, -1})
    void dropsWhatSomebodyElseSeemsToHaveSent(long cid) {
        device.receive(toHost(REQUEST).fromCid(cid), toHost(RW).fromCid(cid));

        assertEquals(List.of(), device.sentOps());
        assertEquals(0, device.connections());
        assertEquals(2, device.count(VsockCounter.DROP_SPOOFED_CID));
    }

    @Test
    void dropsWhatGoesToNoContextThatThereCanBe() {
        device.receive(toHost(REQUEST).toCid(0x1_0000_0002L));

        assertEquals(List.of(), device.sentOps());
        assertEquals(1, device.count(VsockCounter.DROP_SPOOFED_CID));
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 3, 0xffff})
    void answersUnknownTypesWithAReset(int type) {
        device.receive(toHost(REQUEST).type(type));

        assertEquals(RST, device.sent().getFirst().op());
        assertEquals(1, device.count(VsockCounter.DROP_UNKNOWN_TYPE));
    }

    @Test
    void refusesMessagesThatWereNotNegotiated() {
        device.on(() -> device.endpoint.attach(false));
        device.receive(toHost(REQUEST).type(2));
        connect(device, HOST, GUEST, VsockType.SEQPACKET);

        assertEquals(List.of(RST), device.sentOps());
        assertEquals(List.of(VsockError.EOPNOTSUPP), told);
    }

    @Test
    void hasAsManyConnectionsAsItsTableHoldsAndNoMore() {
        int flood = 3 * ConnectionTable.CAPACITY;
        List<Integer> ops = new ArrayList<>();
        for (int port = 0; port < flood; port++) {
            device.receive(toHost(REQUEST).fromPort(port));
            assertTrue(device.loop.call(device.endpoint::isReady));
            ops.addAll(device.sentOps());
        }

        assertEquals(ConnectionTable.CAPACITY, device.connections());
        assertEquals(flood - ConnectionTable.CAPACITY, device.count(VsockCounter.REFUSED_TOO_MANY));
        assertEquals(
                IntStream.range(ConnectionTable.CAPACITY, flood)
                        .mapToObj(i -> RST)
                        .toList(),
                ops);
        connect(device, HOST, GUEST, VsockType.STREAM);
        assertEquals(List.of(VsockError.EADDRNOTAVAIL), told);
    }

    @Test
    void takesNoPacketWhileItHasNoRoomForAnswers() {
        device.buffers = 0;
        int taken = 0;
        while (device.loop.call(device.endpoint::isReady)) {
            device.receive(toHost(RW).fromPort(taken++));
        }
        assertEquals(List.of(), device.sentOps());
        device.buffers = 1;
        assertEquals(List.of(RST), device.sentOps());
        assertTrue(device.loop.call(device.endpoint::isReady));
        device.buffers = 1000;
        List<Packet> rest = device.sent();
        assertEquals(taken - 1, rest.size());
        assertEquals(taken - 1, rest.getLast().destinationPort(), "in order");
    }

    @Test
    void connects() {
        connect(device, HOST, GUEST, VsockType.STREAM);
        assertEquals(List.of(REQUEST), device.sentOps());
        assertEquals(List.of(), told);

        device.receive(toHost(RESPONSE));

        assertEquals(1, told.size());
        assertTrue(told.getFirst() instanceof Connection);
        assertEquals(List.of(), device.sentOps());
    }

    @Test
    void isToldThatNobodyListens() {
        connect(device, HOST, GUEST, VsockType.STREAM);
        device.sent();
        device.receive(toHost(RST));

        assertEquals(List.of(VsockError.ECONNREFUSED), told);
        assertEquals(0, device.connections());
        assertTrue(from.isReset());
    }

    @Test
    void isToldThatThePeerAnswersNonsense() {
        connect(device, HOST, GUEST, VsockType.STREAM);
        device.sent();
        device.receive(toHost(RW));

        assertEquals(List.of(RST), device.sentOps());
        assertEquals(List.of(VsockError.ECONNRESET), told);
    }

    @Test
    void takesNoAnswerBeforeItHasAsked() {
        device.buffers = 0;
        connect(device, HOST, GUEST, VsockType.STREAM);
        device.receive(toHost(RESPONSE));

        device.buffers = 10;
        assertEquals(List.of(RST), device.sentOps());
        assertEquals(List.of(VsockError.ECONNRESET), told);
    }

    @Test
    void givesUpOnWhoDoesNotAnswer() {
        connect(device, HOST, GUEST, VsockType.STREAM);
        assertEquals(List.of(REQUEST), device.sentOps());
        tick(1);
        assertEquals(List.of(), told);

        tick(3);
        device.receive(toHost(RESPONSE));

        assertEquals(List.of(VsockError.ETIMEDOUT), told);
        assertEquals(List.of(RST), device.sentOps());
        assertEquals(0, device.connections());
    }

    @Test
    void forgetsConnectionsThatAPeerWithoutBuffersWasNeverAskedFor() {
        device.buffers = 0;
        connect(device, HOST, GUEST, VsockType.STREAM);
        assertEquals(List.of(), device.sentOps());
        tick(3);

        assertEquals(List.of(VsockError.ETIMEDOUT), told);
        assertEquals(0, device.connections());
        device.buffers = 10;
        assertEquals(List.of(), device.sentOps());
    }

    private void tick(int seconds) {
        long now = System.nanoTime() + Duration.ofSeconds(seconds).toNanos();
        device.on(() -> device.endpoint.tick(now));
    }

    @Test
    void forgetsItsConnectionsWithItsPeer() {
        Connection one = device.accepted(from, to, toHost(REQUEST));
        device.receive(toHost(REQUEST).fromPort(7));
        connect(device, HOST, new VsockAddress(Packet.GUEST, 5), VsockType.STREAM);
        device.receive(toHost(RW).fromPort(8));

        device.on(device.endpoint::detach);

        assertTrue(from.isReset());
        assertEquals(List.of(VsockError.ECONNRESET), told);
        assertEquals(0, device.connections());
        assertEquals(List.of(), device.sentOps());
        assertFalse(device.requests.getFirst().isRequested());
        device.on(() -> one.refuse());
        connect(device, HOST, GUEST, VsockType.STREAM);
        assertEquals(VsockError.ENODEV, told.getLast());
    }

    @Test
    void choosesPortsThatAreFree() {
        device.on(() -> {
            int first = device.endpoint.freePort(2, GUEST);
            int second = device.endpoint.freePort(2, GUEST);
            assertTrue(first != second);
        });
    }

    @Test
    void takesWhatTheHostSendsOnTheGuestsSide() {
        guest.receive(toGuest(REQUEST));
        assertEquals(1, guest.requests.size());
        guest.receive(toGuest(REQUEST).toCid(34));
        assertEquals(1, guest.count(VsockCounter.DROP_SPOOFED_CID));
    }
}
