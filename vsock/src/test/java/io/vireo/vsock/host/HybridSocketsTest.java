package io.vireo.vsock.host;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.vireo.vsock.VsockAddress;
import io.vireo.vsock.VsockType;
import io.vireo.vsock.endpoint.Endpoint;
import io.vireo.vsock.stream.VsockError;
import io.vireo.vsock.stream.VsockException;
import io.vireo.vsock.stream.VsockStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.SocketTimeoutException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Programs of the host over Unix sockets, and a guest whose packets are handed over in memory. */
@Timeout(60)
class HybridSocketsTest {
    private static final int BIG = 10 << 20;

    @TempDir
    private Path folder;

    private Path uds;
    private GuestFixture guest;

    @BeforeEach
    void start() throws IOException {
        uds = folder.resolve("vm1.vsock");
        guest = new GuestFixture(uds);
        guest.hybrid.start();
    }

    @AfterEach
    void end() throws IOException {
        guest.close();
    }

    private SocketChannel open() throws IOException {
        return SocketChannel.open(UnixDomainSocketAddress.of(uds));
    }

    /** A program that has said what it wants. */
    private SocketChannel say(String line) throws IOException {
        SocketChannel program = open();
        write(program, line);
        return program;
    }

    private ServerSocketChannel listen(int port, int backlog) throws IOException {
        ServerSocketChannel listener = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
        return listener.bind(UnixDomainSocketAddress.of(uds + "_" + Integer.toUnsignedString(port)), backlog);
    }

    private static void write(SocketChannel program, String text) throws IOException {
        write(program, text.getBytes(US_ASCII));
    }

    private static void write(SocketChannel program, byte[] bytes) throws IOException {
        ByteBuffer out = ByteBuffer.wrap(bytes);
        while (out.hasRemaining()) {
            program.write(out);
        }
    }

    /** Exactly so many bytes. */
    private static byte[] read(SocketChannel program, int length) throws IOException {
        ByteBuffer in = ByteBuffer.allocate(length);
        while (in.hasRemaining()) {
            assertTrue(program.read(in) > 0, () -> "only " + in.position() + " bytes came");
        }
        return in.array();
    }

    private static String readText(SocketChannel program, int length) throws IOException {
        return new String(read(program, length), US_ASCII);
    }

    private static void assertEnds(SocketChannel program) throws IOException {
        assertEquals(-1, program.read(ByteBuffer.allocate(1)));
    }

    private static String read(VsockStream stream, int length) throws IOException {
        return new String(stream.input().readNBytes(length), US_ASCII);
    }

    private static void write(VsockStream stream, String text) throws IOException {
        stream.write(text.getBytes(US_ASCII), 0, text.length());
    }

    private static byte[] random(int length) {
        byte[] bytes = new byte[length];
        new Random(length).nextBytes(bytes);
        return bytes;
    }

    private long count(HybridCounter counter) {
        return guest.hybrid.counters().getOrDefault(counter, -1L);
    }

    /** Waits for what follows from something that was seen, and is not seen itself. */
    private void awaitNothingLeft() {
        while (guest.hybrid.programs() + guest.connections() > 0) {
            Thread.onSpinWait();
        }
    }

    // ---- from the host to the guest

    @Test
    void aProgramIsConnectedToThePortThatItNames() throws Exception {
        try (SocketChannel program = say("CONNECT 52\n");
                VsockStream stream = guest.accept()) {
            assertEquals(new VsockAddress(GuestFixture.CID, 52), stream.local());
            assertEquals(VsockAddress.HOST, stream.remote().cid());
            assertEquals(
                    "OK " + stream.remote().port() + "\n",
                    readText(program, ("OK " + stream.remote().port() + "\n").length()));

            write(program, "question");
            assertEquals("question", read(stream, 8));
            write(stream, "answer");
            assertEquals("answer", readText(program, 6));
        }
        awaitNothingLeft();
        assertEquals(1, count(HybridCounter.HOST_ACCEPTED));
        assertEquals(1, count(HybridCounter.HOST_CONNECTED));
    }

    @Test
    void theLineMayComeByteByByte() throws Exception {
        try (SocketChannel program = open()) {
            for (char c : "CONNECT 52\n".toCharArray()) {
                write(program, String.valueOf(c));
                guest.loop().call(() -> true); // it has seen what came
            }
            guest.accept().close();
            assertEquals("OK ", readText(program, 3));
        }
        awaitNothingLeft();
    }

    @Test
    void whatFollowsTheLineIsTheGuests() throws Exception {
        try (SocketChannel program = say("CONNECT 52\nfirst, and more than the line has room for; ");
                VsockStream stream = guest.accept()) {
            assertEquals("first, and more than the line has room for; ", read(stream, 44));
            write(program, "last");
            assertEquals("last", read(stream, 4));
        }
        awaitNothingLeft();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "CONNECT\n",
                "CONNECT 4294967295\n",
                "HELLO 52\n",
                "\n",
                "CONNECT 52                                              ",
                "GET / HTTP/1.1\r\n"
            })
    void whoSaysAnythingElseIsLeft(String line) throws Exception {
        try (SocketChannel program = say(line)) {
            assertLeft(program);
        }
        assertEquals(1, count(HybridCounter.LINE_MALFORMED));
        awaitNothingLeft();
    }

    /** With an end, or a reset where it had said more than was read. */
    private static void assertLeft(SocketChannel program) {
        try {
            assertEnds(program);
        } catch (IOException e) {
            assertEquals("Connection reset", e.getMessage());
        }
    }

    @Test
    void whoEndsWithinTheLineIsLeft() throws Exception {
        for (int length = 0; length < 11; length++) {
            try (SocketChannel program = say("CONNECT 52\n".substring(0, length))) {
                program.shutdownOutput();
                assertEnds(program);
            }
            assertEquals(length + 1, count(HybridCounter.LINE_MALFORMED));
        }
        awaitNothingLeft();
    }

    @Test
    void whoSaysNothingForTooLongIsLeft() throws Exception {
        try (SocketChannel silent = open();
                SocketChannel slow = say("CONNECT 5")) {
            while (count(HybridCounter.HOST_ACCEPTED) < 2) {
                Thread.onSpinWait();
            }
            guest.pass(Duration.ofSeconds(4));
            assertEquals(0, count(HybridCounter.LINE_TOO_SLOW));

            guest.pass(Duration.ofSeconds(6));
            assertEnds(silent);
            assertLeft(slow);
            assertEquals(2, count(HybridCounter.LINE_TOO_SLOW));
        }
        awaitNothingLeft();
    }

    @Test
    void othersWaitWhileTooManySayNothing() throws Exception {
        List<SocketChannel> silent = new ArrayList<>();
        for (int i = 0; i < HybridSockets.MAX_READING; i++) {
            silent.add(open());
        }
        while (count(HybridCounter.HOST_ACCEPTED) < HybridSockets.MAX_READING) {
            Thread.onSpinWait();
        }
        try (SocketChannel program = say("CONNECT 52\n")) {
            assertEquals(HybridSockets.MAX_READING, guest.hybrid.programs());

            silent.removeLast().close();
            guest.accept().close();
            assertEquals("OK ", readText(program, 3));
        }
        for (SocketChannel one : silent) {
            write(one, "CONNECT 52\n");
            guest.accept().close();
            one.close();
        }
        awaitNothingLeft();
    }

    @Test
    void whereNobodyListensTheProgramIsLeft() throws Exception {
        try (SocketChannel program = say("CONNECT " + GuestFixture.FIRST_REFUSED_PORT + "\n")) {
            assertEnds(program);
        }
        assertEquals(1, count(HybridCounter.GUEST_REFUSED));
        awaitNothingLeft();
    }

    @Test
    void withoutAGuestTheProgramIsLeft() throws Exception {
        guest.reset();
        try (SocketChannel program = say("CONNECT 52\n")) {
            assertEnds(program);
        }
        guest.attach();
        try (SocketChannel program = say("CONNECT 52\n")) {
            guest.accept().close();
            assertEquals("OK ", readText(program, 3));
        }
        awaitNothingLeft();
    }

    // ---- from the guest to the host

    @Test
    void theGuestIsConnectedToTheProgramThatListens() throws Exception {
        try (ServerSocketChannel listener = listen(-2, 8);
                VsockStream stream = guest.connect(-2, VsockType.STREAM);
                SocketChannel program = listener.accept()) {
            write(stream, "question");
            assertEquals("question", readText(program, 8));
            write(program, "answer");
            assertEquals("answer", read(stream, 6));
        }
        awaitNothingLeft();
        assertEquals(1, count(HybridCounter.GUEST_CONNECTED));
    }

    @Test
    void whereNoProgramListensTheGuestIsRefused() throws Exception {
        assertRefused(52, VsockType.STREAM);
        listen(52, 8).close(); // which leaves its file
        assertRefused(52, VsockType.STREAM);
        Files.createFile(Path.of(uds + "_53"));
        assertRefused(53, VsockType.STREAM);
        assertEquals(3, count(HybridCounter.HOST_REFUSED));
        awaitNothingLeft();
    }

    private void assertRefused(int port, VsockType type) {
        VsockException e = assertThrows(VsockException.class, () -> guest.connect(port, type));
        assertEquals(VsockError.ECONNREFUSED, e.error());
    }

    @Test
    void messagesHaveNoUnixSocket() throws Exception {
        try (ServerSocketChannel listener = listen(52, 8)) {
            listener.configureBlocking(false);
            assertRefused(52, VsockType.SEQPACKET);
            assertEquals(null, listener.accept());
        }
    }

    @Test
    void theGuestWaitsWhereAProgramHasNoRoom() throws Exception {
        try (ServerSocketChannel listener = listen(52, 1)) {
            List<CompletableFuture<VsockStream>> requests = new ArrayList<>();
            for (int i = 0; i < 8; i++) {
                requests.add(guest.request(52, VsockType.STREAM));
            }
            List<SocketChannel> programs = new ArrayList<>();
            for (CompletableFuture<VsockStream> request : requests) {
                guest.pass(Duration.ZERO);
                programs.add(listener.accept());
                request.get(10, TimeUnit.SECONDS).close();
            }
            for (SocketChannel program : programs) {
                assertEnds(program);
                program.close();
            }
        }
        assertEquals(8, count(HybridCounter.GUEST_CONNECTED));
        awaitNothingLeft();
    }

    @Test
    void theGuestDoesNotWaitForEver() throws Exception {
        try (ServerSocketChannel listener = listen(52, 1)) {
            List<VsockStream> connected =
                    List.of(guest.connect(52, VsockType.STREAM), guest.connect(52, VsockType.STREAM));
            CompletableFuture<VsockStream> third = guest.request(52, VsockType.STREAM);
            guest.pass(Duration.ofSeconds(1));
            assertFalse(third.isDone());

            guest.pass(Duration.ofSeconds(3));
            assertThrows(Exception.class, () -> third.get(10, TimeUnit.SECONDS));
            assertEquals(1, count(HybridCounter.HOST_REFUSED));
            connected.forEach(VsockStream::abort);
        }
        awaitNothingLeft();
    }

    @Test
    void whatTheGuestTakesBackDoesNotPileUp() throws Exception {
        try (ServerSocketChannel listener = listen(52, 1)) {
            List<VsockStream> connected =
                    List.of(guest.connect(52, VsockType.STREAM), guest.connect(52, VsockType.STREAM));
            for (int i = 0; i < 3 * Endpoint.MAX_CONNECTIONS; i++) {
                guest.requestAndTakeBack(52);
            }
            assertEquals(2, guest.connections());
            assertTrue(guest.hybrid.waiting() <= Endpoint.MAX_CONNECTIONS, () -> guest.hybrid.waiting() + " wait");
            connected.forEach(VsockStream::abort);
        }
        awaitNothingLeft();
    }

    // ---- data

    @Test
    void whatIsSentArrivesBothWaysAtOnce() throws Exception {
        byte[] down = random(BIG);
        byte[] up = random(BIG + 1);
        try (ServerSocketChannel listener = listen(52, 8);
                VsockStream stream = guest.connect(52, VsockType.STREAM);
                SocketChannel program = listener.accept()) {
            CompletableFuture<Void> sent = CompletableFuture.allOf(
                    async(() -> stream.write(up, 0, up.length)), async(() -> write(program, down)));
            CompletableFuture<byte[]> received = new CompletableFuture<>();
            CompletableFuture<Void> receiving =
                    async(() -> received.complete(stream.input().readNBytes(down.length)));

            assertArrayEquals(up, read(program, up.length));
            receiving.get(30, TimeUnit.SECONDS);
            assertArrayEquals(down, received.get());
            sent.get(30, TimeUnit.SECONDS);
        }
        awaitNothingLeft();
    }

    private interface Action {
        void run() throws IOException;
    }

    private static CompletableFuture<Void> async(Action action) {
        CompletableFuture<Void> done = new CompletableFuture<>();
        Thread.ofVirtual().start(() -> {
            try {
                action.run();
                done.complete(null);
            } catch (IOException e) {
                done.completeExceptionally(new UncheckedIOException(e));
            }
        });
        return done;
    }

    @Test
    void aProgramThatNeverReadsStopsItsOwnWriterAndNobodyElse() throws Exception {
        try (ServerSocketChannel listener = listen(52, 8);
                VsockStream stopped = guest.connect(52, VsockType.STREAM);
                SocketChannel idle = listener.accept();
                VsockStream other = guest.connect(52, VsockType.STREAM);
                SocketChannel program = listener.accept()) {
            byte[] bytes = random(BIG);
            stopped.writeTimeout(Duration.ofMillis(200));
            assertThrows(SocketTimeoutException.class, () -> stopped.write(bytes, 0, bytes.length));

            write(other, "question");
            assertEquals("question", readText(program, 8));
            write(idle, "late");
            assertEquals("late", read(stopped, 4));
        }
        awaitNothingLeft();
    }

    @Test
    void aGuestThatNeverReadsStopsItsOwnProgramAndNobodyElse() throws Exception {
        try (ServerSocketChannel listener = listen(52, 8);
                VsockStream idle = guest.connect(52, VsockType.STREAM);
                SocketChannel stopped = listener.accept();
                VsockStream other = guest.connect(52, VsockType.STREAM);
                SocketChannel program = listener.accept()) {
            stopped.configureBlocking(false);
            ByteBuffer out = ByteBuffer.wrap(random(BIG));
            int rounds = 0;
            while (rounds < 100) { // until the loop, asked in between, takes no more
                rounds = stopped.write(out) > 0 ? 0 : rounds + 1;
                guest.loop().call(() -> true);
            }
            assertTrue(out.hasRemaining());

            write(program, "question");
            assertEquals("question", read(other, 8));
            write(idle, "late");
            stopped.configureBlocking(true);
            assertEquals("late", readText(stopped, 4));
        }
        awaitNothingLeft();
    }

    // ---- ends

    @Test
    void eachDirectionEndsOnItsOwn() throws Exception {
        try (ServerSocketChannel listener = listen(52, 8);
                VsockStream stream = guest.connect(52, VsockType.STREAM);
                SocketChannel program = listener.accept()) {
            write(program, "last");
            program.shutdownOutput();
            assertEquals("last", read(stream, 5));

            write(stream, "more");
            assertEquals("more", readText(program, 4));
            stream.shutdownOutput();
            assertEnds(program);
        }
        awaitNothingLeft();
    }

    @Test
    void whatTheGuestSentBeforeItClosedArrives() throws Exception {
        byte[] bytes = random(BIG);
        try (ServerSocketChannel listener = listen(52, 8)) {
            VsockStream stream = guest.connect(52, VsockType.STREAM);
            try (SocketChannel program = listener.accept()) {
                CompletableFuture<Void> sent = async(() -> {
                    stream.write(bytes, 0, bytes.length);
                    stream.close();
                });
                assertArrayEquals(bytes, read(program, bytes.length));
                assertEnds(program);
                sent.get(10, TimeUnit.SECONDS);
                assertThrows(IOException.class, () -> write(program, "too late"));
            }
        }
        awaitNothingLeft();
    }

    @Test
    void aProgramThatLeavesWithoutReadingEverythingResets() throws Exception {
        try (ServerSocketChannel listener = listen(52, 8);
                VsockStream stream = guest.connect(52, VsockType.STREAM);
                SocketChannel program = listener.accept()) {
            write(stream, "never read");
            ByteBuffer one = ByteBuffer.allocate(1);
            assertEquals(1, program.read(one));
            program.close();

            VsockException e = assertThrows(VsockException.class, () -> stream.read(new byte[1], 0, 1));
            assertEquals(VsockError.ECONNRESET, e.error());
        }
        awaitNothingLeft();
        assertEquals(1, count(HybridCounter.HOST_RESET));
    }

    @Test
    void whoWritesToAProgramThatHasLeftIsReset() throws Exception {
        try (ServerSocketChannel listener = listen(52, 8);
                VsockStream stream = guest.connect(52, VsockType.STREAM)) {
            listener.accept().close();
            assertEquals(-1, stream.read(new byte[1], 0, 1));

            byte[] bytes = random(BIG);
            VsockException e = assertThrows(VsockException.class, () -> stream.write(bytes, 0, bytes.length));
            assertEquals(VsockError.ECONNRESET, e.error());
        }
        awaitNothingLeft();
    }

    @Test
    void aResetByTheGuestEndsTheProgram() throws Exception {
        try (ServerSocketChannel listener = listen(52, 8)) {
            VsockStream stream = guest.connect(52, VsockType.STREAM);
            try (SocketChannel program = listener.accept()) {
                stream.abort();
                assertEnds(program);
            }
        }
        awaitNothingLeft();
    }

    @Test
    void aResetGuestLeavesNothing() throws Exception {
        try (ServerSocketChannel listener = listen(52, 128)) {
            for (int round = 0; round < 10; round++) {
                List<SocketChannel> programs = new ArrayList<>();
                for (int i = 0; i < 50; i++) {
                    VsockStream stream = guest.connect(52, VsockType.STREAM);
                    programs.add(listener.accept());
                    write(stream, "data");
                    SocketChannel program = say("CONNECT 52\n");
                    write(guest.accept(), "data");
                    programs.add(program);
                }
                guest.reset();
                for (SocketChannel program : programs) {
                    assertTrue(program.read(ByteBuffer.allocate(64)) != 0);
                    program.close();
                }
                guest.attach();
                awaitNothingLeft();
            }
        }
    }

    // ---- its own end

    @Test
    void leavesAllProgramsAndItsFile() throws Exception {
        ServerSocketChannel listener = listen(52, 8);
        VsockStream stream = guest.connect(52, VsockType.STREAM);
        SocketChannel connected = listener.accept();
        SocketChannel silent = open();
        while (guest.hybrid.programs() < 2) {
            Thread.onSpinWait();
        }

        guest.hybrid.close();

        assertEnds(connected);
        assertEnds(silent);
        VsockException e = assertThrows(VsockException.class, () -> stream.read(new byte[1], 0, 1));
        assertEquals(VsockError.ECONNRESET, e.error());
        assertFalse(Files.exists(uds));
        assertRefused(52, VsockType.STREAM);
        listener.close();
        connected.close();
        silent.close();
    }

    @Test
    void aStaleSocketIsReplacedAndALiveOneIsNot() throws Exception {
        IOException e = assertThrows(IOException.class, () -> new GuestFixture(uds));
        assertEquals(uds + " is in use by another process: stop it, or choose another path", e.getMessage());

        Path stale = folder.resolve("stale");
        ServerSocketChannel.open(StandardProtocolFamily.UNIX)
                .bind(UnixDomainSocketAddress.of(stale))
                .close();
        try (GuestFixture other = new GuestFixture(stale)) {
            other.hybrid.start();
            assertEquals(0, other.hybrid.programs());
        }
    }
}
