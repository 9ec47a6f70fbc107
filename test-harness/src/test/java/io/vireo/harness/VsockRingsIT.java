package io.vireo.harness;

import static io.vireo.harness.RawVsockPeer.packet;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.vireo.harness.device.RawVsockGuest;
import io.vireo.harness.device.VsockFrontendDevice;
import io.vireo.harness.packets.Octets;
import io.vireo.harness.packets.VsockPacket;
import io.vireo.vsock.VsockAddress;
import io.vireo.vsock.VsockType;
import io.vireo.vsock.endpoint.VsockCounter;
import io.vireo.vsock.guest.VsockSocket;
import io.vireo.vsock.stream.VsockError;
import io.vireo.vsock.stream.VsockException;
import java.io.IOException;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/** Rings of a vsock device that stop and go on, and that are not as they have to be: its connections end, and the frontend may start it again. */
@Timeout(60)
class VsockRingsIT {
    private static final Duration SOON = Duration.ofSeconds(10);
    private static final int RECEIVE = 0;
    private static final int TRANSMIT = 1;
    private static final long OUTSIDE = 0x10_0000;
    private static final int WAITING = 1234;

    private TestVsock vsock;
    private final CompletableFuture<VsockError> ended = new CompletableFuture<>();

    @BeforeEach
    void start() throws IOException {
        vsock = TestVsock.start();
        vsock.serve(WAITING, stream -> {
            VsockException end = assertThrows(VsockException.class, () -> stream.read(new byte[1], 0, 1));
            ended.complete(end.error());
        });
    }

    @AfterEach
    void stop() throws IOException {
        vsock.close();
    }

    /** What is wrong with a descriptor. */
    enum Fault {
        TRANSMIT_OUTSIDE_MEMORY(TRANSMIT, true, false),
        TRANSMIT_WRITABLE(TRANSMIT, false, true),
        RECEIVE_OUTSIDE_MEMORY(RECEIVE, true, true),
        RECEIVE_READABLE(RECEIVE, false, false);

        private final int queue;
        private final boolean outside;
        private final boolean deviceWrites;

        Fault(int queue, boolean outside, boolean deviceWrites) {
            this.queue = queue;
            this.outside = outside;
            this.deviceWrites = deviceWrites;
        }
    }

    static Stream<Arguments> faultsAndFormats() {
        return Stream.of(Fault.values())
                .flatMap(fault -> Stream.of(RingFormat.values()).map(format -> Arguments.of(fault, format)));
    }

    @ParameterizedTest
    @MethodSource("faultsAndFormats")
    void badDescriptorStopsTheDeviceUntilItIsStartedAgain(Fault fault, RingFormat format) throws Exception {
        try (RawVsockPeer guest = RawVsockPeer.attachWithoutBuffers(vsock, format.options(RawVsockGuest.OPTIONS))) {
            guest.guest().provide(1, RawVsockGuest.BUFFER_SIZE);
            guest.connect(1, WAITING); // whose buffer is posted again, before the bad one
            long address = fault.outside ? OUTSIDE : guest.guest().allocate(RawVsockGuest.BUFFER_SIZE);
            guest.guest().offer(fault.queue, address, RawVsockGuest.BUFFER_SIZE, fault.deviceWrites);
            if (fault.queue == RECEIVE) { // something to put into it
                for (int i = 0; i < 2; i++) {
                    guest.send(packet(2, 2, VsockPacket.CREDIT_REQUEST));
                }
            }
            assertEquals(VsockError.ECONNRESET, ended.get(SOON.toSeconds(), TimeUnit.SECONDS));
            assertEquals(0, vsock.device().connections());
            VsockException gone =
                    assertThrows(VsockException.class, () -> vsock.device().connect(1, VsockType.STREAM, SOON));
            assertEquals(VsockError.ENODEV, gone.error());
        }
        assertEquals(0, vsock.counter(VsockCounter.MEMORY_LOST));
        assertWorks();
    }

    @Test
    void halfMadeSessionsLeaveTheNextAlone() throws IOException {
        for (HalfwayFrontend.Step step : HalfwayFrontend.Step.values()) {
            HalfwayFrontend.advance(vsock.socket(), step).close();
            assertWorks();
        }
    }

    @ParameterizedTest
    @EnumSource
    void connectionsOutliveStoppedRings(RingFormat format) throws IOException {
        try (RawVsockPeer guest = RawVsockPeer.attachWithoutBuffers(vsock, format.options(RawVsockGuest.OPTIONS))) {
            guest.guest().provide(3, RawVsockGuest.BUFFER_SIZE);
            guest.connect(1, TestVsock.ECHO);
            for (int round = 0; round < 100; round++) {
                int[] bases = guest.guest().stop();
                guest.send(packet(1, TestVsock.ECHO, VsockPacket.RW).withPayload(round));
                assertEquals(Optional.empty(), guest.guest().receive(0));
                guest.guest().goOn(bases);
                assertEquals(Octets.of(round), guest.expect(VsockPacket.RW, 1).payload());
                guest.guest().tellOfMemory();
                guest.echo(1, "hello");
            }
        }
    }

    /** 5.10.6.7: who comes back to a backend that knows none of its connections is told so. */
    @ParameterizedTest
    @EnumSource
    void guestThatComesBackWithItsRingsIsToldThatItsConnectionsAreGone(RingFormat format) throws IOException {
        try (RawVsockPeer guest = RawVsockPeer.attachWithoutBuffers(vsock, format.options(RawVsockGuest.OPTIONS))) {
            guest.guest().provide(3, RawVsockGuest.BUFFER_SIZE);
            guest.guest().provideEvents(1);
            guest.connect(1, TestVsock.ECHO);
            guest.echo(1, "hello");
            assertEquals(Optional.empty(), guest.guest().event(0));
            guest.guest().reattach(vsock.socket(), guest.guest().stop());
            assertEquals(Optional.of(0), guest.guest().event(SOON.toMillis()));
            VsockPacket late = packet(1, TestVsock.ECHO, VsockPacket.RW).withPayload(1);
            guest.send(late);
            guest.expectReset(late);
            guest.connect(1, TestVsock.ECHO);
            guest.echo(1, "hello");
        }
    }

    @ParameterizedTest
    @EnumSource
    void guestWhoseRingsGoOnAfterOneBrokeIsToldThatItsConnectionsAreGone(RingFormat format) throws Exception {
        try (RawVsockPeer guest = RawVsockPeer.attachWithoutBuffers(vsock, format.options(RawVsockGuest.OPTIONS))) {
            guest.guest().provide(1, RawVsockGuest.BUFFER_SIZE);
            guest.guest().provideEvents(1);
            guest.connect(1, WAITING);
            guest.guest().offer(TRANSMIT, OUTSIDE, RawVsockGuest.BUFFER_SIZE, false);
            assertEquals(VsockError.ECONNRESET, ended.get(SOON.toSeconds(), TimeUnit.SECONDS));
            assertEquals(Optional.empty(), guest.guest().event(0));
            guest.guest().goOn(guest.guest().stop());
            assertEquals(Optional.of(0), guest.guest().event(SOON.toMillis()));
        }
    }

    /** User-mode Linux tells a base of 0, without the wrap counter, of packed rings too; whatever it connects would be reset. */
    @ParameterizedTest
    @EnumSource
    void guestWhoseFreshRingsBeginAtZeroIsToldOfNoReset(RingFormat format) throws IOException {
        try (RawVsockPeer guest = RawVsockPeer.attachWithoutBuffers(vsock, format.options(RawVsockGuest.OPTIONS))) {
            guest.guest().reattach(vsock.socket(), 0, 0, 0);
            guest.guest().provide(3, RawVsockGuest.BUFFER_SIZE);
            guest.guest().provideEvents(1);
            guest.connect(1, TestVsock.ECHO);
            guest.echo(1, "hello");
            assertEquals(Optional.empty(), guest.guest().event(0));
        }
    }

    private void assertWorks() throws IOException {
        try (VsockFrontendDevice guest = vsock.attach();
                VsockSocket socket = guest.socket(VsockType.STREAM)) {
            socket.connect(VsockAddress.host(TestVsock.ECHO));
            socket.send(new byte[] {42}, 0, 1);
            assertEquals(1, socket.recv(new byte[1], 0, 1));
        }
    }
}
