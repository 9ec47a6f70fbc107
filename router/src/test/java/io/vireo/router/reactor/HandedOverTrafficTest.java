package io.vireo.router.reactor;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.vireo.router.dataplane.Counter;
import io.vireo.router.dataplane.Frames;
import io.vireo.router.dataplane.Guest;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Thousands of frames among guests of two reactors whose steps interleave at random, but the same each time: each arrives
 * once, whole, and in the order of its sender, and the counters add up.
 */
class HandedOverTrafficTest {
    private static final int FRAMES = 6000;
    private static final int GUESTS = 5;
    private static final int MAX_DUE = 100;
    private static final int SLOTS = 1024;
    private static final int SOURCE_ADDRESS = 26;

    /** What each guest must get next, by sender: the order between senders is nobody's promise. */
    private final List<List<Deque<byte[]>>> due = new ArrayList<>();

    private long received;

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3})
    void arrivesOnceWholeAndInOrder(long seed) throws Exception {
        Random random = new Random(seed);
        try (SteppedReactors reactors = new SteppedReactors(SLOTS)) {
            for (int i = 0; i < GUESTS; i++) {
                reactors.guest(i % SteppedReactors.COUNT);
                due.add(new ArrayList<>());
                for (int from = 0; from < GUESTS; from++) {
                    due.get(i).add(new ArrayDeque<>());
                }
            }
            for (int sent = 0; sent < FRAMES; ) {
                sent += sendSome(reactors.guests, random);
                reactors.guests.forEach(guest -> guest.post(random.nextInt(Math.min(30, free(guest))), 2000));
                step(reactors, random);
            }
            while (due.stream().anyMatch(queues -> queues.stream().anyMatch(queue -> !queue.isEmpty()))) {
                reactors.guests.forEach(guest -> guest.post(free(guest) - 1, 2000));
                step(reactors, random);
            }
            assertEquals(total(reactors, Counter.TX_FRAMES), received);
            assertEquals(total(reactors, Counter.RX_FRAMES), received);
            assertEquals(total(reactors, Counter.TX_BYTES), total(reactors, Counter.RX_BYTES));
            for (Counter counter : Counter.values()) {
                if (counter.name().contains("DROP")) {
                    assertEquals(0, total(reactors, counter), counter.label());
                }
            }
        }
    }

    private static int free(Guest guest) {
        return guest.freeReceiveDescriptors();
    }

    private static long total(SteppedReactors reactors, Counter counter) {
        return reactors.guests.stream()
                .mapToLong(guest -> guest.port.counter(counter))
                .sum();
    }

    private int sendSome(List<Guest> guests, Random random) {
        int count = 0;
        for (int from = 0; from < GUESTS; from++) {
            for (int i = random.nextInt(20); i > 0; i--) {
                int to = random.nextInt(GUESTS);
                if (due.get(to).stream().mapToInt(Deque::size).sum() >= MAX_DUE) {
                    continue;
                }
                int length = 42 + random.nextInt(random.nextInt(10) == 0 ? 1400 : 150);
                byte[] frame = Frames.udp(guests.get(from), guests.get(to).ipv4(), length);
                guests.get(from).send(frame);
                due.get(to).get(from).add(Frames.forwarded(frame, guests.get(to)));
                count++;
            }
        }
        return count;
    }

    /** Some of what both reactors do, in any order. */
    private void step(SteppedReactors reactors, Random random) {
        for (int i = random.nextInt(2 * GUESTS); i >= 0; i--) {
            if (random.nextInt(3) == 0) {
                reactors.take(random.nextInt(SteppedReactors.COUNT));
            } else {
                reactors.visit(reactors.guests.get(random.nextInt(GUESTS)));
            }
        }
        for (int to = 0; to < GUESTS; to++) {
            for (byte[] frame : reactors.guests.get(to).receiveFrames()) {
                int from = sender(reactors.guests, frame);
                assertArrayEquals(due.get(to).get(from).poll(), frame);
                received++;
            }
        }
        reactors.guests.forEach(Guest::isAllTransmitted); // descriptors come back
    }

    private static int sender(List<Guest> guests, byte[] frame) {
        int address = ByteBuffer.wrap(frame).getInt(SOURCE_ADDRESS);
        for (int i = 0; i < GUESTS; i++) {
            if (guests.get(i).ipv4() == address) {
                return i;
            }
        }
        throw new AssertionError("a frame of nobody's");
    }
}
