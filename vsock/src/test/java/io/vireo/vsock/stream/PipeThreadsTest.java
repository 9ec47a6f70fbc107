package io.vireo.vsock.stream;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A producer and a consumer, each on a thread of its own, who sleep until the pipe calls them: one call lost hangs them. */
class PipeThreadsTest {
    private static final int CAPACITY = 16_384;
    private static final long BYTES = 8 << 20;
    private static final int TIMEOUT_SECONDS = 60;

    private final Pipe stream = new Pipe(CAPACITY, false);
    private final Pipe messages = new Pipe(CAPACITY, true);

    /** What the byte at a position is. */
    private static byte byteAt(long position) {
        return (byte) (position * 31 + (position >>> 13));
    }

    private interface Work {
        void run() throws Exception;
    }

    private static CompletableFuture<Void> start(Work work) {
        CompletableFuture<Void> done = new CompletableFuture<>();
        Thread.ofPlatform().daemon().start(() -> {
            try {
                work.run();
                done.complete(null);
            } catch (Throwable e) {
                done.completeExceptionally(e);
            }
        });
        return done;
    }

    private static void join(CompletableFuture<Void> one, CompletableFuture<Void> other) throws Exception {
        CompletableFuture.allOf(one, other).get(TIMEOUT_SECONDS, TimeUnit.SECONDS);
    }

    private static int awaitRoom(Pipe pipe) {
        while (pipe.room() == 0) {
            pipe.awaitRoom(1);
            if (pipe.room() == 0) {
                LockSupport.park();
            }
        }
        return pipe.room();
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3})
    void moveEveryByteInOrder(long seed) throws Exception {
        join(start(() -> produce(new Random(seed))), start(() -> consume(new Random(-seed))));
        assertTrue(stream.isDrained());
        assertEquals(BYTES, stream.consumed());
    }

    private void produce(Random random) {
        Thread self = Thread.currentThread();
        stream.producer(() -> LockSupport.unpark(self));
        byte[] piece = new byte[CAPACITY];
        long position = 0;
        while (position < BYTES) {
            int most = (int) Math.min(awaitRoom(stream), BYTES - position);
            int length = 1 + random.nextInt(random.nextInt(8) == 0 ? most : Math.min(most, 64));
            for (int i = 0; i < length; i++) {
                piece[i] = byteAt(position + i);
            }
            int first = random.nextInt(length + 1);
            stream.stage(piece, 0, first);
            stream.stage(piece, first, length - first);
            stream.commit(0);
            position += length;
        }
        stream.end();
    }

    private void consume(Random random) {
        Thread self = Thread.currentThread();
        stream.consumer(() -> LockSupport.unpark(self));
        byte[] piece = new byte[CAPACITY];
        long position = 0;
        while (!stream.isDrained()) {
            int available = stream.available();
            if (available == 0) {
                stream.awaitAvailable(1);
                if (stream.available() == 0 && !stream.isEnded()) {
                    LockSupport.park();
                }
                continue;
            }
            int length = 1 + random.nextInt(available);
            stream.copyTo(0, piece, 0, length);
            for (int i = 0; i < length; i++) {
                if (piece[i] != byteAt(position + i)) {
                    throw new AssertionError("byte " + (position + i));
                }
            }
            stream.consume(length);
            position += length;
        }
    }

    @ParameterizedTest
    @ValueSource(longs = {4, 5, 6})
    void moveEveryMessageWhole(long seed) throws Exception {
        int count = 20_000;
        join(start(() -> send(new Random(seed), count)), start(() -> receive(new Random(seed), count)));
        assertTrue(messages.isDrained());
    }

    /** Of any length up to the capacity, and mostly short. */
    private static int messageLength(Random lengths) {
        return 1 + lengths.nextInt(lengths.nextInt(64) == 0 ? CAPACITY : 300);
    }

    private void send(Random lengths, int count) {
        Thread self = Thread.currentThread();
        messages.producer(() -> LockSupport.unpark(self));
        byte[] message = new byte[CAPACITY];
        for (int number = 0; number < count; number++) {
            int length = messageLength(lengths);
            Arrays.fill(message, 0, length, (byte) number);
            int sent = 0;
            while (sent < length) {
                int part = Math.min(awaitRoom(messages), length - sent);
                messages.stage(message, sent, part);
                sent += part;
                messages.commit(sent == length ? 1 + (number & 1) * 2 : 0);
            }
        }
        messages.end();
    }

    private void receive(Random lengths, int count) {
        Thread self = Thread.currentThread();
        messages.consumer(() -> LockSupport.unpark(self));
        byte[] message = new byte[CAPACITY];
        for (int number = 0; number < count; number++) {
            int expected = messageLength(lengths);
            int seen = messages.available();
            int length = messages.messageLength(seen);
            while (length == 0) {
                messages.awaitAvailable(seen + 1); // of what was looked at: its end may have come meanwhile
                if (messages.available() == seen) {
                    LockSupport.park();
                }
                seen = messages.available();
                length = messages.messageLength(seen);
            }
            assertEquals(expected, length, "message " + number);
            assertEquals(1 + (number & 1) * 2, messages.mark(length - 1));
            messages.copyTo(0, message, 0, length);
            messages.consume(length);
            for (int i = 0; i < length; i++) {
                if (message[i] != (byte) number) {
                    throw new AssertionError("byte " + i + " of message " + number);
                }
            }
        }
    }

    @Test
    void hearOfAResetWhereverTheyAre() throws Exception {
        for (int round = 0; round < 2000; round++) {
            Pipe pipe = new Pipe(4096, false);
            CompletableFuture<Void> consumer = start(() -> {
                Thread self = Thread.currentThread();
                pipe.consumer(() -> LockSupport.unpark(self));
                pipe.awaitAvailable(1);
                while (!pipe.isReset()) {
                    LockSupport.park();
                }
            });
            CompletableFuture<Void> producer = start(pipe::reset);
            join(producer, consumer);
        }
    }
}
