package io.vireo.harness;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.vireo.harness.device.VsockFrontendDevice;
import io.vireo.virtqueue.Features;
import io.vireo.vsock.VsockAddress;
import io.vireo.vsock.VsockType;
import io.vireo.vsock.endpoint.VsockCounter;
import io.vireo.vsock.guest.VsockSocket;
import io.vireo.vsock.guest.VsockSocketOption;
import io.vireo.vsock.stream.VsockError;
import io.vireo.vsock.stream.VsockException;
import io.vireo.vsock.stream.VsockStream;
import java.io.IOException;
import java.net.SocketOption;
import java.time.Duration;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** Each call of a guest's sockets, and the errors that it can fail with, by name. */
@Timeout(60)
class VsockSocketErrorsIT {
    private static final VsockAddress ECHO = VsockAddress.host(TestVsock.ECHO);
    private static final VsockAddress NOBODY = VsockAddress.host(1);
    private static final VsockAddress HELD = VsockAddress.host(2);
    private static final Duration SOON = Duration.ofSeconds(10);
    private static final Duration SHORT = Duration.ofMillis(50);
    private static final int LISTENING = 4321;

    private TestVsock vsock;
    private VsockFrontendDevice guest;
    private VsockSocket socket;

    @BeforeEach
    void start() throws IOException {
        vsock = TestVsock.start();
        vsock.hold(HELD.port());
        guest = vsock.attach();
        socket = guest.socket(VsockType.STREAM);
    }

    @AfterEach
    void stop() throws IOException {
        socket.close();
        guest.close();
        vsock.close();
    }

    private static void fails(VsockError error, Executable call) {
        assertEquals(error, assertThrows(VsockException.class, call).error());
    }

    private int sendOne(VsockSocket from) throws IOException {
        return from.send(new byte[] {42}, 0, 1);
    }

    private static int recvOne(VsockSocket by) throws IOException {
        return by.recv(new byte[1], 0, 1);
    }

    private VsockSocket listener(VsockType type, int backlog) throws IOException {
        VsockSocket listener = guest.socket(type);
        listener.bind(new VsockAddress(VsockSocket.ANY_CID, LISTENING));
        listener.listen(backlog);
        return listener;
    }

    // ---- bind, listen, accept

    @Test
    void bindRefusesWhatCannotBe() throws IOException {
        fails(VsockError.EADDRNOTAVAIL, () -> socket.bind(VsockAddress.host(5)));
        fails(VsockError.EINVAL, () -> socket.local());
        socket.bind(new VsockAddress(TestVsock.CID, LISTENING));
        assertEquals(new VsockAddress(TestVsock.CID, LISTENING), socket.local());
        fails(VsockError.EINVAL, () -> socket.bind(new VsockAddress(TestVsock.CID, LISTENING + 1)));
        try (VsockSocket second = guest.socket(VsockType.SEQPACKET)) {
            fails(VsockError.EADDRINUSE, () -> second.bind(new VsockAddress(VsockSocket.ANY_CID, LISTENING)));
            socket.close();
            second.bind(new VsockAddress(VsockSocket.ANY_CID, LISTENING));
        }
    }

    @Test
    void bindToAnyPortFindsOneThatIsFree() throws IOException {
        socket.bind(new VsockAddress(VsockSocket.ANY_CID, VsockSocket.ANY_PORT));
        try (VsockSocket second = guest.socket(VsockType.STREAM)) {
            second.bind(new VsockAddress(VsockSocket.ANY_CID, VsockSocket.ANY_PORT));
            assertTrue(socket.local().port() >= 1024);
            assertTrue(second.local().port() > socket.local().port());
        }
    }

    @Test
    void listeningNeedsAnAddressAndAcceptingListening() throws IOException {
        fails(VsockError.EINVAL, () -> socket.listen(1));
        fails(VsockError.EINVAL, () -> socket.accept());
        socket.bind(new VsockAddress(VsockSocket.ANY_CID, LISTENING));
        fails(VsockError.EINVAL, () -> socket.accept());
        socket.listen(1);
        fails(VsockError.EINVAL, () -> socket.listen(1));
        fails(VsockError.EINVAL, () -> socket.connect(ECHO));
        socket.setsockopt(VsockSocketOption.RECEIVE_TIMEOUT, SHORT);
        fails(VsockError.EAGAIN, () -> socket.accept());
    }

    @Test
    void closingAListenerEndsWhoeverWaitsAndResetsWhoeverIsWaiting() throws Exception {
        VsockSocket listener = listener(VsockType.STREAM, 1);
        try (VsockStream host = vsock.device().connect(LISTENING, VsockType.STREAM, SOON)) {
            listener.close();
            VsockException reset = assertThrows(VsockException.class, () -> host.read(new byte[1], 0, 1));
            assertEquals(VsockError.ECONNRESET, reset.error());
        }
        VsockSocket another = listener(VsockType.STREAM, 1);
        FutureTask<VsockSocket> accepting = new FutureTask<>(another::accept);
        Thread thread = Thread.ofVirtual().start(accepting);
        while (thread.getState() != Thread.State.WAITING) {
            Thread.onSpinWait();
        }
        another.close();
        ExecutionException ended = assertThrows(ExecutionException.class, () -> accepting.get(10, TimeUnit.SECONDS));
        assertEquals(
                VsockError.EBADF,
                assertInstanceOf(VsockException.class, ended.getCause()).error());
        fails(VsockError.EBADF, another::accept);
    }

    @Test
    void fullBacklogRefuses() throws IOException {
        try (VsockSocket listener = listener(VsockType.STREAM, 2);
                VsockStream first = vsock.device().connect(LISTENING, VsockType.STREAM, SOON);
                VsockStream second = vsock.device().connect(LISTENING, VsockType.STREAM, SOON)) {
            fails(VsockError.ECONNREFUSED, () -> vsock.device().connect(LISTENING, VsockType.STREAM, SOON));
            try (VsockSocket accepted = listener.accept();
                    VsockStream third = vsock.device().connect(LISTENING, VsockType.STREAM, SOON)) {
                assertEquals(first.local(), accepted.remote());
                assertEquals(second.remote(), third.remote());
            }
        }
    }

    @ParameterizedTest
    @EnumSource
    void listenerTakesItsOwnTypeAlone(VsockType type) throws IOException {
        VsockType other = type == VsockType.STREAM ? VsockType.SEQPACKET : VsockType.STREAM;
        try (VsockSocket ignored = listener(type, 1)) {
            fails(VsockError.ECONNREFUSED, () -> vsock.device().connect(LISTENING, other, SOON));
            vsock.device().connect(LISTENING, type, SOON).close();
        }
    }

    // ---- connect

    @Test
    void connectionThatFailedMayBeTriedAgain() throws IOException {
        fails(VsockError.ECONNREFUSED, () -> socket.connect(NOBODY));
        socket.setsockopt(VsockSocketOption.CONNECT_TIMEOUT, SHORT);
        fails(VsockError.ETIMEDOUT, () -> socket.connect(HELD));
        fails(VsockError.ENOTCONN, () -> sendOne(socket));
        fails(VsockError.ENOTCONN, () -> recvOne(socket));
        fails(VsockError.ENOTCONN, () -> socket.shutdown());
        fails(VsockError.ENOTCONN, () -> socket.remote());
        socket.connect(ECHO);
        assertEquals(ECHO, socket.remote());
        assertEquals(1, sendOne(socket));
        assertEquals(1, recvOne(socket));
        fails(VsockError.EISCONN, () -> socket.connect(ECHO));
        fails(VsockError.EINVAL, () -> socket.listen(1));
    }

    @Test
    void closingEndsAConnectThatIsUnderWay() throws Exception {
        socket.setsockopt(VsockSocketOption.CONNECT_TIMEOUT, SOON);
        FutureTask<Integer> connecting = new FutureTask<>(() -> {
            socket.connect(HELD);
            return 0;
        });
        Thread thread = Thread.ofVirtual().start(connecting);
        while (thread.getState() != Thread.State.TIMED_WAITING) {
            Thread.onSpinWait();
        }
        fails(VsockError.EALREADY, () -> socket.connect(ECHO));
        socket.close();
        ExecutionException ended = assertThrows(ExecutionException.class, () -> connecting.get(10, TimeUnit.SECONDS));
        assertEquals(
                VsockError.ECONNRESET,
                assertInstanceOf(VsockException.class, ended.getCause()).error());
    }

    @Test
    void messagesNeedADeviceThatKnowsThem() throws IOException {
        guest.close();
        guest = VsockFrontendDevice.attach(
                vsock.socket(), VsockFrontendDevice.OPTIONS.without(Features.VSOCK_SEQPACKET));
        try (VsockSocket messages = guest.socket(VsockType.SEQPACKET)) {
            fails(VsockError.EOPNOTSUPP, () -> messages.connect(ECHO));
        }
    }

    // ---- send, recv, shutdown

    @Test
    void receivingEndsWithTheTimeout() throws IOException {
        socket.setsockopt(VsockSocketOption.RECEIVE_TIMEOUT, SHORT);
        socket.connect(ECHO);
        fails(VsockError.EAGAIN, () -> recvOne(socket));
        socket.setsockopt(VsockSocketOption.RECEIVE_TIMEOUT, SOON);
        sendOne(socket);
        assertEquals(1, recvOne(socket));
    }

    @Test
    void eachDirectionEndsByItself() throws IOException {
        socket.connect(ECHO);
        sendOne(socket);
        socket.shutdown(VsockSocket.How.SEND);
        fails(VsockError.EPIPE, () -> sendOne(socket));
        assertEquals(1, recvOne(socket));
        assertEquals(-1, recvOne(socket));
        try (VsockSocket other = guest.socket(VsockType.STREAM)) {
            other.connect(ECHO);
            other.shutdown(VsockSocket.How.RECEIVE);
            assertEquals(-1, recvOne(other));
        }
    }

    @Test
    void whoeverWaitsReadsTheEndWhenReceivingIsShutDown() throws Exception {
        socket.connect(ECHO);
        FutureTask<Integer> receiving = new FutureTask<>(() -> recvOne(socket));
        Thread thread = Thread.ofVirtual().start(receiving);
        while (thread.getState() != Thread.State.WAITING) {
            Thread.onSpinWait();
        }
        socket.shutdown(VsockSocket.How.RECEIVE);
        assertEquals(-1, receiving.get(SOON.toSeconds(), TimeUnit.SECONDS));
    }

    @Test
    void hostThatTakesNoMoreIsEpipeAndOneThatResetsEconnreset() throws Exception {
        try (VsockSocket listener = listener(VsockType.STREAM, 1);
                VsockStream host = vsock.device().connect(LISTENING, VsockType.STREAM, SOON);
                VsockSocket accepted = listener.accept()) {
            host.shutdownInput();
            host.write(new byte[1], 0, 1); // behind the news that it takes no more
            assertEquals(1, recvOne(accepted));
            host.write(new byte[1], 0, 1);
            assertEquals(1, recvOne(accepted));
            fails(VsockError.EPIPE, () -> sendOne(accepted));
            host.abort();
            fails(VsockError.ECONNRESET, () -> recvOne(accepted));
            fails(VsockError.ECONNRESET, () -> sendOne(accepted));
        }
    }

    @Test
    void closedSocketsAreEbadf() throws IOException {
        socket.connect(ECHO);
        socket.close();
        for (Executable call : new Executable[] {
            () -> socket.bind(new VsockAddress(VsockSocket.ANY_CID, VsockSocket.ANY_PORT)),
            () -> socket.listen(1),
            () -> socket.accept(),
            () -> socket.connect(ECHO),
            () -> sendOne(socket),
            () -> recvOne(socket),
            () -> socket.shutdown(),
            () -> socket.getsockopt(VsockSocketOption.BUFFER_SIZE),
            () -> socket.setsockopt(VsockSocketOption.BUFFER_SIZE, 4096)
        }) {
            fails(VsockError.EBADF, call);
        }
    }

    @Test
    void messageThatDoesNotFitIsCutAndOneOverTheLimitRefused() throws IOException {
        try (VsockSocket messages = guest.socket(VsockType.SEQPACKET)) {
            messages.setsockopt(VsockSocketOption.BUFFER_SIZE, 8192);
            messages.connect(ECHO);
            byte[] sent = TestGuest.payload(100, 1);
            messages.send(sent, 0, 100);
            messages.send(sent, 0, 1);
            byte[] part = new byte[10];
            assertEquals(10, messages.recv(part, 0, 10));
            assertArrayEquals(TestGuest.payload(10, 1), part);
            assertEquals(1, messages.recv(part, 0, 10), "the rest is lost");
            fails(VsockError.EMSGSIZE, () -> messages.send(new byte[8193], 0, 8193));
            fails(VsockError.EMSGSIZE, () -> messages.send(sent, 0, 0));
        }
    }

    // ---- options

    @Test
    void optionsHaveLinuxDefaults() throws IOException {
        assertEquals(262_144, socket.getsockopt(VsockSocketOption.BUFFER_SIZE));
        assertEquals(Duration.ofSeconds(2), socket.getsockopt(VsockSocketOption.CONNECT_TIMEOUT));
        assertEquals(Duration.ZERO, socket.getsockopt(VsockSocketOption.RECEIVE_TIMEOUT));
    }

    @Test
    void optionsThatCannotBeAreRefused() throws IOException {
        VsockSocketOption<Integer> unknown = new VsockSocketOption<>("SO_UNKNOWN", Integer.class);
        fails(VsockError.ENOPROTOOPT, () -> socket.getsockopt(unknown));
        fails(VsockError.ENOPROTOOPT, () -> socket.setsockopt(unknown, 1));
        fails(VsockError.EINVAL, () -> socket.setsockopt(VsockSocketOption.BUFFER_SIZE, -1));
        fails(VsockError.EINVAL, () -> socket.setsockopt(VsockSocketOption.BUFFER_SIZE, (1 << 24) + 1));
        fails(VsockError.EINVAL, () -> socket.setsockopt(VsockSocketOption.CONNECT_TIMEOUT, Duration.ZERO));
        fails(VsockError.EINVAL, () -> socket.setsockopt(VsockSocketOption.RECEIVE_TIMEOUT, SHORT.negated()));
        socket.connect(ECHO);
        fails(VsockError.EISCONN, () -> socket.setsockopt(VsockSocketOption.BUFFER_SIZE, 4096));
        SocketOption<Integer> asOthersKnowIt = VsockSocketOption.BUFFER_SIZE;
        assertEquals("SO_VM_SOCKETS_BUFFER_SIZE", asOthersKnowIt.name());
    }

    @ParameterizedTest
    @CsvSource({"0, 4096", "1, 4096", "4096, 4096", "4097, 8192", "100000, 131072", "16777216, 16777216"})
    void bufferSizeIsRoundedUp(int wanted, int used) throws IOException {
        socket.setsockopt(VsockSocketOption.BUFFER_SIZE, wanted);
        assertEquals(used, socket.getsockopt(VsockSocketOption.BUFFER_SIZE));
    }

    /** Once the host has asked for credit, it has sent all it may. */
    @Test
    void hostSendsNoMoreThanTheBuffer() throws IOException {
        vsock.serve(5, stream -> stream.write(new byte[100_000], 0, 100_000));
        socket.setsockopt(VsockSocketOption.BUFFER_SIZE, 8192);
        socket.connect(VsockAddress.host(5));
        long before = vsock.counter(VsockCounter.TO_PEER_BYTES);
        while (before < 8192) {
            before = vsock.counter(VsockCounter.TO_PEER_BYTES);
        }
        assertEquals(8192, before);
        assertEquals(100_000, socket.input().readNBytes(100_000).length);
    }
}
