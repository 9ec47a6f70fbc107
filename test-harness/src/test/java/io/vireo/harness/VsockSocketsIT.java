package io.vireo.harness;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.vireo.harness.device.VsockFrontendDevice;
import io.vireo.vsock.VsockAddress;
import io.vireo.vsock.VsockType;
import io.vireo.vsock.guest.VsockSocket;
import io.vireo.vsock.stream.VsockStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.Random;
import java.util.concurrent.FutureTask;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A guest's sockets and the host's streams, connected through a real device. */
@Timeout(60)
class VsockSocketsIT {
    private static final Duration SOON = Duration.ofSeconds(10);
    private static final int MEBIBYTE = 1 << 20;
    private static final int SMALL = 64;
    private static final int SMALL_WRITES = 200_000;

    private TestVsock vsock;

    @BeforeEach
    void start() throws IOException {
        vsock = TestVsock.start();
    }

    @AfterEach
    void stop() throws IOException {
        vsock.close();
    }

    @ParameterizedTest
    @EnumSource
    void allBytesSentComeBack(RingFormat format) throws Exception {
        byte[] sent = random(MEBIBYTE);
        try (VsockFrontendDevice guest = vsock.attach(format);
                VsockSocket socket = guest.socket(VsockType.STREAM)) {
            assertEquals(TestVsock.CID, guest.cid());
            socket.connect(VsockAddress.host(TestVsock.ECHO));
            FutureTask<Integer> sending = new FutureTask<>(() -> {
                socket.send(sent, 0, sent.length);
                socket.shutdown(VsockSocket.How.SEND);
                return sent.length;
            });
            Thread.startVirtualThread(sending);
            assertArrayEquals(sent, socket.input().readAllBytes());
            sending.get();
        }
    }

    @ParameterizedTest
    @EnumSource
    void messagesKeepTheirBounds(RingFormat format) throws IOException {
        byte[] sent = random(60_000);
        byte[] buffer = new byte[70_000];
        try (VsockFrontendDevice guest = vsock.attach(format);
                VsockSocket socket = guest.socket(VsockType.SEQPACKET)) {
            socket.connect(VsockAddress.host(TestVsock.ECHO));
            for (int length : new int[] {1, 2, 4052, 4053, 16_384, 16_385, 60_000}) {
                socket.send(sent, 0, length);
                socket.send(sent, 0, 1);
                assertEquals(length, socket.recv(buffer, 0, buffer.length));
                assertArrayEquals(Arrays.copyOf(sent, length), Arrays.copyOf(buffer, length));
                assertEquals(1, socket.recv(buffer, 0, buffer.length));
            }
        }
    }

    @ParameterizedTest
    @EnumSource
    void hostConnectsToWhoListensInTheGuest(VsockType type) throws Exception {
        try (VsockFrontendDevice guest = vsock.attach();
                VsockSocket listener = guest.socket(type)) {
            listener.bind(new VsockAddress(VsockSocket.ANY_CID, 4321));
            listener.listen(1);
            try (VsockStream host = vsock.device().connect(4321, type, SOON);
                    VsockSocket accepted = listener.accept()) {
                assertEquals(new VsockAddress(TestVsock.CID, 4321), accepted.local());
                assertEquals(host.local(), accepted.remote());
                assertEquals(type, accepted.type());
                byte[] hello = "hello".getBytes(StandardCharsets.UTF_8);
                accepted.send(hello, 0, hello.length);
                byte[] buffer = new byte[10];
                int length = type == VsockType.SEQPACKET ? host.readMessage(buffer, 0, 10) : host.read(buffer, 0, 10);
                assertArrayEquals(hello, Arrays.copyOf(buffer, length));
            }
        }
    }

    /** Whoever finds nothing to do must not miss what comes while it goes to sleep. */
    @Test
    void manySmallWritesArriveEachWay() throws Exception {
        vsock.serve(1234, stream -> {
            for (int i = 0; i < SMALL_WRITES; i++) {
                stream.write(new byte[SMALL], 0, SMALL);
            }
        });
        byte[] data = random(SMALL);
        try (VsockFrontendDevice guest = vsock.attach();
                VsockSocket there = guest.socket(VsockType.STREAM);
                VsockSocket back = guest.socket(VsockType.STREAM)) {
            there.connect(VsockAddress.host(TestVsock.ECHO));
            FutureTask<Integer> reading = new FutureTask<>(() -> there.input().readNBytes(SMALL_WRITES * SMALL).length);
            Thread.startVirtualThread(reading);
            for (int i = 0; i < SMALL_WRITES; i++) {
                there.send(data, 0, SMALL);
            }
            assertEquals(SMALL_WRITES * SMALL, reading.get());
            back.connect(VsockAddress.host(1234));
            assertEquals(SMALL_WRITES * SMALL, back.input().readAllBytes().length);
        }
    }

    private static byte[] random(int length) {
        byte[] bytes = new byte[length];
        new Random(length).nextBytes(bytes);
        return bytes;
    }
}
