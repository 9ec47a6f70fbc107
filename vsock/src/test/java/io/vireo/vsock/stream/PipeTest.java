package io.vireo.vsock.stream;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.vireo.hugepages.HostMemory;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PipeTest {
    private static final int SMALLEST = 4096;
    private static final int CAPACITY = 65_536;

    private int told;

    private static byte[] bytes(int length) {
        byte[] bytes = new byte[length];
        new Random(length).nextBytes(bytes);
        return bytes;
    }

    private static void put(Pipe pipe, byte[] bytes, int mark) {
        pipe.stage(bytes, 0, bytes.length);
        pipe.commit(mark);
    }

    private static byte[] take(Pipe pipe, int length) {
        byte[] taken = new byte[length];
        pipe.copyTo(0, taken, 0, length);
        pipe.consume(length);
        return taken;
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 2048, 4095, 5000, Integer.MIN_VALUE})
    void refusesOtherCapacitiesThanPowersOfTwo(int capacity) {
        assertThrows(IllegalArgumentException.class, () -> new Pipe(capacity, false));
    }

    @Test
    void showsWhatWasCommittedAndNotWhatIsStaged() {
        Pipe pipe = new Pipe(CAPACITY, false);

        pipe.stage(bytes(100), 0, 60);
        assertEquals(0, pipe.available());
        assertEquals(CAPACITY - 60, pipe.room());
        pipe.stage(bytes(100), 60, 40);
        pipe.commit(0);

        assertEquals(100, pipe.available());
        assertArrayEquals(bytes(100), take(pipe, 100));
        assertEquals(CAPACITY, pipe.room());
    }

    @Test
    void holdsAsMuchAsItsCapacityWhereverItsRingsBegin() {
        for (int ahead = 0; ahead < 2 * CAPACITY; ahead += 1777) {
            Pipe pipe = new Pipe(CAPACITY, false);
            put(pipe, new byte[100], 0);
            take(pipe, 100);
            for (int at = 0; at < ahead; at += 1777) {
                put(pipe, new byte[1777], 0);
                take(pipe, 1777);
            }
            byte[] all = bytes(CAPACITY);
            for (int at = 0; at < CAPACITY; at += 1024) {
                pipe.stage(all, at, 1024);
                pipe.commit(0);
            }
            assertEquals(0, pipe.room());
            assertArrayEquals(all, take(pipe, CAPACITY));
        }
    }

    @Test
    void growsWhileThereIsMoreThanARingHolds() {
        Pipe pipe = new Pipe(CAPACITY, false);
        put(pipe, bytes(1000), 0);
        put(pipe, bytes(3500), 0);
        put(pipe, bytes(40_000), 0);

        assertArrayEquals(bytes(1000), take(pipe, 1000));
        assertArrayEquals(bytes(3500), take(pipe, 3500));
        assertArrayEquals(bytes(40_000), take(pipe, 40_000));
    }

    @Test
    void copiesFromAndToAddresses() {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment from = arena.allocateFrom(ValueLayout.JAVA_BYTE, bytes(9000));
            MemorySegment to = arena.allocate(9000);
            Pipe pipe = new Pipe(CAPACITY, false);
            pipe.stage(from.address(), 3000);
            pipe.stage(from.address() + 3000, 6000);
            pipe.commit(0);

            pipe.copyTo(1000, to.address(), 8000);

            assertArrayEquals(
                    from.asSlice(1000).toArray(ValueLayout.JAVA_BYTE),
                    to.asSlice(0, 8000).toArray(ValueLayout.JAVA_BYTE));
            assertEquals(0, HostMemory.getByte(to.address() + 8000));
        }
    }

    @Test
    void knowsWhereMessagesEnd() {
        Pipe pipe = new Pipe(CAPACITY, true);
        put(pipe, bytes(3), 0);
        assertEquals(0, pipe.messageLength(CAPACITY));
        put(pipe, bytes(5000), 1);
        put(pipe, bytes(1), 3);

        assertEquals(5003, pipe.messageLength(CAPACITY));
        assertEquals(0, pipe.messageLength(5002));
        assertEquals(0, pipe.mark(5001));
        assertEquals(1, pipe.mark(5002));
        take(pipe, 5003);
        assertEquals(1, pipe.messageLength(CAPACITY));
        assertEquals(3, pipe.mark(0));
        take(pipe, 1);
        assertEquals(0, pipe.messageLength(CAPACITY));
    }

    @Test
    void forgetsMarksOfAnEarlierLap() {
        Pipe pipe = new Pipe(SMALLEST, true);
        for (int i = 0; i < SMALLEST; i++) {
            put(pipe, new byte[1], 1);
        }
        take(pipe, SMALLEST);

        put(pipe, new byte[SMALLEST], 0);

        assertEquals(0, pipe.messageLength(SMALLEST), "no message ends there yet");
    }

    @Test
    void callsTheConsumerOnceAsMuchAsItAskedForIsThere() {
        Pipe pipe = new Pipe(CAPACITY, false);
        pipe.consumer(() -> told++);
        pipe.awaitAvailable(10);

        put(pipe, bytes(9), 0);
        assertEquals(0, told);
        put(pipe, bytes(1), 0);
        assertEquals(1, told);
        put(pipe, bytes(100), 0);
        assertEquals(1, told, "one time");
        pipe.awaitAvailable(110);
        assertEquals(2, told, "at once");
    }

    @Test
    void callsTheProducerOnceThereIsAsMuchRoomAsItAskedFor() {
        Pipe pipe = new Pipe(SMALLEST, false);
        pipe.producer(() -> told++);
        put(pipe, bytes(SMALLEST), 0);
        pipe.awaitRoom(10);

        take(pipe, 9);
        assertEquals(0, told);
        take(pipe, 1);
        assertEquals(1, told);
        take(pipe, 100);
        assertEquals(1, told, "one time");
        pipe.awaitRoom(110);
        assertEquals(2, told, "at once");
    }

    @Test
    void endsWithTheLastByte() {
        Pipe pipe = new Pipe(CAPACITY, false);
        pipe.consumer(() -> told++);
        put(pipe, bytes(2), 0);
        pipe.end();
        pipe.end();

        assertEquals(1, told);
        assertTrue(pipe.isEnded());
        assertFalse(pipe.isDrained());
        take(pipe, 2);
        assertTrue(pipe.isDrained());
    }

    @Test
    void tellsTheProducerThatNobodyWantsMore() {
        Pipe pipe = new Pipe(CAPACITY, false);
        pipe.producer(() -> told++);
        pipe.abandon();
        pipe.abandon();

        assertEquals(1, told);
        assertTrue(pipe.isAbandoned());
    }

    @Test
    void tellsBothSidesOfAReset() {
        Pipe pipe = new Pipe(CAPACITY, false);
        pipe.producer(() -> told++);
        pipe.consumer(() -> told += 10);
        put(pipe, bytes(2), 0);
        pipe.reset();
        pipe.reset();

        assertEquals(11, told);
        assertTrue(pipe.isReset());
        assertArrayEquals(bytes(2), take(pipe, 2), "what was produced can still be taken");
    }
}
