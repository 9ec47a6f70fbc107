package io.vireo.vsock.stream;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.vireo.vsock.VsockAddress;
import io.vireo.vsock.VsockHeader;
import io.vireo.vsock.VsockType;
import java.io.IOException;
import java.net.SocketTimeoutException;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;

class VsockStreamTest {
    private static final int CAPACITY = 4096;
    private static final Duration SHORT = Duration.ofMillis(5);

    private final Pipe in = new Pipe(CAPACITY, false);
    private final Pipe out = new Pipe(CAPACITY, false);
    private final VsockStream stream = stream(VsockType.STREAM, in, out);

    private static VsockStream stream(VsockType type, Pipe in, Pipe out) {
        return new VsockStream(VsockAddress.host(1234), new VsockAddress(33, 40_001), type, in, out);
    }

    private static void put(Pipe pipe, int length, int mark) {
        pipe.stage(new byte[length], 0, length);
        pipe.commit(mark);
    }

    private static void assertError(VsockError error, Executable what) {
        assertEquals(error, assertThrows(VsockException.class, what).error());
    }

    private interface Task<T> {
        T run() throws Exception;
    }

    /** Starts a task on a thread of its own, and returns when that waits for something. */
    private static <T> CompletableFuture<T> waiting(Task<T> task) {
        CompletableFuture<T> result = new CompletableFuture<>();
        Thread thread = Thread.ofPlatform().daemon().start(() -> {
            try {
                result.complete(task.run());
            } catch (Throwable e) {
                result.completeExceptionally(e);
            }
        });
        while (thread.getState() != Thread.State.WAITING && !result.isDone()) {
            Thread.onSpinWait();
        }
        return result;
    }

    private static <T> T result(CompletableFuture<T> future) throws Exception {
        try {
            return future.get(30, TimeUnit.SECONDS);
        } catch (ExecutionException e) {
            throw (Exception) e.getCause();
        }
    }

    @Test
    void readsWhatIsThereAndThenTheEnd() throws Exception {
        put(in, 10, 0);
        in.end();

        assertEquals(4, stream.read(new byte[4], 0, 4));
        assertEquals(6, stream.read(new byte[20], 0, 20));
        assertEquals(-1, stream.read(new byte[20], 0, 20));
        assertEquals(0, stream.read(new byte[0], 0, 0));
    }

    @Test
    void waitsForBytes() throws Exception {
        CompletableFuture<Integer> read = waiting(() -> stream.read(new byte[20], 0, 20));
        assertFalse(read.isDone());

        put(in, 3, 0);

        assertEquals(3, result(read));
    }

    @Test
    void waitsForTheEnd() throws Exception {
        CompletableFuture<Integer> read = waiting(() -> stream.read(new byte[20], 0, 20));

        in.end();

        assertEquals(-1, result(read));
    }

    @Test
    void waitsForRoom() throws Exception {
        CompletableFuture<Boolean> write = waiting(() -> {
            stream.write(new byte[2 * CAPACITY + 5], 0, 2 * CAPACITY + 5);
            return true;
        });
        long seen = 0;
        while (seen < 2 * CAPACITY + 5) {
            int available = out.available();
            out.consume(available);
            seen += available;
        }

        assertTrue(result(write));
    }

    @Test
    void givesUpAfterItsTimeouts() throws Exception {
        stream.readTimeout(SHORT);
        stream.writeTimeout(SHORT);
        stream.write(new byte[CAPACITY], 0, CAPACITY);

        assertThrows(SocketTimeoutException.class, () -> stream.read(new byte[1], 0, 1));
        assertThrows(SocketTimeoutException.class, () -> stream.write(new byte[1], 0, 1));
        put(in, 1, 0);
        out.consume(1);
        assertEquals(1, stream.read(new byte[1], 0, 1), "it can be tried again");
        stream.write(new byte[1], 0, 1);
    }

    @Test
    void tellsOfAResetAfterWhatHadCome() throws Exception {
        put(in, 3, 0);
        in.reset();
        out.reset();

        assertEquals(3, stream.read(new byte[20], 0, 20));
        assertError(VsockError.ECONNRESET, () -> stream.read(new byte[1], 0, 1));
        assertError(VsockError.ECONNRESET, () -> stream.write(new byte[1], 0, 1));
    }

    @Test
    void aResetEndsWhatOthersWaitFor() throws Exception {
        put(out, CAPACITY, 0);
        CompletableFuture<Integer> read = waiting(() -> stream.read(new byte[20], 0, 20));
        CompletableFuture<Boolean> write = waiting(() -> {
            stream.write(new byte[1], 0, 1);
            return true;
        });
        in.reset();
        out.reset();

        assertError(VsockError.ECONNRESET, () -> result(read));
        assertError(VsockError.ECONNRESET, () -> result(write));
    }

    @Test
    void closingEndsWhatOthersWaitFor() throws Exception {
        put(out, CAPACITY, 0);
        CompletableFuture<Integer> read = waiting(() -> stream.read(new byte[20], 0, 20));
        CompletableFuture<Boolean> write = waiting(() -> {
            stream.write(new byte[1], 0, 1);
            return true;
        });

        stream.close();

        assertError(VsockError.EBADF, () -> result(read));
        assertError(VsockError.EBADF, () -> result(write));
        assertTrue(out.isEnded(), "what was written is still sent");
        assertTrue(in.isAbandoned());
        assertFalse(out.isReset());
    }

    @Test
    void closingRacesWithAReader() throws Exception {
        for (int round = 0; round < 2000; round++) {
            VsockStream one = stream(VsockType.STREAM, new Pipe(CAPACITY, false), new Pipe(CAPACITY, false));
            CompletableFuture<Integer> read = new CompletableFuture<>();
            Thread.ofVirtual().start(() -> {
                try {
                    read.complete(one.read(new byte[20], 0, 20));
                } catch (IOException e) {
                    read.completeExceptionally(e);
                }
            });
            one.close();
            assertError(VsockError.EBADF, () -> result(read));
        }
    }

    @Test
    void writesNothingAfterEitherSideEndedThat() throws Exception {
        out.abandon();
        assertError(VsockError.EPIPE, () -> stream.write(new byte[1], 0, 1));

        VsockStream other = stream(VsockType.STREAM, in, new Pipe(CAPACITY, false));
        other.shutdownOutput();
        assertError(VsockError.EPIPE, () -> other.write(new byte[1], 0, 1));
        put(in, 1, 0);
        assertEquals(1, other.read(new byte[1], 0, 1), "the other side may go on");
    }

    @Test
    void anAbortResetsBothPipes() {
        stream.abort();

        assertTrue(in.isReset());
        assertTrue(out.isReset());
    }

    @Test
    void movesWholeMessages() throws Exception {
        Pipe from = new Pipe(CAPACITY, true);
        Pipe to = new Pipe(CAPACITY, true);
        VsockStream messages = stream(VsockType.SEQPACKET, from, to);
        put(from, 3, 1);
        put(from, 7, 1);
        byte[] buffer = new byte[5];
        assertEquals(3, messages.readMessage(buffer, 0, 5));
        assertEquals(5, messages.readMessage(buffer, 0, 5), "the rest is lost");
        put(from, 1, 0);
        CompletableFuture<Integer> read = waiting(() -> messages.readMessage(buffer, 0, 5));
        assertFalse(read.isDone(), "not before its end has come");
        put(from, 1, 1);
        assertEquals(2, result(read));

        messages.writeMessage(new byte[] {1, 2, 3}, 0, 3);
        messages.writeMessage(new byte[] {4}, 0, 1);
        assertEquals(3, to.messageLength(CAPACITY));
        byte[] taken = new byte[4];
        to.copyTo(0, taken, 0, 4);
        assertArrayEquals(new byte[] {1, 2, 3, 4}, taken);
    }

    /** The end of a message may come between any two looks. */
    @Test
    void messagesThatComeInPiecesAreNotMissed() throws Exception {
        Pipe pieces = new Pipe(CAPACITY, true);
        VsockStream messages = stream(VsockType.SEQPACKET, pieces, new Pipe(CAPACITY, true));
        messages.readTimeout(Duration.ofSeconds(20));
        int count = 100_000;
        Thread producer = Thread.ofPlatform().start(() -> {
            for (int i = 0; i < count; i++) {
                while (pieces.available() > 0) {
                    Thread.onSpinWait(); // so that the reader waits for each of them
                }
                put(pieces, 1, 0);
                put(pieces, 1, VsockHeader.END_OF_MESSAGE);
            }
        });
        for (int i = 0; i < count; i++) {
            assertEquals(2, messages.readMessage(new byte[5], 0, 5));
        }
        producer.join();
    }

    @Test
    void aMessageThatDoesNotEndIsNone() throws Exception {
        Pipe from = new Pipe(CAPACITY, true);
        VsockStream messages = stream(VsockType.SEQPACKET, from, new Pipe(CAPACITY, true));
        put(from, 3, 0);
        CompletableFuture<Integer> read = waiting(() -> messages.readMessage(new byte[5], 0, 5));
        from.end();

        assertEquals(-1, result(read));
    }

    @Test
    void refusesMessagesThatNoPipeHolds() throws Exception {
        VsockStream messages = stream(VsockType.SEQPACKET, new Pipe(CAPACITY, true), new Pipe(CAPACITY, true));
        messages.writeMessage(new byte[CAPACITY], 0, CAPACITY);

        assertError(VsockError.EMSGSIZE, () -> messages.writeMessage(new byte[CAPACITY + 1], 0, CAPACITY + 1));
        assertError(VsockError.EMSGSIZE, () -> messages.writeMessage(new byte[0], 0, 0));
    }

    @Test
    void doesWhatItsTypeCan() {
        VsockStream messages = stream(VsockType.SEQPACKET, new Pipe(CAPACITY, true), new Pipe(CAPACITY, true));

        assertError(VsockError.EOPNOTSUPP, () -> messages.read(new byte[1], 0, 1));
        assertError(VsockError.EOPNOTSUPP, () -> messages.write(new byte[1], 0, 1));
        assertError(VsockError.EOPNOTSUPP, () -> stream.readMessage(new byte[1], 0, 1));
        assertError(VsockError.EOPNOTSUPP, () -> stream.writeMessage(new byte[1], 0, 1));
    }

    @Test
    void isSeenAsStreamsOfTheLibraryToo() throws Exception {
        put(in, 2, 0);
        in.end();
        assertEquals(0, stream.input().read());
        assertEquals(1, stream.input().readAllBytes().length);
        assertEquals(-1, stream.input().read());
        stream.output().write(7);
        assertEquals(1, out.available());
        stream.output().close();
        assertError(VsockError.EBADF, () -> stream.input().read());
    }
}
