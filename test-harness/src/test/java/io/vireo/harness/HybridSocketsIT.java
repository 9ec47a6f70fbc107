package io.vireo.harness;

import static io.vireo.harness.OwnNamespace.eventually;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.vireo.harness.device.VsockFrontendDevice;
import io.vireo.harness.guests.HybridHost;
import io.vireo.vhostuser.backend.VhostUserSocket;
import io.vireo.vsock.VsockAddress;
import io.vireo.vsock.VsockType;
import io.vireo.vsock.guest.VsockSocket;
import io.vireo.vsock.host.HybridCounter;
import io.vireo.vsock.host.VsockGuest;
import io.vireo.vsock.host.VsockHost;
import io.vireo.vsock.stream.VsockError;
import io.vireo.vsock.stream.VsockException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Programs of the host, hybrid sockets, a device's rings and a guest's sockets. */
@Timeout(120)
class HybridSocketsIT {
    private static final int CID = 33;
    private static final int PORT = 5000;
    private static final int MEBIBYTE = 1 << 20;
    private static final int AT_ONCE = 500;
    private static final int STREAMS = 100;
    private static final int ROUNDS = 10;

    private Path folder;
    private Path socket;
    private VsockHost host;
    private HybridHost programs;

    @BeforeEach
    void start() throws IOException {
        folder = Files.createTempDirectory("vireo-hybrid-");
        socket = folder.resolve("vm1-vsock.sock");
        Path uds = folder.resolve("vm1.vsock");
        VsockGuest guest =
                new VsockGuest("vm1", CID, VhostUserSocket.server(socket), Optional.of(uds), Optional.empty());
        host = VsockHost.start(List.of(guest), Map.of(), path -> {});
        programs = new HybridHost(uds);
    }

    @AfterEach
    void end() throws IOException {
        programs.close();
        host.close();
        try (Stream<Path> left = Files.list(folder)) {
            for (Path program : left.toList()) {
                assertTrue(program.getFileName().toString().startsWith("vm1.vsock_"), program::toString);
                Files.delete(program);
            }
        }
        Files.delete(folder);
    }

    private long count(HybridCounter counter) {
        return host.programCounters().getOrDefault("vm1", Map.of()).getOrDefault(counter, -1L);
    }

    private VsockSocket connect(VsockFrontendDevice guest) throws IOException {
        VsockSocket client = guest.socket(VsockType.STREAM);
        client.connect(VsockAddress.host(PORT));
        return client;
    }

    private static byte[] random(int length) {
        byte[] bytes = new byte[length];
        new Random(length).nextBytes(bytes);
        return bytes;
    }

    @ParameterizedTest
    @EnumSource
    void aProgramSendsBackWhatAGuestSends(RingFormat format) throws Exception {
        byte[] sent = random(MEBIBYTE);
        programs.serve(PORT, HybridHost::echo);
        try (VsockFrontendDevice guest =
                        VsockFrontendDevice.attach(socket, format.options(VsockFrontendDevice.OPTIONS));
                VsockSocket client = connect(guest)) {
            FutureTask<Integer> sending = new FutureTask<>(() -> {
                client.send(sent, 0, sent.length);
                client.shutdown(VsockSocket.How.SEND);
                return sent.length;
            });
            Thread.startVirtualThread(sending);
            assertArrayEquals(sent, client.input().readAllBytes());
            assertEquals(sent.length, sending.get(10, TimeUnit.SECONDS));
        }
    }

    @Test
    void aProgramReachesWhoListensInTheGuest() throws Exception {
        byte[] hello = {1, 2, 3};
        try (VsockFrontendDevice guest = VsockFrontendDevice.attach(socket);
                VsockSocket listener = guest.socket(VsockType.STREAM)) {
            assertThrows(IOException.class, () -> programs.connect(PORT));
            assertEquals(1, count(HybridCounter.GUEST_REFUSED));

            listener.bind(new VsockAddress(VsockSocket.ANY_CID, PORT));
            listener.listen(1);
            try (SocketChannel program = programs.connect(PORT);
                    VsockSocket accepted = listener.accept()) {
                assertEquals(VsockAddress.HOST, accepted.remote().cid());
                program.write(ByteBuffer.wrap(hello));
                assertArrayEquals(hello, accepted.input().readNBytes(hello.length));
            }
        }
    }

    @Test
    void fiveHundredAtOnceAreAllServed() throws Exception {
        programs.serve(PORT, HybridHost::echo);
        try (VsockFrontendDevice guest = VsockFrontendDevice.attach(socket)) {
            List<FutureTask<Integer>> all = new ArrayList<>();
            for (int i = 0; i < AT_ONCE; i++) {
                byte[] one = {(byte) i};
                FutureTask<Integer> task = new FutureTask<>(() -> {
                    try (VsockSocket client = connect(guest)) {
                        client.send(one, 0, 1);
                        return client.input().read();
                    }
                });
                all.add(task);
                Thread.startVirtualThread(task);
            }
            for (int i = 0; i < AT_ONCE; i++) {
                assertEquals(i & 0xff, all.get(i).get(30, TimeUnit.SECONDS));
            }
        }
        assertEquals(AT_ONCE, count(HybridCounter.GUEST_CONNECTED));
    }

    @Test
    void aProgramThatLeavesInTheMidstResetsTheGuest() throws Exception {
        programs.serve(PORT, program -> program.read(ByteBuffer.allocate(1)));
        byte[] bytes = random(MEBIBYTE);
        try (VsockFrontendDevice guest = VsockFrontendDevice.attach(socket);
                VsockSocket client = connect(guest)) {
            VsockException e = assertThrows(VsockException.class, () -> {
                while (true) {
                    client.send(bytes, 0, bytes.length);
                }
            });
            assertEquals(VsockError.ECONNRESET, e.error());
        }
        assertEquals(1, count(HybridCounter.HOST_RESET));
    }

    @Test
    void aGuestThatLeavesWhileItsConnectionsCarryDataLeavesNothing() throws Exception {
        programs.serve(PORT, HybridHost::echo);
        leaveInTheMidst(); // whatever is made once
        long descriptors = descriptors();
        long threads = threads();
        for (int round = 0; round < ROUNDS; round++) {
            leaveInTheMidst();
        }
        eventually(() -> descriptors() <= descriptors, descriptors + " descriptors, as before,");
        eventually(() -> threads() <= threads, threads + " threads, as before,");
        assertEquals((ROUNDS + 1L) * STREAMS, count(HybridCounter.GUEST_CONNECTED));
    }

    private void leaveInTheMidst() throws IOException {
        byte[] bytes = random(4096);
        VsockFrontendDevice guest = VsockFrontendDevice.attach(socket);
        for (int i = 0; i < STREAMS; i++) {
            VsockSocket client = connect(guest);
            client.send(bytes, 0, bytes.length); // whose answer nobody reads
        }
        guest.close();
    }

    /** Those named for vsock, of the host and of guests. */
    private static long threads() {
        return Thread.getAllStackTraces().keySet().stream()
                .filter(thread -> thread.getName().startsWith("vsock-"))
                .count();
    }

    private static long descriptors() throws IOException {
        try (Stream<Path> files = Files.list(Path.of("/proc/self/fd"))) {
            return files.count();
        }
    }
}
