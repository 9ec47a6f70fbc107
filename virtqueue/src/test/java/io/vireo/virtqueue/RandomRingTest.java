package io.vireo.virtqueue;

import static io.vireo.virtqueue.RingFixture.BUFFERS;
import static io.vireo.virtqueue.RingFixture.GUEST;
import static io.vireo.virtqueue.RingFixture.SIZE;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.vireo.virtqueue.device.Direction;
import io.vireo.virtqueue.driver.DriverRing;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Random;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Both sides at random but the same each time, against a queue that says what must come: each chain once, in order. */
class RandomRingTest {
    private static final int STEPS = 60_000;

    private record Chain(int head, int bytes, int buffers) {}

    private final Random random = new Random(7);
    /** Offered and not taken; taken and not shown; shown and not polled. */
    private final Deque<Chain> offered = new ArrayDeque<>();

    private final Deque<Chain> taken = new ArrayDeque<>();
    private final Deque<Long> shown = new ArrayDeque<>();
    private boolean writes;
    private int published;
    private boolean kickPromised;
    private boolean interruptPromised;

    @ParameterizedTest
    @EnumSource
    void losesNothingThatIsWritten(RingKind kind) throws Exception {
        losesNothing(kind, Direction.WRITABLE);
    }

    @ParameterizedTest
    @EnumSource
    void losesNothingThatIsRead(RingKind kind) throws Exception {
        losesNothing(kind, Direction.READABLE);
    }

    private void losesNothing(RingKind kind, Direction way) throws Exception {
        writes = way == Direction.WRITABLE;
        try (RingFixture f = new RingFixture(kind, way)) {
            for (int step = 0; step < STEPS; step++) {
                switch (random.nextInt(8)) {
                    case 0, 1 -> offer(f);
                    case 2 -> publish(f);
                    case 3, 4 -> take(f);
                    case 5 -> complete(f);
                    case 6 -> poll(f);
                    default -> ask(f);
                }
                assertNull(f.device.fault());
            }
        }
    }

    private void offer(RingFixture f) {
        int[] lengths = new int[random.nextBoolean() ? 1 : 1 + random.nextInt(4)];
        if (f.driver.freeDescriptors() < lengths.length) {
            return;
        }
        int bytes = 0;
        int buffers = 0;
        for (int i = 0; i < lengths.length; i++) {
            lengths[i] = random.nextInt(8) == 0 ? 0 : 1 + random.nextInt(100);
            bytes += lengths[i];
            buffers += lengths[i] == 0 ? 0 : 1;
        }
        offered.add(new Chain(f.offer(GUEST + BUFFERS, writes, lengths), bytes, buffers));
    }

    private void publish(RingFixture f) {
        boolean kicked = f.driver.publish();
        boolean anything = published < offered.size();
        published = offered.size();
        assertTrue(!kickPromised || !anything || kicked, "the device asked for a kick");
        kickPromised &= !anything;
    }

    private void take(RingFixture f) {
        int before = f.chains.count();
        int position = f.device.position();
        int count = f.device.take(f.chains, 1 + random.nextInt(SIZE));
        if (random.nextInt(4) == 0) {
            f.chains.truncate(before);
            f.device.rewind(position);
            return;
        }
        for (int i = before; i < before + count; i++) {
            Chain chain = offered.remove();
            published--;
            assertEquals(chain.head(), f.chains.head[i]);
            assertEquals(chain.bytes(), f.chains.bytes[i]);
            assertEquals(chain.buffers(), f.chains.firstSegment[i + 1] - f.chains.firstSegment[i]);
            assertEquals(f.chains.firstSegment[writes ? i : i + 1], f.chains.firstWritable[i]);
            taken.add(chain);
        }
        assertTrue(published >= 0);
    }

    /** Completes some or all, as written to their end or not at all, and shows it. */
    private void complete(RingFixture f) {
        int count = f.chains.count();
        if (random.nextBoolean()) {
            int[] written = new int[count];
            for (int i = 0; i < count; i++) {
                Chain chain = taken.remove();
                written[i] = chain.bytes() == 0 ? 0 : 1 + random.nextInt(chain.bytes());
                shown.add((long) written[i] << 32 | chain.head());
            }
            f.device.complete(f.chains, count, written);
        } else {
            for (int i = 0; i < count; i++) {
                Chain chain = taken.remove();
                // of a batch that is told of by its last chain, the others count as written to their end
                int written = writes && f.kind.isInOrder() && i < count - 1 ? chain.bytes() : 0;
                shown.add((long) written << 32 | chain.head());
            }
            f.device.complete(f.chains);
        }
        f.chains.clear();
        f.device.publish();
        boolean interrupts = f.device.wantsInterrupt();
        assertTrue(!interruptPromised || count == 0 || interrupts, "the driver asked for an interrupt");
        interruptPromised &= count == 0;
    }

    private void poll(RingFixture f) {
        for (int i = random.nextInt(SIZE); i >= 0; i--) {
            long used = f.driver.pollUsed();
            assertEquals(shown.isEmpty() ? DriverRing.NONE : shown.remove(), used);
        }
    }

    private void ask(RingFixture f) {
        assertEquals(published == 0, f.device.isEmpty());
        switch (random.nextInt(4)) {
            case 0 -> {
                boolean some = f.device.requestKicks();
                assertEquals(published > 0, some);
                kickPromised = !some;
            }
            case 1 -> {
                f.device.suppressKicks();
                kickPromised = false;
            }
            case 2 -> {
                boolean some = f.driver.requestInterrupts(true);
                assertEquals(!shown.isEmpty(), some);
                interruptPromised = !some;
            }
            default -> {
                f.driver.requestInterrupts(false);
                interruptPromised = false;
            }
        }
    }
}
