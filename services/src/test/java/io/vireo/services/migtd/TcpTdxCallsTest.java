package io.vireo.services.migtd;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.vireo.services.GuestStream;
import io.vireo.services.migtd.MigTdProtocolException.Kind;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class TcpTdxCallsTest {
    private static final Duration TIMEOUT = Duration.ofSeconds(30);

    private final AtomicLong nowNs = new AtomicLong();
    private final List<Integer> interrupts = new ArrayList<>();
    private final EmulatedVmm vmm = new EmulatedVmm(interrupts::add);
    private final ScriptedStream stream = new ScriptedStream();

    private TcpTdxCalls calls(MigTdFraming framing, GuestStream... streams) {
        Deque<GuestStream> left = new ArrayDeque<>(List.of(streams));
        PeerSource peers = () -> Objects.requireNonNull(left.poll(), "no more connections");
        return new TcpTdxCalls(peers, framing, TIMEOUT, vmm, new NativeTdxCalls(), nowNs::get);
    }

    private TcpTdxCalls packets() {
        return calls(MigTdFraming.PACKET, stream);
    }

    private static byte[] received(TcpTdxCalls calls) throws TdxCallException {
        GhciBuffer buffer = new GhciBuffer();
        calls.migtdReceive(1, buffer, 0);
        assertEquals(GhciBuffer.DONE, buffer.status());
        return buffer.payload();
    }

    private static Kind refusal(TcpTdxCalls calls) {
        GhciBuffer buffer = new GhciBuffer();
        TdxCallException refused = assertThrows(TdxCallException.class, () -> calls.migtdReceive(1, buffer, 0x52));
        assertEquals(TdVmcallStatus.OTHER, refused.status());
        assertEquals(GhciBuffer.PENDING, buffer.status());
        assertEquals(0, buffer.length());
        return ((MigTdProtocolException) Objects.requireNonNull(refused.getCause())).kind();
    }

    @ParameterizedTest
    @EnumSource(names = {"NATIVE", "PACKET"})
    void sendsAMessage(MigTdFraming framing) throws Exception {
        GhciBuffer buffer = GhciBuffer.holding(Wire.HELLO);
        calls(framing, stream).migtdSend(1, buffer, 0x52);
        assertArrayEquals(Wire.hello(framing), stream.written());
        assertEquals(GhciBuffer.DONE, buffer.status());
        assertEquals(0, buffer.length());
        assertEquals(List.of(0x52), interrupts);
    }

    @ParameterizedTest
    @EnumSource(names = {"NATIVE", "PACKET"})
    void receivesAMessage(MigTdFraming framing) throws Exception {
        stream.then(Wire.hello(framing));
        GhciBuffer buffer = new GhciBuffer();
        calls(framing, stream).migtdReceive(1, buffer, 0x52);
        assertEquals(GhciBuffer.DONE, buffer.status());
        assertArrayEquals(Wire.HELLO, buffer.payload());
        assertEquals(List.of(0x52), interrupts);
    }

    @ParameterizedTest
    @EnumSource(names = {"NATIVE", "PACKET"})
    void receivesWhatDribbles(MigTdFraming framing) throws Exception {
        stream.dribble(Wire.hello(framing));
        assertArrayEquals(Wire.HELLO, received(calls(framing, stream)));
    }

    @Test
    void sendsAndReceivesMessagesOfNothing() throws Exception {
        stream.then(Wire.packet(3, 1, 1, 0)).then(Wire.packet(3, 1, 2, 0, Wire.HELLO));
        TcpTdxCalls calls = packets();
        calls.migtdSend(1, GhciBuffer.holding(new byte[0]), 0);
        assertArrayEquals(Wire.packet(3, 1, 1, 0), stream.written());
        assertArrayEquals(new byte[0], received(calls));
        assertArrayEquals(Wire.HELLO, received(calls));
        assertEquals(List.of(), interrupts, "vector zero is no interrupt");
    }

    @ParameterizedTest
    @EnumSource(names = {"NATIVE", "PACKET"})
    void aLongMessageArrivesInPieces(MigTdFraming framing) throws Exception {
        byte[] message = new byte[150_000];
        new Random(3).nextBytes(message);
        stream.then(framing == MigTdFraming.NATIVE ? Wire.message(message) : Wire.packet(3, 1, 1, 0, message));
        stream.then(framing == MigTdFraming.NATIVE ? Wire.HELLO_NATIVE : Wire.packet(3, 1, 2, 0, Wire.HELLO));
        TcpTdxCalls calls = calls(framing, stream);
        assertArrayEquals(Arrays.copyOfRange(message, 0, 65_524), received(calls));
        assertArrayEquals(Arrays.copyOfRange(message, 65_524, 131_048), received(calls));
        assertArrayEquals(Arrays.copyOfRange(message, 131_048, 150_000), received(calls));
        assertArrayEquals(Wire.HELLO, received(calls));
    }

    @Test
    void aPieceIsAsLargeAsTheBuffer() throws Exception {
        stream.then(Wire.HELLO_PACKET);
        TcpTdxCalls calls = packets();
        GhciBuffer small = new GhciBuffer(new byte[GhciBuffer.HEADER_SIZE + 3]);
        calls.migtdReceive(1, small, 0);
        assertArrayEquals(Wire.hex("68656c"), small.payload());
        calls.migtdReceive(1, small, 0);
        assertArrayEquals(Wire.hex("6c6f"), small.payload());
    }

    @Test
    void aClaimOf4GiBEndsTheConnection() {
        stream.then(Wire.hex("ffffffff"));
        assertEquals(Kind.TOO_LONG, refusal(calls(MigTdFraming.NATIVE, stream)));
        assertTrue(stream.isClosed());
        ScriptedStream other = new ScriptedStream().then(Wire.packetClaiming(-1, 3, 1, 1, 0));
        assertEquals(Kind.TOO_LONG, refusal(calls(MigTdFraming.PACKET, other)));
        assertTrue(other.isClosed());
    }

    @Test
    void wrongPacketsEndTheConnection() {
        assertEquals(Kind.WRONG_OPERATION, refusal(calls(MigTdFraming.PACKET, stream.then(Wire.packet(4, 1, 1, 0)))));
        assertEquals(List.of(), interrupts);
        for (byte[] wrong : List.of(Wire.packet(2, 1, 1, 0), Wire.packet(1, 1, 1, 1), Wire.packet(0, 1, 1, 0))) {
            assertEquals(Kind.WRONG_OPERATION, refusal(calls(MigTdFraming.PACKET, new ScriptedStream().then(wrong))));
        }
        assertEquals(
                Kind.SEQUENCE_GAP,
                refusal(calls(MigTdFraming.PACKET, new ScriptedStream().then(Wire.packet(3, 1, 2, 0)))));
        assertEquals(
                Kind.WRONG_REQUEST,
                refusal(calls(MigTdFraming.PACKET, new ScriptedStream().then(Wire.packet(3, 9, 1, 0)))));
        assertEquals(
                Kind.PEER_FAILED,
                refusal(calls(MigTdFraming.PACKET, new ScriptedStream().then(Wire.packet(3, 1, 1, 5)))));
    }

    @ParameterizedTest
    @EnumSource(names = {"NATIVE", "PACKET"})
    void theEndAtAnyOffsetIsAnError(MigTdFraming framing) {
        byte[] message = Wire.hello(framing);
        for (int length = 0; length < message.length; length++) {
            ScriptedStream truncated = new ScriptedStream();
            if (length > 0) {
                truncated.then(Arrays.copyOf(message, length));
            }
            assertEquals(Kind.TRUNCATED, refusal(calls(framing, truncated)), "after " + length + " bytes");
            assertTrue(truncated.isClosed());
        }
    }

    @Test
    void nothingInTimeMayBeTriedAgain() throws Exception {
        stream.thenNothing().then(Wire.HELLO_PACKET);
        TcpTdxCalls calls = packets();
        TdxCallException late = assertThrows(TdxCallException.class, () -> calls.migtdReceive(1, new GhciBuffer(), 0));
        assertEquals(TdVmcallStatus.RETRY, late.status());
        assertFalse(stream.isClosed());
        assertArrayEquals(Wire.HELLO, received(calls));
    }

    @Test
    void aMessageThatStopsHalfwayEndsTheConnection() {
        for (int length = 1; length < Wire.HELLO_PACKET.length; length++) {
            ScriptedStream stalled = new ScriptedStream()
                    .then(Arrays.copyOf(Wire.HELLO_PACKET, length))
                    .thenNothing();
            assertEquals(Kind.STALLED, refusal(calls(MigTdFraming.PACKET, stalled)), "after " + length + " bytes");
        }
    }

    @Test
    void dribblingDoesNotMakeAnOperationLonger() {
        stream.dribble(Wire.HELLO_PACKET);
        stream.beforeRead(() -> nowNs.addAndGet(TIMEOUT.toNanos() / 4));
        assertEquals(Kind.STALLED, refusal(packets()));
        assertTrue(nowNs.get() < 2 * TIMEOUT.toNanos());
    }

    @Test
    void afterAFailureTheNextCallConnectsAnew() throws Exception {
        stream.then(Wire.packet(3, 1, 7, 0));
        ScriptedStream second = new ScriptedStream().then(Wire.HELLO_PACKET);
        TcpTdxCalls calls = calls(MigTdFraming.PACKET, stream, second);
        assertEquals(Kind.SEQUENCE_GAP, refusal(calls));
        calls.migtdSend(1, GhciBuffer.holding(Wire.HELLO), 0);
        assertArrayEquals(Wire.HELLO_PACKET, second.written(), "numbered from the beginning");
        assertArrayEquals(Wire.HELLO, received(calls));
    }

    @Test
    void refusesBuffersAndVectorsBeforeAnythingIsSent() {
        TcpTdxCalls calls = packets();
        GhciBuffer beyond = new GhciBuffer(Wire.hex("0000000000000000 06000000 68656c6c6f"));
        for (int vector : new int[] {1, 31, 256, -1}) {
            assertInvalid(() -> calls.migtdSend(1, GhciBuffer.holding(Wire.HELLO), vector));
            assertInvalid(() -> calls.migtdReceive(1, new GhciBuffer(), vector));
            assertInvalid(() -> calls.migtdWaitForRequest(new GhciBuffer(), vector));
            assertInvalid(() -> calls.migtdReportStatus(1, 0, new GhciBuffer(), vector));
        }
        assertInvalid(() -> calls.migtdSend(1, beyond, 0));
        assertInvalid(() -> calls.migtdReportStatus(1, 0, beyond, 0));
        assertEquals(0, stream.written().length);
    }

    private static void assertInvalid(Executable call) {
        assertEquals(
                TdVmcallStatus.INVALID_OPERAND,
                assertThrows(TdxCallException.class, call).status());
    }

    @Test
    void requestsAreTheMonitors() throws Exception {
        MigTdRequest request = MigTdRequest.startMigration(42, false, List.of(1L, 2L, 3L, 4L), 5);
        assertTrue(vmm.request(request));
        TcpTdxCalls calls = calls(MigTdFraming.NATIVE, stream);
        assertInvalid(() -> calls.migtdWaitForRequest(new GhciBuffer(new byte[GhciBuffer.HEADER_SIZE + 55]), 0));
        GhciBuffer buffer = new GhciBuffer();
        calls.migtdWaitForRequest(buffer, 0x50);
        assertEquals(0x101, buffer.status());
        assertEquals(MigTdRequest.START_MIGRATION, buffer.operation());
        assertArrayEquals(request.payload(), buffer.payload());
        assertEquals(List.of(0x50), interrupts);

        GhciBuffer none = new GhciBuffer();
        calls.migtdWaitForRequest(none, 0x50);
        assertEquals(GhciBuffer.PENDING, none.status());
        assertEquals(List.of(0x50), interrupts, "no interrupt for no request");
    }

    @Test
    void announcesARequestToTheOtherSide() throws Exception {
        MigTdRequest request = new MigTdRequest(3, Wire.hex("2a00000000000000 ff"));
        packets().announce(request);
        byte[] packet = Wire.packet(1, 42, 1, 3, request.payload());
        assertArrayEquals(packet, stream.written());

        TcpTdxCalls other =
                calls(MigTdFraming.PACKET, new ScriptedStream().thenNothing().then(packet));
        GhciBuffer buffer = new GhciBuffer();
        other.migtdWaitForRequest(buffer, 0x50);
        assertEquals(GhciBuffer.PENDING, buffer.status(), "nothing in time");
        other.migtdWaitForRequest(buffer, 0x50);
        assertEquals(0x301, buffer.status());
        assertArrayEquals(request.payload(), buffer.payload());
        assertInvalid(() -> calls(MigTdFraming.NATIVE, stream).announce(request));
    }

    @Test
    void refusesAnAnnouncementThatIsNoRequest() {
        byte[] tooLong = new byte[GhciBuffer.MAX_PAYLOAD + 1];
        for (byte[] wrong : List.of(
                Wire.packet(1, 42, 1, 0, new byte[8]),
                Wire.packet(1, 42, 1, 256, new byte[8]),
                Wire.packet(1, 42, 1, -1, new byte[8]),
                Wire.packet(1, 42, 1, 1, new byte[7]),
                Wire.packet(1, 42, 1, 1, tooLong),
                Wire.HELLO_PACKET)) {
            ScriptedStream bad = new ScriptedStream().then(wrong);
            TcpTdxCalls calls = calls(MigTdFraming.PACKET, bad);
            assertEquals(
                    TdVmcallStatus.OTHER,
                    assertThrows(TdxCallException.class, () -> calls.migtdWaitForRequest(new GhciBuffer(), 0))
                            .status());
            assertTrue(bad.isClosed());
        }
    }

    @Test
    void reportsToTheMonitorAndWherePossibleToTheOtherSide() throws Exception {
        GhciBuffer buffer = GhciBuffer.holding(Wire.HELLO);
        long status = MigrationResult.NETWORK_ERROR.reportStatus();
        packets().migtdReportStatus(42, status, buffer, 0x50);
        assertArrayEquals(Wire.packet(2, 42, 1, 0x0501, Wire.HELLO), stream.written());
        assertEquals(GhciBuffer.DONE, buffer.status());
        assertArrayEquals(Wire.HELLO, buffer.payload());
        assertEquals(List.of(0x50), interrupts);
        assertReport(status);

        ScriptedStream untouched = new ScriptedStream();
        calls(MigTdFraming.NATIVE, untouched).migtdReportStatus(42, status, GhciBuffer.holding(Wire.HELLO), 0);
        assertReport(status);
        assertEquals(0, untouched.written().length);
    }

    private void assertReport(long status) {
        EmulatedVmm.Report report = vmm.takeReport();
        assertNotNull(report);
        assertEquals(42, report.migRequestId());
        assertEquals(status, report.status());
        assertArrayEquals(Wire.HELLO, report.payload());
        assertNull(vmm.takeReport());
    }

    @Test
    void theMonitorKeepsTheNewestReportsAndRefusesRequestsBeyondItsQueue() throws Exception {
        TcpTdxCalls calls = calls(MigTdFraming.NATIVE);
        for (int i = 1; i <= 65; i++) {
            assertEquals(i <= 64, vmm.request(new MigTdRequest(1, new byte[8])));
            calls.migtdReportStatus(i, 0, new GhciBuffer(), 0);
        }
        EmulatedVmm.Report oldest = vmm.takeReport();
        assertNotNull(oldest);
        assertEquals(2, oldest.migRequestId());
    }

    @Test
    void everyOtherCallIsTheDelegates() throws Exception {
        byte[] report = new byte[TdxCalls.REPORT_SIZE];
        byte[] asked = new byte[TdxCalls.REPORT_DATA_SIZE];
        TdxCalls delegate = new RecordingCalls(report);
        TcpTdxCalls calls = TcpTdxCalls.over(stream, TcpEmulationConfig.DEFAULT, vmm, delegate);
        assertSame(report, calls.tdReport(asked));
    }

    @Test
    void aStreamThatHasEndedIsNotReplaced() throws Exception {
        TcpTdxCalls calls = TcpTdxCalls.over(stream, TcpEmulationConfig.DEFAULT, vmm, new NativeTdxCalls());
        assertEquals(Kind.TRUNCATED, refusal(calls));
        TdxCallException gone =
                assertThrows(TdxCallException.class, () -> calls.migtdSend(1, GhciBuffer.holding(Wire.HELLO), 0));
        assertEquals(TdVmcallStatus.OTHER, gone.status());
    }

    @Test
    void closingEndsTheConnectionAndMakesNoOther() throws Exception {
        TcpTdxCalls calls = calls(MigTdFraming.PACKET, stream, new ScriptedStream());
        calls.migtdSend(1, GhciBuffer.holding(Wire.HELLO), 0);
        calls.close();
        assertTrue(stream.isClosed());
        assertThrows(TdxCallException.class, () -> calls.migtdSend(1, GhciBuffer.holding(Wire.HELLO), 0));
    }

    /** A delegate with a report, which is asked for nothing else. */
    private record RecordingCalls(byte[] report) implements TdxCalls {
        @Override
        public void migtdSend(long migRequestId, GhciBuffer buffer, int interrupt) {
            throw new AssertionError();
        }

        @Override
        public void migtdReceive(long migRequestId, GhciBuffer buffer, int interrupt) {
            throw new AssertionError();
        }

        @Override
        public void migtdWaitForRequest(GhciBuffer buffer, int interrupt) {
            throw new AssertionError();
        }

        @Override
        public void migtdReportStatus(long migRequestId, long status, GhciBuffer buffer, int interrupt) {
            throw new AssertionError();
        }

        @Override
        public byte[] tdReport(byte[] reportData) {
            return report;
        }
    }
}
