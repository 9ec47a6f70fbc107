package io.vireo.harness;

import io.vireo.harness.RawMemory.Area;
import java.util.List;
import java.util.Random;

/** Writes bytes at random, the same ones each time, over a guest's rings, on a thread of its own. */
final class RingFlipper implements AutoCloseable {
    /** The descriptors most of the time. */
    private static final List<Area> AREAS =
            List.of(Area.DESCRIPTORS, Area.DESCRIPTORS, Area.DESCRIPTORS, Area.DRIVER, Area.TABLE);

    private static final int BYTES = 0x80;

    private final RawFrontend guest;
    private final Random random;
    private final Thread thread = new Thread(this::run, "ring flipper");
    private volatile boolean closing;
    private volatile int flips;

    private RingFlipper(RawFrontend guest, int seed) {
        this.guest = guest;
        random = new Random(seed);
    }

    static RingFlipper start(RawFrontend guest, int seed) {
        RingFlipper flipper = new RingFlipper(guest, seed);
        flipper.thread.start();
        return flipper;
    }

    private void run() {
        int done = 0;
        while (!closing) {
            Area area = AREAS.get(random.nextInt(AREAS.size()));
            byte value = (byte) (random.nextBoolean() ? random.nextInt() : random.nextInt(8));
            guest.memory.poke(area, random.nextInt(2), random.nextInt(BYTES), value);
            flips = ++done;
            if (done % 64 == 0) {
                guest.kick();
            }
        }
    }

    void awaitFlips(int count) {
        while (flips < count) {
            Thread.onSpinWait();
        }
    }

    @Override
    public void close() throws InterruptedException {
        closing = true;
        thread.join();
    }
}
